"""One reader unsubscribes as a mail client does it: a POST to the address in List-Unsubscribe (RFC 8058)."""

from __future__ import annotations

import asyncio
import http.client
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import Engine

from composer.database import read_only
from composer.demo.verify import received
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.public import app, serve
from composer.subscribers import find_person, read_address, token_reader
from composer.subscribers.labels import subscription_word


async def leave_with_one_click(engine: Engine, newsroom: Newsroom, secret: bytes, folder: Path) -> str:
    """Post to the last message's address on the public pages, served here; returns a line with the result."""
    letter = received(folder)[-1]
    stop, listening = asyncio.Event(), asyncio.get_running_loop().create_future()
    pages = asyncio.create_task(serve(app(engine, newsroom, token_reader(secret)), "127.0.0.1", 0, stop, listening))
    status = await asyncio.to_thread(post, await listening, urlsplit(letter.unsubscribe_url).path)
    stop.set()
    await pages
    with read_only(engine).connect() as connection:
        person = find_person(connection, read_address(letter.recipient))
    assert person is not None
    states = ", ".join(f"{one.publication} {subscription_word(one.status)}" for one in person.subscriptions)
    line = _("one-click: POST to the address in List-Unsubscribe answered {status}; this reader is now: {states}")
    return line.format(status=status, states=states)


def post(port: int, path: str) -> int:
    """The one-click request of RFC 8058, section 3.2, to 127.0.0.1; returns the HTTP status."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    body, kind = "List-Unsubscribe=One-Click", "application/x-www-form-urlencoded"
    connection.request("POST", path, body, {"Content-Type": kind})
    status = connection.getresponse().status
    connection.close()
    return status
