"""Serve an app on a port, in an event loop shared with other work."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from composer.errors import OutsideWorld
from composer.locale import gettext as _
from composer.locale.os_errors import os_reason
from composer.public.connections import Bounds, ConnectionTable, GuardedConnection
from composer.public.guard import early_refusals
from composer.public.networks import NetworkLimits, TokenBucket
from composer.public.pages import HEADERS


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the process, which stops its worker too."""
        yield


async def serve(
    app: ASGIApp,
    host: str,
    port: int,
    stop: asyncio.Event,
    listening: asyncio.Future[int] | None = None,
    bounds: Bounds | None = None,
) -> None:
    """Serve until ``stop`` is set, then finish the requests under way (5 s at most).

    ``listening`` receives the port once connections are accepted: with ``port`` 0 the system chooses it. Raises
    ``OutsideWorld`` where the port cannot be bound.
    """
    with listen(host, port) as listener:
        if listening is not None:
            listening.set_result(listener.getsockname()[1])
        await serve_on(listener, app, stop, NetworkLimits().network, bounds)


async def serve_on(
    listener: socket.socket,
    app: ASGIApp,
    stop: asyncio.Event,
    network_of: Callable[[str], str | None],
    bounds: Bounds | None = None,
    signup_limit: TokenBucket | None = None,
) -> None:
    """The same on a listening socket, which is closed at the end. No access log: the paths hold tokens.

    ``signup_limit``: the one of ``app``; while it is empty, sign-ups are refused before they are read.
    """
    early = None if signup_limit is None else early_refusals(signup_limit, HEADERS)
    table = ConnectionTable(bounds or Bounds(), network_of, HEADERS.items(), early)
    protocol: Any = partial(GuardedConnection, table)  # uvicorn's own type is a class, and it only calls it
    config = uvicorn.Config(
        app,
        http=protocol,
        ws="none",
        log_config=None,
        access_log=False,
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    # access_log=False only removes its handlers; one that is added later would log tokens.
    logging.getLogger("uvicorn.access").disabled = True
    logging.getLogger("uvicorn.error").addFilter(_is_not_a_strangers)
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
    finally:
        server.should_exit = True
        await serving


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises ``OutsideWorld`` where the port cannot be bound."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except (OSError, UnicodeError) as error:  # the latter of a name that is none (IDNA)
        why = os_reason(error if isinstance(error, OSError) else socket.gaierror())
        message = _("nothing can listen on {host} port {port}: {why}; choose another port, or another host")
        raise OutsideWorld(message.format(host=host, port=port, why=why)) from error


def _is_not_a_strangers(record: logging.LogRecord) -> bool:
    """uvicorn warns of each malformed request; ``malformed-requests`` says it once a minute."""
    return record.msg != "Invalid HTTP request received."
