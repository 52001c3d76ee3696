"""The server: its port, its stop, and signals that stay the process's."""

from __future__ import annotations

import asyncio
import signal
import socket
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from composer.errors import OutsideWorld
from composer.public import serve


async def hello(request: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


APP = Starlette(routes=[Route("/", hello)])


async def test_it_serves_until_told_to_stop_and_leaves_signals_alone() -> None:
    before = signal.getsignal(signal.SIGTERM)
    stop, listening = asyncio.Event(), asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(APP, "127.0.0.1", 0, stop, listening))
    port = await listening
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"http://127.0.0.1:{port}/")).text == "hello"
    assert signal.getsignal(signal.SIGTERM) is before
    stop.set()
    await asyncio.wait_for(serving, 20)
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), 1)


async def test_a_port_that_is_taken_is_said_in_a_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OutsideWorld, match=f"port {port}"):
            await serve(APP, "127.0.0.1", port, asyncio.Event())


async def test_a_cancelled_server_closes_its_port() -> None:
    listening = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(APP, "127.0.0.1", 0, asyncio.Event(), listening))
    port = await listening
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), 1)


def test_the_templates_are_shipped() -> None:
    from composer.rendering.templates import shipped

    assert {path.name for path in (Path(shipped()) / "public").iterdir()} >= {"leave.html.j2", "left.html.j2"}
