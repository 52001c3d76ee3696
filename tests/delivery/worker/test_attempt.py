"""A worker that is stopped while a session is being opened."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest

from composer.delivery.smtp.session import Session
from composer.delivery.worker.attempt import Stopped, unless_stopped


class Opened:
    """What of a session is asked for here."""

    closed = False

    def close(self) -> None:
        self.closed = True


async def deaf(times: int, opened: Opened) -> Session:
    """Loses as many cancellations as ``times``, as ``wait_for`` of Python 3.11 may lose one."""
    for _ in range(times):
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            continue
    return cast(Session, opened)


async def stopped_soon(stop: asyncio.Event) -> None:
    await asyncio.sleep(0.05)
    stop.set()


async def test_a_lost_cancellation_does_not_keep_the_worker() -> None:
    stop, opened = asyncio.Event(), Opened()
    stopping = asyncio.create_task(stopped_soon(stop))
    with pytest.raises(Stopped):
        async with asyncio.timeout(10):
            await unless_stopped(deaf(2, opened), stop)
    await stopping
    assert opened.closed  # it opened all the same, and was left to no one


async def test_a_session_that_opens_is_given_and_stays_open() -> None:
    opened = Opened()
    assert await unless_stopped(deaf(0, opened), asyncio.Event()) is cast(Session, opened)
    assert not opened.closed


async def test_what_opening_raises_is_raised() -> None:
    async def refused() -> Session:
        raise OSError("refused")

    with pytest.raises(OSError, match="refused"):
        await unless_stopped(refused(), asyncio.Event())
