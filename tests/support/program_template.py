"""What has imported the rooms and forks: ``python -c "… serve()"``, begun by ``tests.support.program``."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import sys
import time
from contextlib import suppress
from io import BufferedReader, BufferedWriter, FileIO, TextIOWrapper
from typing import Any, NoReturn

#: What a fork finds imported: the commands and what they import late, and what the tests' own programs use.
_ROOMS = ("composer.cli", "composer.daemon", "composer.delivery.worker", "composer.schedule")
_OWN = (
    "tests.delivery.support.chaos_relay",
    "tests.delivery.support.counting_relay",
    "tests.delivery.support.sender_process",
    "tests.schedule.support.welcome_walker",
)


def serve(control: int) -> None:
    """Fork at each request that comes on the socket ``control``, until its other side closes.

    A request is JSON (``words``, ``folder``, ``environment``) with four descriptors: standard input, output and error,
    and a pipe to which the process's number is written, then how it ended: its exit status as ``os.waitpid`` gives it,
    and the seconds of processor that it and its ended children took. Where this returns, it returned in a fork, which
    ends as any program does.
    """
    for package in _ROOMS:
        path = importlib.import_module(package).__path__
        for module in pkgutil.iter_modules(path):
            importlib.import_module(f"{package}.{module.name}")
    for name in _OWN:
        importlib.import_module(name)
    awake, wakeup = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wakeup)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's goes to the whole group; the socket's end ends this
    running: dict[int, int] = {}
    requests = socket.socket(fileno=control)
    while True:
        ready = select.select([control, awake], [], [])[0]
        if awake in ready:
            os.read(awake, 4096)
            _tell(running)
        if control not in ready:
            continue
        message, given, _flags, _address = socket.recv_fds(requests, 1 << 20, 4)
        if not message:
            os._exit(0)
        number = os.fork()
        if not number:
            signal.set_wakeup_fd(-1)
            for descriptor in (awake, wakeup, given[3], requests.detach(), *running.values()):
                os.close(descriptor)
            _become(json.loads(message), given[:3])
            return
        for descriptor in given[:3]:
            os.close(descriptor)
        running[number] = given[3]
        os.write(given[3], f"{number}\n".encode())


def _tell(running: dict[int, int]) -> None:
    """Say of each fork that ended how it did."""
    while running:
        number, status, used = os.wait4(-1, os.WNOHANG)
        if not number:
            return
        told = running.pop(number)
        with suppress(BrokenPipeError):  # the test that began it has ended
            os.write(told, f"{status} {used.ru_utime + used.ru_stime}\n".encode())
        os.close(told)


def _become(request: dict[str, Any], streams: list[int]) -> None:
    """Be the program that was asked for, in its folder, with its streams and its environment."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, descriptor in enumerate(streams):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    through = bool(os.environ.get("PYTHONUNBUFFERED"))
    sys.stdin = TextIOWrapper(BufferedReader(FileIO(0, closefd=False)), encoding="utf-8")
    sys.stdout = _writing(1, "strict", through)
    sys.stderr = _writing(2, "backslashreplace", True)
    program, *words = request["words"]
    sys.argv = ["-c", *words]
    if program == "filigrane":
        from composer.cli import main

        main()
    else:
        sys.modules.pop(program)
        runpy.run_module(program, run_name="__main__", alter_sys=True)


def _writing(descriptor: int, errors: str, through: bool) -> TextIOWrapper:
    raw = BufferedWriter(FileIO(descriptor, "w", closefd=False))
    return TextIOWrapper(raw, encoding="utf-8", errors=errors, line_buffering=through, write_through=through)


def main(control: int) -> NoReturn:
    """``serve`` as a program; a fork comes back here, and ends."""
    serve(control)
    sys.exit(0)
