"""The archive in the daemon: beside the ticks, a letter or a file at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError

from composer import clock
from composer.archive.paid_copies import copy_steps
from composer.archive.site import SITE, STORE, Site, site_steps
from composer.archive.statements import open_publications
from composer.archive.store import ArchiveStore
from composer.daemon.process import AppContext
from composer.delivery.limits.relay_backoff import until
from composer.delivery.smtp.reply import scrub
from composer.errors import FiligraneError
from composer.newsroom import load_newsroom
from composer.newsroom.model import Newsroom
from composer.newsroom.unread import keeping

#: Seconds between two looks for a letter that has become readable online.
LOOK = 30.0

#: Seconds between two steps: a letter that leaves meanwhile has the processor most of the time.
PAUSE = 0.02

_log = structlog.get_logger()


async def archiving(base: AppContext, stop: asyncio.Event) -> None:
    """Keep the site up to date until ``stop``. Any failure is logged; the next look tries again."""
    site: Site | None = None
    newsroom = base.newsroom
    try:
        while not stop.is_set():
            try:
                newsroom = await asyncio.to_thread(_reread, newsroom)
                if site is not None or open_publications(newsroom) or (newsroom.root / STORE).exists():
                    if site is None:
                        site = await asyncio.to_thread(_opened, newsroom.root)
                    await _bring_up_to_date(site, newsroom, base, stop)
            except (FiligraneError, SQLAlchemyError, OSError) as error:
                # The site is no part of sending: its failure ends no other part.
                why = scrub(str(error)) if isinstance(error, FiligraneError) else type(error).__name__
                _log.warning("archive-failed", why=why)
            await until(stop, LOOK)
    finally:
        if site is not None:
            site.store.close()


async def _bring_up_to_date(site: Site, newsroom: Newsroom, base: AppContext, stop: asyncio.Event) -> None:
    try:
        await _take(copy_steps(site, newsroom, base.engine, clock.now()), stop)
    finally:  # what keeps the copies from being made does not keep the site
        await _take(site_steps(site, newsroom, base.engine, clock.now()), stop)


async def _take(steps: Iterator[str], stop: asyncio.Event) -> None:
    """All of ``steps``, each in a thread, until ``stop``."""
    done = 0
    while await asyncio.to_thread(next, steps, None) is not None:
        done += 1
        await until(stop, PAUSE)
        if stop.is_set():
            return
    if done:
        _log.info("archive-written", steps=done)


def _opened(root: Path) -> Site:
    return Site(root / SITE, ArchiveStore(root / STORE), searchable=True)


def _reread(newsroom: Newsroom) -> Newsroom:
    """The configuration as it is now, as a tick reads it; a publication with mistakes goes on as it was."""
    return keeping(load_newsroom(newsroom.root), newsroom)
