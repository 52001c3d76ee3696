"""Which database a test runs on: SQLite in a folder of its own, or one of a PostgreSQL server that the tests began.

A test that is about both says ``pytestmark = pytest.mark.usefixtures("each_engine")``; what makes databases for tests
asks ``url`` and need not know.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, MetaData, event, inspect, select
from sqlalchemy.pool import Pool

from composer.database import migrate
from tests.support.postgres import Server

_server: Server | None = None
_made: dict[Path, str] = {}
_first: list[str] = []


def url(root: Path) -> str:
    """The database of the newsroom at ``root``: the same one each time. It has its tables, or gets them."""
    if _server is None:
        return "sqlite:///ledger.db"
    if root not in _made:
        _made[root] = _first.pop() if _first else _server.new_database()
    return _made[root]


def postgres() -> Server | None:
    """The PostgreSQL server that the test runs on; None where it runs on SQLite."""
    return _server


@contextmanager
def on(server: Server | None, first: str | None = None) -> Iterator[None]:
    """Meanwhile ``url`` gives databases of ``server``, and none of their connections outlives it. ``first``: the
    database of the first newsroom that asks, where it is there already."""
    global _server
    open_: list[Any] = []

    def remember(connection: Any, _record: object) -> None:
        open_.append(connection)

    _server = server
    _first[:] = [first] if first else []
    if server is not None:
        event.listen(Pool, "connect", remember)
    try:
        yield
    finally:
        if server is not None:
            event.remove(Pool, "connect", remember)
        for connection in open_:
            connection.close()
        _made.clear()
        _server = None


def turned_back(engine: Engine, revision: str) -> None:
    """The schema as an earlier version left it, with what its tables hold; an empty database gets its tables."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).with_name("migrations")))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        (command.downgrade if inspect(connection).get_table_names() else command.upgrade)(config, revision)


def dump(engine: Engine) -> str:
    """All that every table holds, a row a line: what must be nowhere is sought here."""
    tables = MetaData()
    with engine.connect() as connection:
        tables.reflect(connection)
        return "\n".join(str(row) for table in tables.sorted_tables for row in connection.execute(select(table)))
