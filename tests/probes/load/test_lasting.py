"""What is held after its answer is counted when it is over, with all that began at the same time."""

from pytest_deploycheck.probes.loadgen.lasting import Lasting, Sample

Counted = list[tuple[str, str, int, str, float]]


def sample(kind: str = "") -> Sample:
    return Sample("WS /a", "", 0, kind, 0.1)


def test_failures_are_not_counted_before_the_answers_of_their_time() -> None:
    counted: Counted = []
    lasting = Lasting(lambda *each: counted.append(each))
    for kind in ("", "refused", ""):
        lasting.end(lasting.begin(sample(kind), until=10.0))

    lasting.count(9.9)
    before = list(counted)
    lasting.count(10.0)

    assert (before, [kind for _, _, _, kind, _ in counted]) == ([], ["", "refused", ""])


def test_one_that_is_dropped_has_failed_and_counts_once() -> None:
    counted: Counted = []
    lasting = Lasting(lambda *each: counted.append(each))
    number = lasting.begin(sample(), until=10.0)

    lasting.fail(number, "closed early")
    lasting.count_all()
    lasting.fail(number, "too late")
    lasting.count_all()

    assert counted == [("WS /a", "", 0, "closed early", 0.1)]


def test_one_of_which_nobody_knows_yet_how_it_went_is_not_counted() -> None:
    counted: Counted = []
    lasting = Lasting(lambda *each: counted.append(each))
    number = lasting.begin(sample(), until=10.0)

    lasting.count(11.0)
    unknown = list(counted)
    lasting.fail(number, "silent")
    lasting.end(number)
    lasting.count(11.0)

    assert (unknown, [kind for _, _, _, kind, _ in counted]) == ([], ["silent"])
