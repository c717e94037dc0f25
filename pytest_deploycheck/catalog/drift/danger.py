"""How bad a difference is, and why: what opens data first, then what breaks, then what is only different."""

from collections.abc import Mapping
from dataclasses import dataclass

from pytest_deploycheck.catalog.drift.diff import ORDER, Difference, What
from pytest_deploycheck.catalog.drift.grammar import (
    GRANT,
    INDEX,
    POLICY,
    RELATIONS,
    ROLE,
    TABLE,
)
from pytest_deploycheck.catalog.drift.naming import EVERYBODY
from pytest_deploycheck.model.check import Severity

CRITICAL, HIGH, MEDIUM, LOW = Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW
UNKNOWN_CALLERS = frozenset({EVERYBODY, "anon", "web_anon"})
"""Whom anybody is without a login, as Supabase and PostgREST call it."""


@dataclass(frozen=True, slots=True)
class Danger:
    """How bad, and what it means for those who run the deployment."""

    severity: Severity
    why: str


_POLICY = Danger(CRITICAL, "it decides who sees and writes which rows")
_BYPASS = Danger(CRITICAL, "whoever is or becomes this role passes row-level security by")
_BODY = Danger(HIGH, "it does something else than what was released")
_CONSTRAINT = Danger(HIGH, "rows that break the rule can be written")
_COLUMN = Danger(MEDIUM, "writes and reads of the release may fail or mean something else")
_REPLICATED = Danger(HIGH, "other rows or columns leave the database")
_REWRITTEN = Danger(HIGH, "statements do something else, with the rights of the table's owner")
_TABLES = {kind.name for kind in RELATIONS.values()}
_ANY = "*"
_RELATION = "relation"

_SWITCHED: Mapping[tuple[str, str, bool], Danger] = {
    (_RELATION, "row_security", False): Danger(CRITICAL, "every row is open to whoever may select"),
    (_RELATION, "row_security", True): Danger(HIGH, "rows without a policy are closed to the application"),
    (_RELATION, "forced", False): Danger(HIGH, "the owner passes row-level security by"),
    (_RELATION, "security_invoker", False): Danger(CRITICAL, "the view reads with its owner's rights"),
    ("function", "security_definer", True): Danger(CRITICAL, "it acts with its owner's rights"),
    ("function", "security_definer", False): Danger(HIGH, "who calls it may lack the rights that it needs"),
    ("role", "superuser", True): _BYPASS,
    ("role", "bypass_rls", True): _BYPASS,
    ("bucket", "public", True): Danger(CRITICAL, "anybody reads its objects"),
}
"""Kind, property, what it is now."""
_CHANGED: Mapping[tuple[str, str], Danger] = {
    ("policy", _ANY): _POLICY,
    (_RELATION, "security_barrier"): Danger(HIGH, "functions in a query may see rows that the view hides"),
    (_RELATION, "persistence"): Danger(HIGH, "an unlogged table is empty after a crash, and on replicas"),
    (_RELATION, "not_populated"): Danger(HIGH, "reading it fails until it is refreshed"),
    (_RELATION, "definition"): Danger(HIGH, "it shows other rows or columns than what was released"),
    (_RELATION, "partition_bound"): Danger(HIGH, "rows belong elsewhere, or nowhere"),
    (_RELATION, "partition_key"): Danger(HIGH, "rows belong elsewhere, or nowhere"),
    (_RELATION, "partition_of"): Danger(HIGH, "its rows are no longer, or newly, those of the whole"),
    (_RELATION, "owner"): Danger(MEDIUM, "row-level security does not hold for an owner unless forced"),
    (_RELATION, "replica_identity"): Danger(MEDIUM, "replicas and change feeds are told something else"),
    (_RELATION, ORDER): Danger(LOW, "only statements that name no columns notice"),
    (_RELATION, _ANY): Danger(LOW, ""),
    ("column", _ANY): _COLUMN,
    ("constraint", "not_validated"): Danger(HIGH, "rows that were there before may break the rule"),
    ("constraint", _ANY): _CONSTRAINT,
    ("index", "invalid"): Danger(HIGH, "queries do not use it, and a unique one does not hold"),
    ("index", "not_ready"): Danger(HIGH, "it is not kept up with what is written"),
    ("index", _ANY): Danger(MEDIUM, "queries may be slow, or uniqueness other than released"),
    ("rule", _ANY): _REWRITTEN,
    ("privileges", _ANY): Danger(MEDIUM, "an owner may do everything with it"),
    ("subscription", _ANY): Danger(HIGH, "rows come from elsewhere, or no longer do"),
    ("trigger", _ANY): Danger(HIGH, "what it keeps right on every write is no longer kept"),
    ("function", "settings"): Danger(HIGH, "without a fixed search_path others may put their objects before"),
    ("function", "owner"): Danger(HIGH, "a security-definer function acts with its owner's rights"),
    ("function", "volatility"): Danger(MEDIUM, "the planner may call it more or less often"),
    ("function", _ANY): _BODY,
    ("role", _ANY): Danger(HIGH, "it may do more, or less, than was released"),
    ("membership", _ANY): Danger(HIGH, "the role may act with other rights"),
    ("bucket", _ANY): Danger(MEDIUM, "other uploads are taken"),
    ("publication", _ANY): _REPLICATED,
    ("published table", _ANY): _REPLICATED,
    ("event trigger", _ANY): Danger(HIGH, "what it keeps right on every change of the schema is not kept"),
    ("setting", _ANY): Danger(MEDIUM, "sessions start with other limits or another search_path"),
    ("sequence", "owner"): Danger(LOW, ""),
    ("sequence", _ANY): Danger(MEDIUM, "numbers may collide, or run out"),
    ("type", _ANY): Danger(MEDIUM, "values of the release are refused, or others taken"),
    ("schema", _ANY): Danger(MEDIUM, "an owner may change everything in it"),
    ("extension", _ANY): Danger(LOW, ""),
}
_MISSING: Mapping[str, Danger] = {
    "policy": Danger(HIGH, "rows that it opened are closed to the application"),
    "grant": Danger(MEDIUM, "the application is refused"),
    "constraint": _CONSTRAINT,
    "index": Danger(MEDIUM, "queries that it served read the whole table"),
    "trigger": Danger(HIGH, "what it keeps right on every write is no longer kept"),
    "function": Danger(HIGH, "who calls it fails"),
    "rule": _REWRITTEN,
    "column": Danger(HIGH, "statements of the release that name it fail"),
    "membership": Danger(HIGH, "the role lacks rights that it needs"),
    "setting": Danger(MEDIUM, "sessions start without this limit or search_path"),
    "default privileges": Danger(HIGH, "what is created next is granted to others than released"),
    "sequence": Danger(HIGH, "defaults that draw from it fail"),
    "extension": Danger(HIGH, "functions and types of it are missing"),
    "event trigger": Danger(HIGH, "what it keeps right on every change of the schema is not kept"),
    "publication": Danger(HIGH, "subscribers and change feeds get nothing"),
    "published table": Danger(HIGH, "subscribers and change feeds miss it"),
    _ANY: Danger(HIGH, "statements of the release that name it fail"),
}
_EXTRA: Mapping[str, Danger] = {
    "policy": Danger(CRITICAL, "permissive policies add up: it opens more rows"),
    "grant": Danger(HIGH, "a role may do what was not released"),
    "constraint": Danger(MEDIUM, "writes of the release may be refused"),
    "trigger": Danger(HIGH, "it acts on every write, and was not released"),
    "rule": _REWRITTEN,
    "privileges": Danger(HIGH, "a role may do what was not released"),
    "subscription": Danger(HIGH, "rows are written that nobody released"),
    "function": Danger(HIGH, "it was not released, and functions are open to PUBLIC unless revoked"),
    "view": Danger(HIGH, "a view shows what its owner may see, unless security_invoker is on"),
    "materialized view": Danger(HIGH, "row-level security does not hold for it"),
    "foreign table": Danger(HIGH, "row-level security does not hold for it"),
    "membership": Danger(CRITICAL, "the role may act with rights that were not released"),
    "default privileges": Danger(HIGH, "what is created next is granted to others than released"),
    "publication": Danger(HIGH, "rows leave the database"),
    "published table": _REPLICATED,
    "event trigger": Danger(HIGH, "it acts on every change of the schema, and was not released"),
    "column": Danger(MEDIUM, "inserts may fail without it, and reads show more"),
    "table": Danger(MEDIUM, "nobody released it: look at its rows, grants and policies"),
    "schema": Danger(MEDIUM, "nobody released it"),
    "setting": Danger(MEDIUM, "sessions start with another limit or search_path"),
    "bucket": Danger(MEDIUM, "nobody released it"),
    "role": Danger(MEDIUM, "nobody released it"),
    _ANY: Danger(LOW, ""),
}


def danger(difference: Difference) -> Danger:
    """Return how bad a difference is."""
    if difference.what is What.CHANGED:
        return _of_change(difference)
    table, special = (_MISSING, _lost) if difference.what is What.MISSING else (_EXTRA, _gained)
    return special(difference) or table.get(difference.at.kind.name) or table[_ANY]


def _of_change(difference: Difference) -> Danger:
    name = _RELATION if difference.at.kind.name in _TABLES else difference.at.kind.name
    switched = _SWITCHED.get((name, difference.property, bool(difference.found)))
    return switched or _CHANGED.get((name, difference.property)) or _CHANGED[name, _ANY]


def _lost(difference: Difference) -> Danger | None:
    kind, entry = difference.at.kind, difference.entry
    if kind is POLICY and entry.value("restrictive"):
        return Danger(CRITICAL, "it held back rows that other policies open")
    if kind is INDEX and str(entry.value("definition")).startswith("CREATE UNIQUE"):
        return Danger(HIGH, "values that must be unique can be written twice")
    return None


def _gained(difference: Difference) -> Danger | None:
    at, entry = difference.at, difference.entry
    if at.kind is GRANT and at.name in UNKNOWN_CALLERS:
        return Danger(CRITICAL, "anybody may do it without a login")
    if at.kind is POLICY and entry.value("restrictive"):
        return Danger(HIGH, "it holds back rows from the application")
    if at.kind is ROLE and (entry.value("superuser") or entry.value("bypass_rls")):
        return _BYPASS
    if at.kind is TABLE and not entry.value("row_security"):
        return Danger(HIGH, "nobody released it, and it has no row-level security")
    return None
