"""Configuration of the logs. At info and above no line holds a reader's address."""

from __future__ import annotations

import io
import json
import logging
import sys
from contextlib import suppress
from typing import Any, Literal, TextIO, cast

import structlog
from structlog.dev import plain_traceback  # the rich one prints local variables, readers' addresses among them

from composer.daemon.repeats import Repeats
from composer.printable import printable

Form = Literal["console", "json"]


def configure(form: Form, *, verbose: bool = False, to: TextIO | None = None) -> None:
    """Write logs to ``to`` (stderr): ``console`` for people, ``json`` one object a line. ``verbose`` adds debug.

    Of lines that repeat, one a minute is written (``Repeats``).
    """
    stream = cast("TextIO", _Tolerant(to or sys.stderr))
    level = logging.DEBUG if verbose else logging.INFO
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(_json)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=plain_traceback)
    )
    exceptions: list[structlog.typing.Processor] = [
        structlog.processors.format_exc_info if form == "json" else _harmless
    ]
    structlog.configure(
        processors=[Repeats(), *shared, structlog.processors.StackInfoRenderer(), *exceptions, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    # What libraries say through the standard library takes the same form.
    handler = logging.StreamHandler(stream)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *exceptions, renderer],
    )
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.DEBUG if verbose else logging.WARNING)


class _Tolerant(io.TextIOBase):
    """``stream``: its failure (a full disk, a reader that is gone) costs the line and not the process, which would
    leave what is in flight in doubt."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()

    def isatty(self) -> bool:
        return self._stream.isatty()


def _json(event: structlog.typing.EventDict, **options: Any) -> str:
    return printable(json.dumps(event, ensure_ascii=False, **options))


def _harmless(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """What a server or a file said must not steer the terminal that shows the log."""
    return {name: printable(value) if isinstance(value, str) else value for name, value in event.items()}
