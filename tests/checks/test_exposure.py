"""Doors that should be closed."""

import base64
import json

import pytest

from pytest_deploycheck.model.budget import Spend
from pytest_deploycheck.model.check import Check, Phase
from pytest_deploycheck.model.evidence import Evidence, Reply, Silence, Withheld
from pytest_deploycheck.model.kind import Misuse
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Outcome, Passed
from pytest_deploycheck.model.probe import HttpRequest
from pytest_deploycheck.model.secret import Secret
from pytest_deploycheck.testing import answer, asked
from tests.checks.contracts import context, declare, reply

EXPOSURE = "{control: /health, at: 'https://api.example/', closed: [/internal], runbook: WC-23}"
ALL = "{control: /health, graphql: /graphql, bundles: [/], public: [PUBLISHABLE]}"
FINE, NO = reply(200), reply(404)
NOWHERE = "/deploycheck-there-is-no-such-page"
METRICS = "# HELP requests_total\n# TYPE requests_total counter\nrequests_total 7"


def token(role: str) -> str:
    parts = ({"alg": "HS256"}, {"role": role})
    encoded = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return f"{'.'.join(encoded)}.c2lnbmF0dXJl"


SECRETS = (
    ("API_KEY", Secret("a-key-that-is-ours")),
    ("PUBLISHABLE", Secret("a-key-for-all")),
    ("ANON_KEY", Secret(token("anon"))),
)


def check(words: str, text: str = EXPOSURE) -> Check:
    (found,) = (one for one in declare("exposure", text, context(secrets=SECRETS)) if words in one.title)
    return found


def metrics(one: Evidence = NO, nowhere: Evidence = NO, live: Evidence = FINE) -> Outcome:
    return answer(check("metrics"), (live, nowhere, one, NO, NO))


def page(body: str, status: int = 200) -> Reply:
    return reply(status, body, 0.1, content_type="text/html; charset=utf-8")


def test_each_group_is_a_check_between_two_controls() -> None:
    checks = declare("exposure", EXPOSURE)

    assert [(one.title, one.spend.requests) for one in checks] == [
        ("exposure: no file of the release or its history is served", 7),
        ("exposure: no debug page is open", 10),
        ("exposure: no metrics are open", 5),
        ("exposure: the declared paths are closed", 3),
    ]
    assert asked(checks[3]) == (
        (
            HttpRequest(method="GET", target="/health", purpose="control"),
            HttpRequest(
                method="GET", target=NOWHERE, base="https://api.example", purpose="control: no such page"
            ),
            HttpRequest(method="GET", target="/internal", base="https://api.example"),
        ),
    )
    assert all(one.weakness and one.hint and one.runbook == ("WC-23",) for one in checks)
    for one in checks:
        closed = (NO,) * (one.spend.requests - 2)
        assert answer(one, (FINE, NO, *closed)) == Passed()


@pytest.mark.parametrize(
    "closed",
    [reply(401), reply(403), reply(405), reply(302, location="https://sso.example/login?next=/metrics")],
)
def test_a_door_may_be_closed_in_several_ways(closed: Reply) -> None:
    assert metrics(closed) == Passed()


def test_an_open_door_is_named() -> None:
    assert metrics(reply(200, METRICS)) == Failed(
        "GET /metrics: got 200, with the content that belongs there"
    )
    assert metrics(reply(200, "{}")) == Failed(
        "GET /metrics: got 200, where a path that can't exist gets 404"
    )
    assert answer(check("declared"), (FINE, NO, reply(200))) == Failed(
        "GET /internal: got 200, where a path that can't exist gets 404"
    )
    assert answer(
        check("file"), (FINE, NO, reply(200, "KEY=1"), NO, reply(200, "ref: refs/heads/main\n"), NO, NO)
    ) == Failed(
        "GET /.env: got 200, with the content that belongs there\n"
        "GET /.git/HEAD: got 200, with the content that belongs there"
    )


def test_an_open_door_is_a_fault_whatever_the_controls_say() -> None:
    failed = Failed("GET /metrics: got 200, with the content that belongs there")

    assert metrics(reply(200, METRICS), nowhere=Silence("refused")) == failed
    assert metrics(reply(200, METRICS), live=reply(503)) == failed


def test_one_page_for_every_path_is_no_open_door() -> None:
    app = page("<div id=app>")

    assert metrics(app, nowhere=app) == Passed()
    assert metrics(page("<div id=app data-path=/metrics>"), nowhere=app) == Passed()
    assert metrics(reply(200, METRICS), nowhere=app) == Failed(
        "GET /metrics: got 200, with the content that belongs there"
    )
    assert metrics(reply(200, "{}"), nowhere=app) == Failed(
        "GET /metrics: got 200, where a path that can't exist gets 200"
    )
    assert answer(check("declared"), (FINE, app, page("<h1>Jobs</h1>"))) == Inconclusive(
        "GET /internal: got 200, as a path that can't exist does, but another page"
    )


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        ((reply(503), NO, NO), "the control GET /health: got 503: all may be closed"),
        ((Silence("refused"), NO, NO), "the control GET /health: no answer: refused"),
        ((FINE, Withheld("budget spent"), NO), f"the control GET {NOWHERE}: not sent: budget spent"),
        ((FINE, NO, reply(429)), "GET /internal: rate limited (429)"),
        ((FINE, NO, reply(500)), "GET /internal: got 500: something is there"),
        ((FINE, NO, reply(301, location="/internal/")), "GET /internal: got 301, to /internal/"),
    ],
)
def test_without_clear_answers_nothing_is_closed(evidence: tuple[Evidence, ...], reason: str) -> None:
    assert answer(check("declared"), evidence) == Inconclusive(reason)


SCHEMA = reply(200, '{"data": {"__schema": {"queryType": {"name": "Query"}}}}')
NAMED = reply(200, '{"data": {"__typename": "Query"}}')
DENIED = reply(200, '{"errors": [{"message": "introspection is off"}]}')


def test_graphql_is_asked_for_its_schema() -> None:
    one = check("GraphQL", ALL)

    (probes,) = asked(one)
    assert [probe.body for probe in probes] == [  # type: ignore[union-attr]  # all of them are requests
        b'{"query": "{__schema{queryType{name}}}"}',
        b'{"query": "{__typename}"}',
    ]
    assert (one.spend, one.phase) == (Spend(requests=2), Phase.READ)
    assert answer(one, (DENIED, NAMED)) == Passed()
    assert answer(one, (reply(400), NAMED)) == Passed()
    assert answer(one, (SCHEMA, reply(404))) == Failed(
        "POST /graphql: {__schema} is answered with the schema"
    )
    assert answer(one, (NO, NO)) == Inconclusive(
        "the control POST /graphql: {__typename} got 404 and no data: a refusal proves nothing"
    )
    assert answer(one, (reply(429), NAMED)) == Inconclusive("POST /graphql: rate limited (429)")


PAGE = page(
    '<link rel=modulepreload href="/assets/a.js"><script type="module" src="/assets/app.js?v=1"></script>'
    '<script src="https://cdn.example/other.js"></script><script src="assets/a.js"></script>'
)
SCRIPT = reply(200, "console.log(1)", 0.1, content_type="text/javascript")


def bundle(*scripts: Evidence, first: Evidence = PAGE, maps: Evidence = NO) -> Outcome:
    return answer(check("scripts", ALL), first, (*scripts, maps, NO))


def test_a_page_leads_to_its_own_scripts_and_their_maps() -> None:
    one = check("scripts", ALL)

    first, second = asked(one, PAGE)
    assert first == (HttpRequest(method="GET", target="/"),)
    assert [probe.target for probe in second] == [  # type: ignore[union-attr]  # all of them are requests
        "https://api.example/assets/a.js",
        "https://api.example/assets/app.js?v=1",
        "https://api.example/assets/a.js.map",
        "https://api.example/assets/app.js.map",
    ]
    assert one.spend == Spend(requests=101)
    assert bundle(SCRIPT, SCRIPT) == Passed()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('k="a-key-that-is-ours"', "holds the value of API_KEY"),
        (f'k="{token("service_role")}"', "holds a token (JWT, role service_role)"),
        ('k="sk_live_abcdefghij12"', "holds a secret key of Stripe"),
        ("//# sourceMappingURL=data:application/json;base64,e30=", "holds its source map"),
    ],
)
def test_a_secret_in_a_script_is_named_and_not_shown(text: str, what: str) -> None:
    assert bundle(SCRIPT, reply(200, text)) == Failed(f"GET https://api.example/assets/app.js?v=1: {what}")


def test_what_is_made_to_be_public_is_no_secret() -> None:
    assert bundle(SCRIPT, reply(200, f'"a-key-for-all" "{token("anon")}"')) == Passed()


def test_a_source_map_beside_a_script_is_a_fault() -> None:
    assert bundle(SCRIPT, SCRIPT, maps=reply(200, '{"version": 3, "mappings": "AAAA"}')) == Failed(
        "GET https://api.example/assets/a.js: its source map is served beside it"
    )
    assert bundle(SCRIPT, SCRIPT, maps=page("<div id=app>")) == Passed()


IMPORTS = reply(200, 'import"./b.js";const c=()=>import(`./c.js?v=2`);import("https://cdn.example/d.js")')
LEAKS = reply(200, 'k="sk_live_abcdefghij12"')


def test_what_a_script_imports_is_read_as_well() -> None:
    one = check("scripts", ALL)
    third = asked(one, PAGE, (IMPORTS, SCRIPT, NO, NO))[2]

    assert [probe.target for probe in third] == [  # type: ignore[union-attr]  # all of them are requests
        "https://api.example/assets/b.js",
        "https://api.example/assets/c.js?v=2",
        "https://api.example/assets/b.js.map",
        "https://api.example/assets/c.js.map",
    ]
    assert answer(one, PAGE, (IMPORTS, SCRIPT, NO, NO), (SCRIPT, LEAKS, NO, NO)) == Failed(
        "GET https://api.example/assets/c.js?v=2: holds a secret key of Stripe"
    )
    assert answer(one, PAGE, (IMPORTS, SCRIPT, NO, NO), (NO, page("<div>"), NO, NO)) == Passed()
    assert answer(one, PAGE, (IMPORTS, SCRIPT, NO, NO), (Silence("refused"), SCRIPT, NO, NO)) == Inconclusive(
        "GET https://api.example/assets/b.js: no answer: refused"
    )


@pytest.mark.parametrize(
    "names",
    [
        reply(200, "console.log(1)\n//# sourceMappingURL=maps/a.json"),
        reply(200, "console.log(1)", 0.1, sourcemap="maps/a.json"),
    ],
)
def test_a_source_map_is_looked_for_where_the_script_names_it(names: Reply) -> None:
    one = check("scripts", ALL)
    (named,) = asked(one, PAGE, (names, SCRIPT, NO, NO))[2]

    assert named == HttpRequest(
        method="GET", target="https://api.example/assets/maps/a.json", purpose="source map"
    )
    assert answer(one, PAGE, (names, SCRIPT, NO, NO), reply(200, '{"mappings": ""}')) == Failed(
        "GET https://api.example/assets/a.js: its source map is served beside it"
    )
    assert answer(one, PAGE, (names, SCRIPT, NO, NO), NO) == Passed()


def test_a_script_may_be_named_itself() -> None:
    one = check("scripts", "{control: /, bundles: [/app.js]}")

    assert [probe.target for probe in asked(one, SCRIPT)[1]] == ["/app.js.map"]  # type: ignore[union-attr]  # all of them are requests
    assert answer(one, SCRIPT, NO) == Passed()
    assert answer(one, reply(200, "-----BEGIN PRIVATE KEY-----"), NO) == Failed(
        "GET /app.js: holds a private key"
    )


def test_a_page_without_scripts_is_hardly_the_application() -> None:
    one = check("scripts", ALL)

    assert answer(one, page("<h1>It works</h1>")) == Inconclusive("GET /: a page that loads no script")
    assert answer(one, page("a-key-that-is-ours")) == Failed("GET /: holds the value of API_KEY")


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        (NO, "GET /: expected 2xx, got 404"),
        (Silence("refused"), "GET /: no answer: refused"),
        (reply(429), "GET /: rate limited (429)"),
    ],
)
def test_without_the_page_nothing_is_read(first: Evidence, reason: str) -> None:
    assert answer(check("scripts", ALL), first) == Inconclusive(reason)


def test_a_script_that_was_not_read_is_said() -> None:
    script = "https://api.example/assets/a.js"

    assert bundle(NO, SCRIPT) == Inconclusive(f"GET {script}: got 404, and no script")
    assert bundle(page("<div>"), SCRIPT) == Inconclusive(f"GET {script}: got 200, and no script")
    assert bundle(Silence("refused"), SCRIPT) == Inconclusive(f"GET {script}: no answer: refused")
    assert bundle(SCRIPT, SCRIPT, maps=reply(429)) == Inconclusive(f"GET {script}.map: rate limited (429)")


def test_more_scripts_than_are_read_are_said() -> None:
    many = page("".join(f'<script src="/{number}.js"></script>' for number in range(21)))

    assert answer(check("scripts", ALL), many, (*[SCRIPT] * 20, *[NO] * 20)) == Inconclusive(
        "GET /: 21 scripts, of which 20 were read"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{control: /, without: {files: a, debug: b, metrics: c}}", "everything is left out"),
        ("{control: /, graphql: /g, as: me}", "unknown identity 'me'"),
    ],
)
def test_a_section_that_could_not_decide_is_a_mistake(text: str, message: str) -> None:
    with pytest.raises(Misuse, match=message):
        declare("exposure", text)
