"""Every operation at least once, doing what it is for: what a browser, a wallet, a wallet's backend and a relying party call."""

import hashlib
import itertools
import secrets

import account_calls
import bankid
import client_calls
import own_pages
import provider
import wallet_calls
from issuers import operation_mount
from page_calls import Browser
from served import DOCUMENT, ORIGIN, PERSON, PREFIXES, WORLD, Caller, operations, otp
from signatures import Wallet, assertion, b64url

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Tour:
    def __init__(self):
        self.caller = Caller()
        self.wallet = None

    def run(self):
        self.open_to_all()
        wallet_calls.bind(self)
        for mount in PREFIXES:
            client = next(client for client in WORLD["clients"] if client["mount"] == mount)
            client_calls.manage_clients(self, mount)
            wallet_calls.bind_by_backend(self, mount)
            # Each login ends in a code, and each token endpoint of the mount gets one.
            codes = [self.by_page(mount, client), self.by_wallet(mount, client, ""), self.by_wallet(mount, client, "/v2")]
            for code, path in zip(codes, itertools.cycle(self.token_paths(mount))):
                self.redeem(mount, client, path, code)
            self.deny(mount, client)
            self.listen(mount, client)
            self.first_factor(mount)
            self.refusals(mount, client)
            own_pages.pages(self, mount, client)
        client_calls.register_itself(self)
        provider.tour(self, next(client for client in WORLD["clients"] if client["mount"] == "op"), PERSON)
        bankid.tour(self, WORLD["bankid"], PERSON)
        account_calls.account(self)
        own_pages.same_device(self)
        wallet_calls.report(self)
        wallet_calls.consents(self)
        self.audit()
        wallet_calls.devices(self)
        return self.caller

    def open_to_all(self):
        """What anyone may read."""
        for path, method, operation in operations():
            if method == "get" and not operation.get("parameters") and not operation["security"] and "csrf" not in path:
                if "text/html" not in str(operation["responses"].get("200")):
                    self.caller.send("get", path)

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

    def audit(self):
        bearer = self.machine_token("op")
        self.caller.send("get", "/audit/events", headers=bearer, params={"limit": "5"})
        self.caller.envelope("/audit/events/search", {"individualId": PERSON["uin"]}, headers=bearer)
        cases = self.caller.send("get", "/audit/cases", headers=bearer).json()["response"]["cases"]
        at = f"/audit/cases/{cases[0]['caseId']}/close"
        self.caller.envelope("/audit/cases/{case_id}/close", {"resolution": "harmless"}, url=at, headers=bearer)

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
