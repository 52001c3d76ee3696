"""What a list's rows change, and what they leave as it is: other letters, readers that left, rows of other slices."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, select, text

from composer import clock
from composer.subscribers import find_person, importing, read_address, staging_tables, subscribe, suppress, unsubscribe
from composer.subscribers import merge as merging
from composer.subscribers.standing import Stance
from composer.subscribers.tables import consents, subscribers, subscriptions
from tests.subscribers.support.csv_lists import rows, take
from tests.support.address_keys import key_of

AT = datetime(2024, 3, 5, 13, 30, tzinfo=UTC)


def stage(connection: Connection, *emails: str, leaves: bool = False, line: int = 2, **said: Any) -> None:
    """Stage a row for each of ``emails``, the first on ``line``."""
    empty = dict.fromkeys(("name", "tier", "paid_until", "language", "subscribed_at")) | {"source": "form"}
    for number, email in enumerate(emails, line):
        address = read_address(email)
        standing = int(Stance.LEFT if leaves else Stance.IN)
        row = {"line": number, "address_key": key_of(email), "email": address.email, "standing": standing}
        connection.execute(insert(staging_tables.rows), [empty | row | said])


def outcomes(connection: Connection) -> dict[str, str]:
    staged = staging_tables.rows.c
    return {row.email: row.outcome for row in connection.execute(select(staged.email, staged.outcome))}


def merge_only(connection: Connection, email: str) -> None:
    """Write the slice that holds ``email`` alone."""
    keys = staging_tables.rows.c.address_key == key_of(email)
    merging.merge(connection, "vendredi", "list.csv", keys, merging.counted(connection))


def leave(connection: Connection, email: str, publication: str = "vendredi") -> None:
    person = find_person(connection, read_address(email))
    assert person is not None
    (subscription,) = (each for each in person.subscriptions if each.publication == publication)
    unsubscribe(connection, subscription.id, "one-click")


def proofs(engine: Engine) -> list[tuple[Any, ...]]:
    """(email, publication, source, detail) of each consent."""
    wanted = select(subscribers.c.email, subscriptions.c.publication, consents.c.source, consents.c.detail)
    wanted = wanted.join_from(consents, subscriptions).join(subscribers).order_by(subscribers.c.email, consents.c.id)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(wanted)]


def people(engine: Engine) -> dict[str, str | None]:
    """Email of each person → name."""
    with engine.connect() as connection:
        return {row.email: row.name for row in connection.execute(select(subscribers.c.email, subscribers.c.name))}


def test_each_row_has_its_outcome(engine: Engine, tmp_path: Path) -> None:
    take(engine, tmp_path, "email,name\nknown@example.org,K\nrenamed@example.org,R\nleft@example.org,L\n")
    with engine.begin() as connection:
        leave(connection, "left@example.org")
        suppress(connection, key_of("bounced@example.org"), "hard-bounce")
        staging_tables.create(connection)
        stage(connection, "known@example.org", "left@example.org", "bounced@example.org", "new@example.org")
        stage(connection, "renamed@example.org", name="Renée", line=10)
        stage(connection, "goes@example.org", leaves=True, line=20)
        merging.classify(connection, "vendredi")
        assert outcomes(connection) == {
            "known@example.org": "unchanged", "left@example.org": "opted-out", "bounced@example.org": "suppressed",
            "new@example.org": "added", "renamed@example.org": "updated", "goes@example.org": "left",
        }  # fmt: skip
        each_once = dict.fromkeys(("unchanged", "opted-out", "suppressed", "added", "updated", "left"), 1)
        assert merging.counted(connection) == each_once


@pytest.mark.parametrize(
    ("column", "cell"),
    [("name", "Zoé"), ("tier", "paid"), ("paid_until", "2031-12-31"), ("language", "fr")],
)
def test_one_new_detail_is_enough_for_an_update(engine: Engine, tmp_path: Path, column: str, cell: str) -> None:
    take(engine, tmp_path, "email\nzoe@example.org\n")
    content = f"email,{column}\nzoe@example.org,{cell}\n"
    assert take(engine, tmp_path, content)[0].updated == 1
    assert take(engine, tmp_path, content)[0].unchanged == 1


def test_a_reader_is_compared_with_herself(engine: Engine, tmp_path: Path) -> None:
    content = "email,name,tier\nzoe@example.org,Zoé,paid\nlea@example.org,Léa,free\n"
    take(engine, tmp_path, content)
    assert take(engine, tmp_path, content)[0].unchanged == 2


def test_of_a_suppressed_address_nothing_is_kept(engine: Engine, tmp_path: Path) -> None:
    """Neither the person, nor a subscription of a person known by another letter."""
    take(engine, tmp_path, "email\nzoe@example.org\n", publication="samedi")
    with engine.begin() as connection:
        for email in ("zoe@example.org", "stranger@example.org"):
            suppress(connection, key_of(email), "complaint")
    counts, _ = take(engine, tmp_path, "email\nzoe@example.org\nstranger@example.org\n")
    assert counts.suppressed == 2
    assert list(people(engine)) == ["zoe@example.org"]
    assert len(rows(engine)) == 1


def test_who_left_one_letter_may_be_on_the_list_of_another(engine: Engine, tmp_path: Path) -> None:
    take(engine, tmp_path, "email\nzoe@example.org\n", publication="samedi")
    with engine.begin() as connection:
        leave(connection, "zoe@example.org", "samedi")
    assert take(engine, tmp_path, "email\nzoe@example.org\n")[0].added == 1
    assert sorted(str(row[5]) for row in rows(engine)) == ["active", "unsubscribed"]


def test_a_slice_writes_its_own_rows_alone(engine: Engine, tmp_path: Path) -> None:
    """An import cut short has written whole slices; the readers of the others are as they were."""
    take(engine, tmp_path, "email,name,tier\nfirst@example.org,F,free\nlater@example.org,L,free\nstays@example.org,,\n")
    with engine.begin() as connection:
        staging_tables.create(connection)
        stage(connection, "first@example.org", "later@example.org", name="New", tier="paid")
        stage(connection, "stays@example.org", leaves=True, line=10)
        stage(connection, "new@example.org", line=20)
        merging.classify(connection, "vendredi")
        merge_only(connection, "first@example.org")
    assert rows(engine) == [
        ("first@example.org", "New", "paid", None, None, "active"),
        ("later@example.org", "L", "free", None, None, "active"),
        ("stays@example.org", None, "free", None, None, "active"),
    ]
    assert "new@example.org" not in people(engine)


def test_who_leaves_after_her_slice_was_added_by_it(engine: Engine) -> None:
    with engine.begin() as connection:
        staging_tables.create(connection)
        stage(connection, "zoe@example.org", "lea@example.org")
        merging.classify(connection, "vendredi")
        merge_only(connection, "zoe@example.org")
        leave(connection, "zoe@example.org")
        merge_only(connection, "lea@example.org")
        assert outcomes(connection) == {"zoe@example.org": "added", "lea@example.org": "added"}
    assert [(row[0], row[5]) for row in rows(engine)] == [
        ("lea@example.org", "active"), ("zoe@example.org", "unsubscribed"),
    ]  # fmt: skip
    assert len(proofs(engine)) == 2


def test_a_reader_added_meanwhile_is_left_as_she_is(engine: Engine) -> None:
    with engine.begin() as connection:
        staging_tables.create(connection)
        stage(connection, "zoe@example.org", "lea@example.org", tier="paid", name="List")
        merging.classify(connection, "vendredi")
        subscribe(connection, read_address("zoe@example.org"), "vendredi", source="salon", name="Zoé")
        merge_only(connection, "zoe@example.org")
        assert outcomes(connection) == {"zoe@example.org": "unchanged", "lea@example.org": "added"}
    assert rows(engine) == [("zoe@example.org", "Zoé", "free", None, None, "active")]
    assert proofs(engine) == [("zoe@example.org", "vendredi", "salon", None)]


def test_a_reader_added_by_hand_at_that_moment_is_awaited(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise both find the address unknown, and the second to write it fails."""
    writing, found = threading.Event(), list[importing.Counts]()
    write = merging.merge

    def announce_then_write(*arguments: object) -> None:
        writing.set()
        write(*arguments)  # type: ignore[arg-type] # reason: passed on as they came

    monkeypatch.setattr(importing, "merge", announce_then_write)
    content = "email\nzoe@example.org\n"
    thread = threading.Thread(target=lambda: found.append(take(engine, tmp_path, content)[0]))
    with engine.begin() as by_hand:
        subscribe(by_hand, read_address("zoe@example.org"), "vendredi", source="salon")
        thread.start()
        assert writing.wait(20)
        thread.join(0.3)
        assert thread.is_alive()
    thread.join(20)
    assert [(counts.added, counts.unchanged) for counts in found] == [(0, 1)]


def test_the_other_letter_of_a_reader_stays_as_it_is(engine: Engine, tmp_path: Path) -> None:
    for publication in ("vendredi", "samedi"):
        take(engine, tmp_path, "email\nzoe@example.org\nlea@example.org\n", publication=publication)
    content = "email,tier,status\nzoe@example.org,paid,active\nlea@example.org,,unsubscribed\n"
    take(engine, tmp_path, content, publication="samedi")
    wanted = select(subscribers.c.email, subscriptions.c.publication, subscriptions.c.tier, subscriptions.c.status)
    with engine.connect() as connection:
        found = connection.execute(wanted.join_from(subscribers, subscriptions)).all()
    assert sorted(map(tuple, found)) == [
        ("lea@example.org", "samedi", "free", "unsubscribed"), ("lea@example.org", "vendredi", "free", "active"),
        ("zoe@example.org", "samedi", "paid", "active"), ("zoe@example.org", "vendredi", "free", "active"),
    ]  # fmt: skip
    assert len(proofs(engine)) == 4


def test_a_known_person_who_gets_another_letter_keeps_her_row(engine: Engine, tmp_path: Path) -> None:
    take(engine, tmp_path, "email,name\nzoe@example.org,Zoé\nlea@example.org,Léa\n")
    take(engine, tmp_path, "email,name\nzoe@example.org,Zoé D.\nlea@example.org,\n", publication="samedi")
    assert people(engine) == {"lea@example.org": "Léa", "zoe@example.org": "Zoé D."}
    assert [proof[:2] for proof in proofs(engine)] == [
        (email, publication)
        for email in ("lea@example.org", "zoe@example.org")
        for publication in ("vendredi", "samedi")
    ]


def test_of_who_left_nothing_changes_not_even_who_did_it(engine: Engine, tmp_path: Path) -> None:
    take(
        engine, tmp_path, "email,name\nleft@example.org,Before\ngone@example.org,\ngoes@example.org,\nn@example.org,\n"
    )
    with engine.begin() as connection:
        leave(connection, "left@example.org")
        leave(connection, "gone@example.org")
    take(
        engine,
        tmp_path,
        "email,name,tier,status\nleft@example.org,After,paid,active\nn@example.org,N,paid,active\n"
        "gone@example.org,,,unsubscribed\ngoes@example.org,,,unsubscribed\nstranger@example.org,,,unsubscribed\n",
    )
    assert rows(engine) == [
        ("goes@example.org", None, "free", None, None, "unsubscribed"),
        ("gone@example.org", None, "free", None, None, "unsubscribed"),
        ("left@example.org", "Before", "free", None, None, "unsubscribed"),
        ("n@example.org", "N", "paid", None, None, "active"),
        ("stranger@example.org", None, "free", None, None, "unsubscribed"),
    ]
    wanted = select(subscribers.c.email, subscriptions.c.unsubscribed_by, subscriptions.c.unsubscribed_at)
    with engine.connect() as connection:
        found = connection.execute(wanted.join_from(subscribers, subscriptions).order_by("email")).all()
    assert [row.unsubscribed_by for row in found] == ["import", "one-click", "one-click", None, "import"]
    assert [row.unsubscribed_at is None for row in found] == [False, False, False, True, False]
    assert abs((clock.now() - found[0].unsubscribed_at).total_seconds()) < 60
    assert "stranger@example.org" not in {proof[0] for proof in proofs(engine)}


def test_a_row_that_repeats_an_address_stays_a_duplicate(engine: Engine) -> None:
    with engine.begin() as connection:
        subscribe(connection, read_address("zoe@example.org"), "vendredi", source="salon")
        staging_tables.create(connection)
        stage(connection, "zoe@example.org", tier="paid")
        stage(connection, "zoe@example.org", tier="free", name="Second", line=3)
        staging_tables.mark_duplicates(connection)
        merging.classify(connection, "vendredi")
        leave(connection, "zoe@example.org")
        merge_only(connection, "zoe@example.org")
        assert merging.counted(connection) == {"opted-out": 1, "duplicate": 1}
    assert rows(engine) == [("zoe@example.org", None, "free", None, None, "unsubscribed")]


def test_the_values_of_a_duplicate_count_for_nothing(engine: Engine, tmp_path: Path) -> None:
    take(engine, tmp_path, "email,name,tier\nzoe@example.org,Zoé,free\nlea@example.org,,\n")
    content = "email,name,tier\nzoe@example.org,Zoé,free\nzoe@example.org,Other,free\nlea@example.org,Léa,paid\n"
    assert take(engine, tmp_path, content)[0].updated == 1
    assert [row[1:3] for row in rows(engine)] == [("Léa", "paid"), ("Zoé", "free")]


def test_consent_and_subscription_begin_when_the_list_says_or_now(engine: Engine, tmp_path: Path) -> None:
    content = "email,subscribed_at,source\nold@example.org,2024-03-05T13:30:00Z,salon\nnew@example.org,,\n"
    take(engine, tmp_path, content)
    began = select(subscribers.c.created_at, subscriptions.c.created_at, consents.c.at).order_by(subscribers.c.email)
    with engine.connect() as connection:
        new, old = connection.execute(began.join_from(subscribers, subscriptions).join(consents)).all()
    assert (old[1], old[2]) == (AT, AT)
    for now in (*new, old[0]):
        assert abs((clock.now() - now).total_seconds()) < 60
    assert proofs(engine) == [
        ("new@example.org", "vendredi", "form", "list.csv"), ("old@example.org", "vendredi", "salon", "list.csv"),
    ]  # fmt: skip


def test_readers_are_written_in_the_order_of_their_keys(engine: Engine, tmp_path: Path) -> None:
    """In any other, each of a million rows changes another page of the index."""
    take(engine, tmp_path, "email\n" + "".join(f"reader{number}@example.org\n" for number in range(30)))
    with engine.connect() as connection:
        keys = connection.execute(select(subscribers.c.address_key).order_by(subscribers.c.id)).scalars().all()
    assert keys == sorted(keys)


def test_postgresql_alone_is_told_what_was_written(engine: Engine, tmp_path: Path) -> None:
    """Its planner would take the tables for empty ones; SQLite's plans are made for a database without statistics."""
    take(engine, tmp_path, "email\nzoe@example.org\nlea@example.org\n")
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            statistics = text("SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_stat1'")
            assert connection.execute(statistics).scalar_one() == 0
            return
        known = text("SELECT relname, reltuples FROM pg_class WHERE relname IN ('subscribers', 'subscriptions')")
        assert {row.relname: row.reltuples for row in connection.execute(known)} == {
            "subscribers": 2, "subscriptions": 2,
        }  # fmt: skip
