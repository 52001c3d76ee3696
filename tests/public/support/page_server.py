"""The pages on a real socket, from a thread of their own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starlette.types import ASGIApp

from composer.public import NetworkLimits, TokenBucket, listen, serve_on
from composer.public.connections import Bounds

SECRET = b"s" * 32


@contextmanager
def serving(
    pages: ASGIApp,
    bounds: Bounds | None = None,
    network_of: Callable[[str], str | None] | None = None,
    signup_limit: TokenBucket | None = None,
) -> Iterator[str]:
    """The address at which ``pages`` are served meanwhile. ``network_of``, ``signup_limit``: as for ``serve_on``."""
    loop = asyncio.new_event_loop()
    stop, listener = asyncio.Event(), listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    served = serve_on(listener, pages, stop, network_of or NetworkLimits().network, bounds, signup_limit)
    thread = threading.Thread(target=loop.run_until_complete, args=(served,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{port}"
    loop.call_soon_threadsafe(stop.set)
    thread.join(20)
    assert not thread.is_alive()
    loop.close()
