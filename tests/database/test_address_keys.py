"""Migration 0006 on either engine: the keys of addresses become HMACs, at once and once, and no address is needed."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from composer.database import connect, revision
from composer.errors import Refused
from composer.subscribers import find_person, read_address
from composer.subscribers.address_key import address_keys
from tests.support import databases
from tests.support.address_keys import key_of, upgrade

pytestmark = pytest.mark.usefixtures("each_engine")

LIVING, FORGOTTEN, SUPPRESSED = "Zoe@example.org", "odile@example.org", "rebond@example.org"
PERSON = "INSERT INTO subscribers (email, address_key, created_at) VALUES (:email, :key, '2026-11-27')"
BAN = "INSERT INTO suppressions (address_key, reason, at) VALUES (:key, :reason, '2026-11-27')"


def digest(email: str) -> str:
    """What earlier versions kept: anybody can make it of an address."""
    return sha256(email.lower().encode()).hexdigest()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A database of last week's version."""
    server = databases.postgres()
    url = server.new_database(empty=True) if server else "sqlite:///var/filigrane.db"
    engine = connect(url, tmp_path, create=True)
    databases.turned_back(engine, "0005")
    yield engine
    engine.dispose()


def fill(engine: Engine, *, known_by_key_alone: bool = True) -> None:
    with engine.begin() as connection:
        connection.execute(text(PERSON), {"email": LIVING, "key": digest(LIVING)})
        connection.execute(text(BAN), {"key": digest(LIVING), "reason": "complaint"})
        if known_by_key_alone:
            connection.execute(text(PERSON), {"email": None, "key": digest(FORGOTTEN)})
            connection.execute(text(BAN), {"key": digest(FORGOTTEN), "reason": "forgotten"})
            connection.execute(text(BAN), {"key": digest(SUPPRESSED), "reason": "hard-bounce"})


def keys(engine: Engine) -> dict[str, list[str]]:
    with engine.connect() as connection:
        return {
            table: sorted(connection.execute(text(f"SELECT address_key FROM {table}")).scalars())
            for table in ("subscribers", "suppressions")
        }


def test_everybody_is_recognised_and_no_digest_of_an_address_is_left(engine: Engine) -> None:
    fill(engine)
    assert digest(FORGOTTEN) in databases.dump(engine)
    assert upgrade(engine) == 5
    with engine.connect() as connection:
        found = {email: find_person(connection, read_address(email)) for email in (LIVING, FORGOTTEN, SUPPRESSED)}
    assert [person and person.suppressed for person in found.values()] == ["complaint", "forgotten", "hard-bounce"]
    assert [bool(person and person.id) for person in found.values()] == [True, True, False]
    left = databases.dump(engine).encode()
    if engine.dialect.name == "sqlite":
        file = Path(str(engine.url.database))
        left += b"".join(path.read_bytes() for path in file.parent.iterdir())  # with its log
    assert [email for email in found if digest(email).encode() in left] == []
    assert upgrade(engine) == 0


def test_more_rows_than_are_read_at_once_have_each_its_own_hmac_once(engine: Engine) -> None:
    number = 10_001
    old = [digest(f"lectrice-{each}@example.org") for each in range(number)]
    with engine.begin() as connection:
        connection.execute(text(BAN), [{"key": key, "reason": "manual"} for key in old])
    assert upgrade(engine) == number
    assert keys(engine)["suppressions"] == sorted(key_of(f"lectrice-{each}@example.org") for each in range(number))


def test_cut_short_it_has_changed_nothing_and_is_done_again(engine: Engine) -> None:
    fill(engine)
    before = keys(engine)

    def fail(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO fingerprints"):
            raise RuntimeError("power")

    event.listen(engine, "before_cursor_execute", fail)
    with pytest.raises(RuntimeError, match="power"):
        upgrade(engine)
    assert (revision(engine), keys(engine)) == ("0005", before)
    event.remove(engine, "before_cursor_execute", fail)
    assert upgrade(engine) == 5
    assert keys(engine)["suppressions"] == sorted(map(key_of, (LIVING, FORGOTTEN, SUPPRESSED)))


def test_an_earlier_version_gets_back_what_can_be_made_of_addresses(engine: Engine) -> None:
    fill(engine, known_by_key_alone=False)
    before = keys(engine)
    upgrade(engine)
    assert keys(engine) != before
    databases.turned_back(engine, "0005")
    assert keys(engine) == before


def test_it_does_not_go_back_where_somebody_is_known_by_the_hmac_alone(engine: Engine) -> None:
    fill(engine)
    upgrade(engine)
    before = (revision(engine), keys(engine))
    with pytest.raises(Refused, match="2 addresses"):
        databases.turned_back(engine, "0005")
    assert (revision(engine), keys(engine)) == before


def test_the_fingerprint_of_the_key_is_kept_and_tells_nothing_of_a_row(engine: Engine) -> None:
    fill(engine)
    upgrade(engine)
    with engine.connect() as connection:
        address_keys(connection)
        mark = connection.execute(text("SELECT fingerprint FROM fingerprints")).scalar_one()
    every = [key for some in keys(engine).values() for key in some]
    assert len(mark) == 32
    assert not [key for key in every if hmac.compare_digest(key[:32], mark)]
