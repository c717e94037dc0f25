"""A login that must fail: the same request with another name or password."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from pytest_deploycheck.model.identity import Login
from pytest_deploycheck.model.probe import HttpRequest


def fields_of(login: Login) -> dict[str, Any]:
    """The fields of a login's body: a JSON object, or a form. Empty if it is neither."""
    text = (login.body or b"").decode("utf-8", "replace")
    try:
        document = json.loads(text)
    except ValueError:
        return dict(parse_qsl(text))
    return document if isinstance(document, dict) else {}


def attempt(login: Login, changed: dict[str, str], purpose: str) -> HttpRequest:
    """The login with some of its fields changed, sent as it would be."""
    fields = {**fields_of(login), **changed}
    is_json = (login.body or b"").lstrip().startswith(b"{")
    body = json.dumps(fields) if is_json else urlencode(fields)
    request = HttpRequest(method=login.method, target=login.target, headers=login.headers, purpose=purpose)
    return replace(request, body=body.encode())
