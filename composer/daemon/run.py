"""The three processes: everything in one, a sender more, the pages alone."""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog

from composer.daemon.hour import Hour
from composer.daemon.process import Ground, Part, ground, together
from composer.delivery import Worker
from composer.delivery.letters import signer
from composer.newsroom.environment import dkim_key
from composer.public import app, serve

_log = structlog.get_logger()


async def run(root: Path, host: str, port: int) -> None:
    """Schedule, worker and readers' pages, until a signal."""
    base = _able_to_send(ground(root))
    listening: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    hour = Hour(base.newsroom, base.engine, base.secret)
    await together(_after(listening, hour.run), _worker(base), _pages(base, host, port, listening))


async def run_worker(root: Path) -> None:
    """One more worker on the same database."""
    base = _able_to_send(ground(root))
    await together(_worker(base))


async def run_pages(root: Path, host: str, port: int) -> None:
    """The readers' pages alone."""
    listening: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    await together(_pages(ground(root), host, port, listening))


def _able_to_send(base: Ground) -> Ground:
    """Raises ``Refused`` where the signing key is missing or wrong: it is told now, not at the hour."""
    dkim = base.newsroom.settings.dkim
    if dkim is not None:
        signer(dkim.domain, dkim.selector, dkim_key(base.newsroom))
    return base


def _worker(base: Ground) -> Part:
    return Worker(base.engine, base.newsroom, base.secret).run


def _after(ready: asyncio.Future[int], part: Part) -> Part:
    """``part``, begun once the pages can be reached: the first tick may ask them for a letter's pictures."""

    async def waiting(stop: asyncio.Event) -> None:
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait((ready, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if ready.done():
            await part(stop)

    return waiting


def _pages(base: Ground, host: str, port: int, listening: asyncio.Future[int]) -> Part:
    async def part(stop: asyncio.Event) -> None:
        listening.add_done_callback(lambda ready: _log.info("pages", host=host, port=ready.result()))
        await serve(app(base.engine, base.newsroom, base.secret), host, port, stop, listening)

    return part
