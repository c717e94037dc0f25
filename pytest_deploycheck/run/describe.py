"""Probes and evidence as short redacted text, for people who must act on it."""

from collections.abc import Callable
from typing import Any

from pytest_deploycheck.model.evidence import (
    Addresses,
    Agreed,
    Answers,
    Certificate,
    Claims,
    Contents,
    Declined,
    Distrusted,
    Evidence,
    Files,
    Mark,
    Paused,
    Refused,
    Reply,
    Rows,
    Scanned,
    Silence,
    Values,
    Withheld,
)
from pytest_deploycheck.model.load import LoadRun
from pytest_deploycheck.model.loaded import Loaded
from pytest_deploycheck.model.many import many
from pytest_deploycheck.model.names import ANONYMOUS
from pytest_deploycheck.model.probe import (
    Document,
    Downgrade,
    FileScan,
    Folder,
    Handshake,
    HttpRequest,
    Inspect,
    Lookup,
    NewMark,
    Pause,
    Pgrls,
    Probe,
    Query,
    Snapshot,
    Transaction,
    Variables,
)
from pytest_deploycheck.model.run import Exchange
from pytest_deploycheck.run.describe_load import load_asked, load_got
from pytest_deploycheck.safety.redact import Redactor

SHOWN = 240
"""Characters of a body that are shown."""

HEADERS_SHOWN = frozenset(
    {"content-type", "location", "retry-after", "www-authenticate", "server", "access-control-allow-origin"}
)
"""Reply headers that help to see what answered."""

_SILENT = (NewMark, Pause)
"""Probes that say nothing about the deployment."""


def exchange(probe: Probe, evidence: Evidence, redactor: Redactor) -> Exchange | None:
    """Return probe and evidence as text, or None where there is nothing to tell."""
    if isinstance(probe, _SILENT):
        return None
    purpose = (
        probe.purpose
        if isinstance(probe, HttpRequest | Query | Transaction)
        else type(probe).__name__.lower()
    )
    return Exchange(purpose, redactor.clean_evidence(asked(probe)), redactor.clean_evidence(got(evidence)))


def asked(probe: Probe) -> str:
    """What was asked, on one line; a request's body on the next."""
    for kind, words in _ASKED:
        if isinstance(probe, kind):
            return words(probe)
    return type(probe).__name__


def got(evidence: Evidence) -> str:
    """What came back, on one line; a reply's body on the next."""
    for kind, words in _GOT:
        if isinstance(evidence, kind):
            return words(evidence)
    return str(evidence)


def _request(request: HttpRequest) -> str:
    who = "" if request.identity == ANONYMOUS else f" as {request.identity}"
    who += f" from {request.source}" if request.source else ""
    sent = "".join(f"\n{name}: {value}" for name, value in request.headers if name.lower() != "content-type")
    body = f"\n{_cut(request.body.decode('utf-8', 'replace'))}" if request.body else ""
    return f"{request.method} {request.base or ''}{request.target}{who}{sent}{body}"


def _reply(reply: Reply) -> str:
    headers = "".join(f"\n{name}: {value}" for name, value in reply.headers if name in HEADERS_SHOWN)
    body = f"\n{_cut(reply.text)}" if reply.body else " (empty body)"
    when = "as before" if reply.again else f"in {reply.elapsed * 1000:.0f} ms"
    return f"{reply.status} {when}{headers}{body}"


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}... ({len(text)} characters)"


_ASKED: tuple[tuple[type[Any], Callable[[Any], str]], ...] = (
    (HttpRequest, _request),
    (Query, lambda p: " ".join(p.sql.split())),
    (
        Transaction,
        lambda p: f"{many(len(p.statements), 'statement')}{f' as {p.role}' if p.role else ''}",
    ),
    (Snapshot, lambda _: "catalog"),
    (Handshake, lambda p: f"TLS handshake with {p.host}:{p.port}"),
    (Downgrade, lambda p: f"TLS hello to {p.host}:{p.port}, {p.protocol} at most"),
    (Lookup, lambda p: f"address of {p.host}"),
    (Inspect, lambda p: f"claims of the token of {p.identity}"),
    (Variables, lambda p: f"variables {', '.join(p.names)}"),
    (FileScan, lambda p: f"files below {p.root}"),
    (Pgrls, lambda p: f"pgrls lint --schemas {','.join(p.schemas)}"),
    (Document, lambda p: f"file {p.path}"),
    (Folder, lambda p: f"files below {p.root}"),
    (LoadRun, load_asked),
)

_GOT: tuple[tuple[type[Any], Callable[[Any], str]], ...] = (
    (Loaded, load_got),
    (Reply, _reply),
    (Silence, lambda e: f"no answer: {e.reason}"),
    (Withheld, lambda e: e.reason),
    (Rows, lambda e: f"{many(len(e.rows), 'row')}: {_cut(repr(e.rows))}"),
    (
        Answers,
        lambda e: (
            f"{many(len(e.answers), 'answer')}, {sum(isinstance(a, Refused) for a in e.answers)} refused"
        ),
    ),
    (
        Certificate,
        lambda e: f"{e.protocol}, for {', '.join(e.subject_names)}, {many(round(e.days_left), 'day')} left",
    ),
    (Distrusted, lambda e: f"refused: {e.reason}"),
    (Agreed, lambda e: f"taken: {e.protocol}"),
    (Declined, lambda e: f"declined: {e.reason}"),
    (Addresses, lambda e: ", ".join(e.addresses)),
    (Claims, lambda e: f"claims {', '.join(sorted(e.claims))}"),
    (Values, lambda e: ", ".join(f"{n} {'unset' if v is None else 'set'}" for n, v in e.values.items())),
    (Scanned, lambda e: f"{many(e.files, 'file')} read"),
    (Contents, lambda e: f"{many(len(e.text), 'character')}"),
    (Files, lambda e: f"{many(len(e.texts), 'file')}"),
    (Mark, lambda e: e.text),
    (Paused, lambda e: f"{e.seconds:.1f} s"),
)
