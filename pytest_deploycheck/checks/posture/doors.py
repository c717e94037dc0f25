"""Paths that should be closed, what shows that one is not, and what only looks like it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pytest_deploycheck.model.check import Severity, Weakness
from pytest_deploycheck.model.evidence import Reply

NOWHERE = "/deploycheck-there-is-no-such-page"
"""Shows what the deployment answers to anything: many serve one page for every path."""

_LOGIN = re.compile(r"(?i)log-?in|sign-?in|auth|sso")


@dataclass(frozen=True, slots=True)
class Group:
    """Paths of one sort, each with what its content looks like, or "" where nobody can tell."""

    title: str
    paths: Mapping[str, str]
    weakness: Weakness
    hint: str


GROUPS = {
    "files": Group(
        "no file of the release or its history is served",
        {
            "/.env": r"(?m)^\s*[A-Z][A-Z0-9_]*=",
            "/.env.production": r"(?m)^\s*[A-Z][A-Z0-9_]*=",
            "/.git/HEAD": r"^ref: |^[0-9a-f]{40}\s*$",
            "/.git/config": r"\[core\]",
            "/backup.sql": r"(?i)create table|insert into|copy \w+",
        },
        Weakness(Severity.CRITICAL, "CWE-538", "API8:2023"),
        "serve only the folder that is meant to be; change every secret that was readable",
    ),
    "debug": Group(
        "no debug page is open",
        {
            "/debug": "",
            "/debug/pprof/": r"goroutine|pprof",
            "/actuator": r"\"_links\"",
            "/actuator/env": r"\"propertySources\"",
            "/console": r"(?i)console",
            "/phpinfo.php": r"phpinfo\(\)",
            "/server-status": r"Server Status|Server uptime",
            "/_profiler": r"(?i)profiler",
        },
        Weakness(Severity.HIGH, "CWE-489", "API8:2023"),
        "take debug routes out of the production build, or close them at the proxy",
    ),
    "metrics": Group(
        "no metrics are open",
        {
            "/metrics": r"(?m)^# (?:HELP|TYPE) ",
            "/actuator/prometheus": r"(?m)^# (?:HELP|TYPE) ",
            "/stats": "",
        },
        Weakness(Severity.MEDIUM, "CWE-497", "API8:2023"),
        "serve metrics on a port that only the collector reaches, or ask for a credential",
    ),
}
"""By the name that a contract leaves one out with."""


def opened(sign: str, reply: Reply, nowhere: Reply | None) -> str | None:
    """Why a path is open, or None."""
    if not reply.ok:
        return None
    if sign and re.search(sign, reply.text) and (nowhere is None or reply.body != nowhere.body):
        return f"got {reply.status}, with the content that belongs there"
    if nowhere is None or (
        nowhere.ok and (reply.body == nowhere.body or _is_page(reply) == _is_page(nowhere))
    ):
        return None
    return f"got {reply.status}, where a path that can't exist gets {nowhere.status}"


def undecided(sign: str, reply: Reply, nowhere: Reply) -> str | None:
    """Why nobody can tell whether a path that is not `opened` is closed, or None."""
    if reply.status >= 500:
        return f"got {reply.status}: something is there"
    if reply.ok and not sign and reply.body != nowhere.body:
        return f"got {reply.status}, as a path that can't exist does, but another page"
    if 300 <= reply.status < 400 and reply.status != nowhere.status:
        where = reply.header("location") or "nowhere"
        return None if _LOGIN.search(where) else f"got {reply.status}, to {where}"
    return None


def _is_page(reply: Reply) -> bool:
    return "html" in (reply.header("content-type") or "").lower()
