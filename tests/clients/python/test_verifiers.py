"""What the server signs, verified by two more libraries over the published keys: PyJWT and jwcrypto."""

import json
import ssl
import unittest

import jwt
import requests
from jwcrypto.jwk import JWKSet
from jwcrypto.jws import InvalidJWSSignature
from jwcrypto.jwt import JWT

from authlib_party import WORLD, RelyingParty


def signed(party):
    """The tokens of one login: the ID token and, where the client gets it signed, userinfo."""
    token, *_ = party.log_in()
    found = {"ID token": token["id_token"]}
    if party.client.get("signed_userinfo"):
        answer = requests.get(party.server["userinfo_endpoint"], headers={"Authorization": f"Bearer {token['access_token']}"}, timeout=30)
        answer.raise_for_status()
        found["userinfo"] = answer.text
    return found


def by_pyjwt(token, party):
    """Read by PyJWT, which fetches the keys itself."""
    key = jwt.PyJWKClient(party.server["jwks_uri"], ssl_context=trust()).get_signing_key_from_jwt(token)
    return jwt.decode(token, key.key, algorithms=[party.client["signed_by"]], audience=party.client["id"], issuer=party.client["issuer"])


def by_jwcrypto(token, party):
    """Read by jwcrypto."""
    keys = JWKSet.from_json(requests.get(party.server["jwks_uri"], timeout=30).text)
    key = keys.get_key(jwt.get_unverified_header(token)["kid"])
    read = JWT(jwt=token, key=key, algs=[party.client["signed_by"]], check_claims={"iss": party.client["issuer"], "aud": party.client["id"]})
    return json.loads(read.claims)


def trust():
    """PyJWT fetches by urllib, which does not look at what `requests` is told to trust."""
    return ssl.create_default_context(cafile=WORLD["authority"])


def tampered(token):
    """The same token with one letter of its signature changed."""
    head, body, signature = token.split(".")
    place = len(signature) // 2
    return f"{head}.{body}.{signature[:place]}{'A' if signature[place] != 'A' else 'B'}{signature[place + 1:]}"


class Verifiers(unittest.TestCase):
    def test_every_token_verifies_and_a_changed_one_does_not(self):
        for client in WORLD["clients"]:
            party = RelyingParty(client)
            for what, token in signed(party).items():
                with self.subTest(client["issuer"], alg=client["signed_by"], token=what):
                    self.assertEqual(by_pyjwt(token, party)["sub"], by_jwcrypto(token, party)["sub"])
                    with self.assertRaises(jwt.InvalidSignatureError):
                        by_pyjwt(tampered(token), party)
                    with self.assertRaises(InvalidJWSSignature):
                        by_jwcrypto(tampered(token), party)


if __name__ == "__main__":
    unittest.main(verbosity=2)
