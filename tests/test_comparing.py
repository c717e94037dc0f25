"""`deploycheck compare` says whether a kept run is worse, and its exit status says the same."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_deploycheck.cli import main
from pytest_deploycheck.history.store import folder_of, keep
from pytest_deploycheck.model.kept import KeptRun
from pytest_deploycheck.model.measurement import Measurement
from tests.history.kept import BEGAN, group, measurement, run

Compare = Callable[..., tuple[int, str, str]]


@pytest.fixture
def compare(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Compare:
    """Run the command in a folder with a contract; return its exit status, and what it printed."""
    (tmp_path / "deploycheck.yaml").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DEPLOYCHECK_ENV", raising=False)

    def command(*arguments: object) -> tuple[int, str, str]:
        try:
            status = main(["compare", *map(str, arguments)])
        except SystemExit as end:
            status = int(end.code or 0)
        out, err = capsys.readouterr()
        return status, out, err

    return command


def kept(folder: Path, *runs: KeptRun) -> list[Path]:
    return [keep(each, folder_of(folder), str) for each in runs]


def six(p95: float = 0.1) -> list[KeptRun]:
    return [run(measurement(group(p95=p95 + 0.001 * number))) for number in range(6)]


def test_a_run_that_is_not_worse_is_said_so(compare: Compare, tmp_path: Path) -> None:
    kept(tmp_path, *six(), now := run(measurement()))

    status, out, _ = compare()

    assert (status, out) == (
        0,
        f"Shop on prod, version {now.version}, {now.at:%Y-%m-%d %H:%M:%S} UTC\n"
        "  same      products  p(95)  99.9 ms, -2.45 % to the usual 102 ms of 6 earlier runs "
        "(99.5 % of runs are below 111 ms)\n"
        "  same      products  errors  0 of 600 beside 0 of 3,600 (no more are seen, and below 1.0 %)\n"
        "NOT WORSE: 2 of 2 comparisons\n",
    )


def test_a_slower_run_is_worse(compare: Compare, tmp_path: Path) -> None:
    kept(tmp_path, *six(), run(measurement(group(p95=0.2))))

    status, out, _ = compare("--env=prod", "--fail-on=regression")

    assert status == 1
    assert "  WORSE     products  p(95)  200 ms, +95.1 % to the usual 102 ms of 6 earlier runs" in out
    assert out.endswith("WORSE: 1 of 2 comparisons\n")


def test_the_first_runs_are_not_judged_and_fail_nothing_if_told_so(compare: Compare, tmp_path: Path) -> None:
    kept(tmp_path, run(measurement()), run(measurement()))

    status, out, _ = compare()

    assert status == 2
    assert "  not known products  p(95)  99.9 ms, 1 earlier run; judged from 3 on\n" in out
    assert out.endswith("INCONCLUSIVE: 2 of 2 comparisons\n")
    assert compare("--fail-on=regression")[0] == 0


def test_without_load_nothing_was_compared_and_nothing_passes(compare: Compare, tmp_path: Path) -> None:
    *_, newest = kept(tmp_path, *six())
    kept(tmp_path, run(measurement(), environment="staging"), run())

    status, out, _ = compare("--env=prod", "--fail-on=regression")

    file = newest.relative_to(tmp_path)
    assert status == 2
    assert out.endswith(
        "INCONCLUSIVE: no load was measured, so there is nothing to compare; the newest run with load:\n"
        f"  deploycheck compare {file}\n"
    )
    assert "comparisons" in compare(file)[1]


def test_without_any_load_it_is_said_that_no_run_has_some(compare: Compare, tmp_path: Path) -> None:
    kept(tmp_path, run(), run())

    assert compare()[1].endswith("nothing to compare; no run on prod in .deploycheck/runs has any\n")


def test_runs_under_other_conditions_are_left_out_and_named(compare: Compare, tmp_path: Path) -> None:
    other = [run(measurement(conditions={"load": "99/s for 60 s"})) for _ in range(6)]
    kept(tmp_path, *other, run(measurement()))

    status, out, _ = compare()

    assert status == 2
    assert "  left out: 6 runs: load: 99/s for 60 s, not 50/s for 60 s\n" in out


def test_reruns_of_a_slow_deploy_are_not_its_own_baseline(compare: Compare, tmp_path: Path) -> None:
    kept(tmp_path, *six())
    slow = run(measurement(group(p95=0.2)), measurement(name="orders"))
    reruns = [replace(run(*slow.measurements), version=slow.version) for _ in range(5)]
    kept(tmp_path, slow, *reruns)

    status, out, _ = compare()

    assert status == 1
    assert "  WORSE     products  p(95)  200 ms, +95.1 % to the usual 102 ms of 6 earlier runs" in out
    assert f"  left out: 5 runs: it is another run of version {slow.version}\n" in out


def test_a_first_deploy_that_is_run_again_and_again_has_no_earlier_runs(
    compare: Compare, tmp_path: Path
) -> None:
    kept(tmp_path, *(replace(each, version="first") for each in six()))

    status, out, _ = compare()

    assert status == 2
    assert ", 0 earlier runs; judged from 3 on\n" in out
    assert "  left out: 5 runs: it is another run of version first\n" in out


def test_files_of_the_same_deploy_are_no_baseline_either(compare: Compare, tmp_path: Path) -> None:
    files = kept(tmp_path, *(replace(each, version="first") for each in six()))

    assert ", 0 earlier runs; judged from 3 on\n" in compare("--baseline", *files)[1]


def test_the_baseline_can_be_chosen(compare: Compare, tmp_path: Path) -> None:
    slow = kept(tmp_path, *six(0.2))
    kept(tmp_path, *six(), run(measurement(group(p95=0.2))))

    assert compare("--baseline", *slow)[0] == 0
    assert compare("--baseline", "last", 6)[0] == 1
    assert "of 3 earlier runs" in compare("--baseline", "last", 3)[1]


def test_an_older_run_is_compared_with_those_before_it(compare: Compare, tmp_path: Path) -> None:
    *_, file = kept(tmp_path, *six(), run(measurement()))
    kept(tmp_path, *six(0.5))

    assert compare(file)[0] == 0


def test_two_runs_at_the_same_time_are_compared(compare: Compare, tmp_path: Path) -> None:
    busy = measurement(group(n=3000, failed=30))
    canary, stable, slow = kept(
        tmp_path,
        run(busy, environment="canary"),
        run(busy, environment="stable"),
        run(measurement(group(n=3000, p95=0.2, failed=30)), environment="canary"),
    )

    status, out, _ = compare("--canary", canary, stable)

    assert status == 0
    assert out.startswith("Shop on canary, version v")
    assert ", beside stable, version v" in out
    assert compare("--canary", slow, stable)[0] == 1


def later(measured: Measurement) -> Measurement:
    return replace(measured, began=BEGAN.timestamp() + 120, ended=BEGAN.timestamp() + 180)


def test_two_runs_at_different_times_are_refused(compare: Compare, tmp_path: Path) -> None:
    files = kept(tmp_path, run(measurement()), run(later(measurement())))

    status, _, err = compare("--canary", *files)

    assert (status, err) == (
        4,
        "deploycheck: products was not measured at the same time: two runs at different times differ by "
        "themselves; run both at once, or compare versions that answered in one run\n",
    )


def test_versions_that_answered_in_one_run_are_compared(compare: Compare, tmp_path: Path) -> None:
    both = measurement(group(version="old", n=3000, failed=30), group(version="new", n=1200, failed=12))
    kept(tmp_path, run(both))

    assert compare("--canary", "new", "old")[0] == 0
    assert compare("--canary", "new", "older")[2] == (
        "deploycheck: no reply named the version 'older'; expected two files of runs, or two of: new, old\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "no run in {runs}; pytest keeps each one"),
        (["--env=prod"], "no run on prod in {runs}; pytest keeps each one"),
        (["--canary", "a", "b"], "no run in {runs}; pytest keeps each one"),
    ],
)
def test_without_runs_it_is_a_mistake(
    compare: Compare, tmp_path: Path, arguments: list[str], message: str
) -> None:
    status, _, err = compare(*arguments)

    assert (status, err) == (4, f"deploycheck: {message.format(runs=folder_of(tmp_path))}\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "runs of several environments in {runs}; expected --env, one of prod, staging"),
        (["--env=prod", "--baseline", "last"], "--baseline last: expected last N, such as last 10, or files"),
        (
            ["--env=prod", "--baseline", "last", "0"],
            "--baseline last 0: expected last N, such as last 10, or files",
        ),
        (["--env=prod", "--baseline", "gone.json"], "gone.json: No such file or directory"),
        (
            ["--env=prod", "--canary", "a", "b"],
            "no reply named its version; expected two files of runs, or two of: none",
        ),
    ],
)
def test_what_cannot_be_compared_is_a_mistake(
    compare: Compare, tmp_path: Path, arguments: list[str], message: str
) -> None:
    kept(tmp_path, run(measurement()), run(measurement(), environment="staging"))

    status, _, err = compare(*arguments)

    assert (status, err) == (4, f"deploycheck: {message.format(runs=folder_of(tmp_path))}\n")


def test_other_conditions_and_other_scenarios_are_no_canary(compare: Compare, tmp_path: Path) -> None:
    slower = measurement(conditions={"load": "1/s for 60 s"})
    one, two, three = kept(tmp_path, run(measurement()), run(slower), run(measurement(name="x")))

    assert compare("--canary", one, two)[2].startswith(
        "deploycheck: products was measured under other conditions: load: 1/s for 60 s, not 50/s for 60 s"
    )
    assert compare("--canary", one, three)[2] == "deploycheck: prod did not measure products\n"
