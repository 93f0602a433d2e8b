"""A relying party written with Authlib, unmodified, through refresh, revocation and logout at the standard issuer."""

import unittest
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session

from authlib_party import PERSON, WORLD
from browser import Browser

CLIENT = next(one for one in WORLD["applications"] if one["auth"] == "client_secret_basic")
SITE = CLIENT["home"]


class Application:
    """One browser and the application that it logs in to."""

    def __init__(self):
        self.server = requests.get(CLIENT["discovery"], timeout=30).json()
        self.browser = Browser(SITE)
        self.session = OAuth2Session(
            CLIENT["id"],
            CLIENT["secret"],
            scope="openid email offline_access",
            redirect_uri=CLIENT["redirect_uri"],
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic",
        )

    def log_in(self):
        verifier = generate_token(48)
        url, state = self.session.create_authorization_url(
            self.server["authorization_endpoint"], code_verifier=verifier, nonce=generate_token(24), prompt="consent"
        )
        self.browser.open(url)
        self.browser.submit("pin-login", individualId=PERSON["uin"], pin=PERSON["pin"])
        self.browser.submit("consent", checked=["email"])
        return self.session.fetch_token(
            self.server["token_endpoint"], authorization_response=self.browser.arrived, state=state, code_verifier=verifier
        )

    def refresh(self, token):
        return self.session.refresh_token(self.server["token_endpoint"], refresh_token=token)

    def userinfo(self):
        return self.session.get(self.server["userinfo_endpoint"], timeout=30)


class Session(unittest.TestCase):
    def test_refresh_gives_new_tokens_for_the_same_person(self):
        application = Application()
        first = application.log_in()
        before = application.userinfo().json()
        second = application.refresh(first["refresh_token"])
        self.assertNotEqual(second["access_token"], first["access_token"])
        self.assertEqual(application.userinfo().json(), before)
        self.assertEqual(before["email"], PERSON["email"])

    def test_a_refresh_token_is_good_once(self):
        application = Application()
        first = application.log_in()
        application.refresh(first["refresh_token"])
        with self.assertRaises(OAuthError) as refused:
            application.refresh(first["refresh_token"])
        self.assertEqual(refused.exception.error, "invalid_grant")

    def test_a_revoked_token_reads_nothing(self):
        application = Application()
        token = application.log_in()
        self.assertEqual(application.userinfo().status_code, 200)
        answer = application.session.revoke_token(application.server["revocation_endpoint"], token=token["access_token"])
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(application.userinfo().status_code, 401)

    def test_logout_ends_the_session_in_the_browser(self):
        application = Application()
        token = application.log_in()
        browser = application.browser
        browser.arrived = None
        asked = {"id_token_hint": token["id_token"], "post_logout_redirect_uri": CLIENT["post_logout_redirect_uri"], "state": "bye"}
        browser.open(f"{application.server['end_session_endpoint']}?{urlencode(asked)}")
        if not browser.arrived:
            browser.submit("logout")
        self.assertEqual(browser.arrived, f"{CLIENT['post_logout_redirect_uri']}?state=bye")

        browser.arrived = None
        url, _ = application.session.create_authorization_url(
            application.server["authorization_endpoint"], code_verifier=generate_token(48), nonce=generate_token(24), prompt="none"
        )
        browser.open(url)
        self.assertEqual(parse_qs(urlsplit(browser.arrived).query)["error"], ["login_required"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
