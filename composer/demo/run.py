"""The demonstration: two issues, three hundred readers, two due times.

Nothing is simulated but the clock: files, database, ledger, signatures and SMTP conversations are the real ones.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from composer import locale
from composer.approval.freeze import approve
from composer.approval.history import past_issues
from composer.approval.model import Sealed
from composer.approval.verify import verdict
from composer.archive.site import SITE, STORE, Site, site_steps
from composer.archive.store import ArchiveStore
from composer.clock import now
from composer.delivery.worker.worker import Worker
from composer.demo.example import copy_to
from composer.demo.joining import join_and_confirm
from composer.demo.one_click import leave_with_one_click
from composer.demo.pages import show
from composer.demo.readers import as_csv, who_left
from composer.demo.server import Mailbox, listening
from composer.issue import find_issues
from composer.locale import gettext as _
from composer.message.dkim import new_key
from composer.newsroom import load_newsroom
from composer.newsroom.environment import SECRET_FILE, secret_key
from composer.newsroom.model import Newsroom, Relay
from composer.schedule.calendar import instant
from composer.schedule.occurrences import Event
from composer.schedule.tick import tick
from composer.subscribers import find_person, read_address, unsubscribe
from composer.subscribers.csv_row import Terms
from composer.subscribers.importing import import_list
from composer.subscribers.new_database import create_keyed

#: Shortened for the demonstration: a busy mailbox is tried again after a second, not after five minutes.
_RETRY = (timedelta(seconds=1),) * 3

Say = Callable[[str], None]


@dataclass(frozen=True)
class Told:
    """What the demonstration did: its newsroom, its ledger, the events of each tick, and how many messages left now."""

    newsroom: Newsroom
    engine: Engine
    events: tuple[Event, ...]
    received: Path
    accepted: int


def demonstrate(folder: Path, say: Say) -> Told:
    """Run the demonstration in ``folder``, or find it done there already; ``say`` receives a line for each step.

    Raises ``OutsideWorld`` where the disk or the loopback interface fails.
    """
    root = folder / "newsroom"
    if not root.exists():
        copy_to(root)
        (root / "var").mkdir()
        for name, key in ((SECRET_FILE, secrets.token_hex(32).encode() + b"\n"), ("var/dkim.pem", new_key())):
            (root / name).touch(mode=0o600)
            (root / name).write_bytes(key)
        say(_("newsroom: the example's configuration and issues, copied to {folder}").format(folder=root))
    language = locale.language()
    newsroom = load_newsroom(root)
    locale.use(language)  # load_newsroom has switched to the example's French
    engine = create_keyed(newsroom.settings.database, root)
    _fill_lists(newsroom, engine, folder, say)
    _approve(newsroom, say)
    show(newsroom, folder / "pages")
    mailbox = Mailbox(folder / "received")
    events = asyncio.run(_walk(newsroom, engine, mailbox, say))
    _write_archive(newsroom, engine)
    return Told(newsroom, engine, tuple(events), mailbox.folder, mailbox.accepted.total())


def _write_archive(newsroom: Newsroom, engine: Engine) -> None:
    """The pages of the letters that were sent, as `filigrane run` writes them."""
    with closing(ArchiveStore(newsroom.root / STORE)) as store:
        for _step in site_steps(Site(newsroom.root / SITE, store, searchable=True), newsroom, engine, now()):
            pass


def _fill_lists(newsroom: Newsroom, engine: Engine, folder: Path, say: Say) -> None:
    zone = ZoneInfo(newsroom.settings.timezone)
    for position, publication in enumerate(sorted(newsroom.publications, key=_weekday(newsroom))):
        path = folder / f"{publication}.csv"
        if path.exists():
            continue
        path.write_bytes(as_csv(position))
        counts = import_list(engine, path, Terms(publication, None, None, zone, now()))
        with engine.begin() as connection:
            for email in who_left(position):
                person = find_person(connection, read_address(email))
                assert person is not None
                for subscription in person.subscriptions:
                    if subscription.publication == publication:
                        unsubscribe(connection, subscription.id, "page")
        line = _("subscribers: {file} imported for {publication}: {added} added, of whom {left} unsubscribed since")
        left = len(who_left(position))
        say(line.format(file=path.name, publication=publication, added=counts.added, left=left))


def _weekday(newsroom: Newsroom) -> Callable[[str], tuple[int, str]]:
    """A sort key: Friday's publication before Saturday's."""
    order = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return lambda name: (order.index(newsroom.publications[name].schedule.days[0]), name)


def _approve(newsroom: Newsroom, say: Say) -> None:
    for issue in find_issues(newsroom):
        if not isinstance(verdict(issue.path, newsroom), Sealed):
            approve(issue.path, newsroom, "The demonstration", past_issues(newsroom, issue.key))
            say(_("approved: {issue}, frozen beside it").format(issue=issue.key))


async def _walk(newsroom: Newsroom, engine: Engine, mailbox: Mailbox, say: Say) -> list[Event]:
    """Move the clock through every issue's due instant: a minute before, on the minute, and a minute later."""
    zone = ZoneInfo(newsroom.settings.timezone)
    secret = secret_key(newsroom.root)
    told: list[Event] = []
    async with listening(mailbox) as port:
        relay = Relay(host="127.0.0.1", port=port, security="none", connections=4)
        # The example's public address is fictional: its pictures cannot be requested there.
        changed = {"relays": (relay,), "retry": _RETRY, "verify_pictures": False}
        settings = newsroom.settings.model_copy(update=changed)
        here = Newsroom(**{**vars(newsroom), "settings": settings})
        say(_("relay: a real SMTP server on 127.0.0.1:{port}").format(port=port))
        # A translation leaves with its original.
        hours = {(issue.key.date, issue.key.publication) for issue in find_issues(newsroom)}
        for date, publication in sorted(hours):
            due = instant(date, newsroom.publications[publication].schedule.at, zone)
            for moment in (due - timedelta(minutes=1), due, due + timedelta(minutes=1)):
                found = await asyncio.to_thread(tick, moment, here, engine, secret)
                about = [event for event in found.events if event.due_date == date]
                told += about
                say(_tick_line(moment.astimezone(zone), about))
            await Worker(engine, here, secret, poll=0.2).run(asyncio.Event(), until_idle=True)
        if told:
            say(await leave_with_one_click(engine, here, secret, mailbox.folder))
            for line in await join_and_confirm(engine, here, secret, mailbox.folder.with_name("joining")):
                say(line)
    return told


def _tick_line(moment: datetime, events: list[Event]) -> str:
    clock = moment.strftime("%Y-%m-%d %H:%M")
    if not events:
        return _("{clock}  nothing to do").format(clock=clock)
    what = ", ".join(f"{event.publication} {event.due_date}: {event.state}" for event in events)
    return f"{clock}  {what}"
