"""Notes over HTTP, by the standard library's server. Faults come in the variable NOTES_FAULTS."""

import json
import re
import secrets
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt

from tests.apps.notes.store import OWNER, Note, Person, Store

DOCUMENT = Path(__file__).with_name("openapi.json")
LIFETIME = 900
MAX_BODY = 20_000
FAULTS = {
    "notes_public": "GET /notes needs no token",
    "head_public": "HEAD needs no token",
    "signature_ignored": "a token's signature is not verified",
    "alg_none_accepted": "a token with alg none is accepted",
    "expired_accepted": "an expired token is accepted",
    "note_of_others": "another team's note is shown by its id",
    "comments_of_others": "the comments on another team's note are shown",
    "list_of_all": "the list holds every team's notes",
    "search_of_all": "the search finds every team's notes",
    "change_of_others": "another team's note can be changed",
    "removal_of_others": "another team's note can be removed",
    "write_for_others": "team_id in the body writes a note for that team",
    "people_open": "the list of people is open to members",
    "people_closed": "the list of people is closed to owners",
    "errors_with_trace": "malformed JSON gets 500 with a stack trace",
}
"""Fault → what it breaks."""


class Problem(Exception):  # noqa: N818 - RFC 9457 calls it so
    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


@dataclass(frozen=True, slots=True)
class Call:
    """A request that has been let in."""

    app: "App"
    person: Person
    match: re.Match[str]
    query: dict[str, list[str]]
    body: bytes

    def fault(self, name: str) -> bool:
        return name in self.app.faults

    def content(self) -> dict[str, Any]:
        try:
            content = json.loads(self.body)
        except ValueError:
            if self.fault("errors_with_trace"):
                raise Problem(500, traceback.format_exc()) from None
            raise Problem(400, "the body is not JSON") from None
        if not isinstance(content, dict):
            raise Problem(422, "the body is no object")
        return content

    def note(self, open_by: str) -> Note:
        """The note the path names; another team's is as unknown as nobody's."""
        note = self.app.store.notes.get(int(self.match["id"]))
        if note is None or (note.team_id != self.person.team_id and not self.fault(open_by)):
            raise Problem(404, "no such note")
        return note


@dataclass(frozen=True, slots=True)
class App:
    faults: frozenset[str] = frozenset()
    store: Store = field(default_factory=Store)
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    def token(self, person: Person) -> str:
        now = int(time.time())
        claims = {"sub": str(person.id), "team": person.team_id, "role": person.role}
        return jwt.encode({**claims, "iat": now, "exp": now + LIFETIME}, self.secret, algorithm="HS256")

    def bearer(self, authorization: str) -> Person:
        scheme, _, token = authorization.partition(" ")
        try:
            algorithm = jwt.get_unverified_header(token).get("alg")
            is_believed = "signature_ignored" in self.faults or (
                algorithm == "none" and "alg_none_accepted" in self.faults
            )
            claims = jwt.decode(
                token,
                self.secret,
                algorithms=["HS256"],
                options={
                    "require": ["exp", "sub"],
                    "verify_signature": not is_believed,
                    "verify_exp": "expired_accepted" not in self.faults,
                },
            )
        except jwt.InvalidTokenError as error:
            raise Problem(401, "log in first") from error
        person = next((p for p in self.store.people if str(p.id) == claims["sub"]), None)
        if scheme.lower() != "bearer" or person is None:
            raise Problem(401, "log in first")
        return person

    def answer(self, method: str, target: str, authorization: str, body: bytes) -> tuple[int, object]:
        url = urlsplit(target)
        if (method, url.path) in PUBLIC:
            return PUBLIC[method, url.path](self, body)
        is_open = (method == "HEAD" and "head_public" in self.faults) or (
            (method, url.path) == ("GET", "/notes") and "notes_public" in self.faults
        )
        person = self.store.people[0] if is_open and not authorization else self.bearer(authorization)
        known = [(verb, match, act) for verb, path, act in ROUTES if (match := path.fullmatch(url.path))]
        if not known:
            raise Problem(404, "no such route")
        asked = "GET" if method == "HEAD" else method
        for verb, match, act in known:
            if verb == asked:
                return act(Call(self, person, match, parse_qs(url.query), body))
        raise Problem(405, "no such method here")


def _log_in(app: App, body: bytes) -> tuple[int, object]:
    try:
        given = json.loads(body)
        email, password = given["email"], given["password"]
    except (KeyError, TypeError, ValueError):
        raise Problem(400, "email and password are needed") from None
    person = app.store.person(str(email), str(password))
    if person is None:
        raise Problem(401, "wrong email or password")
    return 200, {"token": app.token(person), "expires_in": LIFETIME}


def _document(_app: App, _body: bytes) -> tuple[int, object]:
    return 200, json.loads(DOCUMENT.read_text(encoding="utf-8"))


PUBLIC: dict[tuple[str, str], Callable[[App, bytes], tuple[int, object]]] = {
    ("GET", "/health"): lambda _app, _body: (200, {"status": "up"}),
    ("GET", "/openapi.json"): _document,
    ("POST", "/login"): _log_in,
}


def _list(call: Call) -> tuple[int, object]:
    wanted = call.query.get("q", [""])[0].lower()
    is_open = call.fault("list_of_all") or (wanted and call.fault("search_of_all"))
    seen = [n for n in call.app.store.notes.values() if is_open or n.team_id == call.person.team_id]
    return 200, {"notes": [note.shown() for note in seen if wanted in note.title.lower()]}


def _write(call: Call) -> tuple[int, object]:
    content = call.content()
    title, text = _texts(content)
    team = call.person.team_id
    if content.get("team_id", team) != team:
        if not call.fault("write_for_others") or not isinstance(content["team_id"], int):
            raise Problem(403, "that is not your team")
        team = content["team_id"]
    return 201, call.app.store.write(team, call.person.id, title, text).shown()


def _show(call: Call) -> tuple[int, object]:
    return 200, call.note("note_of_others").shown()


def _change(call: Call) -> tuple[int, object]:
    note = call.note("change_of_others")
    note.title, note.text = _texts(call.content())
    return 200, note.shown()


def _remove(call: Call) -> tuple[int, object]:
    call.app.store.remove(call.note("removal_of_others"))
    return 204, None


def _comments(call: Call) -> tuple[int, object]:
    return 200, {"comments": call.note("comments_of_others").comments}


def _people(call: Call) -> tuple[int, object]:
    is_owner = call.person.role == OWNER
    if call.fault("people_closed") if is_owner else not call.fault("people_open"):
        raise Problem(403, "this is for the team's owner")
    return 200, {"people": [p.shown() for p in call.app.store.people if p.team_id == call.person.team_id]}


def _me(call: Call) -> tuple[int, object]:
    return 200, call.person.shown()


def _texts(content: dict[str, Any]) -> tuple[str, str]:
    title, text = content.get("title"), content.get("text", "")
    if not isinstance(title, str) or not 1 <= len(title) <= 100 or not isinstance(text, str):
        raise Problem(422, "title is a text of 1 to 100 characters, text is a text")
    return title, text


_NOTE = r"/notes/(?P<id>[0-9]{1,9})"
ROUTES: list[tuple[str, re.Pattern[str], Callable[[Call], tuple[int, object]]]] = [
    ("GET", re.compile("/me"), _me),
    ("GET", re.compile("/people"), _people),
    ("GET", re.compile("/notes"), _list),
    ("POST", re.compile("/notes"), _write),
    ("GET", re.compile(_NOTE), _show),
    ("PUT", re.compile(_NOTE), _change),
    ("DELETE", re.compile(_NOTE), _remove),
    ("GET", re.compile(f"{_NOTE}/comments"), _comments),
]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    app: App

    def _answer(self) -> None:
        length = self.headers.get("content-length", "0")
        is_fine = length.isdigit() and int(length) <= MAX_BODY
        body = self.rfile.read(int(length)) if is_fine else b""
        self.close_connection = self.close_connection or not is_fine
        try:
            if not is_fine:
                raise Problem(413, "the body is too large")
            given = self.headers.get("authorization", "")
            status, content = self.app.answer(self.command, self.path, given, body)
            self._send(status, "application/json", content)
        except Problem as problem:
            title = HTTPStatus(problem.status).phrase
            content = {"title": title, "status": problem.status, "detail": str(problem)}
            self._send(problem.status, "application/problem+json", content)

    def _send(self, status: int, kind: str, content: object) -> None:
        body = b"" if content is None else json.dumps(content).encode()
        self.send_response_only(status)
        if status == HTTPStatus.UNAUTHORIZED:
            self.send_header("www-authenticate", "Bearer")
        if status != HTTPStatus.NO_CONTENT:
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
        self.send_header("x-content-type-options", "nosniff")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Keep quiet."""

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _answer  # noqa: N815 - the names that http.server looks for


def serve(app: App, port: int = 0) -> ThreadingHTTPServer:
    """Listen on 127.0.0.1; the caller runs `serve_forever`."""
    unknown = app.faults - set(FAULTS)
    if unknown:
        raise LookupError(f"no such fault: {', '.join(sorted(unknown))}")
    return ThreadingHTTPServer(("127.0.0.1", port), type("NotesHandler", (Handler,), {"app": app}))
