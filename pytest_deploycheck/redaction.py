"""Keeps secrets out of everything pytest prints or writes while a gate is active."""

import logging
import sys
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import pytest

from pytest_deploycheck.safety.redact import Redactor


class RedactingStream:
    """A text stream that cleans what is written to it; everything else is the wrapped stream's."""

    def __init__(self, stream: TextIO, redactor: Redactor) -> None:
        self._stream = stream
        self._redactor = redactor

    def write(self, text: str) -> int:
        """Write `text`, cleaned."""
        return self._stream.write(self._redactor.clean(text))

    def writelines(self, lines: Iterable[str]) -> None:
        """Write `lines`, cleaned."""
        self.write("".join(lines))

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the stream has
        return getattr(self._stream, name)


@contextmanager
def clean_streams(redactor: Redactor) -> Iterator[None]:
    """Clean standard output, standard error and every log record until the end of the block."""
    streams = sys.stdout, sys.stderr
    factory = logging.getLogRecordFactory()

    def cleaned(*args: Any, **kwargs: Any) -> logging.LogRecord:  # noqa: ANN401 - as the factory's
        record = factory(*args, **kwargs)
        record.msg, record.args = redactor.clean(record.getMessage()), ()
        if record.exc_info:
            record.exc_text = redactor.clean(logging.Formatter().formatException(record.exc_info))
        return record

    sys.stdout, sys.stderr = (RedactingStream(stream, redactor) for stream in streams)
    logging.setLogRecordFactory(cleaned)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = streams
        logging.setLogRecordFactory(factory)


class CleanEnd:
    """Cleans what hooks print at the end: by then pytest's capturing has put the bare streams back."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self) -> Generator[None]:
        """Clean the streams while the other plugins speak."""
        with clean_streams(self._redactor):
            yield


def clean_report(report: pytest.TestReport | pytest.CollectReport, redactor: Redactor) -> None:
    """Clean what a report carries: its traceback, its captured output, its properties."""
    if isinstance(report.longrepr, tuple):
        path, line, reason = report.longrepr
        report.longrepr = (path, line, redactor.clean(reason))
    elif report.longrepr is not None:
        told = str(report.longrepr)
        if (safe := redactor.clean(told)) != told:
            report.longrepr = safe
    report.sections = [(name, redactor.clean(content)) for name, content in report.sections]
    if isinstance(report, pytest.TestReport):
        report.user_properties = [
            (name, redactor.clean(value) if isinstance(value, str) else value)
            for name, value in report.user_properties
        ]


def clean_file(path: Path, redactor: Redactor) -> None:
    """Clean a file that somebody else has written, if it betrays a secret."""
    if path.is_file():
        text = path.read_text(encoding="utf-8")
        if (safe := redactor.clean(text)) != text:
            path.write_text(safe, encoding="utf-8")
