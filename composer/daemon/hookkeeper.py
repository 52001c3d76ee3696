"""Reads what operators of relays reported at the pages, beside the ticks; nothing where no door is open."""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy.exc import SQLAlchemyError

from composer.daemon.process import AppContext
from composer.delivery.limits.relay_backoff import until
from composer.delivery.smtp.reply import scrub
from composer.errors import FiligraneError
from composer.newsroom.environment import former_keys, mailgun_signing_key
from composer.returns.hooks.receiving import HOOK_LOOK, FarEnd, HookKeys, anything_posted, receive_posts
from composer.returns.hooks.sns import Certificates
from composer.schedule.webhook import fetch_bounded

#: Seconds between two looks: a bounce is in no haste; after a full one; and after trouble.
LOOK, NEXT, REST = 2.0, 0.2, 5.0

_log = structlog.get_logger()


async def keep_hooks(base: AppContext, stop: asyncio.Event) -> None:
    """Read reports until ``stop``. A part of ``run_until_signal``. What fails is tried again at the next look.

    One report after the other: an operator that is slow to give its certificate keeps others waiting, and no letter.
    """
    hooks = base.newsroom.settings.hooks
    keys = HookKeys((base.secret, *former_keys()), mailgun_signing_key())
    far_end = FarEnd(fetch_bounded, Certificates(fetch_bounded))
    while not stop.is_set():
        wait = LOOK
        try:
            if await asyncio.to_thread(anything_posted, base.engine):
                read = await asyncio.to_thread(receive_posts, base.engine, hooks, keys, far_end)
                wait = NEXT if read >= HOOK_LOOK else LOOK
        except (FiligraneError, SQLAlchemyError, OSError) as error:
            # Less urgent than letters: trouble here ends no other part.
            why = scrub(str(error)) if isinstance(error, FiligraneError) else type(error).__name__
            _log.error("hooks-failed", why=why)
            wait = REST
        await until(stop, wait)
