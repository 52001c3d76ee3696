"""An hour to test: a newsroom with an approved Friday, readers, a database, and a relay that keeps its mail."""

from __future__ import annotations

import asyncio
import email
import email.policy
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import Engine, Row, func, insert, select

from composer.approval.freeze import approve
from composer.delivery.tables import deliveries, mailings
from composer.newsroom import load_newsroom
from composer.newsroom.environment import database_url
from composer.newsroom.model import Newsroom
from composer.schedule.downtime import last_tick, ticked
from composer.schedule.notifications import CHANNELS, tell
from composer.schedule.occurrences import Event, Occurrence, occurrences_of
from composer.schedule.telling import pending
from composer.schedule.tick import tick
from composer.subscribers.tables import subscribers, subscriptions
from tests.support import databases
from tests.support.address_keys import open_database
from tests.support.newsrooms import FRIDAY, write_newsroom

SECRET = b"\x07" * 32
PARIS = ZoneInfo("Europe/Paris")
READERS = 5


def paris(text: str) -> datetime:
    """An instant by the clocks of Paris: ``2026-11-27 07:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)


@dataclass
class Relay:
    """A real SMTP server on loopback; ``refuses`` makes it say 451 to every recipient, ``slow`` take seconds."""

    port: int
    refuses: bool = False
    slow: float = 0
    messages: list[EmailMessage] = field(default_factory=list)

    async def handle_RCPT(  # the name that aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refuses:
            return "451 4.3.0 Not now"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        await asyncio.sleep(self.slow)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        return "250 2.0.0 Kept"

    def subjects(self) -> list[str]:
        return [str(message["Subject"]) for message in self.messages]

    def last(self) -> str:
        return str(self.messages[-1].get_content())


@contextmanager
def relaying(port: int = 0) -> Iterator[Relay]:
    """A relay that listens meanwhile, on a port of its own unless one is given."""
    with socket.create_server(("127.0.0.1", port)) as free:
        relay = Relay(free.getsockname()[1])
    controller = Controller(relay, hostname="127.0.0.1", port=relay.port)
    controller.start()
    yield relay
    controller.stop()


@dataclass
class Hour:
    """A newsroom's folder and database, at whatever instant a test says."""

    root: Path
    relay: Relay
    settings: dict[str, object] = field(default_factory=dict)

    @property
    def newsroom(self) -> Newsroom:
        return load_newsroom(self.root)

    @cached_property
    def engine(self) -> Engine:
        engine = open_database(database_url(self.newsroom), self.root, create=True)
        with engine.begin() as connection:
            for number in range(READERS):
                address = f"lectrice-{number}@lecteurs.example"
                row = {"email": address, "address_key": f"{number:064d}"}
                reader = connection.execute(insert(subscribers).values(row).returning(subscribers.c.id)).scalar_one()
                for name in ("vendredi", "samedi"):
                    row = {"subscriber_id": reader, "publication": name, "status": "active", "tier": "free"}
                    connection.execute(insert(subscriptions).values(row))
        return engine

    @property
    def friday(self) -> Path:
        return self.root / "issues" / "vendredi" / f"{FRIDAY}.yaml"

    def at(self, instant: str, after: str | None = None) -> list[Event]:
        """Tick at ``instant``. The daemon ran until then; or until ``after``, and then stood still."""
        self.running_until(after or instant)
        return self.look(paris(instant))

    def look(self, now: datetime) -> list[Event]:
        """Tick at ``now``, and tell what there is to tell, as the daemon does after it: what changed, and was told."""
        newsroom = self.newsroom
        ticked = tick(now, newsroom, self.engine, SECRET)
        events = list(ticked.events)
        for notice in pending(ticked, newsroom, self.engine):
            if sum(tell(self.engine, newsroom, now, notice, channel) for channel in CHANNELS):
                events.append(Event(notice.publication, notice.date, "alerted", notice.kind, notice.mailing))
        return events

    def running_until(self, instant: str) -> None:
        """The daemon, which ticked before, ticked until 30 s before ``instant``."""
        with self.engine.begin() as connection:
            if (before := last_tick(connection)) is not None and before.restored_at is None:
                ticked(connection, max(before.at, paris(instant) - timedelta(seconds=30)))

    def write(self, **more: object) -> None:
        """Write the configuration again, with ``schedule`` or settings changed."""
        url = databases.url(self.root)
        database = {} if url.startswith("sqlite") else {"database": url}
        write_newsroom(self.root, **{"relay": self.relay.port} | database | self.settings | more)  # type: ignore[arg-type] # reason: passed on

    def approve(self, path: Path) -> None:
        approve(path, self.newsroom, "Odile Ferrand", now=paris("2026-11-26 18:00"))

    def state(self) -> tuple[str, str | None]:
        """State and reason of Friday's occurrence."""
        (row,) = [row for row in self.occurrences("vendredi") if row.due_date == FRIDAY]
        return row.state, row.reason

    def occurrences(self, publication: str) -> list[Occurrence]:
        with self.engine.begin() as connection:
            return occurrences_of(connection, publication)

    @property
    def mailings(self) -> list[Row[tuple[object, ...]]]:
        with self.engine.begin() as connection:
            return list(connection.execute(select(mailings).order_by(mailings.c.id)))

    @property
    def queued(self) -> int:
        with self.engine.begin() as connection:
            return connection.execute(select(func.count()).select_from(deliveries)).scalar_one()
