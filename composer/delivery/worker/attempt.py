"""One message tried on a connection: what it came to, and how a connection is told that it may not go on."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass

from composer.delivery.smtp.reply import Outcome, Phase
from composer.delivery.smtp.session import Session

_AGAIN = 0.2  #: seconds between two cancellations of what is being opened


@dataclass(frozen=True)
class Attempt:
    """One message tried: its outcome in ``phase``, and ``again``, what it would be where the relay is to blame.

    ``beside``: the relay takes no further connection, and answers those that it has.
    """

    phase: Phase
    outcome: Outcome
    again: Outcome | None = None
    beside: bool = False


class Stopped(Exception):
    """The worker was stopped while a session was being opened."""


class Unmarked(Exception):
    """The ledger did not take the mark, or not in time; the text holds no data of readers."""


async def unless_stopped(connecting: Coroutine[None, None, Session], stop: asyncio.Event) -> Session:
    """The session; where the worker is stopped before it is there, ``Stopped``: no relay's silence keeps the worker.

    One cancellation is not enough: Python 3.11's ``wait_for`` loses it in the moment in which a step ends. So it is
    repeated, and a session that opened all the same is closed.
    """
    opening, stopping = asyncio.create_task(connecting), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((opening, stopping), return_when=asyncio.FIRST_COMPLETED)
        if opening.done():
            return opening.result()
        raise Stopped
    except BaseException:  # reason: cancelled itself too, nothing stays open behind it
        await _ended(opening)
        raise
    finally:
        stopping.cancel()


async def _ended(opening: asyncio.Task[Session]) -> None:
    while not opening.done():
        opening.cancel()
        await asyncio.wait((opening,), timeout=_AGAIN)
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()
