"""What stands for an address in the database, and what happens where its key is not there, or is another one."""

from __future__ import annotations

import stat
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, select

from composer.errors import Refused
from composer.newsroom.environment import ADDRESS_KEY_FILE, address_key
from composer.newsroom.making_keys import address_key_or_new
from composer.subscribers import find_person, forget, read_address, subscribe, suppress
from composer.subscribers.address_key import key_under, open_keyed
from composer.subscribers.lost_key import replace_lost, require_lost, unrecognisable
from composer.subscribers.tables import subscribers, suppressions
from tests.subscribers.support.csv_lists import take
from tests.support import databases
from tests.support.address_keys import TEST_KEY, key_of

ZOE, ODILE, REBOND = map(read_address, ("Zoe@example.org", "odile@example.org", "rebond@example.org"))
OTHER_KEY = bytes(range(1, 33))
KEYS = st.binary(min_size=32, max_size=32)
LOCALS = st.text("abZ09.", min_size=1, max_size=12).filter(
    lambda local: ".." not in local and local.strip(".") == local
)


@given(KEYS, KEYS, LOCALS, LOCALS)
def test_it_depends_on_the_key_and_on_the_mailbox_alone(key: bytes, other: bytes, one: str, two: str) -> None:
    first, second = read_address(f"{one}@example.org"), read_address(f"{two}@EXAMPLE.org")
    assert (key_under(key, first) == key_under(key, second)) == (first.folded == second.folded)
    assert (key_under(key, first) == key_under(other, first)) == (key == other)
    assert key_under(key, first) == key_under(key, read_address(f"{one.swapcase()}@example.org"))


def test_no_digest_of_an_address_is_in_the_database(engine: Engine, tmp_path: Path) -> None:
    take(
        engine, tmp_path, "email,status\nzoe@example.org,active\nodile@example.org,active\nrebond@example.org,cleaned\n"
    )
    with engine.begin() as connection:
        subscribe(connection, read_address("anne@example.org"), "vendredi", source="form")
        forget(connection, ODILE)
    held = databases.dump(engine)
    every = [ZOE.folded, ODILE.folded, REBOND.folded, "anne@example.org"]
    assert [each for each in every if key_of(each) not in held] == []
    assert [each for each in every if sha256(each.encode()).hexdigest() in held] == []


def _forget(connection: Connection) -> None:
    forget(connection, ODILE)


def _subscribe(connection: Connection) -> None:
    subscribe(connection, ODILE, "vendredi", source="form")


def _show(connection: Connection) -> None:
    find_person(connection, ODILE)


@pytest.mark.parametrize("act", [_forget, _subscribe, _show])
@pytest.mark.parametrize(
    ("key", "says"),
    [(None, "secret new --addresses"), (OTHER_KEY, "is not the one of this database")],
    ids=["absent", "another"],
)
def test_without_the_key_of_the_database_nothing_is_looked_for_and_nothing_written(
    engine: Engine, tmp_path: Path, act: Callable[[Connection], None], key: bytes | None, says: str
) -> None:
    engine.dispose()
    file = tmp_path / ADDRESS_KEY_FILE
    file.unlink() if key is None else file.write_text(key.hex())
    opened = open_keyed(databases.url(tmp_path), tmp_path)
    before = databases.dump(opened)
    with pytest.raises(Refused, match=says), opened.begin() as connection:
        act(connection)
    with pytest.raises(Refused, match=says):
        take(opened, tmp_path, "email\nanne@example.org\n")
    assert databases.dump(opened) == before
    assert TEST_KEY.hex() not in before
    opened.dispose()


@pytest.mark.parametrize(
    "text", ["", "ab" * 31, "ab" * 32 + "c", "g" * 64, "a" * 64, "a passphrase that is long enough"]
)
def test_what_is_no_key_is_refused_and_not_shown(tmp_path: Path, text: str) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / ADDRESS_KEY_FILE).write_text(text)
    for read in (address_key, address_key_or_new):
        with pytest.raises(Refused, match="64 hexadecimal digits") as refused:
            read(tmp_path)
        assert not text or text not in str(refused.value)
    assert (tmp_path / ADDRESS_KEY_FILE).read_text() == text


def test_it_is_made_once_for_this_account_alone_and_the_variable_goes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert address_key(tmp_path) is None
    monkeypatch.setenv("FILIGRANE_ADDRESS_KEY", OTHER_KEY.hex())
    assert address_key_or_new(tmp_path) == OTHER_KEY
    assert not (tmp_path / "var").exists()
    monkeypatch.delenv("FILIGRANE_ADDRESS_KEY")
    made = address_key_or_new(tmp_path)
    assert (len(made), made != OTHER_KEY, address_key_or_new(tmp_path)) == (32, True, made)
    (file,) = (tmp_path / "var").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_lost_key_is_replaced_and_who_has_no_address_is_counted_before(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        for who in (ZOE, ODILE):
            subscribe(connection, who, "vendredi", source="form")
        suppress(connection, key_of(ZOE.email), "complaint")
        suppress(connection, key_of(REBOND.email), "hard-bounce")
        forget(connection, ODILE)
    file = tmp_path / ADDRESS_KEY_FILE
    with pytest.raises(Refused, match="nothing is lost"):
        require_lost(engine, tmp_path)
    file.write_text(OTHER_KEY.hex())
    with pytest.raises(Refused, match="take this one away"):
        require_lost(engine, tmp_path)
    file.unlink()
    require_lost(engine, tmp_path)
    engine.dispose()
    opened = open_keyed(databases.url(tmp_path), tmp_path)
    with opened.connect() as connection:
        assert unrecognisable(connection) == 2
        before = {table: set(connection.execute(select(table.c.address_key)).scalars()) for table in TABLES}
    assert replace_lost(opened, tmp_path) == 2
    key = address_key(tmp_path)
    assert key not in (None, TEST_KEY, OTHER_KEY)
    with opened.connect() as connection:
        after = {table: set(connection.execute(select(table.c.address_key)).scalars()) for table in TABLES}
        zoe = find_person(connection, ZOE)
        assert zoe is not None
        assert (zoe.email, zoe.suppressed) == (ZOE.email, "complaint")
        assert [find_person(connection, who) for who in (ODILE, REBOND)] == [None, None]
    assert [len(before[table] & after[table]) for table in TABLES] == [1, 2]
    opened.dispose()


def test_who_was_open_while_a_lost_key_was_replaced_goes_on_with_the_new_one(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        subscribe(connection, ZOE, "vendredi", source="form")
    engine.dispose()
    daemon, command = (open_keyed(databases.url(tmp_path), tmp_path) for _ in range(2))
    with daemon.connect() as connection:
        assert find_person(connection, ZOE) is not None
    file = tmp_path / ADDRESS_KEY_FILE
    file.unlink()
    with daemon.connect() as connection:
        assert find_person(connection, ZOE) is not None  # what runs goes on without the file
    replace_lost(command, tmp_path)
    with daemon.connect() as connection:
        assert find_person(connection, ZOE) is not None
    file.write_text(OTHER_KEY.hex())
    replaced = open_keyed(databases.url(tmp_path), tmp_path)
    with pytest.raises(Refused, match="is not the one of this database"), replaced.connect() as connection:
        find_person(connection, ZOE)
    for opened in (daemon, command, replaced):
        opened.dispose()


TABLES = (subscribers, suppressions)
