"""Opening a mailing: once, whole, each reader the right edition."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from composer.database import read_only
from composer.delivery.ledger.readers import NoReaders
from composer.delivery.tables import deliveries, mailing_editions, mailings
from composer.errors import Refused
from composer.message import Template
from composer.message.dkim import new_key
from composer.newsroom.model import Newsroom
from composer.subscribers.tables import subscriptions
from tests.delivery.support.sample_ledger import DATED, KEY, Reader, add_readers, engine, opened, ready, seal, states
from tests.delivery.support.sample_newsroom import newsroom

pytestmark = pytest.mark.usefixtures("each_engine")


def given(made: Engine) -> dict[str, tuple[str, str]]:
    """Address → edition."""
    query = select(deliveries.c.email, mailing_editions.c.audience, mailing_editions.c.language).join_from(
        deliveries, mailing_editions
    )
    with read_only(made).connect() as connection:
        return {email: (audience, language) for email, audience, language in connection.execute(query)}


def test_a_second_opening_of_the_same_issue_is_none_and_adds_nothing(tmp_path: Path) -> None:
    ledger = ready(tmp_path)
    assert opened(ledger.engine, ledger.room) is None
    assert opened(ledger.engine, ledger.room, seal(words="Autre chose.")) is None
    assert len(states(ledger.engine)) == 1


def test_another_slug_of_the_same_day_is_another_mailing(tmp_path: Path) -> None:
    ledger = ready(tmp_path)
    other = opened(ledger.engine, ledger.room, key=replace(KEY, slug="alerte"))
    assert other is not None
    assert other != ledger.mailing


@pytest.mark.slow
def test_each_reader_gets_the_edition_of_audience_and_language(tmp_path: Path) -> None:
    made = engine(tmp_path)
    past, future = DATED - timedelta(days=1), DATED + timedelta(days=1)
    add_readers(
        made,
        [
            Reader("free@example.org"),
            Reader("paid@example.org", "paid"),
            Reader("lapsed@example.org", "paid", paid_until=past),
            Reader("until@example.org", "paid", paid_until=future),
            Reader("english@example.org", language="en"),
            Reader("german@example.org", "paid", language="de"),
        ],
    )
    opened(made, newsroom(tmp_path), seal(languages=("fr", "en")))
    assert given(made) == {
        "free@example.org": ("free", "fr"),
        "paid@example.org": ("paid", "fr"),
        "lapsed@example.org": ("free", "fr"),
        "until@example.org": ("paid", "fr"),
        "english@example.org": ("free", "en"),
        "german@example.org": ("paid", "fr"),
    }


def test_where_only_free_is_sealed_it_is_everyones_and_paid_alone_is_refused(tmp_path: Path) -> None:
    made, room, whole = engine(tmp_path), newsroom(tmp_path), seal()
    add_readers(made, [Reader("free@example.org"), Reader("paid@example.org", "paid")])
    paid_alone = replace(whole, editions={("paid", "fr"): whole.editions["paid", "fr"]})
    with pytest.raises(Refused, match="free readers"):
        opened(made, room, paid_alone)
    assert states(made) == {}
    opened(made, room, replace(whole, editions={("free", "fr"): whole.editions["free", "fr"]}))
    assert set(given(made).values()) == {("free", "fr")}


def staging(room: Newsroom, *only_to: str) -> Newsroom:
    return replace(room, settings=room.settings.model_copy(update={"only_to": only_to}))


@pytest.mark.slow
def test_staging_enqueues_nobody_else(tmp_path: Path) -> None:
    made = engine(tmp_path)
    readers = ["Anne@essai.example", "boris@example.org", "chloe@example.org", "x@not-essai.example"]
    add_readers(made, [Reader(email) for email in readers])
    opened(made, staging(newsroom(tmp_path), "@essai.example", "BORIS@example.org"))
    assert set(states(made)) == {"Anne@essai.example", "boris@example.org"}


def test_who_left_is_not_enqueued(tmp_path: Path) -> None:
    made = engine(tmp_path)
    ids = add_readers(made, [Reader("anne@example.org"), Reader("boris@example.org")])
    with made.begin() as connection:
        connection.execute(update(subscriptions).where(subscriptions.c.id == ids[0]).values(status="unsubscribed"))
    opened(made, newsroom(tmp_path))
    assert set(states(made)) == {"boris@example.org"}


@pytest.mark.parametrize(
    ("addresses", "left", "only_to", "says"),
    [
        ((), (), (), "filigrane subscribers import FILE --publication vendredi"),
        (("anne@example.org",), ("anne@example.org",), (), "filigrane subscribers export --publication vendredi"),
        (("anne@example.org",), (), ("@essai.example",), "only_to"),
    ],
    ids=["no subscription", "all have left", "a rehearsal that allows none"],
)
def test_a_mailing_to_nobody_is_not_opened_and_uses_nothing_up(
    tmp_path: Path, addresses: tuple[str, ...], left: tuple[str, ...], only_to: tuple[str, ...], says: str
) -> None:
    made, room = engine(tmp_path), newsroom(tmp_path)
    ids = add_readers(made, [Reader(address) for address in addresses])
    if left:
        with made.begin() as connection:
            connection.execute(update(subscriptions).where(subscriptions.c.id.in_(ids)).values(status="unsubscribed"))
    with pytest.raises(NoReaders, match=says):
        opened(made, staging(room, *only_to))
    with read_only(made).connect() as connection:
        assert connection.execute(select(mailings)).all() == []
    add_readers(made, [Reader("boris@essai.example")])
    assert opened(made, staging(room, *only_to)) is not None
    assert set(states(made)) == {"boris@essai.example"} | (set(addresses) - set(left) if not only_to else set())


def test_a_missing_signing_key_is_told_when_the_mailing_opens_and_nothing_is_opened(tmp_path: Path) -> None:
    made, room = engine(tmp_path), newsroom(tmp_path, dkim=True)
    add_readers(made, [Reader("anne@example.org")])
    with pytest.raises(Refused, match="DKIM"):
        opened(made, room)
    with read_only(made).connect() as connection:
        assert connection.execute(select(mailings)).all() == []
    (tmp_path / "dkim.pem").write_bytes(new_key())
    assert opened(made, room) is not None


def test_the_date_is_in_the_newsrooms_time_zone(tmp_path: Path) -> None:
    ledger = ready(tmp_path)
    with read_only(ledger.engine).connect() as connection:
        blob = connection.execute(select(mailing_editions.c.template)).scalars().first()
    assert blob is not None
    assert b"Date: Fri, 27 Nov 2026 07:00:00 +0100\r\n" in Template.loads(blob).chunks[1]


def test_a_return_domain_that_is_none_is_refused_before_anything_is_enqueued(tmp_path: Path) -> None:
    made, room = engine(tmp_path), newsroom(tmp_path)
    add_readers(made, [Reader("anne@example.org")])
    settings = room.settings.model_copy(update={"bounces": "retours example"})
    with pytest.raises(Refused, match="returns"):
        opened(made, replace(room, settings=settings))
    assert opened(made, room) is not None
