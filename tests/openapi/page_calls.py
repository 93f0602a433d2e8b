"""A login page of somebody else's: what its browser calls, and what it repeats of the answers."""

import hashlib
import secrets

import requests

from served import PREFIXES
from signatures import b64url


class Browser:
    """A browser at one issuer: its cookies, and what it repeats of them."""

    def __init__(self, caller, mount):
        self.caller, self.prefix = caller, PREFIXES[mount]
        self.session = requests.Session()
        token = caller.send("get", f"{self.prefix}/csrf/token", session=self.session).json()
        self.csrf = {token["headerName"]: token["token"]}
        self.details = {}

    def call(self, name, request, method="post", **arguments):
        headers = {**self.csrf, **self.details}
        return self.caller.envelope(f"{self.prefix}{name}", request, method, session=self.session, headers=headers, **arguments)

    def begin(self, client, version="/v2", **changes):
        """Begins a login; gives the answer of oauth-details."""
        request = {
            "clientId": client["id"],
            "scope": "openid profile",
            "responseType": "code",
            "redirectUri": client["redirect_uri"],
            "nonce": secrets.token_hex(12),
            "state": secrets.token_hex(4),
            "claims": {"userinfo": {"name": {"essential": True}, "email": None}, "id_token": {}},
            **changes,
        }
        self.details = {}
        path = f"{self.prefix}/authorization{version}/oauth-details"
        body = self.caller.envelope_answer(path, request, session=self.session, headers=self.csrf)
        response = body.json()["response"]
        # The hash is over the exact bytes of `response`.
        text = body.text[body.text.index('"response":') + len('"response":') : body.text.rindex(',"errors"')]
        hashed = b64url(hashlib.sha256(text.encode()).digest())
        self.details = {"oauth-details-key": response["transactionId"], "oauth-details-hash": hashed}
        return response
