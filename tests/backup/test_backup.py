"""What a backup holds, what it never holds, and that neither making nor restoring one overwrites anything."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import insert, select

from composer.approval.freeze import approve
from composer.backup import back_up, restore
from composer.backup.archive import Manifest
from composer.cli import filigrane
from composer.database import connect
from composer.delivery.ledger import retention
from composer.delivery.tables import PERHAPS_OLD, mailings, workers
from composer.errors import FiligraneError, OutsideWorld, Refused
from composer.newsroom import load_newsroom
from composer.newsroom.environment import database_url
from composer.schedule.downtime import last_tick
from composer.schedule.tick import tick
from composer.subscribers.address_key import require_address_key
from composer.subscribers.tables import subscribers, subscriptions
from composer.subscribers.tokens import fingerprint
from tests.schedule.support.sample_hour import SECRET, paris
from tests.support import databases
from tests.support.address_keys import TEST_KEY, give_key, open_database
from tests.support.newsrooms import FRIDAY, png, write_issue, write_newsroom
from tests.support.postgres import Server

NOW = paris("2026-11-27 07:01")
PEM = rsa.generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """A newsroom with its keys, a reader, and Friday's mailing open; one that was paused."""
    root = tmp_path / "newsroom"
    url = databases.url(root)
    write_newsroom(
        root, database=url, dkim={"domain": "example.org", "selector": "un", "key": "config/dkim.pem"}, alerts=()
    )
    (root / "var").mkdir(exist_ok=True)
    (root / "var" / "secret.key").write_text(SECRET.hex())
    (root / "config" / "dkim.pem").write_bytes(PEM)
    (root / "config" / "old.txt").write_bytes(b"note\n" + PEM)
    approve(write_issue(root, "vendredi", FRIDAY), load_newsroom(root), "Odile Ferrand", now=paris("2026-11-26 18:00"))
    (root / "issues" / "vendredi" / "quai.png").write_bytes(png())
    (root / "issues" / "vendredi" / "lien.png").symlink_to("/etc/hostname")
    (root / "config" / ".cache").mkdir()
    (root / "config" / ".cache" / "x").write_text("x")
    engine = open_database(database_url(load_newsroom(root)), root, create=True)
    with engine.begin() as connection:
        row = {"email": "anne@lecteurs.example", "address_key": "0" * 64}
        reader = connection.execute(insert(subscribers).values(row).returning(subscribers.c.id)).scalar_one()
        more = {"subscriber_id": reader, "publication": "vendredi", "status": "active", "tier": "free"}
        connection.execute(insert(subscriptions).values(more))
        connection.execute(insert(workers).values(host="ici", pid=1))
    tick(paris("2026-11-23 12:00"), load_newsroom(root), engine, SECRET)
    with engine.begin() as connection:
        paused = {"publication": "vendredi", "date": paris("2026-11-20 12:00").date(), "subject": "x", "seal": "x"}
        paused |= {"state": "paused", "reason": "550 5.7.26", "dated": NOW, "return_domain": "example.org", "slug": ""}
        paused |= {"secret_fingerprint": fingerprint(SECRET)}
        connection.execute(insert(mailings).values(paused))
        paused |= {"date": paris("2026-11-21 12:00").date(), "state": "sending", "reason": None}
        connection.execute(insert(mailings).values(paused))
    engine.dispose()
    return root


def made(room: Path, file: Path) -> Path:
    newsroom = load_newsroom(room)
    engine = open_database(database_url(newsroom), room, create=True)
    back_up(newsroom, engine, file, NOW)
    engine.dispose()
    return file


def test_it_holds_what_cannot_be_made_again_and_no_key(room: Path, tmp_path: Path) -> None:
    file = made(room, tmp_path / "save.zip")
    with ZipFile(file) as archive:
        names = set(archive.namelist())
        whole = b"".join(map(archive.read, names))
        manifest = json.loads(archive.read("manifest.json"))
    assert {"database", "config/newsroom.yaml", "issues/vendredi/2026-11-27.yaml", "issues/vendredi/quai.png"} <= names
    assert "issues/vendredi/2026-11-27.sealed/seal.yaml" in names
    assert not [name for name in names if "pem" in name or "secret" in name or "old.txt" in name]
    assert not [name for name in names if "lien" in name or ".cache" in name]
    assert b"PRIVATE KEY" not in whole
    assert SECRET.hex().encode() not in whole
    assert TEST_KEY.hex().encode() not in whole
    assert set(manifest["keys"]) == {"secret", "dkim", "addresses"}
    assert all(len(mark) >= 32 for mark in manifest["keys"].values())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.slow
@pytest.mark.usefixtures("each_engine")
def test_restored_it_is_the_same_newsroom_and_sends_nothing_by_itself(
    room: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = made(room, tmp_path / "save.zip")
    if databases.postgres() is not None:
        monkeypatch.setenv("FILIGRANE_DATABASE_URL", _empty(databases.postgres()))
    done = restore(file, tmp_path / "ailleurs", NOW)
    assert (done.taken_at, len(done.paused), done.missing) == (NOW, 2, ("secret", "dkim", "addresses"))
    assert not done.new_address_key
    folder = tmp_path / "ailleurs"
    assert (folder / "issues" / "vendredi" / "2026-11-27.yaml").read_bytes() == (
        room / "issues" / "vendredi" / "2026-11-27.yaml"
    ).read_bytes()
    assert not (folder / "database").exists()
    assert (
        "var/" in (folder / ".gitignore").read_text(encoding="utf-8").splitlines()
    )  # readers' addresses, and the keys
    url = database_url(load_newsroom(folder))
    with pytest.raises(Refused, match=r"address\.key"):
        require_address_key(open_database(url, folder))
    give_key(folder)
    engine = open_database(url, folder)
    require_address_key(engine)
    with engine.begin() as connection:
        columns = mailings.c.state, mailings.c.rollback_id, mailings.c.reason
        rows = connection.execute(select(*columns).order_by(mailings.c.id)).all()
        assert [(row.state, row.rollback_id) for row in rows] == [("paused", PERHAPS_OLD)] * 2
        assert rows[0].reason.endswith("(550 5.7.26)")
        assert connection.execute(select(workers.c.stopped_at)).scalar_one() is not None
        before = last_tick(connection)
        assert before is not None
        assert (before.at, before.restored_at) == (NOW, NOW)
        row = {"email": "zoe@lecteurs.example", "address_key": "1" * 64}
        assert connection.execute(insert(subscribers).values(row).returning(subscribers.c.id)).scalar_one() > 1_000_000
    engine.dispose()


@pytest.mark.usefixtures("each_engine")
@pytest.mark.parametrize("revision", ["0001", "now"])
def test_a_backup_of_an_earlier_version_is_brought_up_and_nothing_is_swept_for_thirty_days(
    room: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, revision: str
) -> None:
    if revision != "now":
        engine = open_database(database_url(load_newsroom(room)), room)
        databases.turned_back(engine, revision)
        engine.dispose()
        monkeypatch.setattr("composer.backup.making.require_current", lambda _engine: None)
        monkeypatch.setattr("composer.backup.making.stored_fingerprint", lambda _connection: None)
        monkeypatch.setattr("tests.backup.test_backup.open_database", connect)  # which asks for no revision
    file = made(room, tmp_path / "save.zip")
    monkeypatch.undo()
    if databases.postgres() is not None:
        monkeypatch.setenv("FILIGRANE_DATABASE_URL", _empty(databases.postgres()))
    done = restore(file, tmp_path / "ailleurs", NOW)
    assert (len(done.paused), done.new_address_key) == (2, revision != "now")
    folder = tmp_path / "ailleurs"
    engine = open_database(database_url(load_newsroom(folder)), folder)
    with engine.connect() as connection:
        times = retention.times(connection)
    assert times is not None
    assert round((times.begins - times.now).total_seconds() / 86400) == 30
    engine.dispose()


def _empty(server: Server | None) -> str:
    assert server is not None
    return server.new_database(empty=True)


@pytest.mark.usefixtures("each_engine")
def test_a_database_that_is_not_empty_is_left_alone(
    room: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = made(room, tmp_path / "save.zip")
    elsewhere = tmp_path / "autre.db"
    if databases.postgres() is None:
        elsewhere.write_bytes(b"mine")
        monkeypatch.setenv("FILIGRANE_DATABASE_URL", f"sqlite:///{elsewhere}")
    with pytest.raises(Refused, match="FILIGRANE_DATABASE_URL"):
        restore(file, tmp_path / "ailleurs", NOW)
    assert sorted(path.name for path in tmp_path.iterdir() if path != elsewhere) == ["newsroom", "save.zip"]
    if databases.postgres() is None:
        assert elsewhere.read_bytes() == b"mine"


def test_nothing_is_overwritten(room: Path, tmp_path: Path) -> None:
    file = made(room, tmp_path / "save.zip")
    before = file.read_bytes()
    with pytest.raises(Refused, match="overwrites nothing"):
        made(room, file)
    with pytest.raises(Refused, match="not empty"):
        restore(file, room, NOW)
    assert file.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["newsroom", "save.zip"]
    (tmp_path / "vide").mkdir()
    restore(file, tmp_path / "vide", NOW)
    assert (tmp_path / "vide" / "config" / "newsroom.yaml").exists()


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def _no_manifest(file: Path) -> None:
    with ZipFile(file, "w") as archive:
        archive.writestr("autre", "x")


def _forged(file: Path, *, name: str, revision: str | None = None) -> None:
    with ZipFile(file) as archive:
        manifest = Manifest.loads(archive.read("manifest.json"))
        contents = {each: archive.read(each) for each in manifest.files}
    values = json.loads(manifest.dumps()) | ({"revision": revision} if revision else {})
    values["files"][name] = values["files"].pop("config/newsroom.yaml")
    contents[name] = contents.pop("config/newsroom.yaml")
    with ZipFile(file, "w") as archive:
        for each, content in contents.items():
            archive.writestr(each, content)
        archive.writestr("manifest.json", json.dumps(values))


def _changed(file: Path) -> None:
    with ZipFile(file) as archive:
        contents = {each: archive.read(each) for each in archive.namelist()}
    with ZipFile(file, "w") as archive:
        for each, content in contents.items():
            archive.writestr(each, content + b"#" if each == "config/newsroom.yaml" else content)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_cut, "no backup"),
        (_no_manifest, "no backup"),
        (_changed, "damaged: config/newsroom.yaml"),
        (lambda file: _forged(file, name="config/../../../x.yaml"), "no backup"),
        (lambda file: _forged(file, name="/etc/x.yaml"), "no backup"),
        (lambda file: _forged(file, name="var/secret.key"), "no backup"),
        (lambda file: _forged(file, name="config/newsroom.yaml", revision="9999"), "restore it with that version"),
    ],
)
def test_what_is_no_whole_backup_is_refused_and_leaves_nothing(
    room: Path, tmp_path: Path, spoil: Callable[[Path], None], says: str
) -> None:
    file = made(room, tmp_path / "save.zip")
    spoil(file)
    with pytest.raises(FiligraneError, match=says):
        restore(file, tmp_path / "ailleurs", NOW)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["newsroom", "save.zip"]


def test_a_database_that_cannot_be_copied_leaves_no_backup(room: Path, tmp_path: Path) -> None:
    newsroom = load_newsroom(room)
    engine = connect("postgresql+psycopg://127.0.0.1:1/nulle-part", room)
    with pytest.raises(OutsideWorld):
        back_up(newsroom, engine, tmp_path / "save.zip", NOW)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["newsroom"]


def test_a_command_that_was_not_given_the_daemons_database_keeps_no_empty_one_in_its_place(tmp_path: Path) -> None:
    root, file = tmp_path / "newsroom", tmp_path / "b.zip"
    write_newsroom(root, database="sqlite:///var/filigrane.db")
    done = CliRunner().invoke(filigrane, ["--newsroom", str(root), "backup", str(file)])
    assert isinstance(done.exception, Refused)
    assert "FILIGRANE_DATABASE_URL" in str(done.exception)
    assert not file.exists()
    assert not (root / "var" / "filigrane.db").exists()


def test_who_makes_one_without_the_secret_key_is_told_what_it_lacks(room: Path, tmp_path: Path) -> None:
    said = []
    for name in ("with", "without"):
        done = CliRunner().invoke(filigrane, ["--newsroom", str(room), "backup", str(tmp_path / name)])
        assert (done.exit_code, (tmp_path / name).exists()) == (0, True), done.output
        said.append("secret key" in done.stderr)
        (room / "var" / "secret.key").unlink(missing_ok=True)
    assert said == [False, True]
