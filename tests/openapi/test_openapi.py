"""The OpenAPI document: valid, complete and true. Runs in a world of its own (tests/world/run.mjs)."""

import unittest

import openapi_spec_validator

from fuzz import fuzz
from served import DOCUMENT, operations, patiently
from services_tour import Services
from tour import Tour


def good(operation):
    """The statuses by which an operation says that it did what it is for; none where it refuses whatever is sent."""
    answers = operation["responses"]
    told = ("200", "201", "204", "303")
    return [int(status) for status in told if status in answers and answers[status]["description"] != "refused"]


def toured():
    """Everybody's calls, each operation at least once."""
    tour = Tour()
    tour.run()
    Services(tour).run()
    return tour.caller


class Document(unittest.TestCase):
    def test_a_validator_of_others_finds_no_fault(self):
        openapi_spec_validator.validate(DOCUMENT)

    def test_every_operation_says_what_it_is_and_how_it_refuses(self):
        names = [operation["operationId"] for _, _, operation in operations()]
        self.assertEqual(len(names), len(set(names)))
        for path, method, operation in operations():
            with self.subTest(path, method=method):
                self.assertTrue(operation["summary"])
                self.assertIn("security", operation)
                self.assertTrue({"429", "503"} <= operation["responses"].keys())


class Answers(unittest.TestCase):
    def test_every_operation_does_what_it_is_for_and_answers_as_documented(self):
        caller = patiently(toured)
        done = {(path, method) for path, method, _ in caller.done}
        missing = [f"{method} {path}" for path, method, operation in operations() if good(operation) and (path, method) not in done]
        self.assertEqual(missing, [])
        print(f"{len(done)} operations did what they are for; {caller.answers} answers are as documented")

    def test_whatever_is_sent_the_answer_is_documented(self):
        told = fuzz()
        print(f"schemathesis: {told.calls} calls, {told.good} answered with 2xx; no 5xx, nothing undocumented")


if __name__ == "__main__":
    unittest.main(verbosity=2)
