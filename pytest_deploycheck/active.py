"""The pytest hooks of a session that verifies a deployment. Without one, this module is not imported."""

import time
from collections.abc import Generator, Iterable, Mapping
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_deploycheck import keeping, options, shown, tally
from pytest_deploycheck.collect import CheckItem, ContractFile
from pytest_deploycheck.config.errors import ContractErrors
from pytest_deploycheck.gates import GATES, Gates, InconclusiveError
from pytest_deploycheck.markers import WRITES
from pytest_deploycheck.model.check import Phase
from pytest_deploycheck.model.contract import Contract
from pytest_deploycheck.model.verdict import Verdict
from pytest_deploycheck.patched import is_patched, locust_kept_out, refuse
from pytest_deploycheck.plan.price import over_budget, over_limit
from pytest_deploycheck.redaction import CleanEnd, clean_file, clean_report, clean_streams
from pytest_deploycheck.report import plan as plan_report
from pytest_deploycheck.report import sarif, terminal
from pytest_deploycheck.safety.redact import Redactor
from pytest_deploycheck.session import Conductor
from pytest_deploycheck.told import settings as told_settings

if TYPE_CHECKING:
    from pytest_deploycheck.run.desk import Desk

WORKER_KEY = "deploycheck"

_KEPT = (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR)
"""Exit statuses that say more than a verdict."""


class Hooks:
    """What every process of the session does, xdist's controller and workers alike."""

    def __init__(self, gates: Gates) -> None:
        self.gates = gates
        self._cleaning = ExitStack()
        self._cleaning.enter_context(locust_kept_out())
        self._cleaning.enter_context(clean_streams(gates.redactor))

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> ContractFile | None:
        """Collect the contract files of this session."""
        if file_path in self.gates.by_path:
            collected: ContractFile = ContractFile.from_parent(parent, path=file_path)
            return collected
        return None

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Bring the items into the order of their phases."""
        items.sort(key=_phase)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Spare a test that its waiver spares."""
        if not isinstance(item, CheckItem) and tally.spared(item):
            pytest.skip("not run, as its waiver says")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Tell the controller what the item concluded, and clean what is shown of it."""
        report = yield
        inconclusive = call.excinfo is not None and isinstance(call.excinfo.value, InconclusiveError)
        if inconclusive and report.when == "call":
            report.when = "setup"  # JUnit calls what could not be decided an error, not a failure
        tally.attach(report, item, call, self.gates.redactor.clean)
        clean_report(report, self.gates.redactor)
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Clean the report of a file that could not be collected."""
        patched = is_patched()
        report = yield
        if is_patched() and not patched:
            refuse(report)
        clean_report(report, self.gates.redactor)
        return report

    def pytest_report_teststatus(
        self, report: pytest.CollectReport | pytest.TestReport
    ) -> tuple[str, str, tuple[str, Mapping[str, bool]]] | None:
        """Call inconclusive and waived checks by their names."""
        match tally.kind(report):
            case "Inconclusive" if report.failed:
                return "inconclusive", "I", ("INCONCLUSIVE", {"yellow": True})
            case "Waived":
                return "waived", "W", ("WAIVED", {"yellow": True})
            case _:
                return None

    def pytest_unconfigure(self, config: pytest.Config) -> None:
        """Give the streams back, after a last look at the file that JUnit readers get."""
        if xml := config.getoption("xmlpath", None):
            clean_file(Path(xml), self.gates.redactor)
        self._cleaning.close()


class ConductorHooks(Hooks):
    """In the process that conducts the run: pytest's own, or xdist's controller."""

    def __init__(self, gates: Gates, conductors: Mapping[Path, Conductor], config: pytest.Config) -> None:
        super().__init__(gates)
        self._conductors = conductors
        self._config = config
        self._tally = tally.Tally()
        self._desk: Desk | None = None
        self._began = time.monotonic()
        self._verdict: Verdict | None = None
        self._summaries: list[terminal.Summary] = []
        self._notes: list[str] = []

    def pytest_report_header(self) -> list[str]:
        """Name the deployments of this session."""
        contracts = [conductor.contract for conductor in self._conductors.values()]
        return [f"deploycheck: {c.system} on {c.environment.name} ({_address(c)})" for c in contracts]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Plan what was selected, where this process collects."""
        if session.items and not hasattr(session.config, "dsession"):
            self._select([item.nodeid for item in session.items])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Iterable[Any]) -> None:
        """Plan what the first worker has collected; all collect the same."""
        if not self._tally.selected:
            self._select([str(node_id) for node_id in ids])

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:  # noqa: ANN401 - xdist's own type
        """Tell a worker where to ask."""
        from pytest_deploycheck import workers

        if self._desk is None:
            self._desk = workers.desk(self._conductors)
        node.workerinput[WORKER_KEY] = workers.worker_input(self._desk, self.gates.settings.run_id)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """With --deploycheck-plan: print the plan, run nothing."""
        if not options.value(self._config, options.PLAN):
            return None
        writer = session.config.get_terminal_writer()
        for conductor in self._conductors.values():
            writer.line()
            for line in plan_report.render(conductor.plan()):
                writer.line(line)
        return True

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note what could not be collected."""
        self._tally.collected(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count what came out, before the other plugins write it down."""
        self._tally.add(report)
        shown.tell(report)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None]:
        """Clean up, decide, set the exit status; and when all others have spoken, say the verdict."""
        self._finish(session)
        yield
        self._say_verdict()

    def _finish(self, session: pytest.Session) -> None:
        if session.config.option.collectonly or options.value(self._config, options.PLAN):
            return
        completed = session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
        root = self._config.rootpath
        runs = {
            path: conductor.finish(prove=completed and self._tally.concerns(path, root))
            for path, conductor in self._conductors.items()
        }
        if self._desk is not None:
            self._desk.close()
        if session.exitstatus in _KEPT:
            return
        seconds = time.monotonic() - self._began
        end = tally.End(
            root=self._config.rootpath,
            today=self.gates.settings.today,
            seconds=seconds,
            evidence=self._config.getoption("tbstyle", "auto") in ("no", "line"),
        )
        self._verdict, self._summaries = self._tally.conclude(self._conductors, runs, end)
        interrupted = session.exitstatus == pytest.ExitCode.INTERRUPTED
        if interrupted and self._verdict is not Verdict.NO_GO:
            self._verdict = Verdict.INCONCLUSIVE
        session.exitstatus = pytest.ExitCode.INTERNAL_ERROR if self._tally.bugs else self._verdict.exit_status
        if file := options.value(self._config, options.SARIF):
            self._write_sarif(self._config.invocation_params.dir / file)
        ended = keeping.session(self._config, self.gates, self._verdict)
        self._notes += keeping.keep_all(ended, zip(self._conductors, self._summaries, strict=True))

    def _write_sarif(self, file: Path) -> None:
        """Write the findings; a file that cannot be written changes no verdict, and is told."""
        log = sarif.render(
            sarif.Told(
                folder=path.parent,
                summary=summary,
                root=self._config.rootpath,
                version=version("pytest-deploycheck"),
                clean=self.gates.redactor.clean_evidence,
            )
            for path, summary in zip(self._conductors, self._summaries, strict=True)
        )
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(log, encoding="utf-8")
            self._notes.append(f"SARIF: {file}")
        except OSError as error:
            self._notes.append(f"SARIF was not written: {error}")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Sum up each system."""
        for summary in self._summaries:
            terminalreporter.write_sep("=", f"deploycheck: {summary.run.system}")
            for line in terminal.render(summary):
                terminalreporter.write_line(line)
        for note in self._notes:
            terminalreporter.write_line(f"deploycheck: {note}")

    def _say_verdict(self) -> None:
        """Say the verdict last, below everything else."""
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None and self._verdict is not None:
            colours = {Verdict.GO: "green", Verdict.NO_GO: "red"}
            colour = colours.get(self._verdict, "yellow")
            systems = ", ".join(
                f"{s.run.system} on {s.run.environment}, version {s.run.version}" for s in self._summaries
            )
            reporter.write_line(f"{self._verdict.value}: {systems}", bold=True, **{colour: True})

    def _select(self, nodeids: list[str]) -> None:
        """Take note of the selection.

        Raises:
            pytest.UsageError: if a plan is over its budget, or a file that a check needs is no such file.
        """
        self._tally.selected = tuple(nodeids)
        for path, conductor in self._conductors.items():
            prefix = tally.prefix_of(path, self._config.rootpath)
            ids = [nodeid.removeprefix(prefix) for nodeid in nodeids if nodeid.startswith(prefix)]
            plan = conductor.select(ids)
            try:
                conductor.hold_files()
            except ContractErrors as errors:
                raise pytest.UsageError(self.gates.redactor.clean(str(errors))) from None
            if told := over_budget(plan) or over_limit(plan, conductor.contract):
                raise pytest.UsageError(told)


def _address(contract: Contract) -> str:
    """Where a deployment is, unless only its start will tell."""
    url = contract.environment.base_url
    return "started by the run" if any(f"${{{name}" in url for name in contract.pending) else url


def _phase(item: pytest.Item) -> Phase:
    if isinstance(item, CheckItem):
        return item.phase
    writes = item.get_closest_marker(WRITES) or "ledger" in getattr(item, "fixturenames", ())
    return Phase.WRITE if writes else Phase.READ


def activate(config: pytest.Config, paths: list[Path], environment: str) -> None:
    """Load the contracts, and register the hooks of this process.

    Raises:
        ContractErrors: if a contract has mistakes.
        pytest.UsageError: for options that mean nothing, or if gevent has patched this process.
    """
    told = getattr(config, "workerinput", {}).get(WORKER_KEY)
    settings = told_settings(config, told["run_id"] if told else None)
    redactor = Redactor()
    conductors = {path: Conductor(path, environment, settings=settings, redactor=redactor) for path in paths}
    hooks: Hooks
    if told is None:
        hooks = ConductorHooks(Gates(conductors, settings, redactor), conductors, config)
    else:
        from pytest_deploycheck import workers

        hooks = Hooks(Gates(workers.gates(told, conductors, redactor), settings, redactor))
    config.stash[GATES] = hooks.gates
    config.pluginmanager.register(hooks, "deploycheck-active")
    config.pluginmanager.register(CleanEnd(redactor), "deploycheck-end")
