"""One reader joins: a form sent to the public pages, a message through the server, the button of its link."""

from __future__ import annotations

import asyncio
import http.client
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import Engine

from composer.clock import now
from composer.database import read_only
from composer.delivery.worker.worker import Worker
from composer.demo.server import Mailbox, listening
from composer.demo.verify import received
from composer.doors import answer_requests
from composer.errors import OutsideWorld
from composer.locale import gettext as _
from composer.newsroom.model import Join, Newsroom, Relay
from composer.newsroom.public_paths import CONFIRM, JOIN
from composer.public import app, serve
from composer.public.form import door_form
from composer.subscribers import find_person, read_address, token_reader
from composer.subscribers.labels import subscription_word

_NEWCOMER = "nouvelle-lectrice@lecteurs.example"

#: Looks at the mailbox, a tenth of a second apart, before the message counts as lost.
_LOOKS = 300


async def join_and_confirm(engine: Engine, newsroom: Newsroom, secret: bytes, folder: Path) -> list[str]:
    """Open the doors of ``newsroom``, in memory, and go through them; returns lines with the addresses and the result.

    The message is kept in ``folder``. Raises ``OutsideWorld`` where it does not come.
    """
    mailbox, stop = Mailbox(folder), asyncio.Event()
    async with listening(mailbox) as port:
        house = _opened(newsroom, Relay(host="127.0.0.1", port=port, security="none"))
        bound = asyncio.get_running_loop().create_future()
        pages = asyncio.create_task(serve(app(engine, house, token_reader(secret)), "127.0.0.1", 0, stop, bound))
        here = await bound
        working = asyncio.create_task(Worker(engine, house, secret, poll=0.2).run(stop))
        answering = asyncio.create_task(_answer(engine, house, stop))
        try:
            form = door_form(house, "", None)
            assert form is not None  # it was opened above
            sent = {"email": _NEWCOMER, "letters": form.letters, "form": form.mark}
            asked = await asyncio.to_thread(_post, here, JOIN, urlencode(sent, doseq=True))
            path = await _link(folder)
            confirmed = await asyncio.to_thread(_post, here, path, "")
        finally:
            stop.set()
            await asyncio.gather(pages, working, answering)
    with read_only(engine).connect() as connection:
        person = find_person(connection, read_address(_NEWCOMER))
    letters = person.subscriptions if person is not None else ()
    states = ", ".join(f"{one.publication} {subscription_word(one.status)}" for one in letters)
    joined = _("joining: POST to {address} answered {status}; one message asks to confirm {letters}")
    done = _("confirming: POST to {address} answered {status}; this reader is now: {states}")
    base = f"http://127.0.0.1:{here}"
    return [
        joined.format(address=base + JOIN, status=asked, letters=" + ".join(form.letters)),
        done.format(address=base + path, status=confirmed, states=states),
    ]


def _opened(newsroom: Newsroom, relay: Relay) -> Newsroom:
    """The newsroom with every door open, and this relay."""
    settings = newsroom.settings.model_copy(update={"join": Join(), "relays": (relay,)})
    publications = {name: each.model_copy(update={"join": Join()}) for name, each in newsroom.publications.items()}
    return replace(newsroom, settings=settings, publications=publications)


async def _answer(engine: Engine, newsroom: Newsroom, stop: asyncio.Event) -> None:
    """The daemon's side of the doors."""
    while not stop.is_set():
        await asyncio.to_thread(answer_requests, engine, newsroom, now())
        await asyncio.sleep(0.1)


async def _link(folder: Path) -> str:
    """The path of the link in the message that came."""
    for _look in range(_LOOKS):
        for letter in received(folder):
            body = letter.message.get_body(("plain",))
            found = re.search(rf"{CONFIRM}[\w-]+", body.get_content() if body is not None else "")
            if found is not None:
                return found[0]
        await asyncio.sleep(0.1)
    raise OutsideWorld(_("the message that asks to confirm did not come"))


def _post(port: int, path: str, body: str) -> int:
    """Send a form to 127.0.0.1 as a browser does; returns the HTTP status."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})
    status = connection.getresponse().status
    connection.close()
    return status
