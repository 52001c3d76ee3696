"""The three kinds of process: daemon (schedule and worker, which begins the pages), worker, and public pages alone."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError

from composer import clock
from composer.daemon.archiving import archiving
from composer.daemon.doorkeeper import keep_doors
from composer.daemon.hookkeeper import keep_hooks
from composer.daemon.log import Form
from composer.daemon.metrics_server import MetricsAddress, serve_metrics
from composer.daemon.outage import DatabaseRefuses, Outage
from composer.daemon.pages_process import bound_resources, serve_pages
from composer.daemon.pages_watch import PagesWatch
from composer.daemon.process import AppContext, Part, app_context, run_until_signal
from composer.daemon.returns_watch import listening_for_returns, reading_mailbox
from composer.daemon.scheduler import Scheduler
from composer.daemon.sweep import sweeping
from composer.daemon.telling import Telling
from composer.daemon.token_keeper import keep_to_itself
from composer.database import (
    DATABASE_TROUBLE,
    DatabaseReplaced,
    changed,
    read_only,
    remove_left_log,
    replaced,
)
from composer.delivery.ledger.messages import signer
from composer.delivery.ledger.place import copied
from composer.delivery.ledger.rollback import of_a_copy, went_back
from composer.delivery.limits.relay_backoff import until
from composer.delivery.smtp.reply import scrub
from composer.delivery.worker.beat_file import compare
from composer.delivery.worker.worker import Worker
from composer.errors import FiligraneError, OutsideWorld
from composer.locale import gettext as _
from composer.newsroom import load_newsroom
from composer.newsroom.environment import dkim_key, former_keys, pages_database_url, passwords_given
from composer.newsroom.model import Newsroom
from composer.public import listen
from composer.returns.hooks.doors import hook_digests
from composer.schedule.clocks import tell_skew
from composer.schedule.downtime import compared, hold_stale
from composer.subscribers import token_reader
from composer.subscribers.address_key import require_address_key

#: Seconds between two comparisons of the database's files with what is open.
_LOOK = 5.0

#: Seconds for which a process that ends waits until what it told can be written down.
_HELD = 3600.0

#: Seconds between two comparisons of this host's clock with the database's.
_CLOCK = 60.0

_log = structlog.get_logger()


async def run(
    root: Path,
    host: str,
    port: int,
    metrics: MetricsAddress | None = None,
    log: Form = "console",
    verbose: bool = False,
) -> None:
    """Run scheduler, worker, retention and archive until a signal; and metrics, where they have an address.

    The public pages are a process of their own, begun here; ``log`` and ``verbose`` are the form of its logs.
    """
    keep_to_itself()  # its pages are another process of the same account
    ready, outage = asyncio.Event(), Outage(root)
    async with alerting(root, outage) as known:
        base = app_context(root)
        known.append(base.newsroom)
        with listen(host, port) as listener:
            telling = Telling(base.engine, outage)  # kept across SIGHUP, so that a reload waits for no alert
            ticking, pages = _after(ready, partial(_tick, telling)), PagesWatch(listener, ready, log, verbose)
            worker: Part = partial(_worker, telling)
            watching: Part = partial(_watch, outage)
            try:
                outage.refuse_damaged(base.engine)
                _able_to_send(base, telling)
                parts = (
                    ticking,
                    worker,
                    pages,
                    keep_doors,
                    keep_hooks,
                    sweeping,
                    archiving,
                    reading_mailbox,
                    listening_for_returns,
                )
                await run_until_signal(base, *parts, *_metrics(metrics), watching)
            finally:
                await asyncio.to_thread(telling.stop)


async def run_worker(root: Path, metrics: MetricsAddress | None = None) -> None:
    """Run one more worker on the same database, until a signal."""
    keep_to_itself()
    outage = Outage(root)
    async with alerting(root, outage) as known:
        base = app_context(root)
        known.append(base.newsroom)
        telling = Telling(base.engine, outage)
        try:
            outage.refuse_damaged(base.engine)
            _able_to_send(base, telling)
            await run_until_signal(base, partial(_worker, telling), *_metrics(metrics), partial(_watch, outage))
        finally:
            await asyncio.to_thread(telling.stop)


async def run_pages(root: Path, host: str, port: int) -> None:
    """Serve the public pages alone, until a signal."""
    outage = Outage(root)
    async with alerting(root, outage) as known:
        base = app_context(root)
        known.append(base.newsroom)
        bound_resources()
        with listen(host, port) as listener:
            await run_until_signal(base, partial(_pages, listener), partial(_watch, outage, ending=True))


@asynccontextmanager
async def alerting(root: Path, outage: Outage) -> AsyncIterator[list[Newsroom]]:
    """Alert the operator of what the database ends the process for; also where it keeps it from starting.

    Where the newsroom cannot be read any more (its folder was renamed), by the one that was: append it to the list.
    """
    known: list[Newsroom] = []
    try:
        yield known
    except (*DATABASE_TROUBLE, SQLAlchemyError) as error:
        trouble = error if isinstance(error, OutsideWorld) else _refused(error)
        try:
            known.append(load_newsroom(root))
        except FiligraneError as unread:
            if not known:
                _log.error("alert-not-sent", kind="database", channel="mail", why=scrub(str(unread)))
        if known:
            await asyncio.to_thread(outage.tell_all, known[-1], trouble)
        await _kept(outage)
        raise


async def _kept(outage: Outage) -> None:
    """Wait until what was told is written down, an hour at most, or for a signal: a process that systemd starts again
    every few seconds, on a disk that is full or read-only, would tell it each time."""
    if await asyncio.to_thread(outage.keep):
        return
    _log.warning("alert-not-kept", seconds=_HELD)
    leaving, ends = asyncio.Event(), clock.elapsed() + _HELD
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, leaving.set)
    while not leaving.is_set() and clock.elapsed() < ends and not await asyncio.to_thread(outage.keep):
        await until(leaving, _LOOK)


def _refused(error: Exception) -> OutsideWorld:
    """What is told of an error that no room expects: a constraint or a function that was added."""
    why = next(iter(str(getattr(error, "orig", error)).splitlines()), type(error).__name__)
    return DatabaseRefuses(_("the database refuses what Filigrane asks of it: {why}").format(why=scrub(why)))


async def _watch(outage: Outage, base: AppContext, stop: asyncio.Event, *, ending: bool = False) -> None:
    """Compare the database's files with what is open, every ``_LOOK`` seconds; alert where they were taken away.

    With ``ending`` the process then ends. A worker ends it otherwise, once it has written what is still open. On
    PostgreSQL there is no file: this host's clock is compared with the database's.

    Raises ``DatabaseUnavailable`` where another version has changed the tables meanwhile.
    """
    clock_at = -_CLOCK

    def look() -> DatabaseReplaced | None:
        nonlocal clock_at
        if base.engine.dialect.name == "postgresql":
            if clock.elapsed() - clock_at >= _CLOCK:
                tell_skew(base.engine, base.newsroom)
                clock_at = clock.elapsed()
            return None
        with read_only(base.engine).begin() as connection:
            if (error := replaced(connection)) is not None:
                remove_left_log(connection, rescued=False)
            return error

    while not stop.is_set():
        error = None
        with suppress(OutsideWorld, SQLAlchemyError):  # others say that the database is away
            error = await asyncio.to_thread(look)
        if error is not None and ending:
            raise error
        if error is not None:
            await asyncio.to_thread(outage.tell_all, base.newsroom, error)
        upgraded = None
        with suppress(OutsideWorld, SQLAlchemyError):
            upgraded = await asyncio.to_thread(changed, base.engine)
        if upgraded is not None:
            raise upgraded
        await until(stop, _LOOK)


def _able_to_send(base: AppContext, telling: Telling) -> None:
    """Raises ``Refused`` where a relay's password, the signing key or the address key is missing: now, not when an
    issue is due.

    Open mailings are paused, for a person to decide, where this database is older than the counters kept on this host
    or was copied, or where nothing ran for long and no counter shows that it is not.
    """
    passwords_given(base.newsroom.settings)
    require_address_key(base.engine)
    dkim = base.newsroom.settings.dkim
    if dkim is not None:
        signer(dkim.domain, dkim.selector, dkim_key(base.newsroom))
    with base.engine.begin() as connection:
        comparison, moved = compare(connection, base.newsroom.root), copied(connection)
        rollback = None
        if comparison.back or moved:
            rollback = went_back(connection, 0, why=None if comparison.back else of_a_copy())
        elif comparison.same:
            compared(connection, clock.now())
        stale = () if rollback else hold_stale(connection, base.newsroom, clock.now())
    for mailing in stale:
        _log.warning("mailing-paused", mailing=mailing, why="long-gap")
    if rollback is not None:
        if comparison.back:
            _log.error("ledger-went-back", worker=None, paused=list(rollback.paused))
        else:
            _log.error("database-copied", paused=list(rollback.paused))
        comparison.forget()
        telling.went_back(base.newsroom, rollback)


async def _tick(telling: Telling, base: AppContext, stop: asyncio.Event) -> None:
    await Scheduler(base.newsroom, base.engine, base.secret, telling, _reload).run(stop)


def _reload() -> None:
    """Have every part of this process read the configuration again, as ``systemctl reload`` does."""
    os.kill(os.getpid(), signal.SIGHUP)


async def _worker(telling: Telling, base: AppContext, stop: asyncio.Event) -> None:
    told = partial(telling.went_back, base.newsroom)
    await Worker(base.engine, base.newsroom, base.secret, went_back=told).run(stop, leaving=base.leaving)


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

    keys = base.secret, *former_keys()
    digests = hook_digests(base.newsroom, keys)
    with listener.dup() as own:  # the server closes its own; the next round, after SIGHUP, has this one
        url = pages_database_url(base.newsroom)
        await serve_pages(base.newsroom, url, token_reader(*keys), digests, own, stop, ready)
