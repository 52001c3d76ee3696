"""``filigrane subscribers`` and ``filigrane db``, as they are typed."""

from __future__ import annotations

import csv
import io
import json
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from composer.database import DatabaseUnavailable, connect, schema_revision
from tests.support.address_keys import open_database
from tests.support.newsrooms import write_newsroom

Command = Callable[..., tuple[str, str]]

LIST = "Courriel;Prénom;Formule\nzoe@example.org;Zoé;payant\nlea@example.org;=Léa;gratuit\nnobody;;\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A newsroom with an empty database."""
    open_database("sqlite:///var/filigrane.db", write_newsroom(tmp_path), create=True).dispose()
    return tmp_path


def database(root: Path) -> Engine:
    return connect("sqlite:///var/filigrane.db", root, create=True)


def test_a_list_goes_in_and_comes_out(root: Path, filigrane: Command) -> None:
    path, report = root / "list.csv", root / "report.csv"
    path.write_text(LIST, encoding="cp1252")
    command = ("subscribers", "import", str(path), "--publication", "vendredi", "--source", "salon")
    told, _ = filigrane(*command, "--dry-run", "--json")
    assert {name: value for name, value in json.loads(told).items() if name != "reasons"} == {
        "understood": [["email", "Courriel"], ["first_name", "Prénom"], ["tier", "Formule"]], "ignored": [],
        "dry_run": True, "read": 3, "added": 2, "updated": 0, "unchanged": 0,
        "left": 0, "opted_out": 0, "suppressed": 0, "duplicates": 0, "refused": 1, "banned": 0, "unproven": 0,
        "platform": None, "title": "", "remarks": [],
    }  # fmt: skip
    stdout, stderr = filigrane(*command, "--report", str(report))
    assert stdout == ""
    assert "2 rows added" in stderr
    assert "no @" in report.read_text(encoding="utf-8-sig")
    exported, _ = filigrane("subscribers", "export", "--publication", "vendredi", "--status", "active")
    found = {row["email"]: row for row in csv.DictReader(exported.splitlines())}
    assert found["zoe@example.org"]["tier"] == "paid"
    assert found["lea@example.org"]["name"] == "'=Léa"
    filigrane("subscribers", "export", "--out", str(root / "out.csv"))
    with (root / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == 2


def test_a_column_that_may_say_who_left_stops_the_import_with_what_to_type(root: Path, filigrane: Command) -> None:
    path = root / "a list.csv"
    path.write_text("Courriel;Ne plus écrire;Ville\nzoe@example.org;x;Lyon\nlea@example.org;;Lyon\n")
    command = ("subscribers", "import", str(path), "--publication", "vendredi", "--source", "le salon", "--dry-run")
    stdout, stderr = filigrane(*command, "--json", code=1)
    assert json.loads(stdout)["exit_code"] == 1
    assert "“Ne plus écrire” (x)" in stderr
    assert "--map 'Ne plus écrire=ignore'" in stderr
    example = shlex.split(stderr.splitlines()[-1].removeprefix("For example: "))
    assert example[1:] == ["--newsroom", str(root), *command, "--json", "--map", "opted_out=Ne plus écrire"]
    told = json.loads(filigrane(*example[example.index("subscribers") :])[0])
    assert (told["added"], told["left"], told["ignored"]) == (1, 1, ["Ville"])
    for ignored in (("--ignore", "ne plus ecrire"), ("--map", "ne plus ecrire=ignore")):
        _, stderr = filigrane(*command, *ignored)
    assert "Columns read: Courriel (email)\nColumns not read: Ne plus écrire, Ville\n" in stderr


def test_a_column_is_named_with_its_commas(root: Path, filigrane: Command) -> None:
    path = root / "list.csv"
    path.write_text('"Contact, email",Qui\nzoe@example.org,Zoé\n')
    command = ("subscribers", "import", str(path), "--publication", "vendredi", "--source", "salon", "--json")
    for said in (("--map", "email=Contact, email,name=Qui"), ("--map", "name=Qui", "--map", "email=Contact, email")):
        told = json.loads(filigrane(*command, "--dry-run", *said)[0])
        assert told["understood"] == [["email", "Contact, email"], ["name", "Qui"]]


def test_a_list_of_which_nothing_can_be_imported_says_why(root: Path, filigrane: Command) -> None:
    path = root / "list.csv"
    path.write_text("Courriel\nzoe@example.org\nlea@example.org\n")
    _, stderr = filigrane("subscribers", "import", str(path), "--publication", "vendredi", code=1)
    assert "2 × " in stderr
    assert "--source" in stderr
    assert "no row of list.csv can be imported" in stderr


def test_the_life_of_one_reader(root: Path, filigrane: Command) -> None:
    add = ("subscribers", "add", "Zoe@Example.org", "--publication", "vendredi", "--source", "phone")
    filigrane(*add, "--tier", "paid", "--paid-until", "31/12/2026", "--name", "Zoé Dupré")
    shown = json.loads(filigrane("subscribers", "show", "Zoé <zoe@example.org>", "--json")[0])
    assert shown["email"] == "Zoe@example.org"
    assert shown["subscriptions"][0]["paid_until"] == "2026-12-31T22:59:59.999999+00:00"
    assert shown["subscriptions"][0]["consents"][0]["source"] == "phone"
    filigrane("subscribers", "unsubscribe", "zoe@example.org")
    assert "had left already" in filigrane("subscribers", "unsubscribe", "zoe@example.org")[1]
    assert "--again" in filigrane(*add, code=1)[1]
    filigrane(*add, "--again")
    filigrane("subscribers", "forget", "zoe@example.org", "--yes")
    assert "(forgotten)" in filigrane("subscribers", "show", "zoe@example.org")[0]


def test_forgetting_reaches_the_ledger(root: Path, filigrane: Command) -> None:
    filigrane("subscribers", "add", "zoe@example.org", "--publication", "vendredi", "--source", "phone")
    engine = database(root)
    with engine.begin() as connection:
        for statement in (
            "INSERT INTO mailings (id, publication, date, slug, subject, seal, state, dated, return_domain, "
            "opened_at, secret_fingerprint) "
            "VALUES (1, 'vendredi', '2026-11-27', '', 's', 'x', 'done', '2026', 'example.org', '2026', 'x')",
            "INSERT INTO mailing_editions (id, mailing_id, audience, language, seal, template) "
            "VALUES (1, 1, 'free', 'fr', 'x', x'')",
            "INSERT INTO deliveries (mailing_id, edition_id, subscriber_id, subscription_id, email, state, changed_at) "
            "VALUES (1, 1, 1, 1, 'zoe@example.org', 'accepted', '2026')",
            "INSERT INTO outbox (kind, publication, email, address_key, provider, state, attempt, deferrals, "
            "expires_at, created_at, changed_at) SELECT 'confirm', '', email, address_key, '', 'queued', 0, 0, "
            "'2026', '2026', '2026' FROM subscribers",
        ):
            connection.execute(text(statement))
    filigrane("subscribers", "forget", "zoe@example.org", "--yes")
    with engine.connect() as connection:
        # reason: sqlite3 under SQLAlchemy, which types its driver as any
        dump = "\n".join(connection.connection.driver_connection.iterdump())  # type: ignore[union-attr]  # reason: sqlite3 has it
    engine.dispose()
    assert "'accepted'" in dump
    assert "zoe@" not in dump
    assert "0 deliveries in the ledger held" in filigrane("subscribers", "forget", "zoe@example.org", "--yes")[1]


def test_forgetting_that_is_cut_short_says_that_it_is_to_be_given_again(
    root: Path, filigrane: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    filigrane("subscribers", "add", "zoe@example.org", "--publication", "vendredi", "--source", "phone")

    def cut(*_: object) -> int:
        raise DatabaseUnavailable("the disk is full")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("composer.cli.subscribers.erase_address", cut)
        said = filigrane("subscribers", "forget", "zoe@example.org", "--yes", code=3)[1]
    assert "give the same command again" in said
    assert "nothing personal is kept" not in said
    assert "(forgotten)" in filigrane("subscribers", "show", "zoe@example.org")[0]
    assert "nothing personal is kept" in filigrane("subscribers", "forget", "zoe@example.org", "--yes")[1]


def test_forgetting_asks_first(root: Path, filigrane: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    for publication in ("vendredi", "samedi"):
        filigrane("subscribers", "add", "Zoe@example.org", "--publication", publication, "--source", "phone")
    forget = ("subscribers", "forget", "zoe@example.org")
    _, refused = filigrane(*forget, code=1)
    for words in ("Zoe@example.org: ", "2 subscriptions (samedi, vendredi)", "nothing brings them back", "--yes"):
        assert words in refused
    assert json.loads(filigrane("subscribers", "show", "zoe@example.org", "--json")[0])["forgotten_at"] is None
    for typed, code in (("n\n", 1), ("y\n", 0)):
        monkeypatch.setattr("sys.stdin", terminal := io.StringIO(typed))
        terminal.isatty = lambda: True  # type: ignore[method-assign] # reason: a terminal
        filigrane(*forget, code=code)
        shown = json.loads(filigrane("subscribers", "show", "zoe@example.org", "--json")[0])
        assert (shown["email"] is None) == (code == 0)
    assert "no import will ever add it" in filigrane("subscribers", "forget", "lea@example.org", code=1)[1]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("show", "zoe@example.org"), 1, "not known here"),
        (("show", "zoé@example.org"), 1, "outside ASCII"),
        (("add", "zoe@example.org", "--publication", "lundi", "--source", "x"), 1, "there are: samedi, vendredi"),
        (("add", "zoe@example.org", "--publication", "vendredi", "--source", "x", "--name", "x" * 201), 1, "200 fit"),
        (("add", "zoe@example.org", "--publication", "vendredi"), 2, "--source"),
        (("import", "list.csv", "--publication", "vendredi", "--map", "email"), 2, "FIELD=COLUMN"),
        (("import", "list.csv", "--publication", "vendredi", "--report", "list.csv"), 2, "overwrite"),
        (("import", "none.csv", "--publication", "vendredi"), 2, "none.csv"),
    ],
)
def test_what_does_not_make_sense_is_said(
    root: Path,
    filigrane: Command,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    code: int,
    words: str,
) -> None:
    (root / "list.csv").write_text(LIST)
    monkeypatch.chdir(root)
    assert words in filigrane("subscribers", *arguments, code=code)[1]
    assert (root / "list.csv").read_text() == LIST


def test_db_upgrade_says_where_the_database_went(root: Path, filigrane: Command) -> None:
    shutil.rmtree(root / "var")
    assert f"from revision - to {schema_revision.head()}" in filigrane("db", "upgrade")[1]
    assert f"at revision {schema_revision.head()} already" in filigrane("db", "upgrade")[1]


def test_a_database_that_is_behind_says_what_to_type(
    root: Path, filigrane: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = ("9999", schema_revision.head())
    monkeypatch.setattr(schema_revision, "revisions", lambda: known)
    assert "filigrane db upgrade" in filigrane("subscribers", "show", "zoe@example.org", code=1)[1]


def test_a_database_that_is_none_is_the_outside_worlds_trouble(root: Path, filigrane: Command) -> None:
    (root / "var").mkdir(exist_ok=True)
    (root / "var" / "filigrane.db").write_text("not a database at all, but a page of text\n" * 99)
    assert "not a database" in filigrane("subscribers", "show", "zoe@example.org", code=3)[1]


def test_why_readers_left_is_counted_by_letter_and_month(root: Path, filigrane: Command) -> None:
    engine = database(root)
    with engine.begin() as connection:
        for month, reason, number in (("2026-10", "time", 2), ("2026-11", "often", 3), ("2026-11", "later", 1)):
            row = f"('vendredi', '{month}', '{reason}', {number})"
            connection.execute(text(f"INSERT INTO leaving_reasons (publication, month, reason, number) VALUES {row}"))
    engine.dispose()
    told = filigrane("subscribers", "count")[1]
    assert "vendredi, why readers left in 2026-11: It comes too often: 3 · later: 1\n" in told
    assert "vendredi, why readers left in 2026-10: I do not find the time to read it: 2\n" in told
    assert "why readers left" not in filigrane("subscribers", "count", "--publication", "samedi")[1]
    (first, *_) = json.loads(filigrane("subscribers", "count", "--json")[0])["leaving"]
    assert first == {"publication": "vendredi", "month": "2026-11", "reason": "often", "number": 3}


def test_sign_ups_that_are_not_confirmed_are_counted_and_forgotten(root: Path, filigrane: Command) -> None:
    engine = database(root)
    columns = "address_key, email, letters, language, state, form, wording, page, asked_at, not_before, expires_at"
    filigrane("subscribers", "add", "zoe@example.org", "--publication", "vendredi", "--source", "phone")
    with engine.begin() as connection:
        for key, email, state in (("address_key", "email", "'pending'"), ("'other'", "'lea@example.org'", "'waiting'")):
            values = f"{key}, {email}, ' vendredi ', 'fr', {state}, '1', 'w', 'p', '2026', '2026', '2036'"
            connection.execute(text(f"INSERT INTO signups ({columns}) SELECT {values} FROM subscribers"))
        connection.execute(
            text("INSERT INTO requests (id, kind, email, at) VALUES ('1', 'join', ' Zoe@example.org', '2026')")
        )
    told, _ = filigrane("subscribers", "count", "--json")
    assert json.loads(told)["signups"] == {
        "samedi": {"pending": 0, "waiting": 0},
        "vendredi": {"pending": 1, "waiting": 1},
    }
    assert (
        "vendredi: 1 sign-ups wait for their reader’s confirmation, 1 for our message"
        in filigrane("subscribers", "count")[1]
    )
    filigrane("subscribers", "forget", "zoe@example.org", "--yes")
    with engine.connect() as connection:
        # reason: sqlite3 under SQLAlchemy, which types its driver as any
        dump = "\n".join(connection.connection.driver_connection.iterdump())  # type: ignore[union-attr]  # reason: sqlite3 has it
    engine.dispose()
    assert "oe@" not in dump
    assert "lea@" in dump
