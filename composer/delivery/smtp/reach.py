"""A TCP connection to whichever address of a host answers first (RFC 8305).

aiosmtplib tries the addresses one after another within one time limit: behind one that swallows packets, the others
would never be tried.
"""

from __future__ import annotations

import asyncio
import socket
from asyncio.staggered import staggered_race
from collections.abc import Sequence
from functools import partial
from typing import Any, TypeAlias

#: Address family, and the address as sockets take it.
RelayAddress: TypeAlias = "tuple[int, Any]"

_HEAD_START = 0.5  #: seconds that an address has before the next one is tried too


async def relay_addresses(host: str, port: int, seconds: float) -> list[RelayAddress]:
    """The addresses of a host, as the resolver prefers them. Raises ``OSError``, ``TimeoutError`` after ``seconds``."""
    async with asyncio.timeout(seconds):
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys((family, address) for family, _, _, _, address in found))


async def reach(tried: Sequence[RelayAddress], seconds: float) -> tuple[socket.socket, RelayAddress]:
    """A connected socket, and which address it is. Raises ``OSError``: that of the first address if none answers,
    ``TimeoutError`` after ``seconds``."""
    loop = asyncio.get_running_loop()
    connected: list[socket.socket] = []
    found: tuple[socket.socket, RelayAddress] | None = None
    try:
        async with asyncio.timeout(seconds):
            tries = [partial(_connected, loop, address, connected) for address in tried]
            found, _index, failures = await staggered_race(tries, _HEAD_START)
    finally:  # cancelled in the moment in which one connected, too
        for plug in connected:
            if found is None or plug is not found[0]:
                plug.close()
    if found is None:
        raise next((failure for failure in failures if isinstance(failure, OSError)), OSError("no address"))
    return found


async def _connected(
    loop: asyncio.AbstractEventLoop, address: RelayAddress, connected: list[socket.socket]
) -> tuple[socket.socket, RelayAddress]:
    family, where = address
    plug = socket.socket(family, socket.SOCK_STREAM)
    try:
        plug.setblocking(False)
        plug.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await loop.sock_connect(plug, where)
    except BaseException:  # reason: cancelled too, the socket is closed
        plug.close()
        raise
    connected.append(plug)
    return plug, address
