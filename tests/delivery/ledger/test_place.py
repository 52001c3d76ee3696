"""A database that was copied is told, and one that was renamed, saved or upgraded is not."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine

from composer.database import connect
from composer.delivery.ledger.place import copied, forget_place, stay_at
from tests.support import databases
from tests.support.address_keys import open_database
from tests.support.postgres import Server


def found(engine: Engine) -> bool:
    try:
        with engine.begin() as connection:
            return copied(connection)
    finally:
        engine.dispose()


def test_a_copied_file_is_told_once(tmp_path: Path) -> None:
    def engine(name: str) -> Engine:
        return connect(f"sqlite:///{name}.db", tmp_path)

    open_database("sqlite:///first.db", tmp_path, create=True).dispose()
    assert [found(engine("first")), found(engine("first"))] == [False, False]
    for name in ("copy", "saved", "restored"):
        shutil.copyfile(tmp_path / "first.db", tmp_path / f"{name}.db")
    with closing(sqlite3.connect(tmp_path / "saved.db")) as saved:
        stay_at(saved, tmp_path / "saved.db")
        saved.commit()
    with engine("restored").begin() as connection:
        forget_place(connection)
    (tmp_path / "first.db").rename(tmp_path / "moved.db")
    assert [found(engine(name)) for name in ("moved", "saved", "restored", "copy", "copy")] == [
        *[False] * 3,
        True,
        False,
    ]


@pytest.mark.postgres
def test_a_copied_database_of_a_server_is_told_once(postgres_server: Server, tmp_path: Path) -> None:
    with databases.on(postgres_server):
        first = connect(databases.url(tmp_path), tmp_path)
        assert [found(first), found(first)] == [False, False]
        with psycopg.connect(
            host=str(postgres_server.folder), user="postgres", dbname="postgres", autocommit=True
        ) as server:
            names = sql.Identifier("copied"), sql.Identifier(first.url.database or "")
            server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
        copy = connect(postgres_server.url("copied"), tmp_path)
        assert [found(copy), found(copy), found(first)] == [True, False, False]
        postgres_server.drop("copied")
