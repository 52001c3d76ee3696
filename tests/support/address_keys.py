"""The address key of the tests' newsrooms, always the same one: databases of PostgreSQL are copies of one model."""

from __future__ import annotations

import atexit
import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, make_url

from composer.database import migrate
from composer.newsroom.environment import ADDRESS_KEY, ADDRESS_KEY_FILE
from composer.subscribers.address import read_address
from composer.subscribers.address_key import key_under, open_keyed
from composer.subscribers.new_database import create_keyed

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
        _copy_model(url, root)
    return create_keyed(url, root) if create else open_keyed(url, root)


def _copy_model(url: str, root: Path) -> None:
    """Put a copy of ``_model`` where ``open_keyed`` would make the same file by migrations, at twenty times the cost.

    Where there is a file, another key or another engine, it is left to ``open_keyed``.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or ADDRESS_KEY in os.environ:
        return
    file = root / str(parsed.database)
    if not file.exists() and (root / ADDRESS_KEY_FILE).read_text(encoding="ascii") == TEST_KEY.hex():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_bytes(_model().read_bytes())


@cache
def _model() -> Path:
    """A SQLite database with every table and the tests' key, made once a process."""
    root = Path(tempfile.mkdtemp(prefix="filigrane-model-"))
    atexit.register(shutil.rmtree, root)
    give_key(root)
    create_keyed("sqlite:///model.db", root).dispose()
    return root / "model.db"


def keyed(engine: Engine) -> Engine:
    """The engine, with the tests' key."""
    engine.update_execution_options(address_key=lambda: TEST_KEY)
    return engine


def upgrade(engine: Engine) -> int:
    """To this version's tables, with the tests' key: nothing is written to a newsroom."""
    return migrate.upgrade(keyed(engine), lambda: TEST_KEY).rewritten


def make_tables(engine: Engine) -> None:
    """What ``upgrade`` makes in an empty database, on SQLite by copying ``_model`` at a hundredth of the cost."""
    if engine.dialect.name != "sqlite":
        upgrade(engine)
        return
    pooled = keyed(engine).raw_connection()
    with closing(sqlite3.connect(_model())) as model, closing(pooled):
        driver = pooled.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        model.backup(driver)


def key_of(email: str) -> str:
    """What a database of the tests holds in place of ``email``."""
    return key_under(TEST_KEY, read_address(email))
