"""A site behind Apache's mod_auth_openidc, unmodified from Debian: login, refresh and logout at the standard issuer."""

import unittest
from urllib.parse import urlencode

from apache import Apache
from authlib_party import PERSON, WORLD
from browser import Browser

CLIENT = next(one for one in WORLD["applications"] if one["auth"] == "client_secret_basic")
SITE = CLIENT["home"]


class Session(unittest.TestCase):
    def test_login_refresh_and_logout(self):
        with Apache(WORLD, CLIENT, SITE) as apache:
            browser = Browser(SITE)
            browser.open(f"{apache.origin}/")
            self.assertIn('id="pin-login"', browser.page.text, apache.log())
            browser.submit("pin-login", individualId=PERSON["uin"], pin=PERSON["pin"])
            if 'id="consent"' in browser.page.text:
                browser.submit("consent", checked=["email"])
            self.assertIn("<h1>Application</h1>", browser.page.text, apache.log())
            inside = browser.page.headers
            self.assertEqual(inside["X-Email"], PERSON["email"])
            self.assertTrue(inside["X-Subject"])

            # The module's own hook, as an application calls it.
            browser.open(f"{apache.origin}/callback?{urlencode({'refresh': f'{apache.origin}/', 'access_token': inside['X-Access-Token']})}")
            self.assertIn("<h1>Application</h1>", browser.page.text, apache.log())
            self.assertNotIn("error_code", browser.url)
            self.assertEqual(browser.page.headers["X-Subject"], inside["X-Subject"])
            self.assertNotEqual(browser.page.headers["X-Access-Token"], inside["X-Access-Token"], apache.log())

            browser.open(f"{apache.origin}/callback?{urlencode({'logout': CLIENT['post_logout_redirect_uri']})}")
            if not browser.arrived:
                browser.submit("logout")
            self.assertTrue(browser.arrived.startswith(CLIENT["post_logout_redirect_uri"]), browser.arrived)

            browser.arrived = None
            browser.open(f"{apache.origin}/")
            self.assertIn('id="pin-login"', browser.page.text, "neither Apache nor the issuer knows the browser any more")


if __name__ == "__main__":
    unittest.main(verbosity=2)
