"""What an answer must not tell: where the code is, what it asked the database, a secret."""

import re
from collections.abc import Iterator

from pytest_deploycheck.checks.language.claims import claims_of
from pytest_deploycheck.checks.language.shown import short
from pytest_deploycheck.model.secret import Secret

Secrets = tuple[tuple[str, Secret], ...]

_SHORTEST = 8
"""Characters. A shorter value of a variable may stand in a page by chance."""
_PUBLIC_ROLES = frozenset({"anon"})
"""Roles of keys that are made to be published (Supabase, "API keys")."""

_TRACES = (
    r"Traceback \(most recent call last\)",
    r"\bFile \\?\"[^\"\n]+\\?\", line \d+",
    r"\bat (?:async )?(?:[\w$.<>\[\] ]+ \()?(?:file://|node:|webpack|ext:|/|[A-Z]:\\)[^\s()]*:\d+:\d+\)?",
    r"\bat [\w.$]+\([\w$]+\.(?:java|kt|scala):\d+\)",
    r"\bin [A-Z]:\\[^\n]*:line \d+",
    r"\.rb:\d+:in [`']",
    r"\bStack trace:\s*(?:<br ?/?>)?\s*(?:\\n)?#0",
    r"\.php(?:</b>)? on line (?:<b>)?\d+",
    r"\bgoroutine \d+ \[",
    r"thread '[^']*' panicked at",
)
_DEBUG_PAGES = (
    r"Werkzeug Debugger|The debugger caught an exception",
    r"<code>DEBUG = True</code>|Using the URLconf defined in",
    r"Rails\.root:|ActionController::RoutingError",
    r"Whoops, looks like something went wrong|Symfony Exception|\bIgnition\b.*Laravel",
    r"Server Error in '[^']*' Application",
    r"<title>phpinfo\(\)",
)
_SQL = (
    r"syntax error at or near",
    r"You have an error in your SQL syntax",
    r"\bSQLSTATE\b|\bORA-\d{5}\b|\bPG::\w+|\bpsycopg2?\.|\bsqlite3\.\w+Error",
    r"\brelation \\?\"[^\"\n]+\" does not exist|\bcolumn \\?\"?[\w.]+\\?\"? does not exist",
    r"violates (?:unique|foreign key|not-null|check|row-level security) ?(?:constraint|policy)?",
    r"\bSELECT\b[^\n]{1,200}\bFROM\s+[\w\".]+|\bINSERT INTO\s+[\w\".]+\s*\(|\bUPDATE\s+[\w\".]+\s+SET\b"
    r"|\bDELETE FROM\s+[\w\".]+",
)
_CODE = "py|js|mjs|cjs|ts|tsx|rb|php|java|kt|go|rs|cs|ex|jar|so|env|sql|log|conf|ini|toml"
_PATHS = (
    rf"(?<![\w.:/])/(?:[\w.@-]+/)+[\w.@-]+\.(?:{_CODE})\b",
    rf"\b[A-Z]:\\(?:[\w .@-]+\\)+[\w.@-]+\.(?:{_CODE})\b",
    r"\bnode_modules/[\w@.-]+|\bsite-packages/\w+",
)
_SIGNS = {
    "a stack trace": re.compile("|".join(_TRACES)),
    "a debug page": re.compile("|".join(_DEBUG_PAGES)),
    "SQL": re.compile("|".join(_SQL)),
    "the path of a file": re.compile("|".join(_PATHS)),
}
_TOKENS = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a secret key of Stripe": re.compile(r"\b[sr]k_(?:live|test)_\w{10,}"),
    "a webhook secret": re.compile(r"\bwhsec_[A-Za-z0-9+/]{16,}"),
    "a key of AWS": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a token of GitHub": re.compile(r"\bgh[pousr]_\w{30,}|\bgithub_pat_\w{30,}"),
    "a token of Slack": re.compile(r"\bxox[abprs]-[\w-]{10,}"),
    "a secret key of Supabase": re.compile(r"\bsb_secret_\w{10,}"),
    "the password of a database": re.compile(
        r"\b(?:postgres(?:ql)?|mysql|mongodb(?:\+srv)?|rediss?|amqps?)://[^\s:/@'\"]*:[^\s@/'\"]+@"
    ),
}
_JWT = re.compile(r"\beyJ[\w-]{5,}\.eyJ[\w-]{5,}\.[\w-]*")


def signs_of_code(text: str) -> Iterator[str]:
    """What a page tells about the code behind it, with the place quoted."""
    for what, pattern in _SIGNS.items():
        if found := pattern.search(text):
            yield f"{what}: {short(found[0])}"


def secrets_in(text: str, known: Secrets = ()) -> Iterator[str]:
    """Which secrets a page holds, by name only."""
    for what, pattern in _TOKENS.items():
        if pattern.search(text):
            yield what
    for found in dict.fromkeys(_JWT.findall(text)):
        role = _role(found)
        if role not in _PUBLIC_ROLES:
            yield f"a token (JWT{f', role {role}' if role else ''})"
    for name, secret in known:
        value = secret.reveal()
        if len(value) >= _SHORTEST and value in text and _role(value) not in _PUBLIC_ROLES:
            yield f"the value of {name}"


def _role(token: str) -> str:
    """The role that a JWT names, or nothing."""
    role = (claims_of(token) or {}).get("role")
    return role if isinstance(role, str) else ""
