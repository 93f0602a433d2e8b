"""Which issuer an operation of the document belongs to."""

import bankid
from served import PREFIXES


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
