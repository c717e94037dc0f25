"""Given to locust behind the scenario's own file: counts, times and ends what that sends."""

from pytest_deploycheck.probes.loadgen.attach import attach

globals().update(attach())
