"""A relying party written with Authlib, unmodified: PKCE, private_key_jwt, ID token and userinfo."""

import unittest

from authlib.integrations.base_client import OAuthError

from authlib_party import PERSON, WORLD, RelyingParty


class Login(unittest.TestCase):
    def test_the_browser_is_logged_in_at_every_issuer(self):
        for client in WORLD["clients"]:
            with self.subTest(client["issuer"], alg=client["alg"]):
                party = RelyingParty(client)
                _, claims, *_ = party.log_in()
                info = party.userinfo()
                self.assertEqual(info["sub"], claims["sub"])
                self.assertEqual(info["name"], PERSON["name"])
                self.assertEqual(info["email"], PERSON["email"])
                self.assertNotIn("birthdate", info)

    def test_a_code_is_good_once(self):
        for client in WORLD["clients"]:
            with self.subTest(client["issuer"], alg=client["alg"]):
                party = RelyingParty(client)
                _, _, arrived, verifier, state = party.log_in()
                with self.assertRaises(OAuthError):
                    party.session.fetch_token(
                        party.server["token_endpoint"], authorization_response=arrived, state=state, code_verifier=verifier
                    )


if __name__ == "__main__":
    unittest.main(verbosity=2)
