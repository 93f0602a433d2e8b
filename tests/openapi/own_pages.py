"""The server's own login page, without script, and on the phone that has the wallet."""

import re
import secrets
from urllib.parse import parse_qs, urlsplit

import requests

from pages import here, hidden
from served import PERSON, PREFIXES, WORLD, otp


def pages(tour, mount, client):
    """The server's own login page, without script."""
    prefix = PREFIXES[mount]
    parameters = {
        "client_id": client["id"],
        "scope": "openid",
        "response_type": "code",
        "redirect_uri": client["redirect_uri"],
        "claims": '{"userinfo":{"name":{"essential":true}}}',
    }
    once = lambda: {**parameters, "nonce": secrets.token_hex(12), "state": "s"}
    session = requests.Session()
    page = tour.caller.send("post", f"{prefix}/authorize", data=once(), session=session)
    for name in set(re.findall(r"/static/[0-9a-f]+/[a-z0-9_.-]+", page.text)):
        tour.caller.send("get", "/static/{version}/{name}", url=name)
    tour.caller.send("get", "/static/{version}/{name}", url="/static/0/page.css", refused=404)
    fields = {name: value for name, value in hidden(page.text).items() if name in ("_csrf", "transactionId")}
    send = lambda step, **values: tour.caller.send(
        "post", f"{prefix}/authorize/{step}", data={**fields, **values}, session=session
    )
    assert fields.keys() == {"_csrf", "transactionId"}, page.text[:2000]
    send("start")
    send("continue")
    # This client wants no first factor before a wallet: the page says so.
    send("first", individualId=PERSON["uin"], pin=PERSON["pin"])
    send("otp", individualId=PERSON["uin"], channel="email")
    asked = send("login", individualId=PERSON["uin"], otp=otp(PERSON["email"]))
    if asked.status_code == 200:
        asked = send("consent", claim="name")
    assert "code" in parse_qs(urlsplit(asked.headers["Location"]).query)
    # A browser in which nobody is logged in yet.
    session = requests.Session()
    page = tour.caller.send("get", f"{prefix}/authorize", params=once(), session=session)
    fields = {name: value for name, value in hidden(page.text).items() if name in ("_csrf", "transactionId")}
    assert "access_denied" in send("deny").headers["Location"]
    tour.caller.send("post", f"{prefix}/authorize/start", data={"_csrf": "x"}, refused=403)
    tour.caller.send("get", f"{prefix}/authorize", params={"client_id": "nobody"}, refused=400)


def same_device(tour):
    """The page and the wallet on one phone: the wallet sends the citizen back to the browser that began."""
    client = next(client for client in WORLD["clients"] if client["mount"] == "op")
    session = requests.Session()
    session.headers["Sec-CH-UA-Mobile"] = "?1"
    query = {"client_id": client["id"], "scope": "openid", "response_type": "code", "redirect_uri": client["redirect_uri"]}
    page = tour.caller.send("get", "/op/authorize", params=query, session=session)
    back_on_the_same_phone(tour, "/op", page, session)


def back_on_the_same_phone(tour, prefix, page, session):
    """The wallet of the phone answers, and sends its citizen back to the page's browser."""
    link = re.search(r'id="open-wallet"[^>]* href="([^"]+)"', page.text).group(1).replace("&amp;", "&")
    code = parse_qs(urlsplit(link).query)["linkCode"][0]
    wallet = {"caps": ["tessera-wla", "tessera-match"], "key": tour.wallet.thumbprint}
    call = lambda name, request: tour.caller.envelope(f"{prefix}/linked-authorization/v2/{name}", request)
    linked = call("link-transaction", {"linkCode": code, "wallet": wallet})
    answer = tour.answer(call, linked, None)
    back = tour.approve(call, linked, answer)
    path = f"{prefix}/authorize/return"
    tour.caller.send("get", path, url=here(back["redirectUri"]), refused=403)
    tour.caller.send("get", path, url=here(back["redirectUri"]), session=session)
    tour.caller.send("get", path, url=here(back["redirectUri"]), session=session, refused=400)
