"""A TCP connection to whichever address of a host answers first (RFC 8305).

aiosmtplib tries the addresses one after another within one time limit: behind one that swallows packets, the others
would never be tried.
"""

from __future__ import annotations

import asyncio
import socket
from asyncio.staggered import staggered_race
from functools import partial
from typing import Any

_HEAD_START = 0.5  #: seconds that an address has before the next one is tried too


async def reach(host: str, port: int, seconds: float) -> socket.socket:
    """A connected socket. Raises ``OSError``: that of the first address if none answers, ``TimeoutError`` after
    ``seconds``."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(seconds):
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        tries = [partial(_connected, loop, family, address) for family, _, _, _, address in found]
        plug: socket.socket | None
        plug, _index, failures = await staggered_race(tries, _HEAD_START)
    if plug is None:
        raise next((failure for failure in failures if isinstance(failure, OSError)), OSError("no address"))
    return plug


async def _connected(loop: asyncio.AbstractEventLoop, family: int, address: Any) -> socket.socket:
    plug = socket.socket(family, socket.SOCK_STREAM)
    try:
        plug.setblocking(False)
        plug.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await loop.sock_connect(plug, address)
    except BaseException:  # reason: cancelled too, the socket is closed
        plug.close()
        raise
    return plug
