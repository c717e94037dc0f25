"""A secret shows stars wherever it is printed."""

import copy
import json
import pickle
from dataclasses import asdict, dataclass

import pytest

from pytest_deploycheck.model.secret import Secret


@dataclass
class Holder:
    secret: Secret


def test_no_way_of_printing_shows_it() -> None:
    secret = Secret("hunter2")

    shown = [
        str(secret),
        repr(secret),
        f"{secret}",
        f"{secret!r}",
        "%s" % secret,  # noqa: UP031 - one of the ways
        repr(Holder(secret)),
        repr(asdict(Holder(secret))),
        json.dumps([secret], default=str),
        repr(copy.deepcopy(secret)),
    ]

    assert all("***" in text and "hunter2" not in text for text in shown)
    assert secret.reveal() == "hunter2"


def test_it_does_not_leave_the_process() -> None:
    with pytest.raises(TypeError, match="a Secret stays in the process that read it"):
        pickle.dumps(Secret("hunter2"))


def test_equal_secrets_are_equal_and_no_text_equals_one() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1
