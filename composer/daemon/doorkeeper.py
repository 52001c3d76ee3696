"""Answers what readers ask for at the pages, beside the ticks: within a second, and cheap while nothing is asked."""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy.exc import SQLAlchemyError

from composer import clock
from composer.daemon.process import AppContext
from composer.delivery.limits.relay_backoff import until
from composer.delivery.smtp.reply import scrub
from composer.doors import ONE_LOOK, answer_requests, anything_asked
from composer.errors import FiligraneError

#: Seconds between two looks; and after trouble, or at sign-ups that wait while the hour of a publication is full.
LOOK, REST = 0.3, 5.0

#: After a look that left some for the next one, rest so many times as long as it took: letters go first.
_SHARE = 3.0

_log = structlog.get_logger()


async def keep_doors(base: AppContext, stop: asyncio.Event) -> None:
    """Answer requests until ``stop``. A part of ``run_until_signal``. What fails is tried again at the next look.

    What comes between two looks is answered together: during a flood, a look for each request would be a transaction
    and a commit for each, in the sender's process.
    """
    loop, full_until = asyncio.get_running_loop(), 0.0
    while not stop.is_set():
        wait = LOOK
        try:
            to_write = loop.time() >= full_until
            if await asyncio.to_thread(anything_asked, base.engine, to_write=to_write):
                began = loop.time()
                answered = await asyncio.to_thread(answer_requests, base.engine, base.newsroom, clock.now())
                if answered >= ONE_LOOK:
                    wait = min(LOOK, _SHARE * (loop.time() - began))
                elif not answered:
                    full_until = loop.time() + REST
        except (FiligraneError, SQLAlchemyError, OSError) as error:
            # What readers ask is less urgent than letters: trouble here ends no other part.
            why = scrub(str(error)) if isinstance(error, FiligraneError) else type(error).__name__
            _log.error("doors-failed", why=why)
            wait = REST
        await until(stop, wait)
