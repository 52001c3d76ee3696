"""Serve an app on a port, in an event loop shared with other work."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

from composer.errors import OutsideWorld
from composer.locale import gettext as _
from composer.public.quiet import quieten


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the process, which stops its worker too."""
        yield


async def serve(
    app: Starlette, host: str, port: int, stop: asyncio.Event, listening: asyncio.Future[int] | None = None
) -> None:
    """Serve until ``stop`` is set, then finish the requests under way (5 s at most).

    ``listening`` receives the port once connections are accepted: with ``port`` 0 the system chooses it. Raises
    ``OutsideWorld`` where the port cannot be bound. No access log: the paths hold tokens.
    """
    listener = _listen(host, port)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    # access_log=False only removes its handlers; one that is added later would log tokens.
    logging.getLogger("uvicorn.access").disabled = True
    quieten()
    server = _Server(config)
    with listener:
        if listening is not None:
            listening.set_result(listener.getsockname()[1])
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
        finally:
            server.should_exit = True
            await serving


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise OutsideWorld(
            _("nothing can listen on {host} port {port}: {why}; choose another port, or another host").format(
                host=host, port=port, why=error.strerror
            )
        ) from error
