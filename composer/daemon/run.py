"""The three kinds of process: daemon (schedule and worker, which begins the pages), worker, and public pages alone."""

from __future__ import annotations

import asyncio
import os
import socket
from functools import partial
from pathlib import Path

import structlog

from composer import clock
from composer.daemon.log import Form
from composer.daemon.metrics_server import MetricsAddress, serve_metrics
from composer.daemon.pages_process import bound_resources, serve_pages
from composer.daemon.pages_watch import PagesWatch
from composer.daemon.process import AppContext, Part, app_context, run_until_signal
from composer.daemon.scheduler import Scheduler
from composer.daemon.sweep import sweeping
from composer.daemon.telling import Telling
from composer.daemon.token_keeper import keep_to_itself
from composer.delivery.ledger.messages import signer
from composer.delivery.worker.worker import Worker
from composer.newsroom.environment import dkim_key, former_keys, pages_database_url, passwords_given
from composer.public import listen
from composer.schedule.downtime import hold_stale
from composer.subscribers import token_reader

_log = structlog.get_logger()


async def run(
    root: Path,
    host: str,
    port: int,
    metrics: MetricsAddress | None = None,
    log: Form = "console",
    verbose: bool = False,
) -> None:
    """Run scheduler, worker and retention until a signal; and metrics, where they have an address.

    The public pages are a process of their own, begun here; ``log`` and ``verbose`` are the form of its logs.
    """
    keep_to_itself()  # its pages are another process of the same account
    base, ready = _able_to_send(app_context(root)), asyncio.Event()
    with listen(host, port) as listener:
        telling = Telling(base.engine)  # kept across SIGHUP, so that a reload waits for no alert
        pages = PagesWatch(listener, ready, log, verbose)
        try:
            await run_until_signal(
                base, _after(ready, partial(_tick, telling)), _worker, pages, sweeping, *_metrics(metrics)
            )
        finally:
            await asyncio.to_thread(telling.stop)


async def run_worker(root: Path, metrics: MetricsAddress | None = None) -> None:
    """Run one more worker on the same database, until a signal."""
    keep_to_itself()
    await run_until_signal(_able_to_send(app_context(root)), _worker, *_metrics(metrics))


async def run_pages(root: Path, host: str, port: int) -> None:
    """Serve the public pages alone, until a signal."""
    base = app_context(root)
    bound_resources()
    with listen(host, port) as listener:
        await run_until_signal(base, partial(_pages, listener))


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
    await Scheduler(base.newsroom, base.engine, base.secret, telling).run(stop)


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


async def _pages(listener: socket.socket, base: AppContext, stop: asyncio.Event) -> None:
    host, port = listener.getsockname()[:2]

    def ready() -> None:
        _log.info("pages", host=host, port=port, process=os.getpid())

    read_token = token_reader(base.secret, *former_keys())
    with listener.dup() as own:  # the server closes its own; the next round, after SIGHUP, has this one
        await serve_pages(base.newsroom, pages_database_url(base.newsroom), read_token, own, stop, ready)
