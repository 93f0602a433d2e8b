"""What only the standard OpenID provider has: pushed requests, logins by a browser that is logged in already, looking into
tokens and giving them back."""

import secrets
from urllib.parse import parse_qs, urlsplit

import requests

from pages import hidden


def tour(tour, client, person):
    send, proof = tour.caller.send, lambda: tour.proof(client, "op")
    session = requests.Session()
    asked = {"response_type": "code", "redirect_uri": client["redirect_uri"], "scope": "openid"}

    def push(**changes):
        request = {**asked, "nonce": secrets.token_hex(12), **changes}
        pushed = send("post", "/op/par", data={**request, **proof()}).json()
        return {"client_id": client["id"], "request_uri": pushed["request_uri"]}

    def tokens(answer):
        code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": client["redirect_uri"]}
        return send("post", "/op/token", data={**form, **proof()}).json()

    def step(page, name, **values):
        fields = {field: value for field, value in hidden(page.text).items() if field in ("_csrf", "transactionId")}
        return send("post", f"/op/authorize/{name}", data={**fields, **values}, session=session)

    send("post", "/op/par", data=asked, refused=401)
    send("post", "/op/par", data={**asked, "redirect_uri": "https://other.example/", **proof()}, refused=400)
    page = send("get", "/op/authorize", params=push(), session=session)
    first = tokens(step(page, "login", individualId=person["uin"], pin=person["pin"]))

    page = send("get", "/op/authorize", params=push(prompt="select_account"), session=session)
    second = tokens(step(page, "continue-as"))
    silent = send("get", "/op/authorize", params=push(prompt="none"), session=session)
    tokens(silent)

    def look(token, **more):
        return send("post", "/op/introspect", data={"token": token, **more, **proof()}).json()["active"]

    assert look(first["access_token"]) and look(second["access_token"])
    send("post", "/op/introspect", data={"token": first["access_token"]}, refused=401)
    send("post", "/op/introspect", data=proof(), refused=400)
    send("post", "/op/revoke", data={"token": first["access_token"], **proof()})
    send("post", "/op/revoke", data={"token": first["access_token"]}, refused=401)
    assert not look(first["access_token"]) and look(second["access_token"])
