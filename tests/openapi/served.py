"""The document as the server serves it, and a caller whose every answer is held against it."""

import json
import os
import re
import time
from datetime import datetime, timezone

import requests
import schemathesis

with open(os.environ["WORLD"], encoding="utf-8") as file:
    WORLD = json.load(file)
PERSON = WORLD["people"][0]
ORIGIN = WORLD["origin"]
DOCUMENT = requests.get(f"{ORIGIN}/openapi.json", timeout=30).json()
SCHEMA = schemathesis.openapi.from_url(f"{ORIGIN}/openapi.json")
PREFIXES = {"govstack": "", "esignet": "/v1/esignet", "op": "/op"}


def now():
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def operations():
    """Every operation of the document as (path, method, description)."""
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def documented_path(path):
    """The document's own way of writing a path, whatever the parameters are called; None where it has none."""
    shape = lambda path: re.sub(r"\{[^}]*\}", "{}", path)
    return next((known for known in DOCUMENT["paths"] if shape(known) == shape(path)), None)


class Busy(Exception):
    """The machine was too slow for the server's patience: 503, which the document says."""


def asked(call, tries=30):
    """The answer to a call. Where the server is too busy for it, which changes nothing, it is called again a second later."""
    for _ in range(tries):
        answer = call()
        if answer.status_code != 503:
            break
        time.sleep(1)
    return answer


class Refused(AssertionError):
    """The server refused what should have been good."""


class Caller:
    """Calls operations by the names of the document; remembers which of them did what they are for."""

    def __init__(self):
        self.done = set()
        self.answers = 0

    def send(self, method, path, url=None, refused=None, session=None, **arguments):
        """Sends a request to the operation at `path`, holds the answer against the document, and gives it.

        The call must succeed, unless `refused` names the status or the error code with which it is refused.
        """
        session = session or requests
        url = ORIGIN + (url or path)
        answer = asked(lambda: session.request(method, url, timeout=60, allow_redirects=False, **arguments))
        documented(answer, method, path)
        SCHEMA[path][method.upper()].validate_response(answer)
        self.answers += 1
        if answer.status_code == 503:
            raise Busy(f"{method} {path}")
        code = error_code(answer)
        if refused is None:
            if answer.status_code not in (200, 201, 204, 303) or code:
                raise Refused(f"{method} {path}: {answer.status_code} {answer.text[:600]}")
            self.done.add((path, method.lower(), answer.status_code))
        else:
            assert refused in (answer.status_code, code), f"{method} {path}: {answer.status_code} {answer.text[:600]}"
        return answer

    def envelope(self, path, request, method="post", **arguments):
        """As `send`, with the request in an envelope; gives `response`."""
        return self.envelope_answer(path, request, method, **arguments).json().get("response")

    def envelope_answer(self, path, request, method="post", **arguments):
        """As `envelope`; gives the whole answer."""
        body = json.dumps({"requestTime": now(), "request": request}).encode()
        headers = {"Content-Type": "application/json", **arguments.pop("headers", {})}
        sign = arguments.pop("sign", None)
        if sign:
            headers["Tessera-Wallet"] = sign(ORIGIN + (arguments.get("url") or path), body)
        return self.send(method, path, data=body, headers=headers, **arguments)


    def first_line(self, path, request, session, headers):
        """The first line of a stream that has no end of its own."""
        body = {"requestTime": now(), "request": request}
        with session.post(ORIGIN + path, json=body, headers=headers, stream=True, timeout=60) as answer:
            media = answer.headers["Content-Type"].split(";")[0]
            documented = DOCUMENT["paths"][path]["post"]["responses"][str(answer.status_code)]["content"]
            assert answer.status_code == 200 and media == "text/event-stream" and media in documented, (answer, media)
            self.answers += 1
            self.done.add((path, "post", answer.status_code))
            return next(line for line in answer.iter_lines(decode_unicode=True) if line and not line.startswith(":"))


def documented(answer, method, path):
    """Holds status and media type of an answer against the document; schemathesis holds the body."""
    responses = DOCUMENT["paths"][path][method.lower()]["responses"]
    told = f"{method} {path}: {answer.status_code} {answer.headers.get('Content-Type')} {answer.text[:600]}"
    assert str(answer.status_code) in responses, told
    media = answer.headers.get("Content-Type", "").split(";")[0]
    content = responses[str(answer.status_code)].get("content") or {"": {}}
    family = f"{media.split('/')[0]}/*"
    assert media in content or family in content or not answer.content, told


def error_code(answer):
    """The code of a refusal in the envelope; None for a good answer, and for one that is no envelope."""
    if not answer.headers.get("Content-Type", "").startswith("application/json"):
        return None
    body = answer.json()
    errors = body.get("errors") if isinstance(body, dict) else None
    return errors[0]["errorCode"] if errors else None


def otp(to):
    """The one-time password that went to an address."""
    answer = requests.get(f"{WORLD['otp']}/next", params={"to": to}, timeout=180)
    answer.raise_for_status()
    return answer.json()["otp"]


def patiently(work, tries=5):
    """Begins a piece of work again where the machine was too slow for it."""
    for left in reversed(range(tries)):
        try:
            return work()
        except Busy:
            if not left:
                raise
