"""A backup may have travelled: nothing in it is run, and a change of it is noticed where its key is known."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from shutil import copy
from zipfile import ZipFile

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, insert, inspect, select

from composer.backup import back_up, restore
from composer.cli import filigrane
from composer.database import connect
from composer.errors import Refused
from composer.newsroom import load_newsroom
from composer.newsroom.environment import database_url
from composer.subscribers import read_address, subscribe
from composer.subscribers.tables import subscribers
from tests.schedule.support.sample_hour import SECRET, paris
from tests.support import databases
from tests.support.address_keys import keyed, open_database
from tests.support.newsrooms import write_newsroom

NOW = paris("2026-11-27 07:01")
#: What COPY must carry through: its own escapes, a row that looks like the end, and other alphabets.
AWKWARD = ["\\.", "a\tb\\N", "line\r\nbreak", "\u202eœuvre « \N{NO-BREAK SPACE}»", ""]


def _made(root: Path, file: Path, *statements: str) -> Path:
    newsroom = load_newsroom(write_newsroom(root, database=databases.url(root)))
    (root / "var").mkdir(exist_ok=True)
    (root / "var" / "secret.key").write_text(SECRET.hex())
    engine = open_database(database_url(newsroom), root, create=True)
    with engine.begin() as connection:
        for number, words in enumerate(AWKWARD):
            row = {"email": f"{number}@example.org", "address_key": f"{number:064}", "name": words}
            connection.execute(insert(subscribers).values(row))
        connection.execute(subscribers.delete().where(subscribers.c.email == "4@example.org"))
        for statement in statements:
            connection.exec_driver_sql(statement)
    back_up(newsroom, engine, file, NOW)
    engine.dispose()
    return file


_ON_POSTGRESQL = pytest.mark.parametrize(
    "each_engine", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return _made(tmp_path / "newsroom", tmp_path / "save.zip")


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Engine]:
    """The database to restore into: a new one of the server, or a file of the new folder."""
    if (server := databases.postgres()) is not None:
        monkeypatch.setenv("FILIGRANE_DATABASE_URL", server.new_database(empty=True))

    def opened() -> Engine:
        folder = tmp_path / "restored"
        return connect(database_url(load_newsroom(folder)), folder)

    return opened


def _altered(file: Path, change: Callable[[bytes], bytes]) -> None:
    """Change the database in the backup, and its digest with it."""
    with ZipFile(file) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    contents["database"] = change(contents["database"])
    manifest = json.loads(contents["manifest.json"])
    manifest["files"]["database"] = hashlib.sha256(contents["database"]).hexdigest()
    contents["manifest.json"] = json.dumps(manifest).encode()
    with ZipFile(file, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)


@pytest.mark.usefixtures("each_engine")
def test_rows_come_back_letter_for_letter_and_ids_go_on(
    file: Path, tmp_path: Path, empty: Callable[[], Engine]
) -> None:
    restore(file, tmp_path / "restored", NOW)
    engine = keyed(empty())
    with engine.begin() as connection:
        names = connection.execute(select(subscribers.c.name).order_by(subscribers.c.id)).scalars().all()
        assert list(names) == AWKWARD[:4]
        last = subscribe(connection, read_address("zoe@example.org"), "vendredi", source="form")
        assert last > 1_000_000
    engine.dispose()


_FOREIGN = {
    "sqlite": (
        "CREATE VIEW readers AS SELECT email FROM subscribers",
        "CREATE TRIGGER audited AFTER UPDATE ON workers BEGIN SELECT 1; END",
    ),
    "postgresql": (
        "CREATE TABLE audit AS SELECT email FROM subscribers",
        "ALTER TABLE subscribers ADD seen text DEFAULT 'a\tb'",
        "CREATE SCHEMA elsewhere",
        "CREATE TABLE elsewhere.subscribers (id int)",
        "CREATE VIEW readers AS SELECT email FROM subscribers",
    ),
}


@pytest.fixture
def added(each_engine: str, tmp_path: Path) -> Path:
    return _made(tmp_path / "newsroom", tmp_path / "added.zip", *_FOREIGN[each_engine])


def test_what_was_added_to_the_tables_keeps_no_backup_from_being_restored(
    each_engine: str, added: Path, tmp_path: Path, empty: Callable[[], Engine]
) -> None:
    left_out = restore(added, tmp_path / "restored", NOW).left_out
    assert left_out == (() if each_engine == "sqlite" else ("audit", "subscribers.seen"))
    restored = empty()
    with restored.connect() as connection:
        names = connection.execute(select(subscribers.c.name).order_by(subscribers.c.id)).scalars().all()
    assert list(names) == AWKWARD[:4]
    assert inspect(restored).get_view_names() == []
    restored.dispose()


@_ON_POSTGRESQL
def test_no_statement_of_a_postgresql_backup_is_run(
    each_engine: str, file: Path, tmp_path: Path, empty: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    attack = b"\\! touch PWNED\nCREATE TABLE pwned (id int);\nALTER TABLE public.workers ADD pwned int;\n"
    _altered(file, lambda dump: attack + dump + attack)
    restore(file, tmp_path / "restored", NOW)
    assert not (tmp_path / "PWNED").exists()
    engine = empty()
    assert "pwned" not in inspect(engine).get_table_names()
    engine.dispose()


@_ON_POSTGRESQL
@pytest.mark.parametrize(
    "change",
    [
        lambda dump: dump.replace(b"COPY public.workers (", b"COPY public.strangers ("),
        lambda dump: dump.replace(b"COPY public.subscribers (id,", b"COPY public.subscribers (ident,"),
        lambda dump: dump.replace(b"COPY public.subscribers (id,", b"COPY pg_catalog.pg_authid (id,"),
        lambda dump: dump[: dump.index(b"COPY public.subscribers") + 300],
        lambda dump: dump.replace(b"\t0@example.org", b"\tzoe@example.org\tx\ty"),
    ],
)
def test_rows_of_other_tables_are_refused_and_nothing_is_left(
    each_engine: str,
    file: Path,
    tmp_path: Path,
    empty: Callable[[], Engine],
    change: Callable[[bytes], bytes],
) -> None:
    good = Path(copy(file, tmp_path / "good.zip"))
    _altered(file, change)
    with pytest.raises(Refused, match="damaged: database") as refused:
        restore(file, tmp_path / "restored", NOW)
    assert "example.org" not in str(refused.value)
    assert not (tmp_path / "restored").exists()
    assert restore(good, tmp_path / "restored", NOW).paused == ()  # into the same database, which is empty still


def test_an_sqlite_backup_with_statements_in_it_is_refused(file: Path, tmp_path: Path) -> None:
    def planted(content: bytes) -> bytes:
        path = tmp_path / "planted.db"
        path.write_bytes(content)
        with closing(sqlite3.connect(path)) as database:
            database.execute("CREATE TRIGGER quiet AFTER INSERT ON suppressions BEGIN DELETE FROM suppressions; END")
            database.commit()
        return path.read_bytes()

    _altered(file, planted)
    with pytest.raises(Refused, match="damaged: database"):
        restore(file, tmp_path / "restored", NOW)


@pytest.mark.parametrize(
    ("key", "former", "proof"),
    [
        (SECRET.hex(), "", "proved"),
        ("cd" * 32, SECRET.hex(), "proved"),
        ("cd" * 32, "", "other-key"),
        ("", "", "no-key"),
    ],
)
def test_its_proof_is_looked_at_with_the_keys_that_are_given(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, former: str, proof: str
) -> None:
    monkeypatch.setenv("FILIGRANE_SECRET_KEY", key)
    monkeypatch.setenv("FILIGRANE_FORMER_KEYS", former)
    assert restore(file, tmp_path / "restored", NOW).proof == proof


@pytest.mark.slow
def test_a_changed_backup_is_refused_by_its_key_and_an_unproved_one_is_said(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = CliRunner().invoke(filigrane, ["restore", str(file), str(tmp_path / "first")])
    assert "not known without the secret key" in said.stderr
    text_editors = [*(tmp_path / "first").glob("schema/issue.*.json"), tmp_path / "first/.vscode/extensions.json"]
    assert len(text_editors) == 2
    assert all(path.is_file() for path in text_editors)
    monkeypatch.setenv("FILIGRANE_SECRET_KEY", SECRET.hex())
    _altered(file, lambda database: database + b"\0")
    with pytest.raises(Refused, match="changed since it was made"):
        restore(file, tmp_path / "restored", NOW)
    with ZipFile(file) as archive:
        contents = {name: archive.read(name) for name in archive.namelist() if name != "manifest.mac"}
    with ZipFile(file, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    said = CliRunner().invoke(filigrane, ["restore", str(file), str(tmp_path / "second")])
    assert "carries no proof" in said.stderr
