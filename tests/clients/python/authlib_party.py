"""A relying party written with Authlib, unmodified, as an application would hold it."""

import json
import os

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from browser import Browser

with open(os.environ["WORLD"], encoding="utf-8") as file:
    WORLD = json.load(file)
PERSON = WORLD["people"][1]


class RelyingParty:
    """One client of the server, as an application would hold it."""

    def __init__(self, client, scope="openid"):
        self.client = client
        self.server = requests.get(client["discovery"], timeout=30).json()
        self.keys = KeySet.import_key_set(requests.get(self.server["jwks_uri"], timeout=30).json())
        key = (ECKey if client["jwk"]["kty"] == "EC" else RSAKey).import_key(client["jwk"])
        self.session = OAuth2Session(
            client["id"],
            key,
            scope=scope,
            redirect_uri=client["redirect_uri"],
            code_challenge_method="S256",
            token_endpoint_auth_method="private_key_jwt",
        )
        header = {"kid": client["jwk"]["kid"]}
        self.session.register_client_auth_method(PrivateKeyJWT(self.server["token_endpoint"], headers=header, alg=client["alg"]))

    def log_in(self):
        """Sends the browser to the server, where the citizen logs in by PIN, and redeems the code. Gives the tokens and the ID token's claims."""
        verifier, nonce = generate_token(48), generate_token(24)
        url, state = self.session.create_authorization_url(
            self.server["authorization_endpoint"],
            code_verifier=verifier,
            nonce=nonce,
            claims=json.dumps({"userinfo": {"name": {"essential": True}, "email": None, "birthdate": None}}),
        )
        browser = self.browser = Browser(self.client["redirect_uri"])
        browser.open(url)
        browser.submit("pin-login", individualId=PERSON["uin"], pin=PERSON["pin"])
        if not browser.arrived:
            browser.submit("consent", checked=["email"])
        assert browser.arrived, f"{browser.url} {browser.page.status_code}\n{browser.page.text[:2000]}"
        token = self.session.fetch_token(
            self.server["token_endpoint"], authorization_response=browser.arrived, state=state, code_verifier=verifier
        )
        return token, self.id_token(token, nonce), browser.arrived, verifier, state

    def id_token(self, token, nonce):
        read = jwt.decode(token["id_token"], self.keys, algorithms=[self.client["signed_by"]])
        claims = CodeIDToken(
            read.claims,
            read.header,
            {"iss": {"value": self.client["issuer"]}, "aud": {"value": self.client["id"]}},
            {"nonce": nonce, "client_id": self.client["id"], "access_token": token["access_token"]},
        )
        claims.validate(leeway=10)
        return claims

    def userinfo(self):
        """JSON, or a token signed by the server where the client is registered for it."""
        answer = self.session.get(self.server["userinfo_endpoint"], timeout=30)
        answer.raise_for_status()
        if self.client.get("signed_userinfo"):
            assert answer.headers["Content-Type"].split(";")[0] == "application/jwt"
            return jwt.decode(answer.text, self.keys, algorithms=[self.client["signed_by"]]).claims
        return answer.json()
