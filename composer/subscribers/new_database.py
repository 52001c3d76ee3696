"""Make a newsroom's database."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from sqlalchemy import Engine

from composer.database.migrate import create_database
from composer.newsroom.making_keys import address_key_or_new
from composer.subscribers.address_key import with_key


def create_keyed(url: str, root: Path) -> Engine:
    """``open_keyed``; a missing or empty SQLite database is created first, and the address key where there is none.

    Raises as ``create_database`` and ``address_key_or_new``.
    """
    return with_key(create_database(url, root, partial(address_key_or_new, root)), root)
