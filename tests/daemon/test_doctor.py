"""The doctor names what is missing, changes nothing and sends nothing."""

from __future__ import annotations

import os
import resource
import socket
import sqlite3
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile, copytree
from threading import Thread

import pytest
import trustme
from click.testing import CliRunner
from sqlalchemy import text

from composer.cli import filigrane
from composer.daemon.doctor import Check, examinations
from composer.database import connect
from composer.message.dkim import new_key
from composer.newsroom import load_newsroom
from composer.newsroom.model import Newsroom, Relay
from tests.support.address_keys import open_database
from tests.support.newsrooms import FRIDAY, configure, write_newsroom
from tests.support.postgres import Server

CHECKOUT = Path(__file__).parents[2]

POSTMARK = {"host": "127.0.0.1", "port": 1, "security": "none", "provider": "postmark"}

#: What these say depends on where the tests run.
OF_THE_MACHINE = {"disk", "clock"}


@pytest.fixture
def newsroom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Newsroom:
    """The example newsroom, without keys and without a database."""
    for name in ("FILIGRANE_SECRET_KEY", "FILIGRANE_DKIM_KEY", "FILIGRANE_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    copytree(CHECKOUT / "config", tmp_path / "config")
    return load_newsroom(tmp_path)


def at(newsroom: Newsroom, port: int) -> Newsroom:
    relay = Relay(host="127.0.0.1", port=port, security="none")
    settings = newsroom.settings.model_copy(update={"relays": (relay,)})
    return Newsroom(**{**vars(newsroom), "settings": settings})


@contextmanager
def greeting(heard: list[bytes], tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """A relay that answers one conversation, from the first byte by ``tls``, and keeps what it heard."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def talk() -> None:
            connection, _peer = server.accept()
            if tls is not None:
                connection = tls.wrap_socket(connection, server_side=True)
            with connection, connection.makefile("rwb", buffering=0) as stream:
                stream.write(b"220 relay.example ESMTP\r\n")
                while line := stream.readline():
                    heard.append(line.strip())
                    stream.write(b"221 2.0.0 Bye\r\n" if line.startswith(b"QUIT") else b"250 relay.example\r\n")

        thread = Thread(target=talk)
        thread.start()
        yield server.getsockname()[1]
        thread.join(5)


def found(newsroom: Newsroom) -> dict[str, Check]:
    return {check.name: check for check in examinations(newsroom)}


def test_names_every_missing_part_and_writes_nothing(newsroom: Newsroom) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    before = sorted(newsroom.root.rglob("*"))
    checks = found(at(newsroom, port))
    assert {name for name, check in checks.items() if check.ok is False} - OF_THE_MACHINE == {
        "database",
        "mailings",
        "retention",
        "readers",
        "secret",
        "addresses",
        "dkim",
        "relay",
    }
    assert "filigrane db upgrade" in checks["database"].says
    assert "FILIGRANE_SECRET_KEY" in checks["secret"].says
    assert "openssl genrsa" in checks["dkim"].says
    assert f"127.0.0.1:{port}" in checks["relay"].says
    assert sorted(newsroom.root.rglob("*")) == before


def test_all_is_well_and_no_message_is_sent(newsroom: Newsroom) -> None:
    (newsroom.root / "var").mkdir(exist_ok=True)
    for name, content in (("secret.key", b"ab" * 32), ("dkim.pem", new_key())):
        (newsroom.root / "var" / name).write_bytes(content)
        (newsroom.root / "var" / name).chmod(0o600)
    open_database(newsroom.settings.database, newsroom.root, create=True).dispose()
    heard: list[bytes] = []
    with greeting(heard) as port:
        checks = found(at(newsroom, port))
    assert {name for name, check in checks.items() if check.ok is False} - OF_THE_MACHINE == set()
    assert {name for name, check in checks.items() if check.ok is None} - OF_THE_MACHINE == {"dns", "returns"}
    assert "gue2026._domainkey.example.org" in checks["dkim"].says
    assert {line.split()[0] for line in heard} == {b"EHLO", b"QUIT"}


def test_the_records_of_spf_and_dmarc_are_those_of_the_document(newsroom: Newsroom) -> None:
    says = found(newsroom)["dns"].says.replace("vendredi.example.org", "example.org")
    page = (Path(__file__).parents[2] / "docs/dns.md").read_text(encoding="utf-8")
    for record in ("v=spf1 include:… -all", "v=DMARC1; p=none; rua=mailto:dmarc@example.org"):
        assert record in says
        assert record in page
    assert "_dmarc.example.org" in says
    assert "pct=" not in says


def test_a_database_behind_says_what_to_type(newsroom: Newsroom) -> None:
    engine = connect(newsroom.settings.database, newsroom.root, create=True)
    with engine.begin() as connection:
        connection.exec_driver_sql("SELECT 1")
    engine.dispose()
    check = found(newsroom)["database"]
    assert not check.ok
    assert "filigrane db upgrade" in check.says


@pytest.mark.postgres
@pytest.mark.parametrize("own", [True, False])
def test_pages_without_a_role_of_their_own_are_told_on_postgresql(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, postgres_server: Server, own: bool
) -> None:
    url = postgres_server.new_database()
    monkeypatch.setenv("FILIGRANE_DATABASE_URL", url)
    monkeypatch.setenv("FILIGRANE_PAGES_DATABASE_URL", f"{url}&application_name=pages" if own else "")
    check = found(newsroom)["database"]
    assert check.ok, check.says
    assert ("FILIGRANE_PAGES_DATABASE_URL" in check.says) is not own
    assert "fsync" in check.says  # off, as the tests' server is
    if own:
        monkeypatch.setenv("FILIGRANE_PAGES_DATABASE_URL", url.replace("user=postgres", "user=absent"))
        assert not found(newsroom)["database"].ok


def of_pages(root: Path, monkeypatch: pytest.MonkeyPatch, server: Server, grants: Callable[[str], str]) -> None:
    """A newsroom of which the pages have a role of their own, with what ``grants`` leaves of its rights."""
    url = server.new_database()
    engine = connect(url, root)
    with engine.begin() as connection:
        if not connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = 'filigrane_pages'")).first():
            connection.execute(text("CREATE ROLE filigrane_pages LOGIN NOSUPERUSER"))  # of the whole server
        whole = (CHECKOUT / "deploy" / "database-pages.sql").read_text(encoding="utf-8")
        connection.exec_driver_sql(grants(whole))
    engine.dispose()
    monkeypatch.setenv("FILIGRANE_DATABASE_URL", url)
    monkeypatch.setenv("FILIGRANE_PAGES_DATABASE_URL", url.replace("user=postgres", "user=filigrane_pages"))
    write_newsroom(root)


@pytest.mark.postgres
@pytest.mark.parametrize("granted", [True, False])
def test_pages_whose_grants_are_of_before_paid_copies_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres_server: Server, granted: bool
) -> None:
    function = ", paid_copy(bigint, bigint)"
    kept = function if granted else ""
    of_pages(tmp_path, monkeypatch, postgres_server, lambda grants: grants.replace(function, kept))
    configure(tmp_path, archive={"since": FRIDAY, "paid_copies": True})
    check = found(load_newsroom(tmp_path))["archive"]
    assert check.ok is granted, check.says
    assert ("deploy/database-pages.sql" in check.says) is not granted


@pytest.mark.postgres
@pytest.mark.parametrize("granted", [True, False])
def test_pages_whose_grants_are_of_before_operators_reports_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres_server: Server, granted: bool
) -> None:
    tables = "requests, hook_posts"
    kept = tables if granted else "requests"
    of_pages(tmp_path, monkeypatch, postgres_server, lambda grants: grants.replace(tables, kept))
    write_newsroom(tmp_path, hooks={"providers": ["postmark"]}, relays=[POSTMARK])
    check = found(load_newsroom(tmp_path))["hooks"]
    assert check.ok is granted, check.says
    assert ("deploy/database-pages.sql" in check.says) is not granted


def test_a_door_whose_reports_would_name_no_letter_or_not_be_believed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FILIGRANE_MAILGUN_SIGNING_KEY", raising=False)
    write_newsroom(tmp_path, hooks={"providers": ["brevo", "mailgun", "postmark"]}, relays=[POSTMARK])
    check = found(load_newsroom(tmp_path))["hooks"]
    assert check.ok is False
    assert [line.split(":")[0] for line in check.says.splitlines()] == [
        "FILIGRANE_MAILGUN_SIGNING_KEY is not given",
        "no relay says “provider",
    ]
    assert "brevo" in check.says


def test_where_nothing_reads_what_comes_back_it_is_told(tmp_path: Path) -> None:
    write_newsroom(tmp_path)
    check = found(load_newsroom(tmp_path))["returns"]
    assert check.ok is None
    assert "no door is open" in check.says
    write_newsroom(tmp_path, returns={"pipe": True, "lmtp": "127.0.0.1:2424"}, hooks={"providers": ["postmark"]})
    check = found(load_newsroom(tmp_path))["returns"]
    assert check.says == "what comes back is read: LMTP at 127.0.0.1:2424, a mail server’s pipe, reports of postmark"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_whatever_is_configured_is_printed_by_a_name_of_its_own(tmp_path: Path, language: str) -> None:
    """A check without one was a traceback in place of all of them."""
    write_newsroom(
        tmp_path,
        language=language,
        relays=[POSTMARK, POSTMARK | {"name": "second"}],
        hooks={"providers": ["postmark"]},
        returns={"mailbox": {"host": "127.0.0.1", "port": 1, "user": "returns", "security": "none"}},
    )
    configure(tmp_path, archive={"since": FRIDAY}, welcome=[{"letter": "2026-12-01-bienvenue", "after": 0}])
    done = CliRunner().invoke(filigrane, ["--newsroom", str(tmp_path), "doctor", "--offline"])
    assert isinstance(done.exception, SystemExit), done.exception
    names = {check.name for check in examinations(load_newsroom(tmp_path))}
    assert {"welcome", "archive", "returns", "mailbox", "hooks", "relay second"} <= names
    shown = (
        ("boîte des retours", "lettres de bienvenue") if language == "fr" else ("mailbox of returns", "welcome path")
    )
    assert all(each in done.output for each in shown)


def test_pages_need_no_role_on_sqlite(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FILIGRANE_PAGES_DATABASE_URL", raising=False)
    open_database(newsroom.settings.database, newsroom.root, create=True).dispose()
    check = found(newsroom)["database"]
    assert check.ok, check.says
    assert "FILIGRANE_PAGES_DATABASE_URL" not in check.says


def test_each_relay_is_looked_at_and_each_by_its_own_name(newsroom: Newsroom) -> None:
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as closed, greeting(heard) as port:
        gone = closed.getsockname()[1]
        closed.close()
        room = at(newsroom, port)
        both = (*room.settings.relays, Relay(name="court", host="127.0.0.1", port=gone, security="none"))
        checks = found(Newsroom(**{**vars(room), "settings": room.settings.model_copy(update={"relays": both})}))
    assert checks["relay"].ok
    assert not checks["relay court"].ok
    assert f"127.0.0.1:{gone}" in checks["relay court"].says


@pytest.mark.parametrize(("days", "soon"), [(90, False), (3, True)])
def test_the_end_of_a_relay_s_certificate_is_told(
    days: int, soon: bool, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", not_after=datetime.now(UTC) + timedelta(days=days, hours=1)).configure_cert(
        context
    )
    authority.cert_pem.write_to_path(str(newsroom.root / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(newsroom.root / "ca.pem"))
    with greeting([], context) as port:
        room = at(newsroom, port)
        relay = Relay(host="127.0.0.1", port=port, security="tls")
        room = Newsroom(**{**vars(room), "settings": room.settings.model_copy(update={"relays": (relay,)})})
        check = found(room)["relay"]
    assert (check.ok, f"{days} jours" in check.says) == (not soon, True)
    assert [fault.code for fault in check.faults] == (["relay-certificate"] if soon else [])


def test_a_relay_without_its_password_names_the_variable(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never another relay's: what would be shown to the second one is nothing, or its own."""
    monkeypatch.setenv("FILIGRANE_SMTP_PASSWORD", "the first one's")
    both = (Relay(host="127.0.0.1", port=1, security="none"), Relay(name="back-up", port=1, user="us", security="none"))
    checks = found(Newsroom(**{**vars(newsroom), "settings": newsroom.settings.model_copy(update={"relays": both})}))
    assert "FILIGRANE_SMTP_PASSWORD_BACK_UP" in checks["relay back-up"].says


def test_an_address_key_of_another_database_is_named(newsroom: Newsroom) -> None:
    open_database(newsroom.settings.database, newsroom.root, create=True).dispose()
    assert found(newsroom)["addresses"].ok
    (newsroom.root / "var" / "address.key").write_text("ab" * 32)
    assert "pas celle de cette base" in found(newsroom)["addresses"].says
    (newsroom.root / "var" / "address.key").unlink()
    check = found(newsroom)["addresses"]
    assert (check.ok, "FILIGRANE_ADDRESS_KEY" in check.says) == (False, True)


@pytest.mark.parametrize("name", ["secret.key", "address.key", "dkim.pem", "filigrane.db"])
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o620, 0o606])
def test_a_key_or_database_open_to_other_accounts_is_named_with_the_command(
    name: str, mode: int, newsroom: Newsroom
) -> None:
    folder = newsroom.root / "var"
    folder.mkdir()
    for each in ("secret.key", "address.key", "dkim.pem", "filigrane.db"):
        (folder / each).touch(0o600)
    assert found(newsroom)["files"].ok
    (folder / name).chmod(mode)
    check = found(newsroom)["files"]
    assert not check.ok
    assert check.says.splitlines()[0].endswith(f"par d’autres comptes\N{NO-BREAK SPACE}: chmod 600 var/{name}")


@pytest.mark.parametrize(
    ("there", "said"),
    [
        ([], "aucun fichier de clé ni de base"),
        (["filigrane.db"], "aucun fichier de clé"),
        (["secret.key"], "aucun fichier de base"),
        (["secret.key", "filigrane.db"], "les clés et la base"),
    ],
)
def test_of_files_that_are_not_there_it_does_not_say_that_they_are_private(
    there: list[str], said: str, newsroom: Newsroom
) -> None:
    (newsroom.root / "var").mkdir()
    for each in there:
        (newsroom.root / "var" / each).touch(0o600)
    check = found(newsroom)["files"]
    assert (check.ok, said in check.says) == (True, True)


def test_a_key_of_another_account_is_named(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    key = newsroom.root / "var" / "secret.key"
    key.parent.mkdir()
    key.touch(0o600)
    os.chown(key, max(os.getuid(), 1), -1)  # root's own is everybody's
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 4242)
    check = found(newsroom)["files"]
    assert not check.ok
    assert check.says.endswith(f": chown {os.getuid() + 4242} var/secret.key")


def newborn(newsroom: Newsroom) -> Path:
    engine = open_database(newsroom.settings.database, newsroom.root, create=True)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE ballast (words TEXT)")
        connection.exec_driver_sql("INSERT INTO ballast SELECT hex(randomblob(1500)) FROM pragma_function_list")
    engine.dispose()
    return Path(str(engine.url.database))


def test_a_damaged_page_is_found(newsroom: Newsroom) -> None:
    file = newborn(newsroom)
    with file.open("r+b") as damaged:
        damaged.seek(file.stat().st_size - 4096 * 4)
        damaged.write(b"\xa5" * 4096 * 4)
    check = found(newsroom)["database"]
    assert (check.ok, "endommagé" in check.says) == (False, True)


def test_a_full_disk_is_found(newsroom: Newsroom) -> None:
    """A process whose files may not grow (RLIMIT_FSIZE); another has the database open, so that its -shm is there."""
    file = newborn(newsroom)
    with closing(sqlite3.connect(file)) as other:
        other.execute("SELECT count(*) FROM ballast").fetchone()
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
        try:
            check = found(newsroom)["database"]
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not check.ok


def test_no_time_for_the_whole_file_is_said(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    newborn(newsroom)
    monkeypatch.setattr("composer.database.soundness._OFTEN", 1)
    monkeypatch.setattr("composer.daemon.database_check._CHECK", 0.0)
    check = found(newsroom)["database"]
    assert (check.ok, "n’a pas suffi pour tout le fichier" in check.says) == (True, True)


@pytest.mark.parametrize("again", [False, True])
def test_a_process_that_writes_to_a_deleted_file_is_named(newsroom: Newsroom, again: bool) -> None:
    file = newborn(newsroom)
    other = Path(copyfile(file, file.with_name("other.db")))
    with closing(sqlite3.connect(file)) as open_still:
        open_still.execute("SELECT count(*) FROM ballast").fetchone()
        file.unlink()
        if again:
            other.rename(file)
        check = found(newsroom)["database"]
        assert not check.ok
        assert f"le processus {os.getpid()} a encore {file} ouvert" in check.says
