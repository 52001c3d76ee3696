"""The three kinds of process: daemon (everything in one), worker, and public pages alone."""

from __future__ import annotations

import asyncio
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
from composer.delivery.ledger.rollback import went_back
from composer.delivery.worker.beat_file import compare
from composer.delivery.worker.worker import Worker
from composer.newsroom.environment import dkim_key, passwords_given
from composer.public import app, serve
from composer.schedule.downtime import compared, hold_stale

_log = structlog.get_logger()


async def run(root: Path, host: str, port: int, metrics: MetricsAddress | None = None) -> None:
    """Run scheduler, worker, public pages and retention until a signal; and metrics, where they have an address."""
    base, ready = app_context(root), asyncio.Event()
    telling = Telling(base.engine)  # kept across SIGHUP, so that a reload waits for no alert
    tick, worker = partial(_tick, telling), partial(_worker, telling)
    try:
        _able_to_send(base, telling)
        await run_until_signal(
            base, _after(ready, tick), worker, _pages(host, port, ready), sweeping, *_metrics(metrics)
        )
    finally:
        await asyncio.to_thread(telling.stop)


async def run_worker(root: Path, metrics: MetricsAddress | None = None) -> None:
    """Run one more worker on the same database, until a signal."""
    base = app_context(root)
    telling = Telling(base.engine)
    try:
        _able_to_send(base, telling)
        await run_until_signal(base, partial(_worker, telling), *_metrics(metrics))
    finally:
        await asyncio.to_thread(telling.stop)


async def run_pages(root: Path, host: str, port: int) -> None:
    """Serve the public pages alone, until a signal."""
    await run_until_signal(app_context(root), _pages(host, port, asyncio.Event()))


def _able_to_send(base: AppContext, telling: Telling) -> None:
    """Raises ``Refused`` where a relay's password or the signing key is missing: now, not when an issue is due.

    Open mailings are paused, for a person to decide, where this database is older than the counters kept on this host,
    or where nothing ran for long and no counter shows that it is not.
    """
    passwords_given(base.newsroom.settings)
    dkim = base.newsroom.settings.dkim
    if dkim is not None:
        signer(dkim.domain, dkim.selector, dkim_key(base.newsroom))
    with base.engine.begin() as connection:
        comparison = compare(connection, base.newsroom.root)
        rollback = went_back(connection, 0) if comparison.back else None
        if comparison.same:
            compared(connection, clock.now())
        stale = () if rollback else hold_stale(connection, base.newsroom, clock.now())
    for mailing in stale:
        _log.warning("mailing-paused", mailing=mailing, why="long-gap")
    if rollback is not None:
        _log.error("ledger-went-back", worker=None, paused=list(rollback.paused))
        comparison.forget()
        telling.went_back(base.newsroom, rollback)


async def _tick(telling: Telling, base: AppContext, stop: asyncio.Event) -> None:
    await Scheduler(base.newsroom, base.engine, base.secret, telling).run(stop)


async def _worker(telling: Telling, base: AppContext, stop: asyncio.Event) -> None:
    told = partial(telling.went_back, base.newsroom)
    await Worker(base.engine, base.newsroom, base.secret, went_back=told).run(stop)


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
