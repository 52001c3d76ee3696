"""The address key of the tests' newsrooms, always the same one: databases of PostgreSQL are copies of one model."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

from composer.database import migrate
from composer.newsroom.environment import ADDRESS_KEY_FILE
from composer.subscribers.address import read_address
from composer.subscribers.address_key import key_under, open_keyed

TEST_KEY = bytes(range(32))


def give_key(root: Path, key: bytes = TEST_KEY) -> None:
    """Put the key where commands look for it, unless there is one."""
    file = root / ADDRESS_KEY_FILE
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(key.hex(), encoding="ascii")


def open_database(url: str, root: Path, *, create: bool = False) -> Engine:
    """As the program opens it; one that is made has the tests' key."""
    if create:
        give_key(root)
    return open_keyed(url, root, create=create)


def keyed(engine: Engine) -> Engine:
    """The engine, with the tests' key."""
    engine.update_execution_options(address_key=lambda: TEST_KEY)
    return engine


def upgrade(engine: Engine) -> int:
    """To this version's tables, with the tests' key: nothing is written to a newsroom."""
    return migrate.upgrade(keyed(engine), lambda: TEST_KEY).rewritten


def key_of(email: str) -> str:
    """What a database of the tests holds in place of ``email``."""
    return key_under(TEST_KEY, read_address(email))
