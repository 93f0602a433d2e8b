"""schemathesis: each operation with what its schema allows and with what it forbids, as a caller who may call it."""

import zlib
from dataclasses import dataclass
from unittest import SkipTest

import requests
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

import wallet_calls
from issuers import is_services, operation_mount
from osia_tour import Osia
from page_calls import Browser
from served import PREFIXES, SCHEMA, WORLD, Busy, asked, now, patiently
from tour import Tour

# The other checks of schemathesis do not fit: an envelope refuses with 200, as its documents want it.
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 8
# Refused after a second, each time.
SLOW = {"link-auth-code": 3, "link-status": 4, "link-events": 3}


@dataclass
class Told:
    calls: int = 0
    good: int = 0
    # 503 is how the server says that the machine is too slow; it is documented, and rare.
    busy: int = 0


class Callers:
    """Who calls: a machine client, a browser within a login, at each issuer."""

    def __init__(self):
        tour = Tour()
        self.tour = tour
        self.bearer = {mount: tour.machine_token(mount) for mount in PREFIXES}
        self.service = Osia.token(WORLD["services"][0])
        self.browsers = {mount: Browser(tour.caller, mount) for mount in PREFIXES}
        wallet_calls.bind(tour)

    def prepare(self, case, turn):
        """Lets a generated request through the door: time, token, cookie, and (each second turn) ids that live."""
        operation = case.operation
        mount = operation_mount(operation.path)
        needs = {name for needed in operation.definition.raw.get("security", []) for name in needed}
        body = case.body
        live = turn % 2 == 0 and isinstance(body, dict)
        if isinstance(body, dict) and isinstance(body.get("requestTime"), str) and turn % 5:
            body["requestTime"] = now()
        session, headers = requests.Session(), {}
        # Cookie and token are a browser's own below, not invented ones.
        case.cookies = {}
        for name in [name for name in case.headers or {} if name.lower() == "x-xsrf-token"]:
            del case.headers[name]
        if "client" in needs:
            headers.update(self.service if is_services(operation.path) else self.bearer[mount or "op"])
        # Bank iD's pages have no call for a token: what is generated there comes from a browser without one.
        if "browser" in needs and mount in self.browsers:
            browser = self.browsers[mount]
            session, token = browser.session, next(iter(browser.csrf.values()))
            headers.update(browser.csrf)
            client = next(client for client in WORLD["clients"] if client["mount"] == mount)
            if live and not operation.path.endswith(("oauth-details", "link-events")):
                try:
                    id = browser.begin(client)["transactionId"]
                except Busy:
                    id = "none"
                headers.update(browser.details)
                inner = body.get("request") if "request" in body else body
                if isinstance(inner, dict) and "transactionId" in inner:
                    inner["transactionId"] = id
            if isinstance(body, dict) and "_csrf" in body:
                body["_csrf"] = token
        if live and isinstance(body.get("request"), dict):
            for name in ("individualId", "clientId", "redirectUri"):
                if name in body["request"]:
                    known = WORLD["people"][0]["uin"] if name == "individualId" else self.known(mount, name)
                    body["request"][name] = known or body["request"][name]
        return session, headers

    @staticmethod
    def known(mount, name):
        client = next((client for client in WORLD["clients"] if client["mount"] == mount), None)
        return client and client["id" if name == "clientId" else "redirect_uri"]


def fuzz():
    callers, told = patiently(Callers), Told()
    for result in SCHEMA.get_all_operations():
        operation = result.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            one(operation, mode, callers, told)
    assert told.busy * 20 <= told.calls, told
    return told


def one(operation, mode, callers, told):
    most = next((most for name, most in SLOW.items() if name in operation.path), EXAMPLES)
    turns = iter(range(10**6))

    # The same in every run: the seed is the operation's own.
    @seed(zlib.crc32(f"{operation.label} {mode}".encode()))
    @settings(
        max_examples=most,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case):
        session, headers = callers.prepare(case, next(turns))
        answer = asked(lambda: case.call(session=session, headers=headers, allow_redirects=False, timeout=60), tries=5)
        told.calls += 1
        told.good += 200 <= answer.status_code < 300
        if answer.status_code == 503:
            told.busy += 1
            return
        case.validate_response(answer, checks=CHECKS)

    try:
        run()
    except (SkipTest, Unsatisfiable):
        # There is nothing to send that the schema forbids.
        assert mode is GenerationMode.NEGATIVE, operation.label
