"""Where the database is gone, no command makes another one in its place, and each says what to do."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from composer.cli import COMMANDS, filigrane
from composer.database import DATABASE_TROUBLE, DatabaseUnavailable, connect
from composer.errors import FiligraneError
from tests.delivery.support.sample_newsroom import SECRET
from tests.support.address_keys import open_database
from tests.support.newsrooms import FRIDAY, write_issue, write_newsroom

#: Command → what is typed after it. None: it makes a database, serves for ever without asking one, or tells a mail
#: server to come back (tests/returns/test_receive.py).
TYPED: dict[str, list[str] | None] = {
    "lsp": [],
    "init": None,
    "new": ["vendredi"],
    "schema": [],
    "check": ["--all"],
    "render": ["vendredi/2026-11-27", "--out", "{out}"],
    "preview": None,
    "typo": ["vendredi/2026-11-27"],
    "import-draft": ["{out}/draft.md", "--issue", "vendredi/2026-12-04"],
    "test": ["vendredi/2026-11-27", "--to", "anne@example.org"],
    "approve": ["vendredi/2026-11-27", "--by", "Odile"],
    "unapprove": ["vendredi/2026-11-27"],
    "calendar": [],
    "send": ["vendredi/2026-11-27"],
    "skip": ["vendredi/2026-11-27"],
    "run": ["--metrics", "off"],
    "worker": ["--metrics", "off"],
    "web": [],
    "archive build": ["--out", "{out}/site"],
    "mailings": [],
    "deliveries": ["1"],
    "reconcile": ["1", "--log", "-"],
    "subscribers import": ["{out}/list.csv", "--publication", "vendredi"],
    "subscribers export": [],
    "subscribers list": [],
    "subscribers count": [],
    "subscribers add": ["anne@example.org", "--publication", "vendredi", "--source", "paper"],
    "subscribers show": ["anne@example.org"],
    "subscribers unsubscribe": ["anne@example.org"],
    "subscribers forget": ["anne@example.org"],
    "register": [],
    "move-in": ["{out}/list.csv", "--publication", "vendredi"],
    "returns judge": ["{out}/list.csv"],
    "returns believe": ["orange"],
    "returns hooks": [],
    "returns list": [],
    "returns receive": None,
    "returns fetch": [],
    "returns listen": [],
    "doctor": ["--offline"],
    "secret new": [],
    "db upgrade": None,
    "db sweep": ["--yes"],
    "db here": [],
    "backup": ["{out}/backup.zip"],
    "restore": None,
    "demo": None,
    "version": [],
}

#: What goes on without: it reads and writes the folder only.
FOLDER_ONLY = {
    "new",
    "import-draft",
    "register",
    "schema",
    "check",
    "render",
    "typo",
    "test",
    "approve",
    "unapprove",
    "calendar",
    "version",
    "secret new",
    "lsp",
    "returns judge",
    "returns hooks",
}


def leaves() -> set[str]:
    """Every command as it is typed, subcommands too."""
    context, found = click.Context(filigrane), set()
    for name in COMMANDS:
        command = filigrane.get_command(context, name)
        found |= {f"{name} {each}" for each in command.commands} if isinstance(command, click.Group) else {name}
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A newsroom with an approved issue, whose var/ is gone, as after `git clean -fdx`."""
    monkeypatch.setenv("FILIGRANE_SECRET_KEY", SECRET.hex())
    monkeypatch.delenv("FILIGRANE_DATABASE_URL", raising=False)
    root = write_newsroom(tmp_path / "room")
    write_issue(root, "vendredi", FRIDAY)
    (tmp_path / "draft.md").write_text("# Le pont\n\nUne phrase.\n")
    (tmp_path / "list.csv").write_text("email\nanne@example.org\n")
    assert typed(root, "approve", "vendredi/2026-11-27", "--by", "Odile").exit_code == 0
    return root


def typed(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(filigrane, ["--newsroom", str(folder), *words])


def databases_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if ".db" in path.name]


def test_every_command_is_tried_here() -> None:
    assert set(TYPED) == leaves()


@pytest.mark.parametrize("name", [name for name, words in TYPED.items() if words is not None])
@pytest.mark.parametrize("parent", ["no folder", "a folder"])
def test_no_command_makes_a_database_in_place_of_a_lost_one(name: str, parent: str, folder: Path) -> None:
    if parent == "a folder":
        (folder / "var").mkdir(exist_ok=True)
    words = [word.format(out=folder.parent) for word in TYPED[name] or []]
    done = typed(folder, *name.split(), *words)
    assert databases_in(folder) == []
    if name in FOLDER_ONLY:
        assert not isinstance(done.exception, DatabaseUnavailable)
    elif name == "doctor":
        assert "is not there" in done.output
        assert done.exit_code == 3
    else:
        assert isinstance(done.exception, FiligraneError)
        assert "database" in str(done.exception)
        assert done.exception.exit_code in (1, 3)


@pytest.mark.parametrize("name", ["mailings", "run", "worker", "send"])
def test_it_says_where_it_should_be_and_both_ways_out(name: str, folder: Path) -> None:
    said = str(typed(folder, name, *(TYPED[name] or [])).exception)
    assert f"{folder}/var/filigrane.db is not there" in said
    assert "filigrane restore FILE" in said
    assert "filigrane db upgrade" in said


def test_the_calendar_says_what_it_cannot_know(folder: Path) -> None:
    done = typed(folder, "calendar", "--json")
    assert done.exit_code == 0
    assert "no database" in done.stderr


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:1/gone", "sqlite:///config/newsroom.yaml"])
def test_the_calendar_shows_the_dates_where_the_database_cannot_be_read(
    url: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FILIGRANE_DATABASE_URL", url)
    done = typed(folder, "calendar", "--weeks", "104")
    assert str(FRIDAY.year) in typed(folder, "calendar", "--weeks", "104", "--json").stdout
    assert "vendredi/" in done.stdout
    assert "what has left, is held or was skipped is not known" in done.stderr
    assert isinstance(done.exception, DATABASE_TROUBLE)


def test_db_upgrade_makes_one_that_only_its_owner_reads(folder: Path) -> None:
    assert typed(folder, "db", "upgrade", "--yes").exit_code == 0
    assert {stat.S_IMODE(path.stat().st_mode) for path in databases_in(folder)} == {0o600}
    assert typed(folder, "mailings").exit_code == 0


def test_db_upgrade_says_that_a_new_one_knows_nothing_of_what_was_sent(folder: Path) -> None:
    refused = typed(folder, "db", "upgrade")
    assert "1 issue is approved here" in str(refused.exception)
    assert databases_in(folder) == []
    assert typed(folder, "db", "upgrade", "--yes").exit_code == 0
    assert typed(folder, "db", "upgrade").exit_code == 0  # not a new one any more


def test_where_nothing_is_approved_db_upgrade_does_not_ask(folder: Path) -> None:
    assert typed(folder, "unapprove", "vendredi/2026-11-27").exit_code == 0
    assert typed(folder, "db", "upgrade").exit_code == 0


def test_a_new_newsroom_has_its_database(tmp_path: Path) -> None:
    assert CliRunner().invoke(filigrane, ["init", str(tmp_path / "mine"), "--language", "en"]).exit_code == 0
    assert typed(tmp_path / "mine", "mailings").exit_code == 0


def test_an_emptied_database_is_not_filled_again_by_itself(folder: Path) -> None:
    """What remains of a file that a full disk or a copy broke off at its first byte."""
    (folder / "var").mkdir(exist_ok=True)
    (folder / "var/filigrane.db").touch()
    assert "filigrane db upgrade" in str(typed(folder, "mailings").exception)
    with closing(sqlite3.connect(folder / "var/filigrane.db")) as plain:
        assert plain.execute("SELECT name FROM sqlite_master").fetchall() == []


def test_a_database_that_goes_while_it_is_used_is_away_and_not_made_again(tmp_path: Path) -> None:
    engine = open_database("sqlite:///var/filigrane.db", tmp_path, create=True)
    engine.dispose()
    for path in databases_in(tmp_path):
        path.unlink()
    with pytest.raises(DatabaseUnavailable, match="is not there"), engine.begin():
        pass
    assert databases_in(tmp_path) == []


def test_a_name_that_a_uri_would_read_otherwise_is_the_file_s(tmp_path: Path) -> None:
    engine = open_database("sqlite:///var/a%23b 100% #.db", tmp_path, create=True)
    with engine.begin():
        pass
    assert engine.url.database is not None
    assert [path.name for path in (tmp_path / "var").glob("*.db")] == [Path(engine.url.database).name]
    with connect("sqlite:///var/a%23b 100% #.db", tmp_path).connect():
        pass
    engine.dispose()
