"""Issues read in several processes at once: each a fresh interpreter, and one that dies takes one issue with it."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Timer
from typing import Any

from composer.locale import gettext as _
from composer.newsroom import Newsroom
from composer.source import Finding, Place, Severity
from composer.source.reading import relative

#: Seconds for one issue. Reading a long one takes less than one; what takes minutes has no end.
DEADLINE = 120

#: Where this package is, installed or not.
_HOUSE = str(Path(__file__).resolve().parents[2])


def jobs_for(count: int, asked: int | None = None) -> int:
    """How many processes read ``count`` issues: as many as there are cores, or as ``asked`` for."""
    return max(1, min(count, asked or len(os.sched_getaffinity(0))))


def read_all(paths: Sequence[Path], newsroom: Newsroom, jobs: int, serving: str) -> Iterator[Sequence[Finding]]:
    """The findings on each of ``paths``, in their order, read by ``jobs`` processes.

    ``serving`` is the function that a process runs, as ``package.module:function``; it calls ``serve``. A process that
    dies over an issue, or does not end with it, gives the finding ``not-read``; the others are read by another one.
    """
    idle: SimpleQueue[_Process | None] = SimpleQueue()
    for _number in range(jobs):
        idle.put(None)  # started by the first issue that it reads

    def read(path: Path) -> Sequence[Finding]:
        process = idle.get()
        try:
            process = process or _Process(newsroom.root, serving)
            findings = process.read(path)
        except OSError as error:
            idle.put(None)
            return not_read(path, newsroom, _("no process could be started: {why}").format(why=error.strerror))
        if findings is not None:
            idle.put(process)
            return findings
        idle.put(None)
        message = _("reading this issue ended its process ({why}). Please report it, with the file")
        return not_read(path, newsroom, message.format(why=process.ended()))

    try:
        with ThreadPoolExecutor(jobs) as threads:
            yield from threads.map(read, paths)
    finally:
        while not idle.empty():
            if (process := idle.get()) is not None:
                process.ended()


def not_read(path: Path, newsroom: Newsroom, why: str) -> Sequence[Finding]:
    """The finding on an issue of which nothing is known, among others that were read."""
    message = _("this issue was not read: {why}").format(why=why)
    return (Finding("not-read", Severity.ERROR, Place(relative(path, newsroom.root), 1, 1), message),)


class _Process:
    """An interpreter that reads one issue after another."""

    def __init__(self, root: Path, serving: str) -> None:
        module, _colon, function = serving.partition(":")
        # -P: the newsroom's folder, where the command may have been called, holds no module of ours.
        program = f"import sys; sys.path.append({_HOUSE!r}); from {module} import {function}; {function}()"
        command = [sys.executable, "-P", "-c", program, str(root)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 # reason: our own

    def read(self, path: Path) -> Sequence[Finding] | None:
        """The findings on the issue at ``path``; None where the process died, or was ended after the deadline."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        timer = Timer(DEADLINE, self._process.kill)
        timer.start()
        try:
            pickle.dump(path, self._process.stdin)
            self._process.stdin.flush()
            findings: Sequence[Finding] = pickle.load(self._process.stdout)  # noqa: S301 # reason: our own process
            return findings
        except (OSError, EOFError, pickle.UnpicklingError):
            return None
        finally:
            timer.cancel()

    def ended(self) -> str:
        """How the process ended, once it has; it ends where there is nothing to read any more."""
        with suppress(OSError):
            self._process.communicate(timeout=DEADLINE)
        code = self._process.returncode
        return _("signal {number}").format(number=-code) if code < 0 else _("exit code {code}").format(code=code)


def serve(read: Callable[[Path], Sequence[Finding]]) -> None:
    """Answer for one issue after another: the other side of ``read_all``, in a process of its own."""
    # Answers have the standard output for themselves: whatever else is printed goes to stderr.
    answers: Any = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while True:
        try:
            path = pickle.load(sys.stdin.buffer)  # noqa: S301 # reason: from the process that started this one
        except EOFError:
            return
        pickle.dump(read(path), answers)
        answers.flush()
