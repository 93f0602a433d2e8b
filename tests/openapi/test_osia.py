"""OSIA's interface files against the running server: each operation does what it is for, and whatever is sent, no answer is
one that its file does not know. Runs in a world of its own (tests/world/run.mjs)."""

import unittest
import zlib
from dataclasses import dataclass
from unittest import SkipTest

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from osia_files import ALWAYS, CHECKS, files
from osia_tour import Osia
from served import asked, patiently

EXAMPLES = 8


@dataclass
class Told:
    calls: int = 0
    good: int = 0
    # 503 is how the server says that the machine is too slow.
    busy: int = 0


def fuzz(osia):
    told = Told()
    for file in osia.files:
        for result in file.schema.get_all_operations():
            operation = result.ok()
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                one(osia, file, operation, mode, told)
    assert told.busy * 20 <= told.calls, told
    return told


def one(osia, file, operation, mode, told):
    turns = iter(range(10**6))

    # The same in every run: the seed is the operation's own.
    @seed(zlib.crc32(f"{file.name} {operation.label} {mode}".encode()))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case):
        headers = osia.prepare(file, case, next(turns))
        answer = asked(lambda: case.call(headers=headers, allow_redirects=False, timeout=60), tries=5)
        told.calls += 1
        told.good += 200 <= answer.status_code < 300
        told.busy += answer.status_code == 503
        if answer.status_code not in ALWAYS:
            case.validate_response(answer, checks=CHECKS)

    try:
        run()
    except (SkipTest, Unsatisfiable):
        # There is nothing to send that the schema forbids.
        assert mode is GenerationMode.NEGATIVE, operation.label


class OsiaFiles(unittest.TestCase):
    def test_1_every_operation_does_what_it_is_for(self):
        osia = patiently(Osia.toured)
        every = {(file.name, method, path) for file in files() for path, method, _ in file.operations()}
        self.assertEqual(sorted(every - osia.done), [])
        print(f"{len(every)} operations of {len(osia.files)} files did what they are for")

    def test_2_whatever_is_sent_the_answer_is_one_of_the_files(self):
        told = fuzz(patiently(Osia.toured))
        print(f"schemathesis: {told.calls} calls, {told.good} answered with 2xx, {told.busy} with 503; no 5xx, nothing that the files do not know")


if __name__ == "__main__":
    unittest.main(verbosity=2)
