"""Reading the ledger's rows: page by page, by index, and of the readers that an address names."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.pool import QueuePool

from composer.cli.json_output import json_array, plain
from composer.delivery.ledger import listing
from composer.delivery.state import State
from composer.delivery.tables import deliveries
from composer.errors import Refused
from composer.subscribers import forget
from composer.subscribers.address import read_address
from tests.delivery.support.query_plans import add_mailings, plans
from tests.delivery.support.sample_ledger import KEY, Ready, opened, ready

pytestmark = pytest.mark.usefixtures("each_engine")

COLUMNS = (deliveries.c.id, deliveries.c.email, deliveries.c.state)


@pytest.fixture
def pages_of_three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGE", 3)
    monkeypatch.setattr(listing.parts, "__defaults__", (3,))


def two_mailings(root: Path, readers: int = 7) -> Ready:
    """The same readers twice; the second mailing is the one that is meant."""
    ledger = ready(root, readers=[f"reader{number}@example.org" for number in range(readers)])
    second = opened(ledger.engine, ledger.room, key=replace(KEY, slug="soir"))
    assert second == ledger.mailing + 1
    return Ready(ledger.engine, ledger.room, second, ledger.subscriptions)


def test_a_whole_mailing_is_read_in_pages_each_row_once_and_in_order(tmp_path: Path, pages_of_three: None) -> None:
    for readers in (1, 3, 6, 7):
        ledger = two_mailings(tmp_path / str(readers), readers)
        rows = list(listing.whole(ledger.engine, ledger.mailing, COLUMNS))
        assert [row.email for row in rows] == [f"reader{number}@example.org" for number in range(readers)]
        assert [row.id for row in rows] == sorted(row.id for row in rows)


def test_nothing_is_held_while_rows_wait_to_be_printed(tmp_path: Path, pages_of_three: None) -> None:
    """A pager that sleeps holds no snapshot: each page's transaction has ended before its first row is given out."""
    ledger = two_mailings(tmp_path)
    assert isinstance(ledger.engine.pool, QueuePool)
    chosen = listing.ids(ledger.engine, ledger.mailing)
    for rows in (
        listing.whole(ledger.engine, ledger.mailing, COLUMNS),
        listing.by_id(ledger.engine, chosen, COLUMNS),
    ):
        next(rows)
        assert ledger.engine.pool.checkedout() == 0
        with ledger.engine.begin() as connection:  # and what is written meanwhile is read where its page comes later
            connection.execute(update(deliveries).values(state=State.ACCEPTED))
        assert [row.state for row in rows] == ["queued"] * 2 + ["accepted"] * 4
        with ledger.engine.begin() as connection:
            connection.execute(update(deliveries).values(state=State.QUEUED))


def test_those_of_a_state_are_read_and_none_that_left_it_meanwhile(tmp_path: Path, pages_of_three: None) -> None:
    ledger = two_mailings(tmp_path)
    everybody = listing.ids(ledger.engine, ledger.mailing)
    with ledger.engine.begin() as connection:
        connection.execute(update(deliveries).where(deliveries.c.id.in_(everybody[1:6])).values(state=State.IN_DOUBT))
    doubts = listing.ids(ledger.engine, ledger.mailing, State.IN_DOUBT)
    assert doubts == everybody[1:6]
    with ledger.engine.begin() as connection:
        connection.execute(update(deliveries).where(deliveries.c.id == doubts[0]).values(state=State.ACCEPTED))
    assert [row.id for row in listing.by_id(ledger.engine, doubts, COLUMNS, State.IN_DOUBT)] == list(doubts[1:])
    assert [row.id for row in listing.by_id(ledger.engine, doubts, COLUMNS)] == list(doubts)


def test_a_reader_is_found_by_the_address_however_it_is_typed(tmp_path: Path, pages_of_three: None) -> None:
    ledger = two_mailings(tmp_path)
    everybody = listing.ids(ledger.engine, ledger.mailing)
    wanted = [f" Reader{number}@EXAMPLE.org" for number in (5, 0, 3, 6, 0)]
    found = listing.ids(ledger.engine, ledger.mailing, None, wanted)
    assert list(found) == [everybody[number] for number in (0, 3, 5, 6)]
    assert not listing.ids(ledger.engine, ledger.mailing, State.IN_DOUBT, wanted)  # they are in it, and not in doubt


def test_who_is_not_in_the_mailing_or_was_forgotten_is_refused_by_name(tmp_path: Path) -> None:
    ledger = two_mailings(tmp_path)
    names = ["reader1@example.org", "personne@example.org"]
    for state in (None, State.IN_DOUBT):
        with pytest.raises(Refused, match=r"no delivery to personne@example\.org$"):
            listing.ids(ledger.engine, ledger.mailing, state, names)
    with ledger.engine.begin() as connection:
        reader = forget(connection, read_address("reader1@example.org"))
        connection.execute(update(deliveries).where(deliveries.c.subscriber_id == reader).values(email=None))
    with pytest.raises(Refused, match="reader1"):
        listing.ids(ledger.engine, ledger.mailing, None, names)
    with pytest.raises(Refused, match="no mailing 9"):
        listing.ids(ledger.engine, 9)


@pytest.mark.slow
def test_no_way_of_asking_reads_a_mailing_to_find_a_few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGE", 20)
    ledger = ready(tmp_path, readers=[f"reader{number}@example.org" for number in range(400)])
    add_mailings(ledger, 20)
    engine, mailing = ledger.engine, ledger.mailing
    asked: list[tuple[Callable[[], object], set[str]]] = [
        (lambda: next(listing.whole(engine, mailing, COLUMNS)), {"mailing_id", "subscriber_id"}),
        (lambda: listing.ids(engine, mailing, State.IN_DOUBT), {"mailing_id", "state"}),
        (lambda: listing.ids(engine, mailing, None, ["reader1@example.org"]), {"mailing_id", "subscriber_id"}),
        (lambda: list(listing.by_id(engine, [1, 2, 3], COLUMNS)), {"id"}),
    ]
    for doing, sought in asked:
        (plan,) = plans(engine, doing)
        assert (plan.scans, plan.sought) == (False, sought), plan
    (page,) = plans(engine, asked[0][0])
    assert not page.sorts, page


def test_a_streamed_document_is_the_one_that_json_makes(tmp_path: Path) -> None:
    ledger = two_mailings(tmp_path)
    for number in (0, 1, 7):
        items = [dict(row._mapping) for row in listing.whole(ledger.engine, ledger.mailing, COLUMNS)][:number]
        items = [item | {"reply_text": "l'œil\n\"  : ]"} for item in items]
        whole = json.dumps(items, ensure_ascii=False, indent=2, default=plain) + "\n"
        assert "".join(json_array(items)) == whole
