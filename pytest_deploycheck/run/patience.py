"""How long a conversation may wait."""

from pytest_deploycheck.model.evidence import Evidence, Withheld
from pytest_deploycheck.model.probe import Pause, Probe
from pytest_deploycheck.run.converse import Send


def patient(send: Send, longest: float) -> Send:
    """Return what sends as `send` does, and waits no longer than `longest` seconds at a time."""

    def bounded(probe: Probe) -> Evidence:
        if isinstance(probe, Pause) and probe.seconds > longest:
            return Withheld(
                f"waiting {probe.seconds:g} s is more than --deploycheck-max-wait={longest:g}s allows"
            )
        return send(probe)

    return bounded
