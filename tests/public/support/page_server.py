"""The pages on a real socket, from a thread of their own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.types import ASGIApp

from composer.public import serve
from composer.public.connections import Bounds

SECRET = b"s" * 32


@contextmanager
def serving(pages: ASGIApp, bounds: Bounds | None = None) -> Iterator[str]:
    """The address at which ``pages`` are served meanwhile."""
    loop = asyncio.new_event_loop()
    stop, listening = asyncio.Event(), loop.create_future()
    thread = threading.Thread(
        target=loop.run_until_complete, args=(serve(pages, "127.0.0.1", 0, stop, listening, bounds),), daemon=True
    )

    async def port() -> int:
        return int(await listening)

    thread.start()
    yield f"http://127.0.0.1:{asyncio.run_coroutine_threadsafe(port(), loop).result(10)}"
    loop.call_soon_threadsafe(stop.set)
    thread.join(20)
    assert not thread.is_alive()
    loop.close()
