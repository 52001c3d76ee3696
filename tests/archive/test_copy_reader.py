"""Whether a link opens, as the database is at that moment, on both engines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, update

from composer.archive.copy_reader import AskedCopy, asked_copy
from composer.database import db_now, read_only
from composer.delivery.tables import mailings
from composer.subscribers import forget, read_address, subscribe, suppress, unsubscribe
from composer.subscribers.address_key import address_keys
from composer.subscribers.tables import subscriptions
from composer.subscribers.tokens import CopyClaim
from tests.support import databases
from tests.support.address_keys import open_database
from tests.support.sent_mailings import insert_mailing

ADDRESS = read_address("nora@example.org")


def _says(**values: object) -> Callable[[Connection, int], object]:
    return lambda connection, number: connection.execute(
        update(subscriptions).where(subscriptions.c.id == number).values(**values)
    )


#: What became of a paid subscription → whether its reader still pays.
LIVES: dict[str, tuple[Callable[[Connection, int], object], bool]] = {
    "as it was": (_says(tier="paid"), True),
    "paid until tomorrow": (_says(paid_until=datetime.now(UTC) + timedelta(days=1)), True),
    "paused": (_says(paused_until=datetime.now(UTC) + timedelta(days=9)), True),
    "ended yesterday": (_says(paid_until=datetime.now(UTC) - timedelta(days=1)), False),
    "free now": (_says(tier="free"), False),
    "left": (lambda connection, number: unsubscribe(connection, number, "page"), False),
    "bounced": (lambda connection, _id: suppress(connection, address_keys(connection)(ADDRESS), "hard-bounce"), False),
    "forgotten": (lambda connection, _number: forget(connection, ADDRESS), False),
}


@pytest.mark.usefixtures("each_engine")
def test_who_pays_is_asked_as_it_is_now(tmp_path: Path) -> None:
    engine = open_database(databases.url(tmp_path), tmp_path, create=True)
    with engine.begin() as connection:
        number = subscribe(connection, ADDRESS, "vendredi", source="x", tier="paid")
        _mailing, edition = insert_mailing(connection)
    for name, (lives, pays) in LIVES.items():
        with engine.connect() as connection:
            lives(connection, number)
            asked = asked_copy(connection, CopyClaim(number, edition))
            connection.rollback()
        assert asked is not None
        assert (asked.pays, asked.late) == (pays, False), name
    engine.dispose()


@pytest.mark.usefixtures("each_engine")
def test_a_link_opens_its_own_letter_for_seven_days_and_no_other(tmp_path: Path) -> None:
    engine = open_database(databases.url(tmp_path), tmp_path, create=True)

    def asked(number: int, edition: int) -> AskedCopy | None:
        with read_only(engine).connect() as connection:
            return asked_copy(connection, CopyClaim(number, edition))

    with engine.begin() as connection:
        number = subscribe(connection, ADDRESS, "vendredi", source="x", tier="paid")
        mailing, paid = insert_mailing(connection)
        _other, samedi = insert_mailing(connection, "samedi")
        _rehearsed, rehearsal = insert_mailing(connection, rehearsal=1)
        _free, free = insert_mailing(connection, date=datetime(2026, 12, 4, tzinfo=UTC).date(), audience="free")
    for ago, late in ((timedelta(days=7, minutes=-5), False), (timedelta(days=7, minutes=5), True)):
        with engine.begin() as connection:
            dated = update(mailings).where(mailings.c.id == mailing).values(dated=db_now(-ago.total_seconds()))
            connection.execute(dated)
        found = asked(number, paid)
        assert found is not None
        assert (found.late, found.pays, found.mailing_id, found.language) == (late, True, mailing, "fr")
        assert str(found.key) == "vendredi/2026-11-27"
    most = 2**48 - 1
    for claim in ((number, samedi), (number, rehearsal), (number, free), (number, most), (most, paid), (0, 0)):
        assert asked(*claim) is None, claim
    engine.dispose()
