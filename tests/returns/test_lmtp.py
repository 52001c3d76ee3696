"""LMTP, spoken by a client over a real socket: 250 once the act is committed, 4xx without the database, and bounds."""

from __future__ import annotations

import asyncio
import smtplib
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import select, update

from composer.database import DatabaseUnavailable, read_only
from composer.delivery.state import State
from composer.delivery.tables import deliveries
from composer.errors import OutsideWorld
from composer.message.verp import leaving_address, return_path
from composer.returns import lmtp
from composer.returns.judge_process import MESSAGE_LIMIT
from composer.returns.lmtp import ReturnsHandler, listening_by_lmtp, return_domains
from composer.returns.receiving import Receiver
from composer.returns.tables import returned
from composer.subscribers.tables import subscriptions
from tests.delivery.support.postfix_server import free_port
from tests.delivery.support.sample_ledger import Ready, ready
from tests.delivery.support.sample_newsroom import SECRET
from tests.returns.test_receive import bounce
from tests.support import databases
from tests.support.postgres import serving

pytestmark = pytest.mark.slow

DOMAIN = "retours.example.org"


@pytest.fixture
def ledger(tmp_path: Path) -> Ready:
    return accepted(tmp_path)


def accepted(root: Path) -> Ready:
    found = ready(root, readers=["anne@example.org", "paul@example.org"])
    with found.engine.begin() as connection:
        connection.execute(update(deliveries).values(state=State.ACCEPTED))
    return found


@asynccontextmanager
async def listening(ledger: Ready, root: Path, address: str) -> AsyncIterator[list[str]]:
    """Yields the lines that it tells."""
    told: list[str] = []
    with Receiver(ledger.engine, [SECRET]) as receiver:
        handler = ReturnsHandler(receiver, return_domains(ledger.room, ledger.engine), told.append)
        async with listening_by_lmtp(handler, address, root):
            yield told


def spoken(ledger: Ready, root: Path, talk: Callable[[smtplib.LMTP], None], address: str | None = None) -> list[str]:
    """Have ``talk`` speak to a listener, in a thread; return what the listener told."""
    where = address or f"127.0.0.1:{free_port()}"

    def speak() -> None:
        host, colon, port = where.rpartition(":")
        client = smtplib.LMTP(host, int(port)) if colon else smtplib.LMTP(str(root / where))
        with client:
            talk(client)

    async def run() -> list[str]:
        async with listening(ledger, root, where) as told:
            await asyncio.to_thread(speak)
            return told

    return asyncio.run(run())


def to(ledger: Ready, reader: int = 1) -> str:
    return f"{return_path(reader, ledger.mailing, SECRET)}@{DOMAIN}"


def acts(ledger: Ready) -> list[tuple[int, str]]:
    with read_only(ledger.engine).connect() as connection:
        rows = connection.execute(select(returned.c.subscriber_id, returned.c.kind).order_by(returned.c.subscriber_id))
        return [(row.subscriber_id, row.kind) for row in rows]


BOUNCE = bounce("nobody")


@pytest.mark.usefixtures("each_engine")
@pytest.mark.parametrize("address", [None, "lmtp.sock"])
def test_a_bounce_is_acted_upon_before_it_is_answered(ledger: Ready, tmp_path: Path, address: str | None) -> None:
    def talk(client: smtplib.LMTP) -> None:
        client.sendmail("", [to(ledger)], BOUNCE)
        assert acts(ledger) == [(1, "bounce")]
        client.sendmail("", [to(ledger)], BOUNCE)
        wish = f"{leaving_address(return_path(2, ledger.mailing, SECRET))}@{DOMAIN}"
        client.sendmail("paul@example.org", [wish], b"Subject: assez\n\nMerci.\n")

    told = spoken(ledger, tmp_path, talk, address)
    assert acts(ledger) == [(1, "bounce"), (2, "unsubscribe")]
    assert len(told) == 3
    assert not [line for line in told if "@" in line]
    with read_only(ledger.engine).connect() as connection:
        left = connection.execute(select(subscriptions.c.unsubscribed_by).order_by(subscriptions.c.id)).scalars().all()
    assert left == [None, "mail"]


@pytest.mark.usefixtures("each_engine")
def test_each_recipient_has_an_answer_of_its_own(ledger: Ready, tmp_path: Path) -> None:
    """The envelope says whose it is, whatever stands in the message."""

    def talk(client: smtplib.LMTP) -> None:
        client.ehlo_or_helo_if_needed()
        client.mail("")
        assert [client.rcpt(to(ledger, reader))[0] for reader in (1, 2)] == [250, 250]
        client.putcmd("data")
        assert client.getreply()[0] == 354
        client.send(BOUNCE.replace(b"\n", b"\r\n") + b".\r\n")
        assert [client.getreply()[0] for _recipient in range(2)] == [250, 250]
        assert client.noop()[0] == 250

    spoken(ledger, tmp_path, talk)
    assert acts(ledger) == [(1, "bounce"), (2, "bounce")]


def test_nothing_but_return_addresses_is_taken_and_what_is_forged_changes_nothing(
    ledger: Ready, tmp_path: Path
) -> None:
    def talk(client: smtplib.LMTP) -> None:
        client.ehlo_or_helo_if_needed()
        client.mail("anne@example.org")
        for address in ("anne@example.org", f"x@{DOMAIN}@evil.example", "anne", f"anne@sub.{DOMAIN}"):
            assert client.rcpt(address)[0] >= 500
        client.rset()
        forged = return_path(1, ledger.mailing, b"x" * 32)
        for local in (forged, forged.replace("b-", "u-"), "anyone"):
            client.sendmail("mallory@example.net", [f"{local}@{DOMAIN}"], BOUNCE)
        inside = BOUNCE.replace(b"nobody", return_path(2, ledger.mailing, SECRET).encode())
        client.sendmail("mallory@example.net", [f"{forged}@{DOMAIN}"], inside)

    told = spoken(ledger, tmp_path, talk)
    assert acts(ledger) == []
    assert len(told) == 4
    assert all("of no delivery of ours" in line and "@" not in line for line in told)


def test_without_the_database_the_mail_server_keeps_it(
    ledger: Ready, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive = Receiver.receive

    def away(self: Receiver, content: bytes, addressed: str | None = None) -> object:
        raise DatabaseUnavailable("away")

    def talk(client: smtplib.LMTP) -> None:
        monkeypatch.setattr(Receiver, "receive", away)
        with pytest.raises(smtplib.SMTPException) as raised:
            client.sendmail("", [to(ledger)], BOUNCE)
        assert "451" in str(raised.value)
        monkeypatch.setattr(Receiver, "receive", receive)
        client.sendmail("", [to(ledger)], BOUNCE)

    spoken(ledger, tmp_path, talk)
    assert acts(ledger) == [(1, "bounce")]


@pytest.mark.postgres
def test_while_postgresql_is_down_the_mail_server_keeps_it_and_it_acts_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as server, databases.on(server):
        monkeypatch.setenv("FILIGRANE_DATABASE_URL", databases.url(tmp_path))
        ledger, port = accepted(tmp_path), free_port()

        def put() -> None:
            with smtplib.LMTP("127.0.0.1", port) as client:
                client.sendmail("", [to(ledger)], BOUNCE)

        async def run() -> None:
            async with listening(ledger, tmp_path, f"127.0.0.1:{port}"):
                await asyncio.to_thread(put)
                server.stop()
                with pytest.raises(smtplib.SMTPException, match="451"):
                    await asyncio.to_thread(put)
                server.start()  # in this thread: it ends with the one that begins it
                await asyncio.to_thread(put)

        assert acts(ledger) == []
        asyncio.run(run())
        assert acts(ledger) == [(1, "bounce")]
        ledger.engine.dispose()


def test_what_is_too_long_is_taken_and_not_read_so_that_its_sender_is_not_answered(
    ledger: Ready, tmp_path: Path
) -> None:
    def talk(client: smtplib.LMTP) -> None:
        client.ehlo_or_helo_if_needed()
        assert not client.has_extn("size")
        for body in (b"x" * 70 + b"\r\n") * (MESSAGE_LIMIT // 70), b"y" * 200_000:
            client.sendmail("anne@example.org", [to(ledger)], BOUNCE + body)

    spoken(ledger, tmp_path, talk)
    assert acts(ledger) == []


def test_recipients_connections_and_silence_have_a_bound(
    ledger: Ready, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setattr(lmtp, "RECIPIENTS", 2)
    monkeypatch.setattr(lmtp, "CONNECTIONS", 2)
    monkeypatch.setattr(lmtp, "LMTP_SILENCE", 1.0)

    def talk(client: smtplib.LMTP) -> None:
        client.ehlo_or_helo_if_needed()
        client.mail("")
        assert [client.rcpt(to(ledger))[0] for _time in range(3)] == [250, 250, 452]
        with socket.create_connection(("127.0.0.1", port)), socket.create_connection(("127.0.0.1", port)) as third:
            third.settimeout(30)
            assert third.recv(3) == b"421"
            assert third.recv(1000).endswith(b"\r\n")
            assert third.recv(1) == b""
        with socket.create_connection(("127.0.0.1", port)) as silent:
            silent.settimeout(60)
            while silent.recv(1000):
                pass

    spoken(ledger, tmp_path, talk, f"127.0.0.1:{port}")


def test_a_socket_of_an_earlier_process_makes_way_and_a_file_does_not(ledger: Ready, tmp_path: Path) -> None:
    path = tmp_path / "lmtp.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))

    def talk(client: smtplib.LMTP) -> None:
        client.sendmail("", [to(ledger)], BOUNCE)

    spoken(ledger, tmp_path, talk, "lmtp.sock")
    assert path.stat().st_mode & 0o007 == 0
    path.unlink(missing_ok=True)
    path.write_text("notes")
    with pytest.raises(OutsideWorld):
        spoken(ledger, tmp_path, lambda client: None, "lmtp.sock")
    assert path.read_text() == "notes"
