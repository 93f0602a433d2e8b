"""Bank iD's profile for service providers: what a browser, a wallet and a relying party call at `/bankid`."""

import secrets
from urllib.parse import parse_qs, urlsplit

import requests

import own_pages
from pages import hidden
from served import otp

PREFIX = "/bankid"
# Two ways in which wallets answer; the second tells whether consent is needed.
VERSIONS = ("", "/v2")


class Visit:
    """A browser at the login page."""

    def __init__(self, tour, client, method="get", session=None, **changes):
        self.tour, self.client, self.session = tour, client, session or requests.Session()
        asked = {
            "client_id": client["id"],
            "redirect_uri": client["redirect_uri"],
            "response_type": "code",
            "scope": "openid profile.name profile.email offline_access notification.claims_updated",
            "nonce": secrets.token_hex(12),
            "state": secrets.token_hex(4),
            "acr_values": "loa3",
            **changes,
        }
        sent = {"params": asked} if method == "get" else {"data": asked}
        self.page = tour.caller.send(method, f"{PREFIX}/auth", session=self.session, **sent)
        fields = hidden(self.page.text)
        self.fields = {name: fields[name] for name in ("_csrf", "transactionId") if name in fields}
        self.id = {"transactionId": self.fields.get("transactionId")}

    def send(self, step, **values):
        """Sends one of the page's forms."""
        data = {**self.fields, **values}
        return self.tour.caller.send("post", f"{PREFIX}/authorize/{step}", data=data, session=self.session)

    def call(self, name, request, **more):
        """What the page's script calls."""
        headers = {"X-XSRF-TOKEN": self.fields["_csrf"]}
        path = f"{PREFIX}/linked-authorization/{name}"
        return self.tour.caller.envelope(path, request, session=self.session, headers=headers, **more)

    def first_event(self):
        headers = {"X-XSRF-TOKEN": self.fields["_csrf"]}
        path = f"{PREFIX}/linked-authorization/link-events"
        event = self.tour.caller.first_line(path, self.id, session=self.session, headers=headers)
        assert event.startswith("event:"), event

    def scan(self, version):
        """The page shows a code, and the wallet claims it; gives what the wallet learns."""
        code = self.call("link-code", self.id)["linkCode"]
        wallet = {"caps": ["tessera-wla", "tessera-match"], "key": self.tour.wallet.thumbprint}
        linked = self.wallet(f"{version}/link-transaction", {"linkCode": code, "wallet": wallet})
        self.call("link-status", {**self.id, "linkCode": code, "state": "waiting"})
        return code, linked

    def wallet(self, path, request):
        return self.tour.caller.envelope(f"{PREFIX}/linked-authorization{path}", request)

    def approve(self, version, linked, person):
        """The wallet says who is there, and the citizen agrees to everything."""
        answer = self.tour.answer(lambda name, request: self.wallet(f"{version}/{name}", request), linked, None)
        if answer.get("consentAction", "CAPTURE") != "CAPTURE":
            return
        claims = linked["essentialClaims"] + linked["voluntaryClaims"]
        scopes = linked["authorizeScopes"]
        agreed = {
            "linkedTransactionId": linked["linkTransactionId"],
            "acceptedClaims": claims,
            "permittedAuthorizeScopes": scopes,
            "signature": self.tour.wallet.consent(claims, scopes),
        }
        self.wallet(f"{version}/consent", agreed)


def code_in(answer):
    """The code that goes back to the relying party."""
    return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]


def tour(tour, client, person):
    send, proof = tour.caller.send, lambda: tour.proof(client, "bankid")

    def token(refused=None, **form):
        return send("post", f"{PREFIX}/token", data={**form, **proof()}, refused=refused).json()

    def redeem(code):
        return token(grant_type="authorization_code", code=code, redirect_uri=client["redirect_uri"])

    def by_wallet(version, method):
        visit = Visit(tour, client, method)
        code, linked = visit.scan(version)
        request = {"transactionId": linked["linkTransactionId"], "individualId": person["uin"], "otpChannels": ["email"]}
        visit.wallet("/send-otp", request)
        otp(person["email"])
        visit.approve(version, linked, person)
        return visit, code

    # The page asks for the code itself, or its form does.
    visit, code = by_wallet(VERSIONS[0], "post")
    redeem(visit.call("link-auth-code", {**visit.id, "linkedCode": code})["code"])
    visit, _ = by_wallet(VERSIONS[1], "get")
    tokens = redeem(code_in(visit.send("continue")))
    token(grant_type="authorization_code", code="no-code", redirect_uri=client["redirect_uri"], refused=400)
    newer = token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])

    def look(of):
        return send("post", f"{PREFIX}/token-info", data={"token": of, **proof()}).json()

    assert look(newer["access_token"])["token_type"] == "access_token"
    assert look(newer["refresh_token"])["token_type"] == "refresh_token"
    assert look(tokens["refresh_token"]) == {"active": False}
    signed = {"data": {"token": newer["access_token"], **proof()}, "headers": {"Accept": "application/jwt"}}
    assert send("post", f"{PREFIX}/token-info", **signed).text.count(".") == 2
    send("post", f"{PREFIX}/token-info", data={"token": newer["access_token"]}, refused=401)
    send("post", f"{PREFIX}/token-info", json={}, refused=415)

    bearer = {"Authorization": f"Bearer {newer['access_token']}"}
    for path in ("/userinfo", "/profile", "/api/v1/banks"):
        send("get", f"{PREFIX}{path}", headers=bearer)
        send("get", f"{PREFIX}{path}", refused=401)

    # Who is logged in in this browser, and is asked once more what he agrees to.
    session = visit.session
    again = Visit(tour, client, session=session, prompt="consent")
    agreed = again.send("consent", claim=["name", "email"])
    assert code_in(agreed)
    again = Visit(tour, client, session=session, prompt="consent")
    again.send("deny")

    steps(tour, client, person)
    same_phone(tour, client, person)

    hint = {"id_token_hint": newer["id_token"]}
    send("get", f"{PREFIX}/logout", refused=400)
    send("get", f"{PREFIX}/logout", params=hint, session=session)
    # A browser that shows nobody, by a form that any site may send: it is asked.
    page = send("post", f"{PREFIX}/logout", data=hint, session=session)
    stay = {**hidden(page.text), "logout": "no"}
    send("post", f"{PREFIX}/logout/confirm", data=stay, session=session)
    send("post", f"{PREFIX}/logout/confirm", data={**stay, "_csrf": "x"}, session=session, refused=403)


def steps(tour, client, person):
    """The forms of a page without script, and what is refused there."""
    visit = Visit(tour, client)
    visit.first_event()
    visit.send("start")
    visit.send("continue")
    for step in ("first", "login"):
        visit.send(step, individualId=person["uin"], pin=person["pin"])
    visit.send("otp", individualId=person["uin"], channel="email")
    assert "access_denied" in visit.send("deny").headers["Location"]
    refused = tour.caller.send
    refused("post", f"{PREFIX}/authorize/start", data={"_csrf": "x"}, refused=403)
    refused("get", f"{PREFIX}/auth", params={"client_id": "nobody"}, refused=400)
    refused("post", f"{PREFIX}/auth", json={}, refused=415)


def same_phone(tour, client, person):
    """The page and the wallet on one phone: the wallet sends the citizen back to the browser that began."""
    session = requests.Session()
    session.headers["Sec-CH-UA-Mobile"] = "?1"
    visit = Visit(tour, client, session=session)
    own_pages.back_on_the_same_phone(tour, PREFIX, visit.page, session)
