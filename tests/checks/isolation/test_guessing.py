"""Numbers next to one's own lead to nothing of others."""

from pytest_deploycheck.model.evidence import Reply
from pytest_deploycheck.model.outcome import Failed, Inconclusive, Passed
from pytest_deploycheck.model.probe import HttpRequest
from tests.checks.contracts import reply
from tests.checks.isolation.app import GUESS, OWNING, App, around, of


def test_ids_that_are_no_numbers_leave_nothing_to_guess() -> None:
    class Named(App):
        def __post_init__(self) -> None:
            super().__post_init__()
            self.orders = {f"o{id_}": {**order, "id": f"o{id_}"} for id_, order in self.orders.items()}

    assert of(GUESS, Named()) == Passed("its ids are not numbers: there is nothing to count up or down")


def test_numbers_next_to_ones_own_are_tried() -> None:
    leak = frozenset({"GET leaks"})

    assert of(GUESS, App()) == Passed("tried 1, 3, 5, 7")
    assert of(GUESS, App(faults=leak)) == Failed(
        "1, next to its own, is served and belongs to another tenant",
        hint="the route looks the id up without the tenant",
    )


def test_a_guess_that_is_served_and_nobodys_is_undecided_unless_it_says_its_tenant() -> None:
    def hidden(request: HttpRequest) -> Reply | None:
        third = reply(body='{"id": 7, "client_id": "c"}')
        return third if request.target == "/api/orders/7" else None

    assert of(GUESS, App(broken=hidden)) == Inconclusive(
        "7 is served and in no list: whose it is, nobody can tell"
    )
    assert isinstance(of(GUESS, App(broken=hidden), where=around(*OWNING)), Failed)
