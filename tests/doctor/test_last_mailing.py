"""What the last letter said of itself, and how many readers a provider has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, update

from composer import locale
from composer.delivery.tables import mailing_editions, mailings
from composer.doctor.large_sender import look_at_orange
from composer.doctor.last_mailing import identity, look_at_identity, provider_shares
from composer.doctor.lookups import NotKnown
from composer.message.template import Template
from composer.newsroom.model import Newsroom
from composer.subscribers.tables import subscribers, subscriptions
from tests.doctor.support.zone import Zone, healthy, newsroom_of_zone
from tests.support.address_keys import open_database
from tests.support.sent_mailings import insert_mailing

HEAD = b"From: =?utf-8?q?L=27Estuaire?= <%s>\r\nList-Id: L'Estuaire <%s>\r\nSubject: x\r\n\r\nText\r\n"


@pytest.fixture
def newsroom(tmp_path: Path) -> Newsroom:
    locale.use("en")
    return newsroom_of_zone(tmp_path)


@pytest.fixture
def ledger(newsroom: Newsroom) -> Iterator[Connection]:
    engine = open_database(newsroom.settings.database, newsroom.root, create=True)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def sent(ledger: Connection, address: bytes, list_id: bytes, domain: str = "example.org", rehearsal: int = 0) -> None:
    mailing, edition = insert_mailing(ledger, rehearsal=rehearsal)
    template = Template((HEAD % (address, list_id),), ()).dumps()
    ledger.execute(update(mailing_editions).where(mailing_editions.c.id == edition).values(template=template))
    ledger.execute(update(mailings).where(mailings.c.id == mailing).values(dkim_domain=domain))


def test_a_letter_that_says_the_same_of_itself_is_well(newsroom: Newsroom, ledger: Connection) -> None:
    assert "no mailing yet" in look_at_identity(ledger, newsroom, "vendredi").says
    sent(ledger, b"vendredi@example.org", b"vendredi.example.org")
    assert look_at_identity(ledger, newsroom, "vendredi").faults == ()


@pytest.mark.parametrize(
    ("address", "list_id", "domain", "said"),
    [
        (b"lettre@example.org", b"vendredi.example.org", "example.org", "From was lettre@example.org"),
        (b"vendredi@example.org", b"lettre.example.org", "example.org", "List-Id was lettre.example.org"),
        (b"vendredi@example.org", b"vendredi.example.org", "example.net", "d= was example.net"),
    ],
)
def test_what_changed_is_told(
    address: bytes, list_id: bytes, domain: str, said: str, newsroom: Newsroom, ledger: Connection
) -> None:
    sent(ledger, address, list_id, domain)
    (fault,) = look_at_identity(ledger, newsroom, "vendredi").faults
    assert fault.code == "identity-changed"
    assert fault.says.startswith(said)


def test_a_rehearsal_is_no_letter_and_a_lost_one_is_not_compared(newsroom: Newsroom, ledger: Connection) -> None:
    sent(ledger, b"other@example.org", b"other.example.org", rehearsal=1)
    assert "no mailing yet" in look_at_identity(ledger, newsroom, "vendredi").says
    insert_mailing(ledger)
    assert "cannot be compared" in look_at_identity(ledger, newsroom, "vendredi").says


def test_without_a_database_neither_is_known(newsroom: Newsroom) -> None:
    for look in (lambda: identity(newsroom, "vendredi"), lambda: provider_shares(newsroom)):
        with pytest.raises(NotKnown, match="without the database"):
            look()


def test_readers_are_counted_by_provider(newsroom: Newsroom, ledger: Connection) -> None:
    for number, domain in enumerate(["orange.fr", "wanadoo.fr", "ORANGE.fr", "example.org", "sfr.fr"]):
        row = {"email": f"l{number}@{domain}", "address_key": f"{number:064d}"}
        reader = ledger.execute(insert(subscribers).values(row).returning(subscribers.c.id)).scalar_one()
        for publication in ("vendredi", "samedi")[: number + 1]:
            values = {"subscriber_id": reader, "publication": publication, "status": "active", "tier": "free"}
            ledger.execute(insert(subscriptions).values(values))
    ledger.commit()
    assert provider_shares(newsroom) == {"orange": 5, "sfr": 2}


@pytest.mark.parametrize(("readers", "asked"), [(0, False), (1000, False), (1001, True)])
def test_above_a_thousand_orange_asks_for_more(readers: int, asked: bool, newsroom: Newsroom) -> None:
    found = look_at_orange(healthy(), newsroom, {"orange": readers})
    assert (found.faults, "Signal Spam" in found.says) == ((), asked)
    without = look_at_orange(Zone(), newsroom, {"orange": readers})
    assert [fault.code for fault in without.faults] == (["no-site"] if asked else [])
