"""Read issues in several processes at once: each a fresh interpreter, so that a crash loses one issue only."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import Context, copy_context
from pathlib import Path
from queue import SimpleQueue
from threading import Timer
from typing import Any

from composer.locale import gettext as _
from composer.locale.os_errors import os_reason
from composer.newsroom import Newsroom
from composer.source import Finding, Place, Severity
from composer.source.reading import relative

#: Seconds for one issue, after which its process is killed. A long one takes less than a second.
DEADLINE = 120

#: The folder that holds this package, installed or not.
_PACKAGE_ROOT = str(Path(__file__).resolve().parents[2])


def jobs_for(count: int, asked: int | None = None) -> int:
    """How many processes read ``count`` issues: ``asked``, or one for each core; never more than issues."""
    return max(1, min(count, asked or len(os.sched_getaffinity(0))))


def read_all(paths: Sequence[Path], newsroom: Newsroom, jobs: int, serving: str) -> Iterator[Sequence[Finding]]:
    """The findings on each of ``paths``, in their order, read by ``jobs`` processes.

    ``serving`` is the function that a process runs, as ``package.module:function``; it calls ``serve``. An issue over
    which a process dies, or does not end, gets the finding ``not-read``; another process reads the others.
    """
    idle: SimpleQueue[_Process | None] = SimpleQueue()
    for _number in range(jobs):
        idle.put(None)  # started with the first issue

    def read(path: Path) -> Sequence[Finding]:
        process = idle.get()
        try:
            process = process or _Process(newsroom.root, serving)
            findings = process.read(path)
        except OSError as error:
            idle.put(None)
            return not_read(path, newsroom, _("no process could be started: {why}").format(why=os_reason(error)))
        if findings is not None:
            idle.put(process)
            return findings
        idle.put(None)
        message = _("reading this issue ended its process ({why}). Please report it, with the file")
        return not_read(path, newsroom, message.format(why=process.ended()))

    def within(context: Context, path: Path) -> Sequence[Finding]:
        return context.run(read, path)  # a thread does not know the newsroom's language by itself

    try:
        with ThreadPoolExecutor(jobs) as threads:
            yield from threads.map(within, [copy_context() for _path in paths], paths)
    finally:
        while not idle.empty():
            if (process := idle.get()) is not None:
                process.ended()


def not_read(path: Path, newsroom: Newsroom, why: str) -> Sequence[Finding]:
    """The finding on an issue that could not be read."""
    message = _("this issue was not read: {why}").format(why=why)
    return (Finding("not-read", Severity.ERROR, Place(relative(path, newsroom.root), 1, 1), message),)


class _Process:
    """A child process that reads one issue after another."""

    def __init__(self, root: Path, serving: str) -> None:
        module, _colon, function = serving.partition(":")
        # -P: import nothing from the current folder, which may be the newsroom.
        program = f"import sys; sys.path.append({_PACKAGE_ROOT!r}); from {module} import {function}; {function}()"
        command = [sys.executable, "-P", "-c", program, str(root)]
        self._late = False
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 # reason: our own

    def read(self, path: Path) -> Sequence[Finding] | None:
        """The findings on the issue at ``path``; None where the process died, or was ended after the deadline."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        timer = Timer(DEADLINE, self._end)
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

    def _end(self) -> None:
        self._late = True
        self._process.kill()

    def ended(self) -> str:
        """Close its input, wait until it has ended, and say how."""
        with suppress(OSError):
            self._process.communicate(timeout=DEADLINE)
        code = self._process.returncode
        if self._late:
            return _("ended after {seconds} seconds, on a slow machine perhaps").format(seconds=DEADLINE)
        return _("signal {number}").format(number=-code) if code < 0 else _("exit code {code}").format(code=code)


def serve(read: Callable[[Path], Sequence[Finding]]) -> None:
    """The other side of ``read_all``, in a child process: answer for one issue after another."""
    # Standard output is for answers only: everything else that is printed goes to stderr.
    answers: Any = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while True:
        try:
            path = pickle.load(sys.stdin.buffer)  # noqa: S301 # reason: from the process that started this one
        except EOFError:
            return
        pickle.dump(read(path), answers)
        answers.flush()
