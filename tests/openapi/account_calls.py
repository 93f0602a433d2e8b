"""The citizen's own page, and the end of the session."""

import requests

from pages import Forms, here, hidden
from served import PERSON


def account(tour):
    """The citizen's page: signed in at the standard issuer, like any relying party."""
    session = requests.Session()
    go = lambda path, to=None: tour.caller.send("get", path, url=to and here(to), session=session)
    page = go("/op/authorize", go("/account/sign-in").headers["Location"])
    fields = {name: value for name, value in hidden(page.text).items() if name in ("_csrf", "transactionId")}
    login = {**fields, "individualId": PERSON["uin"], "pin": PERSON["pin"]}
    back = tour.caller.send("post", "/op/authorize/login", data=login, session=session)
    go("/account/callback", back.headers["Location"])
    forms = Forms(go("/account").text).by_id
    send = lambda name, form: tour.caller.send("post", f"/account/{name}", data=dict(form["fields"]), session=session)
    first = lambda name: next(form for id, form in forms.items() if (id or "").startswith(name))
    tour.caller.send("post", "/account/sign-out", data={"_csrf": "x"}, session=session, refused=403)
    send("consents/withdraw", first("withdraw-"))
    devices = [form for id, form in forms.items() if (id or "").startswith("revoke-")]
    # Not the wallet that the rest of the tour signs with, which was bound first.
    spare = next(form for form in devices if dict(form["fields"])["device"] != tour.wallet.device)
    send("devices/revoke", spare)
    own = dict(first("sign-out")["fields"])
    tour.caller.send("post", "/account/sessions/end", data={**own, "session": "nobody's"}, session=session)
    tour.caller.send("post", "/account/logins/end", data={**own, "login": "nobody's"}, session=session)
    logout(tour, session)
    send("sign-out", first("sign-out"))


def logout(tour, session):
    """A relying party asks to log the person out, and the person stays."""
    tour.caller.send("get", "/op/logout", params={"id_token_hint": "x"}, session=session, refused=400)
    page = tour.caller.send("get", "/op/logout", params={"state": "s"}, session=session)
    tour.caller.send("post", "/op/logout", data={"state": "s"}, session=session)
    stay = {**hidden(page.text), "logout": "no"}
    tour.caller.send("post", "/op/logout/confirm", data=stay, session=session)
    tour.caller.send("post", "/op/logout/confirm", data={**stay, "_csrf": "x"}, session=session, refused=403)
