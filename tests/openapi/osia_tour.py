"""Every operation of OSIA's files once, doing what it is for: an office enrolls, a registry keeps, others verify and are told."""

import json
import secrets
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from threading import Thread

import requests

import wallet_calls
from osia_files import files
from served import ORIGIN, SCHEMA, WORLD, Busy, asked, documented, documented_path
from signatures import assertion
from tour import Tour

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
PERSON = {"firstName": "Ada", "lastName": "Byron", "dateOfBirth": "1985-11-30", "placeOfBirth": "London", "gender": "F"}


# A PNG of one pixel.
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="


class Subscriber:
    """Hears what the server sends to a subscriber."""

    def __init__(self):
        heard, subscriber = Queue(), self
        self.status = 200

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.send_response(subscriber.status)
                self.end_headers()
                heard.put((dict(self.headers), json.loads(body)))

            def log_message(self, *_):
                pass

        self.heard = heard
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_port}/told"
        Thread(target=server.serve_forever, daemon=True).start()

    def next(self, kind, topic=None):
        """The next message of a kind."""
        while True:
            try:
                headers, message = self.heard.get(timeout=180)
            except Empty:
                raise AssertionError(f"no {kind} came") from None
            if message["type"] == kind and topic in (None, message.get("topic"), headers.get("topic-id")):
                return message


class Osia:
    """A service with every scope, and what is there to call about."""

    def __init__(self, tour):
        self.tour = tour
        self.files = files()
        self.done = set()
        # The same by the server's own document.
        self.documented = set()
        self.live = {}
        self.subscriber = Subscriber()
        self.headers = self.token(WORLD["services"][0])

    @classmethod
    def toured(cls, tour=None):
        if tour is None:
            tour = Tour()
            wallet_calls.bind(tour)
        osia = cls(tour)
        parts = {
            "enrollment": osia.enrollment,
            "pr": osia.registry,
            "dataaccess": osia.data_access,
            "uin": osia.uin,
            "3rdparty": osia.third_party,
            "notification": osia.notifications,
        }
        for file in osia.files:
            parts[file.name]()
        return osia

    @staticmethod
    def token(service):
        """The header with a token of all of a service's scopes."""
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion(service, f"{ORIGIN}/op"),
        }
        answer = requests.post(f"{ORIGIN}/op/token", data=form, timeout=60)
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def call(self, name, method, path, good, ids=None, query=None, **arguments):
        """Calls an operation by its name in a file, holds the answer against the file, and gives it."""
        file = next(file for file in self.files if file.name == name)
        ids = ids or {}
        query = dict(query or {})
        operation = file.document["paths"][path][method]
        if any(parameter["name"] == "transactionId" for parameter in operation.get("parameters", [])):
            query["transactionId"] = f"t-{secrets.token_hex(4)}"
        url = ORIGIN + file.prefix + path.format(**ids)
        headers = {**self.headers, **arguments.pop("headers", {})}
        answer = asked(lambda: requests.request(method, url, params=query, headers=headers, timeout=60, **arguments))
        if answer.status_code == 503:
            raise Busy(f"{method} {path}")
        assert answer.status_code == good, f"{name} {method} {path}: {answer.status_code} {answer.text[:600]}"
        file.hold(path, method, answer)
        known = documented_path(file.prefix + path)
        assert known, f"{file.prefix}{path} is not in the server's document"
        documented(answer, method, known)
        SCHEMA[known][method.upper()].validate_response(answer)
        if good < 300:
            self.done.add((name, method, path))
            self.documented.add((known, method, answer.status_code))
        return answer

    def enroll(self, finalize=False, **members):
        """A new enrollment; its id."""
        id = f"e-{secrets.token_hex(8)}"
        record = {"enrollmentType": "citizen", "biographicData": {**PERSON, "lastName": secrets.token_hex(8)}, **members}
        query = {"finalize": "true"} if finalize else {}
        self.call("enrollment", "post", "/v1/enrollments/{enrollmentId}", 204, {"enrollmentId": id}, query, json=record)
        return id

    def enrollment(self):
        call = lambda *arguments, **more: self.call("enrollment", *arguments, **more)
        one = "/v1/enrollments/{enrollmentId}"
        id = {"enrollmentId": self.enroll()}
        media = {"Content-Type": "image/png"}
        made = call("post", f"{one}/buffer", 201, id, data=b"picture", headers=media).json()["bufferId"]
        call("get", f"{one}/buffer/{{bufferId}}", 200, {**id, "bufferId": made})
        call("patch", one, 204, id, json={"biographicData": {"gender": None, "nationality": "GBR"}})
        call("put", one, 204, id, json={"biographicData": PERSON})
        call("get", one, 200, id, {"attributes": ["biographicData"]})
        expression = {"attributeName": "firstName", "operator": "=", "value": "Ada"}
        assert call("post", "/v1/enrollments", 200, json=[expression]).json()
        call("put", f"{one}/finalize", 204, id)
        call("put", f"{one}/finalize", 403, id)
        call("delete", one, 204, {"enrollmentId": self.enroll()})
        call("get", one, 404, {"enrollmentId": "nobody"})
        self.live |= {"enrollmentId": self.enroll(), "bufferId": made}

    def registry(self):
        call = lambda *arguments, **more: self.call("pr", *arguments, **more)
        person, identities = "/v1/persons/{personId}", "/v1/persons/{personId}/identities"
        paper = {"documentType": "PASSPORT", "parts": [{"data": PICTURE, "mimeType": "image/png"}]}
        # Somebody who is not in the registry yet: else somebody would have to decide before the identity is the reference.
        said = {**PERSON, "lastName": secrets.token_hex(8)}
        identity = {"identityType": "citizen", "status": "CLAIMED", "biographicData": said, "galleries": ["CITIZENS"], "documentData": [paper]}
        whole = {"status": "ACTIVE", "physicalStatus": "ALIVE"}
        ids = [{"personId": f"p-{secrets.token_hex(8)}"} for _ in range(4)]
        for id in ids:
            call("post", person, 201, id, json=whole)
        first, second, third, fourth = ids
        call("post", person, 409, first, json=whole)
        call("get", person, 200, first)
        call("put", person, 204, first, json=whole)
        made = call("post", identities, 200, first, json=identity).json()
        one = {**first, "identityId": f"i-{secrets.token_hex(4)}"}
        at = f"{identities}/{{identityId}}"
        call("post", at, 201, one, json=identity)
        call("get", identities, 200, first)
        call("get", at, 200, one)
        call("put", at, 204, one, json=identity)
        call("patch", at, 204, one, json={"biographicData": {"gender": None}})
        call("put", f"{at}/status", 204, one, {"status": "VALID"})
        call("put", f"{at}/reference", 204, one)
        call("get", f"{person}/reference", 200, first)
        call("delete", at, 204, {**first, **made})
        call("post", "/v1/persons", 200, json=[{"attributeName": "firstName", "operator": "=", "value": "Ada"}])
        galleries = call("get", "/v1/galleries", 200).json()
        assert galleries, "an identity is in a gallery"
        call("get", "/v1/galleries/{galleryId}", 200, {"galleryId": galleries[0]})
        moved = {"personId": second["personId"], "identityId": f"i-{secrets.token_hex(4)}"}
        call("post", at, 201, moved, json=identity)
        target = {"personIdTarget": first["personId"], "personIdSource": second["personId"]}
        move = "/v1/persons/{personIdTarget}/move/{personIdSource}/identities/{identityId}"
        call("post", move, 204, {**target, "identityId": moved["identityId"]})
        merge = {"personIdTarget": first["personId"], "personIdSource": third["personId"]}
        call("post", "/v1/persons/{personIdTarget}/merge/{personIdSource}", 204, merge)
        call("delete", person, 204, fourth)
        asked = {"doctype": "PASSPORT", "format": "png"}
        self.call("dataaccess", "get", "/v1/persons/{uin}/document", 200, {"uin": first["personId"]}, asked)
        self.live |= {**one, "personIdTarget": first["personId"], "personIdSource": second["personId"], "galleryId": galleries[0]}

    def data_access(self):
        call = lambda *arguments, **more: self.call("dataaccess", *arguments, **more)
        uin = {"uin": WORLD["people"][0]["uin"]}
        call("get", "/v1/persons", 200, query={"fullName": "Amina Haddad"})
        call("get", "/v1/persons/{uin}", 200, uin, {"attributeNames": ["fullName", "nothing"]})
        call("post", "/v1/persons/{uin}/match", 200, uin, json={"fullName": "Amina Haddad"})
        expression = {"attributeName": "dateOfBirth", "operator": "<", "value": "2010-01-01"}
        call("post", "/v1/persons/{uin}/verify", 200, uin, json=[expression])
        self.live |= uin

    def uin(self):
        self.call("uin", "post", "/v1/uin", 200, json={"firstName": "Ada"})

    def third_party(self):
        call = lambda *arguments, **more: self.call("3rdparty", *arguments, **more)
        one = {"identifier": WORLD["people"][0]["uin"]}
        right = {"biographicData": {"fullName": "Amina Haddad"}}
        self.agree(["fullName", "dateOfBirth", "given_name", "family_name"])
        assert call("post", "/v1/verify/{identifier}", 200, one, json=right).json()["verificationCode"] == 0
        wrong = {"biographicData": {"fullName": "Amina Haddad", "dateOfBirth": "1990-04-13"}}
        assert call("post", "/v1/verify/{identifier}", 200, one, json=wrong).json()["verificationCode"] == 1
        wanted = {"outputBiographicData": ["dateOfBirth"]}
        call("post", "/v1/attributes/{identifier}", 200, one, json=wanted)
        named = {**one, "attributeSetName": "DEFAULT_SET_01"}
        call("get", "/v1/attributes/{attributeSetName}/{identifier}", 200, named)
        sought = {"attributeSet": {"biographicData": {"firstName": "Jan"}}, "outputAttributeSetName": "DEFAULT_SET_01"}
        task = call("post", "/v1/identify", 202, json=sought).json()
        path, ids, ends = "/v1/identify/{taskID}", {"taskID": task["taskId"]}, time.monotonic() + 180
        while time.monotonic() < ends and self.status("3rdparty", path, ids) == 204:
            time.sleep(0.1)
        assert call("get", path, 200, ids).json()[0]["biographicData"]["lastName"] == "Novák"
        self.live |= {**named, **ids}

    def status(self, name, path, ids):
        """What reading something answers by now."""
        url = ORIGIN + path.format(**ids)
        return requests.get(url, params={"transactionId": "t"}, headers=self.headers, timeout=60).status_code

    def agree(self, attributes):
        """The ministry asks a person, whose wallet pulls the question and says yes."""
        asked = {"identifier": WORLD["people"][0]["uin"], "attributes": attributes, "purpose": "Your file"}
        self.tour.caller.send("post", "/inbox/requests", headers=self.headers, json=asked)
        wallet = self.tour.wallet
        call = lambda name, request: self.tour.caller.envelope(f"/wallet/inbox/{name}", request, sign=wallet.call)
        question = call("list", {})["questions"][-1]
        statement = wallet.statement(question, question["claims"])
        answer = {"questionId": question["questionId"], "acceptedClaims": question["claims"], "consentStatement": statement}
        assert call("answer", answer)["consentId"]

    def notifications(self):
        call = lambda *arguments, **more: self.call("notification", *arguments, **more)
        name = f"topic-{secrets.token_hex(4)}"
        topic = call("post", "/v1/topics", 200, query={"name": name}).json()
        assert call("post", "/v1/topics", 200, query={"name": name}).json() == topic
        assert topic in call("get", "/v1/topics", 200).json()
        asked = {"topic": name, "protocol": "http", "address": self.subscriber.url, "policy": "1,5"}
        subscription = call("post", "/v1/subscriptions", 200, query=asked).json()
        assert not subscription["active"], subscription
        token = self.subscriber.next("SubscriptionConfirmation")["token"]
        call("get", "/v1/subscriptions/confirm", 200, query={"token": token})
        call("get", "/v1/subscriptions/confirm", 400, query={"token": "none"})
        assert {**subscription, "active": True} in call("get", "/v1/subscriptions", 200).json()
        text = {"Content-Type": "plain/text"}
        call("post", "/v1/topics/{uuid}/publish", 200, topic, {"subject": "s"}, data="said", headers=text)
        assert self.subscriber.next("Notification")["message"] == "said"
        call("delete", "/v1/subscriptions/{uuid}", 204, subscription)
        call("delete", "/v1/subscriptions/{uuid}", 404, subscription)
        call("delete", "/v1/topics/{uuid}", 204, topic)
        call("delete", "/v1/topics/{uuid}", 404, topic)
        kept = call("post", "/v1/topics", 200, query={"name": "kept"}).json()
        self.live |= {"uuid": kept["uuid"], "topic": "kept", "address": self.subscriber.url, "policy": "3600,0"}

    def prepare(self, file, case, turn):
        """Lets a generated request through the door, and gives each second one something that is there."""
        query = case.query or {}
        if "transactionId" in query and turn % 5:
            query["transactionId"] = f"t{turn}"
        for name in [name for name in case.headers or {} if name.lower() == "authorization"]:
            del case.headers[name]
        if turn % 2 == 0:
            for place in (case.path_parameters or {}, query):
                for name in place.keys() & self.live.keys():
                    place[name] = self.live[name]
        if case.operation.label.startswith("DELETE") and turn % 2 == 0:
            self.replace(file)
        return self.headers

    def replace(self, file):
        """What a call deletes is there again for the next."""
        if file.name == "enrollment":
            self.live["enrollmentId"] = self.enroll()
