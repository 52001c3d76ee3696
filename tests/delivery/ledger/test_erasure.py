"""Forgetting in the ledger: every mailing's row of a reader, in short writes, completed by the same again."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, func, select

from composer.database import read_only
from composer.delivery.ledger.enqueue import open_mailing
from composer.delivery.ledger.erasure import erase_address
from composer.delivery.tables import deliveries
from composer.subscribers import forget
from composer.subscribers.address import read_address
from tests.delivery.support.ledger_calls import claimed, joined, marked
from tests.delivery.support.query_plans import add_mailings, plans
from tests.delivery.support.sample_ledger import DATED, KEY, Reader, Ready, add_readers, engine, ready, seal
from tests.delivery.support.sample_newsroom import SECRET, newsroom
from tests.support import databases

pytestmark = pytest.mark.usefixtures("each_engine")

ANNE, BORIS = "anne@example.org", "boris@example.org"


def forgotten(ledger: Ready, email: str = ANNE) -> int:
    """The reader's id, erased among the subscribers; not yet in the ledger."""
    with ledger.engine.begin() as connection:
        reader = forget(connection, read_address(email))
    assert reader is not None
    return reader


def holding(engine: Engine, email: str = ANNE) -> int:
    with read_only(engine).connect() as connection:
        query = select(func.count()).where(deliveries.c.email == email)
        return connection.execute(query).scalar_one()


def test_every_mailing_s_row_of_the_reader_loses_the_address_and_no_other_does(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=[ANNE, BORIS])
    add_mailings(ledger, 120)
    reader = forgotten(ledger)
    assert erase_address(ledger.engine, reader) == 121
    assert (holding(ledger.engine), holding(ledger.engine, BORIS)) == (0, 121)
    assert ANNE not in databases.dump(ledger.engine)
    assert erase_address(ledger.engine, reader) == 0


def test_what_is_in_flight_loses_it_too_and_keeps_its_state(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=[ANNE])
    claims = claimed(ledger.engine, joined(ledger.engine), 1)
    assert marked(ledger.engine, claims) == [True]
    assert erase_address(ledger.engine, forgotten(ledger)) == 1
    with read_only(ledger.engine).connect() as connection:
        assert connection.execute(select(deliveries.c.email, deliveries.c.state)).one() == (None, "in_flight")


def test_it_writes_a_few_rows_at_a_time_and_reads_them_by_index_before(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=[ANNE, *(f"reader{number}@example.org" for number in range(40))])
    add_mailings(ledger, 120)
    reader = forgotten(ledger)
    look, *writes = plans(ledger.engine, lambda: erase_address(ledger.engine, reader))
    assert not look.scans, look
    assert look.sought == {"mailing_id", "subscriber_id"}, look
    assert len(writes) == 5  # 121 rows, at most 25 a transaction
    for write in writes:
        assert "UPDATE deliveries" in write.statement
        assert (write.scans, write.sought) == (False, {"id"}), write


def test_cut_short_it_keeps_what_it_did_and_the_same_again_completes_it(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=[ANNE, BORIS])
    add_mailings(ledger, 120)
    reader, commits = forgotten(ledger), list[int]()

    def cut(_connection: object) -> None:
        commits.append(1)
        if len(commits) == 2:
            raise KeyboardInterrupt

    event.listen(ledger.engine, "commit", cut)
    with pytest.raises(KeyboardInterrupt):
        erase_address(ledger.engine, reader)
    event.remove(ledger.engine, "commit", cut)
    left = holding(ledger.engine)
    assert 0 < left < 121
    assert erase_address(ledger.engine, forgotten(ledger)) == left
    assert holding(ledger.engine) == 0


def test_a_mailing_that_is_being_opened_meanwhile_is_waited_for(tmp_path: Path) -> None:
    """It has read its readers, and has not committed them, when one of them is forgotten."""
    room, made = newsroom(tmp_path, 1), engine(tmp_path)
    add_readers(made, [Reader(ANNE), Reader(BORIS)])
    erased: list[int] = []

    def forgets() -> None:
        with made.begin() as connection:
            reader = forget(connection, read_address(ANNE))
        assert reader is not None
        erased.append(erase_address(made, reader))

    thread = threading.Thread(target=forgets)
    with made.begin() as connection:
        mailing = open_mailing(
            connection, seal=seal(), newsroom=room, publication_id="vendredi", key=KEY, dated=DATED, secret=SECRET
        )
        thread.start()
        thread.join(0.5)
        assert thread.is_alive()
    thread.join(30)
    assert mailing is not None
    assert erased == [1]
    assert (holding(made), holding(made, BORIS)) == (0, 1)
