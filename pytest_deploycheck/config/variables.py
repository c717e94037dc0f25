"""The variables that a contract may name: those of the process, and of the .env files beside it."""

from collections.abc import Mapping
from pathlib import Path

from dotenv.parser import Binding, parse_stream
from dotenv.variables import parse_variables

from pytest_deploycheck.config.errors import Mistakes
from pytest_deploycheck.model.place import Place


def files(environment_name: str) -> tuple[str, ...]:
    """Return the names of the .env files that an environment reads, the stronger last."""
    special = f".env.{environment_name}"
    return (".env", special) if Path(special).name == special else (".env",)


def variables(folder: Path, environment_name: str, process_env: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for one environment: `.env`, then `.env.<environment>`, then the process's own.

    The later win. Raises ContractErrors, with places, for lines that no .env file can hold.
    """
    mistakes = Mistakes()
    read: dict[str, str] = {}
    for name in files(environment_name):
        for binding in _bindings((folder / name).absolute(), mistakes):
            if binding.key is not None and binding.value is not None:
                known: dict[str, str | None] = {**read, **process_env}
                read[binding.key] = "".join(atom.resolve(known) for atom in parse_variables(binding.value))
    if mistakes.found:
        raise mistakes.all()
    return {**read, **process_env}


def _bindings(path: Path, mistakes: Mistakes) -> tuple[Binding, ...]:
    if not path.is_file():
        return ()
    try:
        with path.open(encoding="utf-8") as stream:
            bindings = tuple(parse_stream(stream))
    except OSError as error:
        mistakes.add(Place(path), f"the file can't be read: {error.strerror}")
        return ()
    except UnicodeDecodeError as error:
        mistakes.add(Place(path), f"the file is not UTF-8 at byte {error.start}")
        return ()
    for binding in bindings:
        if binding.error:
            place = Place(path, _line(binding))
            mistakes.add(place, "this line assigns no variable", "NAME=value, NAME='value' or # a comment")
    return bindings


def _line(binding: Binding) -> int:
    """The parser counts from the blank lines before a statement."""
    text = binding.original.string
    return binding.original.line + text[: len(text) - len(text.lstrip())].count("\n")
