"""What a WebSocket of a load scenario must say before anything is sent."""

from pytest_deploycheck.checks.exchange.line import read_line
from pytest_deploycheck.checks.loading.plan import held
from pytest_deploycheck.checks.loading.section import Ask, LoadSection
from pytest_deploycheck.model.kind import Loc, Misuse
from pytest_deploycheck.model.load import WEBSOCKET, Arrivals, LoadRun
from pytest_deploycheck.model.names import ANONYMOUS

MOST_OPEN = 10_000
"""More connections at once than one machine should hold: each takes a descriptor and a port."""

_TALK = ("messages", "expect", "hold", "token_in")


def hold_socket(key: str, ask: Ask, section: LoadSection, at: Loc) -> None:
    """Refuse what has no meaning for a WebSocket, or only for one.

    Raises:
        Misuse: at the part that is wrong.
    """
    line = read_line(key)
    if line is None:
        return
    if line.method != WEBSOCKET:
        if wrong := [name for name in _TALK if name in ask.model_fields_set]:
            raise Misuse(f"{wrong[0]} of {line.method}", at=(*at, wrong[0]), expected="WS /path, a WebSocket")
        return
    if not line.target.startswith("/"):
        raise Misuse(f"'{line.target}' is no path", at=at, expected="a path: WebSockets go to the base URL")
    _hold_fields(ask, at)
    _hold_token(ask, section, at)
    if ask.messages and not (ask.read_only or section.read_only):
        raise Misuse(
            "messages may change the deployment, and nobody would undo it",
            at=(*at, "messages"),
            expected="read_only: true where they change nothing",
        )


def _hold_fields(ask: Ask, at: Loc) -> None:
    if wrong := sorted({"status", "creates"} & ask.model_fields_set):
        expected = "nothing: a WebSocket opens with 101" if wrong[0] == "status" else "it by HTTP"
        raise Misuse(f"{wrong[0]} of a WebSocket", at=(*at, wrong[0]), expected=expected)
    if ask.send.contents:
        raise Misuse("a WebSocket is opened without a body", at=(*at, "send"), expected="messages")


def _hold_token(ask: Ask, section: LoadSection, at: Loc) -> None:
    senders = [ask.identity] if ask.identity else section.identity
    if ask.token_in and set(senders) <= {ANONYMOUS}:
        raise Misuse("token_in without an identity", at=(*at, "token_in"), expected="as: who sends")


def hold_room(run: LoadRun) -> None:
    """Refuse more connections at once than there is room for.

    Raises:
        Misuse: with the arithmetic.
    """
    if not isinstance(run.model, Arrivals):
        return
    rate, seconds = max(stage.rate for stage in run.model.stages), held(run.scenario)
    room = min(run.model.in_flight, MOST_OPEN)
    if rate * seconds > room:
        many = f"{rate * seconds:,.0f} connections at once"
        raise Misuse(
            f"{rate:g}/s, each held for {seconds:g} s on average, are {many}",
            expected=f"at most {room:,}, as max_in_flight says" if room < MOST_OPEN else f"at most {room:,}",
        )
