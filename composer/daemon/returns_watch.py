"""What came back, beside the sending: the mailbox is read, and LMTP is listened to, by processes of their own.

Each has little memory, a low priority, and no password of a relay and no DKIM key. One that hangs is ended, one that
fails is begun again later; no letter waits for either.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from contextlib import suppress

import structlog
from sqlalchemy.exc import SQLAlchemyError

from composer.daemon.process import AppContext
from composer.delivery.limits.relay_backoff import until
from composer.delivery.smtp.reply import scrub
from composer.errors import FiligraneError
from composer.newsroom.environment import returns_environment

#: Seconds from the start to the first reading; between two where the mailbox holds more; and the least between others.
FIRST, MORE, LEAST = 5.0, 2.0, 10.0
#: Seconds after which a reading is ended, and in which a process ends once told.
READING_SECONDS, _ENDS = 300.0, 10.0
#: Seconds before a listener that ended is begun again: doubled each time, up to the last.
_AGAIN, _LAST = 1.0, 60.0

_MEMORY = 1024**3
_PROGRAM = (
    f"import os, resource, sys\nresource.setrlimit(resource.RLIMIT_AS, ({_MEMORY}, {_MEMORY}))\n"
    "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"
    "try: os.nice(5)\nexcept OSError: pass\n"
    "from composer.cli import main\nmain()"
)

_log = structlog.get_logger()


async def reading_mailbox(base: AppContext, stop: asyncio.Event) -> None:
    """Have the mailbox read at its interval, until ``stop``; where there is none, wait."""
    mailbox = base.newsroom.settings.returns.mailbox
    if mailbox is None:
        await stop.wait()
        return
    wait = FIRST
    while not stop.is_set():
        await until(stop, wait)
        if stop.is_set():
            return
        wait = max(mailbox.interval.total_seconds(), LEAST)
        try:
            if await _read_once(base, stop):
                wait = MORE
        except (FiligraneError, SQLAlchemyError, OSError, ValueError) as error:
            _log.warning("returns-not-read", why=type(error).__name__)


async def listening_for_returns(base: AppContext, stop: asyncio.Event) -> None:
    """Keep a process listening for LMTP, until ``stop``; where no address is given, wait."""
    if base.newsroom.settings.returns.lmtp is None:
        await stop.wait()
        return
    delay, loop = _AGAIN, asyncio.get_running_loop()
    while not stop.is_set():
        began = loop.time()
        with suppress(OSError):
            lines, end = await _lines()
            try:
                process = await _begun(base, "listen", told=end)
            finally:
                os.close(end)
            telling = asyncio.create_task(_telling(lines))
            _told, said = await _ended(process, stop, None)
            await telling  # its pipe ended with the process
            if stop.is_set():
                return
            _log.warning("returns-listener-ended", code=process.returncode, why=_last(said))
        delay = _AGAIN if loop.time() - began > _LAST else min(2 * delay, _LAST)
        await until(stop, delay)


async def _lines() -> tuple[asyncio.StreamReader, int]:
    """A pipe: its lines, and the descriptor that writes them, which the caller closes."""
    begin, end = os.pipe()
    lines = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(lines)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, os.fdopen(begin, "rb", 0))
    return lines, end


async def _telling(lines: asyncio.StreamReader) -> None:
    """Log each line of a listener: what it took, and of which delivery."""
    while line := await lines.readline():
        _log.info("returns-told", what=_last(line))


async def _read_once(base: AppContext, stop: asyncio.Event) -> bool:
    """One reading; whether the mailbox holds more."""
    process = await _begun(base, "fetch", "--json", told=PIPE)
    told, said = await _ended(process, stop, READING_SECONDS)
    if process.returncode != 0:
        if not stop.is_set():
            _log.warning("returns-not-read", why=_last(said) or f"exit code {process.returncode}")
        return False
    found = json.loads(told)
    if found["read"] or found["failed"]:
        _log.info(
            "returns-read",
            read=found["read"],
            acted=found["acted"],
            answers=found["answers"],
            strangers=found["strangers"],
            failed=found["failed"],
        )
    return bool(found["more"])


async def _begun(base: AppContext, *words: str, told: int) -> Process:
    command: Sequence[str] = (sys.executable, "-c", _PROGRAM, "--newsroom", str(base.newsroom.root), "returns", *words)
    # Its own session: a terminal's ^C is for this process, which then ends that one.
    return await asyncio.create_subprocess_exec(
        *command, stdin=DEVNULL, stdout=told, stderr=PIPE, env=returns_environment(), start_new_session=True
    )


async def _ended(process: Process, stop: asyncio.Event, seconds: float | None) -> tuple[bytes, bytes]:
    """What it told and said, once it ended by itself, by ``stop`` or after ``seconds``."""
    talk, stopping = asyncio.create_task(process.communicate()), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((talk, stopping), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if not talk.done():
            with suppress(ProcessLookupError):
                process.terminate()
            await asyncio.wait((talk,), timeout=_ENDS)
        if not talk.done():
            with suppress(ProcessLookupError):
                process.kill()
        told, said = await talk
        return told or b"", said or b""
    finally:
        stopping.cancel()
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()


def _last(said: bytes) -> str:
    """What a process said last, without an address."""
    lines = said[-4_000:].decode("utf-8", "replace").split("\n")
    return scrub(" ".join(line.strip() for line in lines[-5:] if line.strip()))[:300]
