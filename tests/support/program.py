"""``filigrane``, and the tests' own programs, as processes: forks of one that has imported the rooms already.

To import them takes most of the processor's time of a command, and the tests begin some thousand. A fork is a process
as any other: its number, signals, descriptors, environment, working folder and end are its own. What a program does
before it has imported is tested where it is started for itself (``tests/cli/test_imports.py``, ``tests/packaging``);
with ``FILIGRANE_WHOLE`` and where lines are counted, every process is.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import IO

from tests.support.lengths import WHOLE

_ALONE = WHOLE or any(name.startswith("COV") for name in os.environ)
_FILIGRANE = [sys.executable, "-c", "from composer.cli import main; main()"]
_SERVE = "import sys; from tests.support.program_template import main; main(int(sys.argv[1]))"

Stream = int | IO[str] | None

#: Seconds of processor that each fork took which ended: they are no children of this process.
_spent: list[float] = []


def spent() -> float:
    """Seconds of processor that the forks took which ended."""
    return sum(_spent)


class Fork(subprocess.Popen[str]):
    """A fork, as ``Popen`` shows a process. ``told`` is the pipe that says how it ended."""

    def __init__(self, words: list[str], number: int, told: IO[str], ends: dict[str, IO[str]]) -> None:
        self.args, self.pid, self.returncode = words, number, None
        self.stdin, self.stdout, self.stderr = ends.get("stdin"), ends.get("stdout"), ends.get("stderr")
        self._told = told
        self._child_created = self._communication_started = False  # what ``communicate`` and ``__del__`` ask
        self._input, self.text_mode = None, True

    def poll(self) -> int | None:
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        code = self._ended(timeout)
        if code is None:
            assert timeout is not None
            raise subprocess.TimeoutExpired(self.args, timeout)
        return code

    def _ended(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._told], [], [], timeout)[0]:
            status, seconds = self._told.readline().split()
            self.returncode = os.waitstatus_to_exitcode(int(status))
            _spent.append(float(seconds))
            self._told.close()
        return self.returncode


def begin(
    program: str,
    *words: str,
    stdin: Stream = None,
    stdout: Stream = None,
    stderr: Stream = None,
    alone: bool = False,
    environment: dict[str, str] | None = None,
) -> subprocess.Popen[str]:
    """Start ``program`` (``filigrane``, or the name of a module), with streams as ``subprocess.Popen`` takes them.

    ``environment`` is added to this process's. ``alone``: no fork, where a test looks at what happens while it imports.
    """
    full = os.environ | (environment or {})
    if alone or _ALONE:
        command = _FILIGRANE if program == "filigrane" else [sys.executable, "-m", program]
        return subprocess.Popen([*command, *words], stdin=stdin, stdout=stdout, stderr=stderr, text=True, env=full)
    ours: dict[str, IO[str]] = {}
    theirs: list[int] = []
    to_close: list[int] = []
    for number, (name, stream) in enumerate({"stdin": stdin, "stdout": stdout, "stderr": stderr}.items()):
        if stream == subprocess.PIPE:
            reading, writing = os.pipe2(os.O_CLOEXEC)
            end, own = (reading, writing) if name == "stdin" else (writing, reading)
            ours[name] = os.fdopen(own, "w" if name == "stdin" else "r", encoding="utf-8")
            to_close.append(end)
        elif stream == subprocess.STDOUT:
            end = theirs[1]
        elif stream == subprocess.DEVNULL:
            to_close.append(end := os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC))
        elif stream is None:
            end = number
        else:
            end = stream if isinstance(stream, int) else stream.fileno()
        theirs.append(end)
    reading, writing = os.pipe2(os.O_CLOEXEC)
    request = {"words": [program, *words], "folder": str(Path.cwd()), "environment": dict(full)}
    socket.send_fds(_template(), [json.dumps(request).encode()], [*theirs, writing])
    for descriptor in (*to_close, writing):
        os.close(descriptor)
    told = os.fdopen(reading, encoding="ascii")
    return Fork([program, *words], int(told.readline()), told, ours)


def run(program: str, *words: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run ``program`` to its end, within ten minutes; what it said."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out, tempfile.TemporaryFile("w+", encoding="utf-8") as err:
        process = begin(program, *words, stdin=subprocess.DEVNULL, stdout=out, stderr=err, environment=environment)
        code = process.wait(600)
        for stream in (out, err):
            stream.seek(0)
        return subprocess.CompletedProcess([program, *words], code, out.read(), err.read())


@cache
def _template() -> socket.socket:
    """The socket of the process that forks; it ends with this one."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = subprocess.Popen([sys.executable, "-c", _SERVE, str(theirs.fileno())], pass_fds=[theirs.fileno()])
    theirs.close()
    atexit.register(process.wait)
    atexit.register(ours.close)
    return ours
