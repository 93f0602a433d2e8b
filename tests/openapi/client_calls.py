"""Clients that are managed: by a machine client at each issuer, and by themselves where they registered themselves."""

import secrets

from served import DOCUMENT, PREFIXES
from signatures import Wallet


def manage_clients(tour, mount):
    prefix = f"{PREFIXES[mount]}/client-mgmt"
    bearer = tour.machine_token(mount)
    call = lambda name, request, method="post", **more: tour.caller.envelope(
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
    tour.caller.send("get", f"{prefix}/client/{{client_id}}", url=at, headers=bearer)
    if f"{prefix}/client/{{client_id}}/keys" in DOCUMENT["paths"]:
        call("client/{client_id}/keys", {"publicKey": Wallet().jwk}, url=f"{at}/keys")
    if f"{prefix}/client/{{client_id}}/secret" in DOCUMENT["paths"]:
        call("client/{client_id}", {"metadata": {"token_endpoint_auth_method": "client_secret_post"}}, "patch", url=at)
        renew = f"{prefix}/client/{{client_id}}/secret"
        tour.caller.send("post", renew, url=f"{at}/secret", headers=bearer)
    tour.caller.send("delete", f"{prefix}/client/{{client_id}}", url=at, headers=bearer)
    tour.caller.send("get", f"{prefix}/client/{{client_id}}", url=at, refused=401)
    tour.caller.send("get", f"{prefix}/client/{{client_id}}", url=at, headers=bearer, refused="invalid_client_id")


def register_itself(tour):
    """A client that registers itself at /op, and manages that."""
    sent = {"redirect_uris": ["https://clinic.example/cb"], "client_name": "Clinic"}
    made = tour.caller.send("post", "/op/register", json=sent).json()
    path, at = "/op/register/{client_id}", f"/op/register/{made['client_id']}"
    bearer = {"Authorization": f"Bearer {made['registration_access_token']}"}
    tour.caller.send("get", path, url=at, headers=bearer)
    whole = {**sent, "client_id": made["client_id"], "subject_type": "public"}
    tour.caller.send("put", path, url=at, headers=bearer, json=whole)
    tour.caller.send("delete", path, url=at, headers=bearer)
    tour.caller.send("get", path, url=at, headers=bearer, refused=401)
    tour.caller.send("post", "/op/register", json={"redirect_uris": []}, refused=400)
