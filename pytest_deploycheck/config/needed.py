"""Files that checks read, looked at as the contract itself is: before anything is sent."""

from collections.abc import Iterable, Iterator

from pytest_deploycheck.config.errors import ContractError, ContractErrors
from pytest_deploycheck.model.check import Check
from pytest_deploycheck.model.needed import Needed


def needed(checks: Iterable[Check]) -> None:
    """Read every file that these checks need.

    Raises:
        ContractErrors: for files that are missing or malformed, all at once.
    """
    files = dict.fromkeys(file for check in checks for file in check.needed)
    if found := [error for file in files for error in _mistakes(file)]:
        raise ContractErrors(found)


def _mistakes(file: Needed) -> Iterator[ContractError]:
    try:
        text = file.path.read_text(encoding="utf-8-sig")
    except OSError as error:
        yield ContractError(
            file.place, f"the {file.what} {file.path.name} can't be read: {error.strerror}", file.source
        )
    except UnicodeDecodeError as error:
        yield ContractError(
            file.place, f"the {file.what} {file.path.name} is not UTF-8 at byte {error.start}", file.source
        )
    else:
        yield from (ContractError(each.place, each.message, each.expected) for each in file.wrong(text))
