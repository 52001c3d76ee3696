"""A process that sends or serves: what it needs to start, and how it ends.

The first SIGTERM or SIGINT drains: no new tick, no new message, requests under way are answered. A second one ends the
process at once; the ledger recovers from that. SIGHUP reads the newsroom again: each part ends and starts again with
it, as soon as it can. Where config/newsroom.yaml has mistakes, nothing changes; a publication with mistakes in its file
goes on as it was.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import structlog
import uvloop
from sqlalchemy import Engine

from composer.database import connect, refuse_strays
from composer.delivery.smtp.reply import scrub
from composer.errors import FiligraneError
from composer.locale import use
from composer.newsroom import load_newsroom
from composer.newsroom.environment import database_url, ping_url, secret_key, webhook_url
from composer.newsroom.model import Newsroom
from composer.newsroom.unread import files_with_errors, keeping
from composer.subscribers.address_key import open_keyed

#: A part of the process: runs with this context until the event is set, then cleans up and returns.
Part = Callable[["AppContext", asyncio.Event], Awaitable[None]]

#: Seconds within which a second signal counts as the first one, delivered twice.
_ECHO = 1.0

_log = structlog.get_logger()


@dataclass(frozen=True)
class AppContext:
    """The newsroom, database engine and secret shared by a process's parts. ``leaving`` is set once the process is to
    end; a part begins again where its own event alone is set."""

    newsroom: Newsroom
    engine: Engine
    secret: bytes
    leaving: asyncio.Event = field(default_factory=asyncio.Event)


def app_context(root: Path) -> AppContext:
    """Load them. Raises ``Mistakes``, ``Refused`` or ``OutsideWorld``, saying what to type, where one is missing."""
    newsroom = _read(root)
    secret = secret_key(root)
    for address in (webhook_url, ping_url):  # a mistake in the environment is said now, not at the first alert
        address(newsroom.settings)
    url = database_url(newsroom)
    refuse_strays(connect(url, root))
    return AppContext(newsroom, open_keyed(url, root), secret)


def _read(root: Path) -> Newsroom:
    """Load the newsroom; log which of its files have mistakes."""
    newsroom = load_newsroom(root)
    for file, count in files_with_errors(newsroom).items():
        _log.error("configuration-file-not-used", file=file, mistakes=count)
    return newsroom


async def run_until_signal(base: AppContext, *parts: Part) -> None:
    """Run ``parts`` until a signal, or until one of them ends. Raises what the first one that failed raised."""
    stop, loop, first = base.leaving, asyncio.get_running_loop(), 0.0
    rounds: set[asyncio.Event] = set()  #: the stop event of each part's current run

    def end_rounds() -> None:
        for ending in rounds:
            ending.set()

    def asked(number: int) -> None:
        nonlocal first
        if stop.is_set() and loop.time() - first < _ECHO:
            return  # one request, heard twice: timeout(1) signals the process, then its group
        if stop.is_set():
            os._exit(128 + number)
        first = loop.time()
        _log.info("stopping", signal=signal.Signals(number).name)
        stop.set()
        end_rounds()

    def reread() -> None:
        nonlocal base
        try:
            base = replace(base, newsroom=keeping(_read(base.newsroom.root), base.newsroom))
        except Exception as error:  # noqa: BLE001 # reason: whatever a file does to reading it, the process goes on
            expected = isinstance(error, FiligraneError)
            _log.error(
                "configuration-not-read", why=scrub(str(error) if expected else f"{type(error).__name__}: {error}")
            )
            return
        _log.info("configuration-read")
        end_rounds()

    async def run(part: Part) -> None:
        try:
            while not stop.is_set():
                use(base.newsroom.settings.language)  # this task's own: what read it again was another
                ending = asyncio.Event()
                rounds.add(ending)
                try:
                    await part(base, ending)
                finally:
                    rounds.discard(ending)
                if not ending.is_set():
                    return
        finally:
            stop.set()  # without one of its parts the daemon would look healthy from outside
            end_rounds()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked, number)
    loop.add_signal_handler(signal.SIGHUP, reread)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})  # blocked since the start of the command
    ended = await asyncio.gather(*map(run, parts), return_exceptions=True)
    for outcome in ended:
        if isinstance(outcome, BaseException):
            raise outcome
    _log.info("stopped")


def run_uvloop(main: Coroutine[Any, Any, None]) -> None:
    """Run ``main`` on uvloop: sending costs its thread a sixth less than on asyncio's own loop, in ``bench.send``."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)
