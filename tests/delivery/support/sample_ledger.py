"""A ledger with readers and a mailing, for tests of sending: rows made directly, messages made by the message room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from datetime import date as Date
from pathlib import Path
from types import MappingProxyType

from sqlalchemy import Engine, insert, select

from composer.approval.model import FrozenEdition, Seal
from composer.database import connect, read_only
from composer.delivery.ledger.enqueue import open_mailing
from composer.delivery.tables import deliveries
from composer.issue.model import IssueKey
from composer.newsroom.model import Newsroom
from composer.subscribers.address import read_address
from composer.subscribers.tables import subscribers, subscriptions
from tests.delivery.support.sample_newsroom import SECRET, newsroom
from tests.support import databases
from tests.support.address_keys import key_of, keyed, make_tables

KEY = IssueKey("vendredi", Date(2026, 11, 27))
DATED = datetime(2026, 11, 27, 6, 0, tzinfo=UTC)
SENTINEL = "SENTINEL0123456789abcdef"


@dataclass(frozen=True)
class Reader:
    email: str
    tier: str = "free"
    language: str | None = None
    paid_until: datetime | None = None


def seal(key: IssueKey = KEY, words: str = "La digue tiendra.", languages: Sequence[str] = ("fr",)) -> Seal:
    """Free and paid editions that say which they are."""
    editions: Mapping[tuple[str, str], FrozenEdition] = {
        (audience, language): FrozenEdition(
            subject="La digue tiendra" if language == "fr" else "The dike will hold",
            html=f'<p>{words} {audience} {language}</p><p><a href="https://lettre.example.org/u/{SENTINEL}">out</a></p>',
            text=f"{words} {audience} {language}\n.\n..\nhttps://lettre.example.org/u/{SENTINEL}\n",
            slots=MappingProxyType({"unsubscribe": SENTINEL}),
        )
        for audience in ("free", "paid")
        for language in languages
    }
    return Seal(key, "0" * 64, "Odile", DATED, "La digue tiendra", "", editions, {})  # type: ignore[arg-type] # reason: audiences are literals


def engine(root: Path) -> Engine:
    made = keyed(connect(databases.url(root), root, create=True))
    if made.dialect.name == "sqlite":  # a test's database on PostgreSQL is the copy of one that has its tables
        make_tables(made)
    return made


def add_readers(engine: Engine, readers: Sequence[Reader], publication: str = "vendredi") -> list[int]:
    """Subscribed and active; their subscription ids."""
    ids = []
    with engine.begin() as connection:
        for reader in readers:
            address = read_address(reader.email)
            person = (
                insert(subscribers)
                .values(email=address.email, address_key=key_of(reader.email))
                .returning(subscribers.c.id)
            )
            row = insert(subscriptions).values(
                subscriber_id=connection.execute(person).scalar_one(),
                publication=publication,
                status="active",
                tier=reader.tier,
                paid_until=reader.paid_until,
                language=reader.language,
            )
            ids.append(connection.execute(row.returning(subscriptions.c.id)).scalar_one())
    return ids


def opened(engine: Engine, room: Newsroom, sealed: Seal | None = None, key: IssueKey = KEY) -> int | None:
    """The mailing's id; None where it was there."""
    with engine.begin() as connection:
        return open_mailing(
            connection,
            seal=sealed or seal(key),
            newsroom=room,
            publication_id="vendredi",
            key=key,
            dated=DATED,
            secret=SECRET,
        )


def states(engine: Engine) -> dict[str, str]:
    """Address → state."""
    with read_only(engine).connect() as connection:
        return {row.email: row.state for row in connection.execute(select(deliveries).order_by(deliveries.c.id))}


@dataclass
class Ready:
    """An engine, a newsroom, a mailing with its readers."""

    engine: Engine
    room: Newsroom
    mailing: int
    subscriptions: list[int] = field(default_factory=list)


def ready(root: Path, port: int = 1, readers: Sequence[str] = ("anne@example.org",), **settings: object) -> Ready:
    """A mailing to ``readers``, opened."""
    room = newsroom(root, port, **settings)  # type: ignore[arg-type] # reason: passed on as they are
    made = engine(root)
    ids = add_readers(made, [Reader(email) for email in readers])
    mailing = opened(made, room)
    assert mailing is not None
    return Ready(made, room, mailing, ids)
