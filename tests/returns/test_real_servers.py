"""What comes back through real servers: Postfix bounces a letter to a Dovecot mailbox, into our pipe and by LMTP, and
hands over complaints and wishes to leave. Each comes by two ways at once, and acts once."""

from __future__ import annotations

import os
import re
import shutil
import smtplib
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select, update

from composer.database import read_only
from composer.delivery.ledger.messages import MessageInputs, build_message, mailing_templates
from composer.delivery.state import State
from composer.delivery.tables import deliveries
from composer.demo.server import Mailbox
from composer.message import Message
from composer.returns.tables import returned
from composer.subscribers.tables import subscribers, subscriptions, suppressions
from tests.conftest import SBIN
from tests.delivery.support.postfix_server import CLEAR, MAIN, SERVICES, folder, free_port
from tests.delivery.support.sample_ledger import Ready, ready
from tests.delivery.support.sample_newsroom import SECRET
from tests.support.dovecot import MARKS, PASSWORD, Dovecot, dovecot
from tests.support.newsrooms import write_newsroom

pytestmark = [*MARKS, pytest.mark.postfix, pytest.mark.slow]

RETURNS = "retours.example.org"
#: The ways of each reader's messages, by what comes back of their letter.
WAYS: dict[str, list[tuple[str, ...]]] = {
    "bounce": [("imap",), ("pipe",), ("lmtp",), ("imap", "pipe"), ("pipe", "lmtp"), ("lmtp", "imap")],
    "complaint": [("imap", "pipe"), ("pipe", "lmtp"), ("lmtp", "imap")],
    "unsubscribe": [("imap", "pipe"), ("pipe", "lmtp"), ("lmtp", "imap")],
}
READERS = [(kind, ways) for kind, some in WAYS.items() for ways in some]

COMPLAINT = """From: <staff@fournisseur.example>
To: <{to}>
Subject: complaint about message from 192.0.2.1
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="frontier"

--frontier
Content-Type: text/plain

This is an abuse report.

--frontier
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Essai/1.0
Version: 1

--frontier
Content-Type: message/rfc822

{letter}
--frontier--
"""

PIPE = """import socket, sys
with socket.create_connection(("127.0.0.1", {port})) as asked:
    asked.sendall(sys.stdin.buffer.read())
    asked.shutdown(socket.SHUT_WR)
    code = asked.recv(16)
sys.exit(int(code or b"75"))
"""


class _Receive(socketserver.StreamRequestHandler):
    """``filigrane returns receive`` for one message, as this account: the pipe's own may not reach a test's folder."""

    def handle(self) -> None:
        assert isinstance(self.server, _PipeEnd)
        done = subprocess.run(
            [*self.server.command, "returns", "receive"], input=self.rfile.read(), capture_output=True, check=False
        )
        self.server.said.append(done.stdout.decode() + done.stderr.decode())
        self.wfile.write(str(done.returncode).encode())


class _PipeEnd(socketserver.ThreadingTCPServer):
    def __init__(self, command: list[str]) -> None:
        self.command, self.said = command, list[str]()
        super().__init__(("127.0.0.1", 0), _Receive)


@contextmanager
def pipe_end(command: list[str]) -> Iterator[_PipeEnd]:
    with _PipeEnd(command) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def postfix_with_returns(hop: int, mailbox: Dovecot, lmtp: int, pipe: int, ways: dict[str, str]) -> Iterator[int]:
    """A Postfix that hands ``ways`` (local part → addresses) over to Dovecot, to our listener and to our pipe."""
    with folder() as root:
        port, etc = free_port(), root / "etc"
        for name in ("etc", "queue", "data"):
            (root / name).mkdir()
        shutil.chown(root / "data", "postfix", "postfix")
        more = f"""relay_domains = {RETURNS} imap.example.org pipe.example.org
virtual_alias_maps = texthash:{etc}/ways
transport_maps = texthash:{etc}/transport
filigrane_destination_recipient_limit = 1
"""
        (etc / "main.cf").write_text((MAIN + CLEAR).format(root=root, sink=hop) + more)
        script = root / "filigrane-returns.py"
        script.write_text(PIPE.format(port=pipe))
        python = shutil.which("python3", path="/usr/bin:/bin") or sys.executable
        services = f"""filigrane unix - n n - 2 pipe
  flags=DROhu user=nobody argv={python} {script}
lmtp unix - - n - - lmtp
"""
        (etc / "master.cf").write_text(SERVICES.format(port=port) + services)
        (etc / "ways").write_text("".join(f"{local}@{RETURNS} {to}\n" for local, to in ways.items()))
        lines = [f"{RETURNS} lmtp:inet:127.0.0.1:{lmtp}", f"imap.example.org lmtp:inet:127.0.0.1:{mailbox.lmtp}"]
        (etc / "transport").write_text("\n".join([*lines, "pipe.example.org filigrane:", ""]))
        command, environment = ["postfix", "-c", str(etc)], {**os.environ, "PATH": SBIN}
        started = subprocess.run([*command, "start"], env=environment, capture_output=True, text=True, check=False)
        try:
            assert started.returncode == 0, started.stderr
            yield port
        finally:
            subprocess.run([*command, "stop"], env=environment, capture_output=True, check=False)
            print("\n".join((root / "log").read_text().splitlines()[-60:]))


def letters(ledger: Ready) -> list[Message]:
    """The letter of each reader, as a worker builds it."""
    with read_only(ledger.engine).connect() as connection:
        common = mailing_templates(connection, ledger.mailing, lambda: None, SECRET)
        rows = connection.execute(select(deliveries).order_by(deliveries.c.subscriber_id)).all()
    names = ("mailing_id", "edition_id", "subscriber_id", "subscription_id", "email")
    return [build_message(common, MessageInputs(*(getattr(row, name) for name in names)), SECRET) for row in rows]


def until_true(what: str, asked: object) -> None:
    assert callable(asked)
    for _attempt in range(3_000):
        if asked():
            return
        time.sleep(0.1)
    raise AssertionError(f"not within five minutes: {what}")


def test_what_comes_back_by_two_ways_through_real_servers_acts_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FILIGRANE_SECRET_KEY", SECRET.hex())
    monkeypatch.setenv("FILIGRANE_RETURNS_PASSWORD", PASSWORD)
    addresses = [f"inconnu-{number}@mort.example" for number in range(len(READERS))]
    lmtp = free_port()
    command = [sys.executable, "-c", "from composer.cli import main; main()", "--newsroom", str(tmp_path)]
    with dovecot() as mailbox, pipe_end(command) as pipe:
        monkeypatch.setenv("SSL_CERT_FILE", str(mailbox.authority))
        doors = {"mailbox": mailbox.settings(), "lmtp": f"127.0.0.1:{lmtp}", "pipe": True}
        ledger = ready(tmp_path, readers=addresses, returns=doors)
        write_newsroom(tmp_path, database="sqlite:///ledger.db", bounces=RETURNS, returns=doors)
        with ledger.engine.begin() as connection:
            connection.execute(update(deliveries).values(state=State.ACCEPTED))
        sent = letters(ledger)
        hop = Controller(Mailbox(tmp_path / "hop"), hostname="127.0.0.1", port=free_port())
        hop.start()
        listener = subprocess.Popen([*command, "returns", "listen"], stdout=subprocess.PIPE, text=True)
        try:
            assert listener.stdout is not None
            assert "127.0.0.1" in listener.stdout.readline()
            ways = {local: to for number, letter in enumerate(sent) for local, to in routes(letter, READERS[number][1])}
            with postfix_with_returns(hop.port, mailbox, lmtp, pipe.server_address[1], ways) as port:
                send_all(port, sent)
                settled(ledger, mailbox, pipe, command, tmp_path)
        finally:
            hop.stop()
            listener.terminate()
            said = listener.communicate(timeout=30)[0]
        print(said, pipe.said)
    judge_the_end(ledger, pipe, said)


def routes(letter: Message, ways: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Of a letter's return path and address for leaving: by which ways mail to them goes."""
    local = letter.envelope.mail_from.rpartition("@")[0]
    for each in (local, "u-" + local[2:]):
        to = {"imap": f"{each}@imap.example.org", "pipe": f"{each}@pipe.example.org", "lmtp": f"{each}@{RETURNS}"}
        yield each, ", ".join(to[way] for way in ways)


def send_all(port: int, sent: list[Message]) -> None:
    """The letters that bounce; a complaint about each of the next ones; a wish to leave, as their header offers it."""
    with smtplib.SMTP("127.0.0.1", port) as relay:
        for (kind, _ways), letter in zip(READERS, sent, strict=True):
            if kind == "bounce":
                relay.sendmail(letter.envelope.mail_from, [letter.envelope.rcpt_to], letter.content)
            elif kind == "complaint":
                to = letter.envelope.mail_from
                whole = COMPLAINT.format(to=to, letter=letter.content.decode().replace("\r\n", "\n"))
                relay.sendmail("staff@fournisseur.example", [to], whole.encode())
            else:
                offered = re.search(rb"<mailto:([^?>]+)\?subject=([a-z]+)>", letter.content)
                assert offered is not None
                to = offered[1].decode()
                wish = f"From: <lectrice@example.net>\r\nTo: <{to}>\r\nSubject: {offered[2].decode()}\r\n\r\n"
                relay.sendmail("lectrice@example.net", [to], wish.encode())


def settled(ledger: Ready, mailbox: Dovecot, pipe: _PipeEnd, command: list[str], root: Path) -> None:
    """Everything that is to come came: into the mailbox, and through the pipe. Then the mailbox is read."""
    by_imap = sum("imap" in ways for _kind, ways in READERS)
    by_pipe = sum("pipe" in ways for _kind, ways in READERS)
    until_true("the mailbox has them all", lambda: len(mailbox.holds()) == by_imap)
    until_true("the pipe had them all", lambda: len(pipe.said) >= by_pipe)
    done = subprocess.run([*command, "returns", "fetch"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    print(done.stdout)
    assert len(mailbox.holds("Filigrane")) == by_imap
    until_true("each reader's came", lambda: len(acts(ledger)) == len(READERS))


def acts(ledger: Ready) -> list[tuple[int, str, str]]:
    with read_only(ledger.engine).connect() as connection:
        rows = connection.execute(select(returned).order_by(returned.c.subscriber_id, returned.c.kind))
        return [(row.subscriber_id, row.kind, row.act) for row in rows]


def judge_the_end(ledger: Ready, pipe: _PipeEnd, said: str) -> None:
    expected = {"bounce": "suppressed", "complaint": "suppressed", "unsubscribe": "unsubscribed"}
    assert acts(ledger) == [(number, kind, expected[kind]) for number, (kind, _ways) in enumerate(READERS, 1)]
    with read_only(ledger.engine).connect() as connection:
        theirs = suppressions.c.address_key == subscribers.c.address_key
        reasons = dict(map(tuple, connection.execute(select(subscribers.c.id, suppressions.c.reason).where(theirs))))
        left = dict(map(tuple, connection.execute(select(subscriptions.c.subscriber_id, subscriptions.c.status))))
    words = {"bounce": "hard-bounce", "complaint": "complaint"}
    assert reasons == {number: words[kind] for number, (kind, _) in enumerate(READERS, 1) if kind in words}
    assert {number for number, status in left.items() if status == "unsubscribed"} == {
        number for number, (kind, _ways) in enumerate(READERS, 1) if kind == "unsubscribe"
    }
    again = ("\n".join(pipe.said) + said).count("known already")
    assert again >= sum(ways == ("pipe", "lmtp") for _kind, ways in READERS)
