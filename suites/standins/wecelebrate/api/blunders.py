"""Mistakes in an error's answer: another status, or more than anybody should read."""

import asyncio

from suites.standins.kit.replica import Replica

OF_ANOTHER = "this belongs to another tenant"
"""How a refusal of another tenant's thing is worded."""
ORACLE_SECONDS = 0.25
CRASHES = {
    "malformed_json": "malformed_json_500",
    "validation_failed": "wrong_type_500",
    "too_large": "oversized_500",
}
"""An error's code → the fault by which it becomes a 500."""
LEAKS = {
    "error_leaks_trace": (
        'Traceback (most recent call last):\n  File "/srv/app/server.py", line 42, in handle\n'
        "    order = orders[key]\nKeyError: key"
    ),
    "error_leaks_query": (
        'psycopg.errors.SyntaxError: syntax error at or near "and"\n'
        "SELECT id, client_id, encrypted_password FROM auth.users WHERE id = $1 and"
    ),
    "error_leaks_path": "not found by /home/deploy/wecelebrate/supabase/functions/server/index.ts",
}
"""Fault → what every error of a route says besides."""
LEAKS_OF = {
    "forbidden": ("refusals_leak_trace", LEAKS["error_leaks_trace"]),
    "validation_failed": ("validation_leaks_query", LEAKS["error_leaks_query"]),
}
"""An error's code → the fault by which errors of this one kind say besides what all others keep."""


async def mistaken(replica: Replica, code: str, message: str) -> tuple[int, str, str] | None:
    """Return status, code and message of the wrong answer that a fault gives instead."""
    if code in CRASHES and replica.fault(CRASHES[code]):
        return 500, "internal_error", "something went wrong"
    if message == OF_ANOTHER:
        if replica.fault("tenant_oracle_timing"):
            await asyncio.sleep(ORACLE_SECONDS)
        if replica.fault("tenant_404_instead_of_403"):
            return 404, "not_found", "there is no such thing"
    return None


def leaked(replica: Replica, path: str, code: str) -> dict[str, str]:
    """Return what an error says too much."""
    details = [text for name, text in LEAKS.items() if replica.fault(name)]
    details += leaked_by(replica, code)
    if replica.fault("error_leaks_secret"):
        details.append(f"called {path} with {replica.settings['service_key']}")
    return {"detail": "\n".join(details)} if details else {}


def leaked_by(replica: Replica, code: str) -> list[str]:
    """Return what errors with this code alone say too much."""
    name, text = LEAKS_OF.get(code, ("", ""))
    return [text] if name and replica.fault(name) else []
