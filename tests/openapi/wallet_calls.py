"""A wallet beside the logins: bound by itself or by its backend, its phones, what was agreed to by it, what it reports."""

from issuers import operation_mount
from served import DOCUMENT, PERSON, WORLD, otp
from signatures import Wallet


def bind(tour):
    """Three phones of one person: one by OTP, the others by PIN."""
    call = lambda name, request, **more: tour.caller.envelope(f"/wallet/{name}", request, **more)
    wallets = []
    for factor in ("OTP", "PIN", "PIN"):
        wallet = Wallet()
        if factor == "OTP":
            call("binding-otp", {"individualId": PERSON["uin"], "otpChannels": ["email"]})
            challenge = {"authFactorType": "OTP", "challenge": otp(PERSON["email"]), "format": "alpha-numeric"}
        else:
            challenge = {"authFactorType": "PIN", "challenge": PERSON["pin"], "format": "number"}
        request = {
            "individualId": PERSON["uin"],
            "challengeList": [challenge],
            "publicKey": wallet.jwk,
            "proof": wallet.proof(call("binding-challenge", {})),
            "deviceName": "Phone",
        }
        bound = call("binding", request)
        wallet.certified(bound["certificate"])
        wallet.device = bound["deviceId"]
        wallets.append(wallet)
    tour.wallet = wallets[0]


def bind_by_backend(tour, mount):
    """GovStack's and eSignet's binding, by a wallet's backend."""
    bearer = tour.machine_token(mount)
    partner = {"PARTNER-ID": "wallet", "PARTNER-API-KEY": "secret", **bearer}
    sends = [path for path in DOCUMENT["paths"] if path.endswith("binding-otp") and operation_mount(path) == mount]
    person = WORLD["people"][1]
    for path in sends:
        tour.caller.envelope(path, {"individualId": person["uin"], "otpChannels": ["email"]}, headers=partner)
        challenge = {"authFactorType": "OTP", "challenge": otp(person["email"]), "format": "alpha-numeric"}
    for path in [path for path in DOCUMENT["paths"] if path.endswith("/wallet-binding") and operation_mount(path) == mount]:
        request = {
            "individualId": person["uin"],
            "challengeList": [challenge],
            "publicKey": Wallet().jwk,
            "authFactorType": "WLA",
            "format": "jwt",
        }
        tour.caller.envelope(path, request, headers=partner)
        tour.caller.envelope(path, request, headers=bearer, refused="required_header_missing")
        tour.caller.envelope(path, request, refused=401)


def devices(tour):
    call = lambda name, request: tour.caller.envelope(f"/wallet/devices/{name}", request, sign=tour.wallet.call)
    devices = call("list", {})["devices"]
    other = next(device for device in devices if not device["current"] and not device["revoked"])
    call("rename", {"deviceId": other["deviceId"], "name": "Old phone"})
    call("revoke", {"deviceId": other["deviceId"]})
    tour.wallet.certified(call("renew", {})["certificate"])
    tour.caller.envelope("/wallet/devices/list", {}, refused="invalid_wallet_token")


def consents(tour):
    call = lambda name, request: tour.caller.envelope(f"/wallet/consents/{name}", request, sign=tour.wallet.call)
    given = call("list", {})["consents"]
    call("withdraw", {"consentId": given[0]["consentId"]})


def report(tour):
    """A login is reported: what it yielded is revoked, and somebody looks at it."""
    client = next(client for client in WORLD["clients"] if client["mount"] == "op")
    page, _, _, linked, status = tour.scan("op", client, "/v2")
    call = lambda name, request: tour.caller.envelope(f"{page.prefix}/linked-authorization/v2/{name}", request)
    tour.approve(call, linked, tour.answer(call, linked, status.get("match")))
    request = {"linkedTransactionId": linked["linkTransactionId"], "reason": "suspicious"}
    tour.caller.envelope("/wallet/report", request, sign=tour.wallet.call)
