"""The process that takes messages by LMTP, until a signal."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

from sqlalchemy import Engine

from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.returns.lmtp import ReturnsHandler, listening_by_lmtp, return_domains
from composer.returns.receiving import open_receiver


def listen_until_signal(newsroom: Newsroom, engine: Engine, address: str, tell: Callable[[str], None]) -> None:
    """Listen at ``address``; ``tell`` is called with a line for each message that is of ours, or claims to be. Raises
    ``FiligraneError`` where the newsroom's key, its database or the address is not to be had."""
    domains = return_domains(newsroom, engine)

    async def listen() -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        with open_receiver(newsroom) as receiver:
            async with listening_by_lmtp(ReturnsHandler(receiver, domains, tell), address, newsroom.root):
                tell(_("listening at {address} for {domains}").format(address=address, domains=", ".join(domains)))
                await stop.wait()

    asyncio.run(listen())
