"""Begin the process of the readers' pages, and begin it again when it ends.

The listening socket stays open here: readers who come while no process serves wait, and are not refused.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from dataclasses import dataclass

import structlog

from composer import locale
from composer.daemon.log import Form
from composer.daemon.pages_process import HandedOver, for_pages
from composer.daemon.process import AppContext
from composer.newsroom.environment import former_keys, pages_database_url, plain_environment
from composer.returns.hooks.doors import hook_digests

#: Seconds before a process that ended is begun again: doubled each time, up to the last.
_FIRST, _LAST = 0.5, 30.0

#: Seconds without an end after which the next one counts as the first.
_SOUND = 60.0

#: Seconds in which a process answers that it serves, and in which it ends once told: 5 s are for requests under way.
_READY, _ENDS = 60.0, 10.0

_log = structlog.get_logger()


@dataclass(frozen=True)
class PagesWatch:
    """What the process is begun with, beside the newsroom.

    ``ready`` is set once it serves, or has ended once: what waits for pages must not wait for ever.
    """

    listener: socket.socket
    ready: asyncio.Event
    log: Form = "console"
    verbose: bool = False

    async def __call__(self, base: AppContext, stop: asyncio.Event) -> None:
        """Keep a process serving until ``stop``. A part of ``run_until_signal``."""
        loop, delay = asyncio.get_running_loop(), _FIRST
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                began = loop.time()
                code = await self._serve_once(base, stopping)
                self.ready.set()
                if stop.is_set():
                    break
                delay = _FIRST if loop.time() - began > _SOUND else delay
                _log.error("pages-ended", ended=_how(code), again_in=delay)
                await asyncio.wait((stopping,), timeout=delay)
                delay = min(2 * delay, _LAST)
        finally:
            stopping.cancel()

    async def _serve_once(self, base: AppContext, stopping: asyncio.Task[bool]) -> int:
        """Begin a process and wait for its end, or end it when ``stopping`` is done; return its exit code."""
        handed = HandedOver(
            newsroom=for_pages(base.newsroom),
            database=pages_database_url(base.newsroom),
            listener=self.listener.fileno(),
            hook_digests=hook_digests(base.newsroom, (base.secret, *former_keys())),
            language=locale.language(),
            log=self.log,
            verbose=self.verbose,
        )
        keys = _pipe_with(pickle.dumps((base.secret, *former_keys())))
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            f"from composer.daemon.pages_process import serve_handed_over; serve_handed_over({keys})",
            stdin=PIPE,
            stdout=PIPE,
            pass_fds=(handed.listener, keys),
            env=plain_environment(),
            start_new_session=True,  # a terminal's ^C is for this process, which then ends that one
        )
        os.close(keys)
        ended = asyncio.create_task(process.wait())
        try:
            talk = asyncio.create_task(self._hand_over(process, handed))
            await asyncio.wait((ended, talk, stopping), timeout=_READY, return_when=asyncio.FIRST_COMPLETED)
            if not talk.done() and not stopping.done() and not ended.done():
                process.kill()
            talk.cancel()
            await asyncio.wait((ended, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _end(process, ended)
        return await ended

    async def _hand_over(self, process: Process, handed: HandedOver) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(pickle.dumps(handed))
        if await process.stdout.readline():
            host, port = self.listener.getsockname()[:2]
            _log.info("pages", host=host, port=port, process=process.pid)
            self.ready.set()


async def _end(process: Process, ended: asyncio.Task[int]) -> None:
    """Ask the process to end, and insist after ``_ENDS`` seconds."""
    if ended.done():
        return
    process.terminate()
    await asyncio.wait((ended,), timeout=_ENDS)
    if not ended.done():
        process.kill()
        await ended


def _pipe_with(content: bytes) -> int:
    """The end to read of a pipe that holds ``content``: less than the 64 KiB of its buffer."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as pipe:
        pipe.write(content)
    return reading


def _how(code: int) -> str:
    """``SIGKILL`` or ``exit code 3``."""
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
