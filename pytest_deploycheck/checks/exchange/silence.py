"""Why evidence says nothing about how a deployment behaves, whatever was asked for."""

from pytest_deploycheck.checks.exchange.status import TOO_MANY_REQUESTS, Statuses
from pytest_deploycheck.model.evidence import Evidence, Reply, Silence, Withheld


def unanswered(evidence: Evidence, expected: Statuses | None = None) -> str:
    """Why nobody can tell from it how the deployment answers, or nothing: a 429 is the limiter's word.

    `expected` are the statuses that are right; a 429 among them is an answer.
    """
    match evidence:
        case Reply(status=status) if status == TOO_MANY_REQUESTS and status not in (expected or ()):
            after = evidence.header("retry-after")
            return f"rate limited (429{f', Retry-After {after}' if after else ''})"
        case Reply():
            return ""
        case Silence(reason=reason):
            return f"no answer: {reason}"
        case Withheld(reason=reason):
            return reason if reason.startswith("not sent") else f"not sent: {reason}"
        case _:
            return f"{type(evidence).__name__} is no reply"
