"""The headers that guard a browser, and the mistakes that leave them out or add what they shouldn't."""

from suites.standins.kit.replica import Replica

SECURITY = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
}
LEFT_OUT = {
    "nosniff_missing": ("x-content-type-options",),
    "framing_allowed": ("x-frame-options", "content-security-policy"),
    "hsts_missing": ("strict-transport-security",),
    "referrer_policy_missing": ("referrer-policy",),
}
"""Fault, but for `_on_success` or `_on_errors` → the headers it leaves out."""
ADDED = {
    "hsts_short": {"strict-transport-security": "max-age=300"},
    "server_banner": {"server": "nginx/1.18.0 (Ubuntu)"},
    "powered_by_banner": {"x-powered-by": "Express"},
}
FIRST_ERROR = 400


def security_headers(replica: Replica, status: int) -> dict[str, str]:
    """Return the headers for an answer with this status."""
    when = "on_success" if status < FIRST_ERROR else "on_errors"
    left_out = {n for f, names in LEFT_OUT.items() if replica.fault(f"{f}_{when}") for n in names}
    if replica.odd_fault("nosniff_missing_one_replica"):
        left_out.add("x-content-type-options")
    headers = {name: value for name, value in SECURITY.items() if name not in left_out}
    for name, added in ADDED.items():
        if replica.fault(name):
            headers |= added
    return headers
