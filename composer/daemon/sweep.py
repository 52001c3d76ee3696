"""Retention in the daemon: beside the ticks, a few hundred rows at a time, and never while messages are being sent."""

from __future__ import annotations

import asyncio
from collections import Counter

import structlog
from sqlalchemy.exc import SQLAlchemyError

from composer import clock
from composer.approval.kept import sweep as sweep_folders
from composer.daemon.process import AppContext
from composer.database import read_only
from composer.delivery.ledger import retention
from composer.delivery.smtp.reply import scrub
from composer.doors.forgetting import forget_former_readers
from composer.errors import FiligraneError
from composer.newsroom import load_newsroom
from composer.newsroom.model import Newsroom
from composer.returns.hard_bounces import believe_held
from composer.returns.late import move_late
from composer.returns.purging import purge_returned

#: Seconds from the start to the first check for what is due, and between checks.
FIRST, LOOK = 60.0, 3600.0

#: Seconds from the end of one sweep of everything to the next.
_DAY = 86400.0

#: Seconds between two steps, which makes 2,000 rows a second at most; and between checks whether sending is over.
PAUSE, BUSY = 0.25, 5.0

#: Readers forgotten in one transaction.
FORMER = 50

_log = structlog.get_logger()


async def sweeping(base: AppContext, stop: asyncio.Event) -> None:
    """Sweep once a day what is due, until ``stop``. Any failure is logged; the check an hour later tries again."""
    wait = FIRST
    while not await _stopped(stop, wait):
        wait = LOOK
        for part, work in (("returns", _settle_returns), ("retention", _sweep)):
            try:
                await work(base, stop)
            except (FiligraneError, SQLAlchemyError, OSError) as error:
                # The least urgent parts of the process: the failure of one ends no other.
                why = scrub(str(error)) if isinstance(error, FiligraneError) else type(error).__name__
                _log.warning("retention-failed", part=part, why=why)


async def _sweep(base: AppContext, stop: asyncio.Event) -> None:
    # Reload, as a tick does: what is deleted does not come back, so the newest settings must apply.
    newsroom = await asyncio.to_thread(load_newsroom, base.newsroom.root)
    if not await asyncio.to_thread(_may_sweep, base):
        return
    total: retention.Swept = Counter()
    try:
        steps = retention.steps(base.engine, newsroom)
        while (swept := await asyncio.to_thread(next, steps, None)) is not None:
            total += swept
            if await _stopped(stop, PAUSE) or not await _wait_until_idle(base, stop):
                return
        while purged := await asyncio.to_thread(_purge_returned, base):
            total["returned"] += purged
        after: int | None = 0
        while after is not None:
            after, forgotten = await asyncio.to_thread(_forget_former, base, newsroom, after)
            total["former"] += forgotten
            if await _stopped(stop, PAUSE) or not await _wait_until_idle(base, stop):
                return
        total["folders"] = await asyncio.to_thread(_finish, base, newsroom)
    finally:
        if total.total():
            _log.info(
                "retention-swept",
                addresses=total["addresses"],
                rows=total["rows"],
                mailings=total["mailings"],
                editions=total["editions"],
                workers=total["workers"],
                messages=total["messages"],
                signups=total["signups"],
                links=total["links"],
                returned=total["returned"],
                former=total["former"],
                folders=total["folders"],
            )


async def _settle_returns(base: AppContext, stop: asyncio.Event) -> None:
    """Move rows of which something came back too early; then suppress the readers of hard bounces that were held for
    two days, some hundreds in a transaction."""

    def believe() -> int:
        with base.engine.begin() as connection:
            return believe_held(connection)

    if moved := await asyncio.to_thread(move_late, base.engine):
        _log.info("returns-moved", deliveries=moved)
    while believed := await asyncio.to_thread(believe):
        _log.info("returns-believed", readers=believed)
        if await _stopped(stop, PAUSE):
            return


def _may_sweep(base: AppContext) -> bool:
    with read_only(base.engine).connect() as connection:
        times = retention.times(connection)
        if times is None or not times.begun or retention.must_wait(connection):
            return False
        return times.swept is None or (times.now - times.swept).total_seconds() > _DAY


def _purge_returned(base: AppContext) -> int:
    with base.engine.begin() as connection:
        return purge_returned(connection, retention.BATCH)


def _forget_former(base: AppContext, newsroom: Newsroom, after: int) -> tuple[int | None, int]:
    with read_only(base.engine).connect() as connection:
        before = retention.former_before(connection, newsroom)
    return (None, 0) if before is None else forget_former_readers(base.engine, before, after, FORMER)


def _finish(base: AppContext, newsroom: Newsroom) -> int:
    folders = sweep_folders(newsroom, clock.now())
    with base.engine.begin() as connection:
        retention.finished(connection)
    return folders


async def _wait_until_idle(base: AppContext, stop: asyncio.Event) -> bool:
    """Wait while messages are being sent; False where the process ends meanwhile."""

    def must_wait() -> bool:
        with read_only(base.engine).connect() as connection:
            return retention.must_wait(connection)

    while await asyncio.to_thread(must_wait):
        if await _stopped(stop, BUSY):
            return False
    return True


async def _stopped(stop: asyncio.Event, seconds: float) -> bool:
    """Wait ``seconds``, or until ``stop``; whether the process is to end."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return False
    return True
