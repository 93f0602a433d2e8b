"""A relying party written with idpyoidc, unmodified: discovery, login, userinfo, refresh and logout at the standard issuer."""

import unittest
import warnings
from urllib.parse import parse_qs, urlsplit

import requests
from idpyoidc.client.defaults import DEFAULT_OIDC_SERVICES
from idpyoidc.client.rp_handler import RPHandler
from urllib3.exceptions import InsecureRequestWarning

from authlib_party import PERSON, WORLD
from browser import Browser

CLIENT = next(one for one in WORLD["applications"] if one["auth"] == "client_secret_post")
SITE = CLIENT["home"]


def fetch(method, url, **arguments):
    """Fetches, and looks at the server's certificate in every case: `cryptojwt`, by which idpyoidc fetches keys, does not where the
    address is `localhost` (`KeyIssuer.add_url`); of every other host it does."""
    return requests.request(method, url, **{**arguments, "verify": WORLD["authority"]})


def relying_party():
    """The handler of an application that knows one provider, and has its client registered there by the operator."""
    services = {**DEFAULT_OIDC_SERVICES, "end_session": {"class": "idpyoidc.client.oidc.end_session.EndSession"}}
    return RPHandler(
        base_url=SITE,
        httpc=fetch,
        httpc_params={"verify": WORLD["authority"], "timeout": 30},
        services=services,
        # Keys of its own, which it would else leave in the folder it runs in; a client with a secret has no use for them.
        key_conf={"key_defs": [{"type": "EC", "crv": "P-256", "use": ["sig"]}]},
        client_configs={
            CLIENT["issuer"]: {
                "issuer": CLIENT["issuer"],
                "client_type": "oidc",
                "client_id": CLIENT["id"],
                "client_secret": CLIENT["secret"],
                "redirect_uris": [CLIENT["redirect_uri"]],
                "post_logout_redirect_uris": [CLIENT["post_logout_redirect_uri"]],
                "response_types_supported": ["code"],
                "scopes_supported": ["openid", "email", "offline_access"],
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
                "client_authn_methods": ["client_secret_post", "bearer_header"],
                "id_token_signing_alg_values_supported": [CLIENT["signed_by"]],
                "request_args": {"scope": ["openid", "email", "offline_access"], "prompt": "consent"},
                "add_ons": {
                    "pkce": {
                        "function": "idpyoidc.client.oauth2.add_on.pkce.add_support",
                        "kwargs": {"code_challenge_length": 64, "code_challenge_method": "S256"},
                    }
                },
            }
        },
    )


class Session(unittest.TestCase):
    def setUp(self):
        # Whatever it fetches, discovery and keys too, the server's certificate is looked at.
        caught = warnings.catch_warnings()
        caught.__enter__()
        self.addCleanup(caught.__exit__, None, None, None)
        warnings.simplefilter("error", InsecureRequestWarning)

    def test_login_refresh_and_logout(self):
        handler = relying_party()
        browser = Browser(SITE)
        browser.open(handler.begin(CLIENT["issuer"]))
        browser.submit("pin-login", individualId=PERSON["uin"], pin=PERSON["pin"])
        if not browser.arrived:
            browser.submit("consent", checked=["email"])
        arrived = {name: values[0] for name, values in parse_qs(urlsplit(browser.arrived).query).items()}
        done = handler.finalize(CLIENT["issuer"], arrived)
        self.assertNotIn("error", done)
        self.assertEqual(done["userinfo"]["email"], PERSON["email"])
        self.assertEqual(done["userinfo"]["sub"], done["id_token"]["sub"])

        renewed = handler.refresh_access_token(state=done["state"])
        self.assertNotEqual(renewed["access_token"], done["token"])
        again = handler.get_user_info(state=done["state"], access_token=renewed["access_token"])
        self.assertEqual(again["sub"], done["id_token"]["sub"])

        browser.arrived = None
        browser.open(handler.logout(state=done["state"])["url"])
        if not browser.arrived:
            browser.submit("logout")
        self.assertTrue(browser.arrived.startswith(CLIENT["post_logout_redirect_uri"]), browser.arrived)

        browser.arrived = None
        browser.open(handler.begin(CLIENT["issuer"]))
        self.assertIsNone(browser.arrived, "nobody is logged in any more")
        self.assertIn('id="pin-login"', browser.page.text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
