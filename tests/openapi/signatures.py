"""What clients and wallets sign, with joserfc: a library that has nothing to do with the server's."""

import hashlib
import json
import secrets
import time
from base64 import urlsafe_b64encode

from joserfc import jws
from joserfc.jwk import ECKey, import_key


def b64url(data):
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def sign(key, header, claims):
    """A compact JWS over JSON claims."""
    return jws.serialize_compact(header, json.dumps(claims, separators=(",", ":")), key, algorithms=[header["alg"]])


def assertion(client, audience):
    """A client's proof of who it is (RFC 7523)."""
    now = int(time.time())
    claims = {"iss": client["id"], "sub": client["id"], "aud": audience, "iat": now, "exp": now + 60, "jti": secrets.token_hex(16)}
    return sign(import_key(client["jwk"]), {"alg": client["alg"], "kid": client["jwk"]["kid"]}, claims)


class Wallet:
    """A P-256 key and what a wallet signs by it."""

    def __init__(self):
        self.key = ECKey.generate_key("P-256")
        self.jwk = {name: self.key.as_dict(private=False)[name] for name in ("kty", "crv", "x", "y")}
        self.thumbprint = self.key.thumbprint()
        self.x5t = None
        self.device = None

    def certified(self, pem):
        """Takes the first certificate of a chain."""
        from ssl import PEM_cert_to_DER_cert

        first = pem.split("-----END CERTIFICATE-----")[0] + "-----END CERTIFICATE-----\n"
        self.x5t = b64url(hashlib.sha256(PEM_cert_to_DER_cert(first)).digest())

    def _sign(self, typ, claims, **header):
        return sign(self.key, {"alg": "ES256", "typ": typ, **header}, claims)

    def proof(self, challenge):
        now = int(time.time())
        claims = {"aud": challenge["issuer"], "nonce": challenge["challenge"], "iat": now, "exp": now + 60}
        return self._sign("tessera-binding+jwt", claims, jwk=self.jwk)

    def call(self, url, body):
        """The header `Tessera-Wallet` for these bytes."""
        now = int(time.time())
        hashed = b64url(hashlib.sha256(body).digest())
        claims = {"aud": url, "iat": now, "exp": now + 60, "jti": secrets.token_hex(16), "bh": hashed}
        return self._sign("tessera-wallet+jwt", claims, kid=self.thumbprint)

    def wla(self, person, linked, number=None):
        """The token that logs in: `linked` is the answer of link-transaction."""
        now, tessera = int(time.time()), linked["configs"]["tessera"]
        claims = {
            "iss": self.thumbprint,
            "sub": person,
            "aud": tessera["iss"],
            "nonce": tessera["nonce"],
            "txn": linked["linkTransactionId"],
            "jti": secrets.token_hex(16),
            "iat": now,
            "exp": now + 60,
        }
        if number:
            claims["match"] = number
        return self._sign("tessera-wla+jwt", claims, kid=self.thumbprint, **{"x5t#S256": self.x5t})

    def statement(self, question, claims):
        """What agrees to a question of a relying party's: `question` is one of inbox/list's."""
        said = {
            "iss": self.thumbprint,
            "aud": question["issuer"],
            "txn": question["questionId"],
            "client_id": question["clientId"],
            "client_name": question["clientName"],
            "claims": sorted(claims),
            "scopes": [],
            "iat": int(time.time()),
            "jti": secrets.token_hex(16),
        }
        return self._sign("tessera-consent+jwt", said, kid=self.thumbprint)

    def consent(self, claims, scopes=()):
        """eSignet's two-part signature over what is agreed to."""
        payload = json.dumps({"accepted_claims": sorted(claims), "permitted_authorized_scopes": sorted(scopes)}, separators=(",", ":"))
        whole = jws.serialize_compact({"alg": "ES256", "x5t#S256": self.x5t}, payload, self.key, algorithms=["ES256"])
        header, _, signature = whole.split(".")
        return f"{header}.{signature}"
