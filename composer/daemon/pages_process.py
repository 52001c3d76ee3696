"""The readers' pages as a process of their own, which ``composer.daemon.pages_watch`` begins.

It is the process that strangers reach. ``run`` opens the port and hands over, through a pipe, what pages need and
nothing else: no password, no key, no relay. A second pipe is for the keeper of the keys (``token_keeper``). Its
descriptors, memory and priority are bounded, so that what is done to it takes nothing from the sender. It ends when the
first pipe closes: with ``run``, however that ends.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import pickle
import resource
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import BinaryIO

import structlog

from composer import locale
from composer.daemon.landlock import change_only_below
from composer.daemon.log import Form, configure
from composer.daemon.process import run_uvloop
from composer.daemon.token_keeper import asking, begin_keeper
from composer.database import open_database, parse_url, permit
from composer.errors import FiligraneError
from composer.locale import Language
from composer.newsroom.model import Lexicon, Newsroom
from composer.public import INSERTS, READS, UPDATES, NetworkLimits, TokenBucket, app, serve_on
from composer.subscribers.tokens import TokenReader

#: Open files and sockets. The pages hold at most 400 connections, a picture for each, and the database's.
DESCRIPTORS = 1024

#: Bytes of address space, seven times what a flooded process took.
MEMORY = 1 << 30

#: M_ARENA_MAX of mallopt(3).
_ARENAS = -8

#: Added to the niceness: the sender and the database go first.
NICENESS = 5

_log = structlog.get_logger()


@dataclass(frozen=True)
class HandedOver:
    """What ``run`` gives to the process. The listening socket is inherited, under the number ``listener``.
    ``hook_digests``: ``composer.returns.hooks.doors``."""

    newsroom: Newsroom
    database: str
    listener: int
    hook_digests: Mapping[str, str]
    language: Language
    log: Form
    verbose: bool


def for_pages(newsroom: Newsroom) -> Newsroom:
    """The newsroom without what pages do not show: addresses of the staff, relays, webhook, sponsors, files' texts."""
    settings = newsroom.settings.model_copy(
        update={"relays": (), "dkim": None, "alerts": (), "webhook": None, "ping": None, "only_to": (), "hooks": None}
    )
    publications = {
        name: publication.model_copy(update={"people": {}, "editors": (), "canary": None})
        for name, publication in newsroom.publications.items()
    }
    return replace(
        newsroom,
        settings=settings,
        publications=publications,
        sponsors={},
        lexicon=Lexicon(),
        sources={},
        unread={},
        findings=(),
    )


def bound_resources() -> None:
    """Lower this process's limits, for good. A limit that is lower already stays as it is."""
    with suppress(OSError, AttributeError):  # glibc's alone: each arena of its own reserves 64 MiB of addresses
        ctypes.CDLL(None).mallopt(_ARENAS, 2)
    for kind, most in ((resource.RLIMIT_NOFILE, DESCRIPTORS), (resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(kind)[1]
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (bound, bound))
    with suppress(PermissionError):  # units of earlier versions forbid the call; pages at full priority are pages
        os.nice(NICENESS)


async def serve_pages(
    newsroom: Newsroom,
    database: str,
    read_token: TokenReader,
    hook_digests: Mapping[str, str],
    listener: socket.socket,
    stop: asyncio.Event,
    ready: Callable[[], object],
) -> None:
    """Serve the pages on ``listener`` until ``stop``; call ``ready`` at the start, unless ``open_database`` raises."""
    engine = open_database(database, newsroom.root)
    permit(engine, reads=READS, updates=UPDATES, inserts=INSERTS)
    try:
        signup_limit = TokenBucket()
        pages = app(engine, newsroom, read_token, hook_digests, signup_limit)
        ready()
        network_of = NetworkLimits(newsroom.settings.trusted_proxies).network
        await serve_on(listener, pages, stop, network_of, signup_limit=signup_limit)
    finally:
        engine.dispose()


def serve_handed_over(keys: int) -> None:
    """The process: read what is handed over on standard input, and serve until it ends or SIGTERM comes.

    ``keys`` is the descriptor from which the keeper, and not this process, reads the keys.
    """
    bound_resources()
    read_token = asking(begin_keeper(keys))
    given: BinaryIO = sys.stdin.buffer
    handed: HandedOver = pickle.load(given)  # noqa: S301 # reason: written by the process that began this one
    locale.use(handed.language)
    configure(handed.log, verbose=handed.verbose)
    try:
        _give_up_writing(handed)
        run_uvloop(_until_told(handed, read_token))
    except FiligraneError as error:
        _log.error("pages-not-served", why=str(error))
        sys.exit(error.exit_code)


def _give_up_writing(handed: HandedOver) -> None:
    """All but SQLite's file, and what it makes beside it."""
    url = parse_url(handed.database)
    file = url.database if url.get_backend_name() == "sqlite" else None
    with suppress(OSError):  # no folder, no database: opening it says so
        change_only_below(*([(handed.newsroom.root / file).parent] if file else []))


async def _until_told(handed: HandedOver, read_token: TokenReader) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_reader(sys.stdin.fileno(), stop.set)  # readable at its end only: everything before was read
    with socket.socket(fileno=handed.listener) as listener:
        ready = partial(print, "ready", flush=True)
        await serve_pages(handed.newsroom, handed.database, read_token, handed.hook_digests, listener, stop, ready)
