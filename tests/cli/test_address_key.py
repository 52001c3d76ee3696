"""The address key as an operator meets it: made with the database, asked for where it is not, replaced where lost."""

from __future__ import annotations

import gc
import stat
from pathlib import Path

import pytest

from composer.database import connect
from composer.newsroom.environment import ADDRESS_KEY_FILE
from composer.newsroom.making_keys import address_key_or_new
from tests.cli.conftest import Command
from tests.support import databases
from tests.support.newsrooms import write_newsroom

URL = "sqlite:///var/filigrane.db"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("FILIGRANE_ADDRESS_KEY", raising=False)
    return write_newsroom(tmp_path / "room", database=URL)


def test_a_newsroom_of_last_week_is_asked_to_upgrade_and_knows_everybody_then(filigrane: Command, root: Path) -> None:
    engine = connect(URL, root, create=True)
    databases.turned_back(engine, "0005")
    with engine.begin() as connection:
        digest = "7ae48f8b7a1ef1fbdd4ee22a2d2a8bcd2f0a1a0a5ff1e9d5c9a9a0f1c7a2b3d4"
        connection.exec_driver_sql(
            f"INSERT INTO suppressions (address_key, reason, at) VALUES ('{digest}', 'forgotten', '2026-11-27')"
        )
    engine.dispose()
    assert "filigrane db upgrade" in filigrane("subscribers", "show", "zoe@example.org", code=1)[1]
    assert not (root / ADDRESS_KEY_FILE).exists()
    told = filigrane("db", "upgrade")[1]
    assert "1 row of an address is now under the address key" in told
    assert "The address key is in var/address.key. Keep a copy" in told
    assert stat.S_IMODE((root / ADDRESS_KEY_FILE).stat().st_mode) == 0o600
    assert "address key" not in filigrane("db", "upgrade")[1]


def test_an_upgrade_after_one_that_was_killed_says_where_its_key_is(
    filigrane: Command, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key is on the disk before the database needs it, and nobody was told to keep a copy."""
    address_key_or_new(root)
    assert "The address key is in var/address.key. Keep a copy" in filigrane("db", "upgrade")[1]
    assert "address key" not in filigrane("db", "upgrade")[1]
    monkeypatch.setenv("FILIGRANE_ADDRESS_KEY", (root / ADDRESS_KEY_FILE).read_text().strip())
    gc.collect()  # the process of a command is over, and has no database open
    for file in (root / "var").glob("filigrane.db*"):
        file.unlink()
    (root / ADDRESS_KEY_FILE).unlink()
    assert "The address key is in" not in filigrane("db", "upgrade")[1]


def test_a_host_without_the_key_is_told_what_to_do(filigrane: Command, root: Path) -> None:
    filigrane("db", "upgrade")
    key = (root / ADDRESS_KEY_FILE).read_text()
    add = ("subscribers", "add", "zoe@example.org", "--publication", "vendredi", "--source", "form")
    filigrane(*add)
    (root / ADDRESS_KEY_FILE).unlink()
    for arguments in (
        ("db", "upgrade"),
        ("subscribers", "forget", "zoe@example.org", "--yes"),
        ("subscribers", "import", str(_list(root)), "--publication", "vendredi", "--source", "form"),
    ):
        told = filigrane(*arguments, code=1)[1]
        assert "Put it back in var/address.key, or give it in FILIGRANE_ADDRESS_KEY" in told, arguments
        assert not (root / ADDRESS_KEY_FILE).exists()
    filigrane("mailings")  # what looks for no address, and stops a mailing, goes on without it
    (root / ADDRESS_KEY_FILE).write_text("ab" * 32)
    assert "var/address.key is not the one of this database" in filigrane("db", "upgrade", code=1)[1]
    (root / ADDRESS_KEY_FILE).write_text(key)
    assert "already" in filigrane(*add, code=1)[1]


def test_a_key_that_is_lost_is_replaced_once_it_was_said_who_is_lost_with_it(filigrane: Command, root: Path) -> None:
    filigrane("db", "upgrade")
    for name in ("zoe", "odile"):
        filigrane("subscribers", "add", f"{name}@example.org", "--publication", "vendredi", "--source", "form")
    filigrane("subscribers", "forget", "odile@example.org", "--yes")
    assert "nothing is lost" in filigrane("secret", "new", "--addresses", code=1)[1]
    (root / ADDRESS_KEY_FILE).unlink()
    told = filigrane("secret", "new", "--addresses", code=1)[1]
    assert "1 address that was forgotten or suppressed will never be recognised again" in told
    assert "--yes" in told
    assert not (root / ADDRESS_KEY_FILE).exists()
    told = filigrane("secret", "new", "--addresses", "--yes")[1]
    assert "1 row of an address has the new key" in told
    assert "zoe@example.org" in filigrane("subscribers", "show", "zoe@example.org")[0]
    filigrane("subscribers", "show", "odile@example.org", code=1)


@pytest.mark.slow
def test_init_makes_the_key_and_says_what_it_is_for(filigrane: Command, root: Path, tmp_path: Path) -> None:
    told = filigrane("init", str(tmp_path / "new"), "--language", "en")[1]
    assert (tmp_path / "new" / ADDRESS_KEY_FILE).exists()
    assert "The address key is in var/address.key" in told


def _list(root: Path) -> Path:
    file = root / "list.csv"
    file.write_text("email\nanne@example.org\n")
    return file
