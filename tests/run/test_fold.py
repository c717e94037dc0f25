"""A hundred exchanges that say the same are told as three."""

from pytest_deploycheck.model.run import Exchange
from pytest_deploycheck.run.fold import digest, fold

SERVED = [Exchange("count", "GET /a", f"200 in {number} ms\n[]") for number in range(100)]
REFUSED = Exchange("count", "GET /a", "429 in 3 ms")


def test_of_many_alike_the_first_and_the_last_are_told() -> None:
    assert list(fold([*SERVED, REFUSED])) == [
        SERVED[0],
        Exchange("...", "GET /a", "98 times more: 200"),
        SERVED[-1],
        REFUSED,
    ]


def test_a_few_are_told_one_by_one() -> None:
    assert list(fold([*SERVED[:3], REFUSED])) == [*SERVED[:3], REFUSED]


def test_of_two_that_take_turns_each_is_told_once() -> None:
    turns = [
        exchange
        for number in range(30)
        for exchange in (
            Exchange("what nobody has", f"GET /a/{number}", f"404 in {number} ms"),
            Exchange("what another owns", "GET /a/x", f"403 in {number} ms"),
        )
    ]
    control = Exchange("control", "GET /a/x", "200 in 3 ms")

    assert list(digest([control, *turns])) == [
        control,
        turns[0],
        Exchange("...", "what nobody has", "29 times more: 404"),
        turns[1],
        Exchange("...", "what another owns", "29 times more: 403"),
    ]
