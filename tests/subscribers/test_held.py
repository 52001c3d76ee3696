"""What is held about one person, on either engine: every table and column is told, or named here as nobody's."""

from __future__ import annotations

from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert

from composer.database import metadata
from composer.subscribers import read_address
from composer.subscribers.held import HELD_TABLES, UNTOLD, _query, held_about
from composer.subscribers.signups import token_hash
from tests.support.person_rows import fill

ROOMS = Path(__file__).parents[2] / "composer"
for tables in ROOMS.rglob("tables.py"):  # those too that this test needs for nothing else
    import_module(".".join(tables.relative_to(ROOMS.parent).with_suffix("").parts))

pytestmark = pytest.mark.usefixtures("each_engine")

ZOE, LEA = "Zoe.Dupre@Example.org", "lea@example.org"

#: Tables in which nobody is, with their columns: a new one is looked at by whoever adds it here.
NOBODYS = {
    "answers": "mailing_id digest",
    "mailboxes": "mailbox validity uid failures read_at",
    "fingerprints": "name fingerprint",
    "hook_posts": "id provider body not_before at",  # as they came, for three days at most
    "hook_tokens": "digest at",
    "leaving_reasons": "publication month reason number",
    "mailing_counts": "mailing_id state number",
    "mailing_editions": "id mailing_id audience language version seal template",
    "mailing_retention": "mailing_id begun_at erased_at folded_at",
    "mailings": "id publication date slug subject seal state reason dated dkim_domain dkim_selector dkim_fingerprint "
    "secret_fingerprint return_domain expires_at opened_at closed_at version amended_at canary_until rollback_id "
    "rehearsal readers expired_at",
    "notices": "id what channel claimed_at told_at",
    "occurrences": "id publication due_date slug due_at asked_at state reason mailing_id changed_at decided_at",
    "paces": "relay provider rate base tokens refilled_at grown_at throttled_at floor_until quiet_until means reason "
    "day sent_today days_before",
    "refusal_runs": "mailing_id weight domains stopped begun_at",
    "rollbacks": "id noticed_at recorded doubts",
    "swept_workers": "id",
    "sweeps": "id seen_at begins_at swept_at",
    "ticks": "id at restored_at compared_at",
    "workers": "id host pid process connections started_at heartbeat_at stopped_at away_since away_why beat "
    "rolled_back",
}


@pytest.fixture
def filled(engine: Engine) -> Engine:
    fill(engine, ZOE, LEA)
    return engine


def test_every_table_is_told_or_named_as_nobodys() -> None:
    assert HELD_TABLES.keys() | NOBODYS.keys() == metadata.tables.keys()
    assert {name: set(columns.split()) for name, columns in NOBODYS.items()} == {
        name: set(metadata.tables[name].c.keys()) for name in NOBODYS
    }


def test_a_table_that_leads_to_a_person_is_told() -> None:
    leading = {
        table.name
        for table in metadata.sorted_tables
        if {"address_key", "email"} & set(table.c.keys())
        or any(key.column.table.name in HELD_TABLES for key in table.foreign_keys)
    }
    assert leading <= HELD_TABLES.keys()


def test_what_is_not_told_is_there() -> None:
    assert UNTOLD.keys() <= {str(column) for name in HELD_TABLES for column in metadata.tables[name].c}


def test_all_of_one_person_is_told_and_nothing_of_another(filled: Engine) -> None:
    with filled.connect() as connection:
        held = held_about(connection, read_address(ZOE.lower()))
    assert list(held) == list(HELD_TABLES)
    for name, rows in held.items():
        table = metadata.tables[name]
        assert len(rows) == 1
        told = {column.name for column in table.c if str(column) not in UNTOLD}
        assert rows[0].keys() == told
        assert {column for column, value in rows[0].items() if value is None} <= {"forgotten_at"}
    assert "m2" not in str(held)
    assert held["subscribers"][0]["email"] == ZOE
    assert held["subscribers"][0]["created_at"] == datetime(2026, 11, 27, 6, tzinfo=UTC)
    assert held["deliveries"][0]["mailing_id"] == {
        "publication": "vendredi", "date": date(2026, 11, 27), "slug": "m1 mailings.slug", "subject": "L’eau",
    }  # fmt: skip


def test_of_who_is_unknown_nothing_is_held(filled: Engine) -> None:
    with filled.connect() as connection:
        assert held_about(connection, read_address("nobody@example.org")) == {}


@pytest.mark.parametrize(
    "row",
    [
        {"kind": "join", "email": " zoe.dupre@EXAMPLE.org "},
        {"kind": "back", "token": "1"},
        {"kind": "confirm", "token": "of Zoé"},
    ],
)
def test_what_waits_at_the_pages_is_told_however_it_came(engine: Engine, row: dict[str, str]) -> None:
    fill(engine, ZOE, LEA)
    signups, requests = metadata.tables["signups"], metadata.tables["requests"]
    with engine.begin() as connection:
        connection.execute(requests.delete())
        connection.execute(signups.update().where(signups.c.id == 1).values(token_hash=token_hash("of Zoé")))
        connection.execute(insert(requests).values(id="new", **row))
        assert [each["id"] for each in held_about(connection, read_address(ZOE))["requests"]] == ["new"]
        assert "requests" not in held_about(connection, read_address(LEA))


def test_deliveries_are_found_by_their_index(filled: Engine) -> None:
    """A ledger holds millions of rows: none is read whole."""
    table = metadata.tables["deliveries"]
    query = _query(table).where(table.c.subscriber_id.in_([1]))
    with filled.connect() as connection:
        text = str(query.compile(connection, compile_kwargs={"literal_binds": True}))
        if connection.dialect.name == "sqlite":
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}").all()
            assert "SEARCH deliveries USING INDEX" in str(plan)
            assert "mailing_id=? AND subscriber_id=?" in str(plan)
        else:  # which reads a table of two rows whole, unless it is told not to
            connection.exec_driver_sql("SET enable_seqscan = off")
            plan = connection.exec_driver_sql(f"EXPLAIN {text}").all()
            assert "on deliveries" in str(plan)
            assert "subscriber_id = 1" in str([row[0] for row in plan if "Index Cond" in row[0]])
