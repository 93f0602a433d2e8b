"""What services call beside OSIA's own operations: what became of enrollments, persons and their identifiers, questions to
persons, messages that were given up, figures."""

import secrets
import time

import requests

from osia_tour import PERSON, Osia, Subscriber
from served import DOCUMENT, ORIGIN, WORLD


class Services:
    """The ministry again, at the server's own operations."""

    def __init__(self, tour):
        self.osia = Osia.toured(tour)
        self.caller = tour.caller
        self.caller.done |= self.osia.documented

    def send(self, method, path, ids=None, **arguments):
        """Calls an operation by its path in the document."""
        ids = ids or {}
        url = path.format(**ids)
        return self.caller.send(method, path, url=url, headers=self.osia.headers, **arguments)

    def run(self):
        parts = {
            "/inbox/": self.questions,
            "/identity/person/": self.persons,
            "/identity/duplicates": self.duplicates,
            "/notifications/": self.dead_letters,
            "/statistics/": self.figures,
        }
        for prefix, part in parts.items():
            if any(path.startswith(prefix) for path in DOCUMENT["paths"]):
                part()

    def questions(self):
        """One that is looked at, and taken back."""
        asked = {"identifier": WORLD["people"][1]["uin"], "attributes": ["fullName"], "purpose": "Your file"}
        made = self.send("post", "/inbox/requests", json=asked).json()
        one = {"request_id": made["requestId"]}
        assert self.send("get", "/inbox/requests/{request_id}", one).json()["status"] == "OPEN"
        self.send("delete", "/inbox/requests/{request_id}", one)

    def became(self, id, states):
        """What became of an enrollment, once it is in one of these states: a moment passes before."""
        path, ids = "/identity/enrollments/{enrollment_id}", {"enrollment_id": id}
        url, ends = f"{ORIGIN}/identity/enrollments/{id}", time.monotonic() + 240
        while time.monotonic() < ends:
            answer = requests.get(url, params={"transactionId": "t"}, headers=self.osia.headers, timeout=60)
            if answer.status_code == 200 and answer.json()["state"] in states:
                return self.send("get", path, ids, params={"transactionId": "t"}).json()
            time.sleep(0.1)
        raise AssertionError(f"{id} is in none of {states}: {answer.text}")

    def persons(self):
        """Somebody who was enrolled: identifiers, a change upon a document, history."""
        enrolled = self.became(self.osia.enroll(finalize=True), ("made",))
        one = {"individualId": enrolled["uin"]}
        self.send("post", "/identity/identifiers/list", json=one)
        virtual = self.send("post", "/identity/identifiers/issue", json={**one, "days": 30}).json()["value"]
        self.send("post", "/identity/identifiers/revoke", json={**one, "virtualId": virtual})
        deed = {"documentType": "OTHER", "documentTypeOther": "deed", "parts": [{"data": "AA=="}]}
        change = {**one, "set": {"firstName": "Augusta"}, "reason": "court order", "evidence": [deed]}
        self.send("post", "/identity/person/change", json=change)
        self.send("post", "/identity/person/change", json={**change, "evidence": []}, refused=400)
        entries = self.send("post", "/identity/person/history", json=one).json()["entries"]
        evidence = next(entry["evidence"][0]["evidenceId"] for entry in entries if entry["evidence"])
        self.send("get", "/identity/evidence/{evidence_id}", {"evidence_id": evidence})

    def duplicates(self):
        """The same person twice: somebody decides."""
        record = {"biographicData": {**PERSON, "lastName": f"Twice-{secrets.token_hex(4)}"}}
        self.became(self.osia.enroll(finalize=True, **record), ("made",))
        second = self.osia.enroll(finalize=True, **record)
        self.became(second, ("parked",))
        cases = self.send("get", "/identity/duplicates").json()["cases"]
        case = {"case_id": next(case["caseId"] for case in cases if case.get("enrollmentId") == second)}
        self.send("get", "/identity/duplicates/{case_id}", case)
        decision = {"decision": "different", "reason": "twins"}
        self.send("post", "/identity/duplicates/{case_id}/decision", case, json=decision)

    def dead_letters(self):
        """A message that nobody takes is given up, looked at and sent again."""
        name = f"topic-{secrets.token_hex(4)}"
        topic = self.send("post", "/v1/topics", params={"name": name}).json()
        subscriber = Subscriber()
        asked = {"topic": name, "protocol": "http", "address": subscriber.url, "policy": "1,0"}
        self.send("post", "/v1/subscriptions", params=asked)
        token = subscriber.next("SubscriptionConfirmation")["token"]
        self.send("get", "/v1/subscriptions/confirm", params={"token": token})
        subscriber.status = 500
        headers = {**self.osia.headers, "Content-Type": "plain/text"}
        path = "/v1/topics/{uuid}/publish"
        self.caller.send("post", path, url=f"/v1/topics/{topic['uuid']}/publish", data="lost", headers=headers)
        subscriber.next("Notification")
        one = self.given_up()
        self.send("get", "/notifications/dead-letters/{id}", one)
        self.send("post", "/notifications/dead-letters/{id}/resend", one)
        subscriber.next("Notification")
        self.send("delete", "/notifications/dead-letters/{id}", self.given_up())

    def given_up(self):
        """The message that was given up, once it is."""
        ends = time.monotonic() + 180
        while not (letters := self.send("get", "/notifications/dead-letters").json()) and time.monotonic() < ends:
            time.sleep(0.1)
        return {"id": letters[0]["id"]}

    def figures(self):
        """What planners ask."""
        today = time.strftime("%Y-%m-%d", time.gmtime())
        self.send("get", "/statistics/days", params={"from": today, "to": today})
