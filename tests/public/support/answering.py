"""The daemon's side of the doors, at work meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.doors import OpenHouse


@contextmanager
def answering(house: OpenHouse) -> Iterator[None]:
    """Answer what is asked until the end."""
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            house.answer()
            over.wait(0.05)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
