"""What is sent to while measuring: Postfix's ``smtp-sink`` where it is, and a relay that delays."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from time import sleep


def program(name: str) -> str | None:
    """A program of Postfix's, which Debian keeps out of the user's PATH."""
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


@contextmanager
def sink() -> Iterator[int]:
    """The relay that accepts everything, in its own process; its port."""
    postfix = program("smtp-sink")
    if postfix is None:
        with _process([sys.executable, "-m", "bench.sink"]) as port:
            yield port
        return
    port = _free_port()
    # As root it wants to become somebody else.
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    with subprocess.Popen([postfix, *user, f"127.0.0.1:{port}", "200"]) as process:
        try:
            _until_it_listens(port)
            yield port
        finally:
            process.kill()


@contextmanager
def delayed(port: int, milliseconds: float) -> Iterator[int]:
    """A port behind which ``port`` is that much further away, there and back."""
    with _process([sys.executable, "-m", "bench.delay", str(port), str(milliseconds / 2)]) as near:
        yield near


@contextmanager
def _process(command: list[str]) -> Iterator[int]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _until_it_listens(port: int) -> None:
    for _attempt in range(100):
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        sleep(0.05)
    raise SystemExit("smtp-sink does not start")
