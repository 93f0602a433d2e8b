"""Every operation at least once, doing what it is for: what a browser, a wallet, a wallet's backend and a relying party call."""

import hashlib
import itertools
import re
import secrets
from urllib.parse import parse_qs, urlsplit

import requests

import bankid
import provider
from pages import Forms, here, hidden
from served import DOCUMENT, ORIGIN, PREFIXES, WORLD, Caller, operations, otp
from signatures import Wallet, assertion, b64url

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
PERSON = WORLD["people"][0]


class Browser:
    """A browser at one issuer: its cookies, and what it repeats of them."""

    def __init__(self, caller, mount):
        self.caller, self.prefix = caller, PREFIXES[mount]
        self.session = requests.Session()
        token = caller.send("get", f"{self.prefix}/csrf/token", session=self.session).json()
        self.csrf = {token["headerName"]: token["token"]}
        self.details = {}

    def call(self, name, request, method="post", **arguments):
        headers = {**self.csrf, **self.details}
        return self.caller.envelope(f"{self.prefix}{name}", request, method, session=self.session, headers=headers, **arguments)

    def begin(self, client, version="/v2", **changes):
        """Begins a login; gives the answer of oauth-details."""
        request = {
            "clientId": client["id"],
            "scope": "openid profile",
            "responseType": "code",
            "redirectUri": client["redirect_uri"],
            "nonce": secrets.token_hex(12),
            "state": secrets.token_hex(4),
            "claims": {"userinfo": {"name": {"essential": True}, "email": None}, "id_token": {}},
            **changes,
        }
        self.details = {}
        path = f"{self.prefix}/authorization{version}/oauth-details"
        body = self.caller.envelope_answer(path, request, session=self.session, headers=self.csrf)
        response = body.json()["response"]
        # The hash is over the exact bytes of `response`.
        text = body.text[body.text.index('"response":') + len('"response":') : body.text.rindex(',"errors"')]
        hashed = b64url(hashlib.sha256(text.encode()).digest())
        self.details = {"oauth-details-key": response["transactionId"], "oauth-details-hash": hashed}
        return response


class Tour:
    def __init__(self):
        self.caller = Caller()
        self.wallet = None

    def run(self):
        self.open_to_all()
        self.bind()
        for mount in PREFIXES:
            client = next(client for client in WORLD["clients"] if client["mount"] == mount)
            self.manage_clients(mount)
            self.bind_by_backend(mount)
            # Each login ends in a code, and each token endpoint of the mount gets one.
            codes = [self.by_page(mount, client), self.by_wallet(mount, client, ""), self.by_wallet(mount, client, "/v2")]
            for code, path in zip(codes, itertools.cycle(self.token_paths(mount))):
                self.redeem(mount, client, path, code)
            self.deny(mount, client)
            self.listen(mount, client)
            self.first_factor(mount)
            self.refusals(mount, client)
            self.pages(mount, client)
        self.register_itself()
        provider.tour(self, next(client for client in WORLD["clients"] if client["mount"] == "op"), PERSON)
        bankid.tour(self, WORLD["bankid"], PERSON)
        self.account()
        self.same_device()
        self.report()
        self.consents()
        self.audit()
        self.devices()
        return self.caller

    def open_to_all(self):
        """What anyone may read."""
        for path, method, operation in operations():
            if method == "get" and not operation.get("parameters") and not operation["security"] and "csrf" not in path:
                if "text/html" not in str(operation["responses"].get("200")):
                    self.caller.send("get", path)

    def bind(self):
        """Three phones of one person: one by OTP, the others by PIN."""
        call = lambda name, request, **more: self.caller.envelope(f"/wallet/{name}", request, **more)
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
        self.wallet = wallets[0]

    def devices(self):
        call = lambda name, request: self.caller.envelope(f"/wallet/devices/{name}", request, sign=self.wallet.call)
        devices = call("list", {})["devices"]
        other = next(device for device in devices if not device["current"] and not device["revoked"])
        call("rename", {"deviceId": other["deviceId"], "name": "Old phone"})
        call("revoke", {"deviceId": other["deviceId"]})
        self.wallet.certified(call("renew", {})["certificate"])
        self.caller.envelope("/wallet/devices/list", {}, refused="invalid_wallet_token")

    def listen(self, mount, client):
        """A page that listens to events rather than asking again."""
        page = Browser(self.caller, mount)
        request = {"transactionId": page.begin(client)["transactionId"]}
        path = f"{page.prefix}/linked-authorization/link-events"
        event = self.caller.first_line(path, request, session=page.session, headers=page.csrf)
        assert event.startswith("event:"), event

    def first_factor(self, mount):
        """A login page of somebody else's, of a client that shows codes only to who has typed a factor."""
        if f"{PREFIXES[mount]}/authorization/first-factor" not in DOCUMENT["paths"]:
            return
        id = f"careful-{secrets.token_hex(6)}"
        client = {"id": id, "redirect_uri": "https://clinic.example/cb"}
        request = {
            "clientId": id,
            "clientName": "Clinic",
            "relyingPartyId": "clinic",
            "publicKey": Wallet().jwk,
            "userClaims": ["name"],
            "authContextRefs": ["mosip:idp:acr:linked-wallet"],
            "redirectUris": [client["redirect_uri"]],
            "logoUri": "https://clinic.example/logo.png",
            "grantTypes": ["authorization_code"],
            "clientAuthMethods": ["private_key_jwt"],
            "loginPolicy": {"cross_device": "after_first_factor"},
        }
        bearer = self.machine_token(mount)
        self.caller.envelope(f"{PREFIXES[mount]}/client-mgmt/client", request, headers=bearer)
        page = Browser(self.caller, mount)
        transaction = {"transactionId": page.begin(client)["transactionId"]}
        page.call("/linked-authorization/link-code", transaction, refused="cross_device_refused")
        pin = {"authFactorType": "PIN", "challenge": PERSON["pin"], "format": "number"}
        request = {**transaction, "individualId": PERSON["uin"], "challengeList": [pin]}
        page.call("/authorization/first-factor", request)
        page.call("/linked-authorization/link-code", transaction)

    def same_device(self):
        """The page and the wallet on one phone: the wallet sends the citizen back to the browser that began."""
        client = next(client for client in WORLD["clients"] if client["mount"] == "op")
        session = requests.Session()
        session.headers["Sec-CH-UA-Mobile"] = "?1"
        query = {"client_id": client["id"], "scope": "openid", "response_type": "code", "redirect_uri": client["redirect_uri"]}
        page = self.caller.send("get", "/op/authorize", params=query, session=session)
        self.back_on_the_same_phone("/op", page, session)

    def back_on_the_same_phone(self, prefix, page, session):
        """The wallet of the phone answers, and sends its citizen back to the page's browser."""
        link = re.search(r'id="open-wallet"[^>]* href="([^"]+)"', page.text).group(1).replace("&amp;", "&")
        code = parse_qs(urlsplit(link).query)["linkCode"][0]
        wallet = {"caps": ["tessera-wla", "tessera-match"], "key": self.wallet.thumbprint}
        call = lambda name, request: self.caller.envelope(f"{prefix}/linked-authorization/v2/{name}", request)
        linked = call("link-transaction", {"linkCode": code, "wallet": wallet})
        answer = self.answer(call, linked, None)
        back = self.approve(call, linked, answer)
        path = f"{prefix}/authorize/return"
        self.caller.send("get", path, url=here(back["redirectUri"]), refused=403)
        self.caller.send("get", path, url=here(back["redirectUri"]), session=session)
        self.caller.send("get", path, url=here(back["redirectUri"]), session=session, refused=400)

    def answer(self, call, linked, number):
        """The wallet says who is there; gives the answer of authenticate."""
        token = self.wallet.wla(PERSON["uin"], linked, number)
        challenge = {"authFactorType": "WLA", "format": "jwt", "challenge": token}
        name = linked["linkTransactionId"]
        return call("authenticate", {"linkedTransactionId": name, "individualId": PERSON["uin"], "challengeList": [challenge]})

    def approve(self, call, linked, answer):
        """The citizen agrees, where that is asked; gives the last answer."""
        if answer.get("consentAction", "CAPTURE") != "CAPTURE":
            return answer
        claims = linked["essentialClaims"]
        agreed = {"linkedTransactionId": linked["linkTransactionId"], "acceptedClaims": claims, "permittedAuthorizeScopes": []}
        return call("consent", {**agreed, "signature": self.wallet.consent(claims)})

    def report(self):
        """A login is reported: what it yielded is revoked, and somebody looks at it."""
        client = next(client for client in WORLD["clients"] if client["mount"] == "op")
        page, _, _, linked, status = self.scan("op", client, "/v2")
        call = lambda name, request: self.caller.envelope(f"{page.prefix}/linked-authorization/v2/{name}", request)
        self.approve(call, linked, self.answer(call, linked, status.get("match")))
        request = {"linkedTransactionId": linked["linkTransactionId"], "reason": "suspicious"}
        self.caller.envelope("/wallet/report", request, sign=self.wallet.call)

    def audit(self):
        bearer = self.machine_token("op")
        self.caller.send("get", "/audit/events", headers=bearer, params={"limit": "5"})
        self.caller.envelope("/audit/events/search", {"individualId": PERSON["uin"]}, headers=bearer)
        cases = self.caller.send("get", "/audit/cases", headers=bearer).json()["response"]["cases"]
        at = f"/audit/cases/{cases[0]['caseId']}/close"
        self.caller.envelope("/audit/cases/{case_id}/close", {"resolution": "harmless"}, url=at, headers=bearer)

    def consents(self):
        call = lambda name, request: self.caller.envelope(f"/wallet/consents/{name}", request, sign=self.wallet.call)
        given = call("list", {})["consents"]
        call("withdraw", {"consentId": given[0]["consentId"]})

    def account(self):
        """The citizen's page: signed in at the standard issuer, like any relying party."""
        session = requests.Session()
        go = lambda path, to=None: self.caller.send("get", path, url=to and here(to), session=session)
        page = go("/op/authorize", go("/account/sign-in").headers["Location"])
        fields = {name: value for name, value in hidden(page.text).items() if name in ("_csrf", "transactionId")}
        login = {**fields, "individualId": PERSON["uin"], "pin": PERSON["pin"]}
        back = self.caller.send("post", "/op/authorize/login", data=login, session=session)
        go("/account/callback", back.headers["Location"])
        forms = Forms(go("/account").text).by_id
        send = lambda name, form: self.caller.send("post", f"/account/{name}", data=dict(form["fields"]), session=session)
        first = lambda name: next(form for id, form in forms.items() if (id or "").startswith(name))
        self.caller.send("post", "/account/sign-out", data={"_csrf": "x"}, session=session, refused=403)
        send("consents/withdraw", first("withdraw-"))
        devices = [form for id, form in forms.items() if (id or "").startswith("revoke-")]
        # Not the wallet that the rest of the tour signs with, which was bound first.
        spare = next(form for form in devices if dict(form["fields"])["device"] != self.wallet.device)
        send("devices/revoke", spare)
        own = dict(first("sign-out")["fields"])
        self.caller.send("post", "/account/sessions/end", data={**own, "session": "nobody's"}, session=session)
        self.caller.send("post", "/account/logins/end", data={**own, "login": "nobody's"}, session=session)
        self.logout(session)
        send("sign-out", first("sign-out"))

    def logout(self, session):
        """A relying party asks to log the person out, and the person stays."""
        self.caller.send("get", "/op/logout", params={"id_token_hint": "x"}, session=session, refused=400)
        page = self.caller.send("get", "/op/logout", params={"state": "s"}, session=session)
        self.caller.send("post", "/op/logout", data={"state": "s"}, session=session)
        stay = {**hidden(page.text), "logout": "no"}
        self.caller.send("post", "/op/logout/confirm", data=stay, session=session)
        self.caller.send("post", "/op/logout/confirm", data={**stay, "_csrf": "x"}, session=session, refused=403)

    def machine_token(self, mount):
        machine = next(machine for machine in WORLD["machines"] if machine["mount"] == mount)
        path = self.token_paths(mount)[0]
        form = {"grant_type": "client_credentials", **self.proof(machine, mount)}
        return {"Authorization": f"Bearer {self.caller.send('post', path, data=form).json()['access_token']}"}

    def token_paths(self, mount):
        prefix = PREFIXES[mount]
        tokens = [path for path, _, operation in operations() if operation["summary"] == "Tokens"]
        of = [path for path in tokens if operation_mount(path) == mount]
        assert of and all(path.startswith(prefix) for path in of)
        return of

    def proof(self, client, mount):
        issuer = f"{ORIGIN}{bankid.PREFIX if mount == 'bankid' else PREFIXES[mount]}"
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion(client, issuer)}

    def manage_clients(self, mount):
        prefix = f"{PREFIXES[mount]}/client-mgmt"
        bearer = self.machine_token(mount)
        call = lambda name, request, method="post", **more: self.caller.envelope(
            f"{prefix}/{name}", request, method, headers=bearer, **more
        )
        fields = {
            "clientName": "Clinic",
            "clientNameLangMap": {"fra": "Clinique"},
            "userClaims": ["name"],
            "authContextRefs": ["mosip:idp:acr:linked-wallet"],
            "logoUri": "https://clinic.example/logo.png",
            "redirectUris": ["https://clinic.example/cb"],
            "grantTypes": ["authorization_code"],
            "clientAuthMethods": ["private_key_jwt"],
        }
        names = []
        for name in ("oidc-client", "oauth-client", "client"):
            id = f"clinic-{secrets.token_hex(6)}"
            call(name, {"clientId": id, "relyingPartyId": "clinic", "publicKey": Wallet().jwk, **fields})
            whole = {**fields, "status": "INACTIVE"}
            call(f"{name}/{{client_id}}", whole, "put", url=f"{prefix}/{name}/{id}")
            names.append(id)
        id = names[-1]
        call("oidc-client", {"clientId": id, **fields, "status": "ACTIVE"}, "put")
        at = f"{prefix}/client/{id}"
        call("client/{client_id}", {"clientName": "New"}, "patch", url=at)
        self.caller.send("get", f"{prefix}/client/{{client_id}}", url=at, headers=bearer)
        if f"{prefix}/client/{{client_id}}/keys" in DOCUMENT["paths"]:
            call("client/{client_id}/keys", {"publicKey": Wallet().jwk}, url=f"{at}/keys")
        if f"{prefix}/client/{{client_id}}/secret" in DOCUMENT["paths"]:
            call("client/{client_id}", {"metadata": {"token_endpoint_auth_method": "client_secret_post"}}, "patch", url=at)
            renew = f"{prefix}/client/{{client_id}}/secret"
            self.caller.send("post", renew, url=f"{at}/secret", headers=bearer)
        self.caller.send("delete", f"{prefix}/client/{{client_id}}", url=at, headers=bearer)
        self.caller.send("get", f"{prefix}/client/{{client_id}}", url=at, refused=401)
        self.caller.send("get", f"{prefix}/client/{{client_id}}", url=at, headers=bearer, refused="invalid_client_id")

    def register_itself(self):
        """A client that registers itself at /op, and manages that."""
        sent = {"redirect_uris": ["https://clinic.example/cb"], "client_name": "Clinic"}
        made = self.caller.send("post", "/op/register", json=sent).json()
        path, at = "/op/register/{client_id}", f"/op/register/{made['client_id']}"
        bearer = {"Authorization": f"Bearer {made['registration_access_token']}"}
        self.caller.send("get", path, url=at, headers=bearer)
        whole = {**sent, "client_id": made["client_id"], "subject_type": "public"}
        self.caller.send("put", path, url=at, headers=bearer, json=whole)
        self.caller.send("delete", path, url=at, headers=bearer)
        self.caller.send("get", path, url=at, headers=bearer, refused=401)
        self.caller.send("post", "/op/register", json={"redirect_uris": []}, refused=400)

    def bind_by_backend(self, mount):
        """GovStack's and eSignet's binding, by a wallet's backend."""
        bearer = self.machine_token(mount)
        partner = {"PARTNER-ID": "wallet", "PARTNER-API-KEY": "secret", **bearer}
        sends = [path for path in DOCUMENT["paths"] if path.endswith("binding-otp") and operation_mount(path) == mount]
        person = WORLD["people"][1]
        for path in sends:
            self.caller.envelope(path, {"individualId": person["uin"], "otpChannels": ["email"]}, headers=partner)
            challenge = {"authFactorType": "OTP", "challenge": otp(person["email"]), "format": "alpha-numeric"}
        for path in [path for path in DOCUMENT["paths"] if path.endswith("/wallet-binding") and operation_mount(path) == mount]:
            request = {
                "individualId": person["uin"],
                "challengeList": [challenge],
                "publicKey": Wallet().jwk,
                "authFactorType": "WLA",
                "format": "jwt",
            }
            self.caller.envelope(path, request, headers=partner)
            self.caller.envelope(path, request, headers=bearer, refused="required_header_missing")
            self.caller.envelope(path, request, refused=401)

    def by_page(self, mount, client):
        """A login page of somebody else's: OTP and PIN in the browser."""
        pin = {"authFactorType": "PIN", "challenge": PERSON["pin"], "format": "number"}
        for version in ("", "/v3"):
            page = Browser(self.caller, mount)
            id = page.begin(client, version)["transactionId"]
            request = {"transactionId": id, "individualId": PERSON["uin"], "challengeList": [pin]}
            page.call(f"/authorization{version}/authenticate", request)
        page = Browser(self.caller, mount)
        verifier = secrets.token_urlsafe(48)
        challenge = b64url(hashlib.sha256(verifier.encode()).digest())
        id = page.begin(client, codeChallenge=challenge, codeChallengeMethod="S256")["transactionId"]
        page.call("/authorization/send-otp", {"transactionId": id, "individualId": PERSON["uin"], "otpChannels": ["email"]})
        code = {"authFactorType": "OTP", "challenge": otp(PERSON["email"]), "format": "alpha-numeric"}
        request = {"transactionId": id, "individualId": PERSON["uin"], "challengeList": [code]}
        page.call("/authorization/v2/authenticate", {**request, "challengeList": []}, refused="invalid_no_of_challenges")
        page.call("/authorization/v2/authenticate", request)
        path = f"{page.prefix}/authorization/claim-details"
        self.caller.send("get", path, session=page.session, headers=page.details)
        agreed = {"transactionId": id, "acceptedClaims": ["name"], "permittedAuthorizeScopes": []}
        return {"code": page.call("/authorization/auth-code", agreed)["code"], "code_verifier": verifier}

    def scan(self, mount, client, version):
        """A browser shows a code, a wallet claims it."""
        page = Browser(self.caller, mount)
        id = page.begin(client)["transactionId"]
        code = page.call("/linked-authorization/link-code", {"transactionId": id})["linkCode"]
        wallet = {"caps": ["tessera-wla", "tessera-match"], "key": self.wallet.thumbprint}
        path = f"{page.prefix}/linked-authorization{version}/link-transaction"
        linked = self.caller.envelope(path, {"linkCode": code, "wallet": wallet})
        request = {"transactionId": id, "linkCode": code, "state": "waiting"}
        status = page.call("/linked-authorization/link-status", request)
        return page, id, code, linked, status

    def by_wallet(self, mount, client, version):
        page, id, code, linked, status = self.scan(mount, client, version)
        name = linked["linkTransactionId"]
        call = lambda path, request: self.caller.envelope(f"{page.prefix}/linked-authorization{path}", request)
        request = {"transactionId": name, "individualId": PERSON["uin"], "otpChannels": ["email"]}
        call("/send-otp", request)
        otp(PERSON["email"])
        answer = self.answer(lambda name, request: call(f"{version}/{name}", request), linked, status.get("match"))
        if answer.get("consentAction", "CAPTURE") == "CAPTURE":
            agreed = {"linkedTransactionId": name, "acceptedClaims": ["name"], "permittedAuthorizeScopes": []}
            call(f"{version}/consent", {**agreed, "signature": self.wallet.consent(["name"])})
        asked = {"transactionId": id, "linkedCode": code}
        return {"code": page.call("/linked-authorization/link-auth-code", asked)["code"]}

    def redeem(self, mount, client, path, code):
        form = {"grant_type": "authorization_code", "redirect_uri": client["redirect_uri"], **code}
        tokens = self.caller.send("post", path, data={**form, **self.proof(client, mount)}).json()
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        userinfo = next(path for path in DOCUMENT["paths"] if path.endswith("/userinfo") and operation_mount(path) == mount)
        for method in ("get", "post"):
            self.caller.send(method, userinfo, headers=bearer)
            self.caller.send(method, userinfo, refused=401)
        self.caller.send("post", path, data={**form, "code": "no-code", **self.proof(client, mount)}, refused=400)

    def deny(self, mount, client):
        page, id, code, linked, _ = self.scan(mount, client, "/v2")
        request = {"linkedTransactionId": linked["linkTransactionId"], "reason": "changed_mind"}
        self.caller.envelope("/wallet/deny", request)
        asked = {"transactionId": id, "linkedCode": code}
        gone = "invalid_transaction_id" if mount == "govstack" else "invalid_transaction"
        page.call("/linked-authorization/link-auth-code", asked, refused=gone)

    def refusals(self, mount, client):
        """What is refused whatever is sent."""
        page = Browser(self.caller, mount)
        pushed = {"clientId": client["id"], "requestUri": "urn:ietf:params:oauth:request_uri:x"}
        page.call("/authorization/par-oauth-details", pushed, refused="invalid_request")
        signup = {"transactionId": page.begin(client)["transactionId"], "pathFragment": "signup"}
        page.call("/authorization/prepare-signup-redirect", signup, refused="invalid_path_fragment")
        page.call("/authorization/complete-signup-redirect", signup, refused="verification_incomplete")
        register = f"{page.prefix}/oidc/register"
        if register in DOCUMENT["paths"]:
            self.caller.send("post", register, refused=401)
            self.caller.send("post", register, headers={"Authorization": "Bearer x"}, refused=403)

    def pages(self, mount, client):
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
        page = self.caller.send("post", f"{prefix}/authorize", data=once(), session=session)
        for name in set(re.findall(r"/static/[0-9a-f]+/[a-z0-9_.-]+", page.text)):
            self.caller.send("get", "/static/{version}/{name}", url=name)
        self.caller.send("get", "/static/{version}/{name}", url="/static/0/page.css", refused=404)
        fields = {name: value for name, value in hidden(page.text).items() if name in ("_csrf", "transactionId")}
        send = lambda step, **values: self.caller.send(
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
        page = self.caller.send("get", f"{prefix}/authorize", params=once(), session=session)
        fields = {name: value for name, value in hidden(page.text).items() if name in ("_csrf", "transactionId")}
        assert "access_denied" in send("deny").headers["Location"]
        self.caller.send("post", f"{prefix}/authorize/start", data={"_csrf": "x"}, refused=403)
        self.caller.send("get", f"{prefix}/authorize", params={"client_id": "nobody"}, refused=400)


def operation_mount(path):
    """The issuer whose path it is."""
    for mount, prefix in {**PREFIXES, "bankid": bankid.PREFIX}.items():
        if prefix and path.startswith(f"{prefix}/"):
            return mount
    return None if path.startswith(("/wallet/", "/account", "/audit")) or is_services(path) else "govstack"


def is_services(path):
    """Whether it is an operation that services call: OSIA's, and the server's own beside them."""
    osia = tuple(f"/v1/{name}" for name in ("enrollments", "topics", "subscriptions", "verify", "attributes", "identify", "uin"))
    return path.startswith((*osia, "/pr/", "/data/", "/enrollment/", "/identity/", "/inbox/", "/notifications/", "/statistics/"))
