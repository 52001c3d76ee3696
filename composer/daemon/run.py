"""The three kinds of process: daemon (everything in one), worker, and public pages alone."""

from __future__ import annotations

import asyncio
import os
import signal
from functools import partial
from pathlib import Path

import structlog

from composer import clock
from composer.daemon.metrics_server import MetricsAddress, serve_metrics
from composer.daemon.process import AppContext, Part, app_context, run_until_signal
from composer.daemon.scheduler import Scheduler
from composer.daemon.sweep import sweeping
from composer.daemon.telling import Telling
from composer.delivery.ledger.messages import signer
from composer.delivery.worker.worker import Worker
from composer.newsroom.environment import dkim_key, passwords_given
from composer.public import app, serve
from composer.schedule.downtime import hold_stale

_log = structlog.get_logger()


async def run(root: Path, host: str, port: int, metrics: MetricsAddress | None = None) -> None:
    """Run scheduler, worker, public pages and retention until a signal; and metrics, where they have an address."""
    base, ready = _able_to_send(app_context(root)), asyncio.Event()
    telling = Telling(base.engine)  # kept across SIGHUP, so that a reload waits for no alert
    parts = _after(ready, partial(_tick, telling)), _worker, _pages(host, port, ready), sweeping, *_metrics(metrics)
    try:
        await run_until_signal(base, *parts)
    finally:
        await asyncio.to_thread(telling.stop)


async def run_worker(root: Path, metrics: MetricsAddress | None = None) -> None:
    """Run one more worker on the same database, until a signal."""
    await run_until_signal(_able_to_send(app_context(root)), _worker, *_metrics(metrics))


async def run_pages(root: Path, host: str, port: int) -> None:
    """Serve the public pages alone, until a signal."""
    await run_until_signal(app_context(root), _pages(host, port, asyncio.Event()))


def _able_to_send(base: AppContext) -> AppContext:
    """Raises ``Refused`` where a relay's password or the signing key is missing: now, not when an issue is due.

    Mailings left open before a long gap are paused, for a person to decide.
    """
    passwords_given(base.newsroom.settings)
    dkim = base.newsroom.settings.dkim
    if dkim is not None:
        signer(dkim.domain, dkim.selector, dkim_key(base.newsroom))
    with base.engine.begin() as connection:
        for mailing in hold_stale(connection, base.newsroom, clock.now()):
            _log.warning("mailing-paused", mailing=mailing, why="long-gap")
    return base


async def _tick(telling: Telling, base: AppContext, stop: asyncio.Event) -> None:
    await Scheduler(base.newsroom, base.engine, base.secret, telling, _reload).run(stop)


def _reload() -> None:
    """Have every part of this process read the configuration again, as ``systemctl reload`` does."""
    os.kill(os.getpid(), signal.SIGHUP)


async def _worker(base: AppContext, stop: asyncio.Event) -> None:
    await Worker(base.engine, base.newsroom, base.secret).run(stop)


def _metrics(address: MetricsAddress | None) -> list[Part]:
    return [] if address is None else [partial(serve_metrics, address)]


def _after(ready: asyncio.Event, part: Part) -> Part:
    """``part``, started once the pages are served: the first tick may request an issue's pictures from them."""

    async def waiting(base: AppContext, stop: asyncio.Event) -> None:
        waits = [asyncio.create_task(event.wait()) for event in (ready, stop)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        if ready.is_set():
            await part(base, stop)

    return waiting


def _pages(host: str, port: int, ready: asyncio.Event) -> Part:
    async def part(base: AppContext, stop: asyncio.Event) -> None:
        def reachable(listening: asyncio.Future[int]) -> None:
            if not listening.cancelled():
                _log.info("pages", host=host, port=listening.result())
                ready.set()

        listening: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        listening.add_done_callback(reachable)
        await serve(app(base.engine, base.newsroom, base.secret), host, port, stop, listening)

    return part
