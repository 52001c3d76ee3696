"""A real Dovecot of the test's own: one mailbox, by IMAP over TLS, that takes what comes by LMTP for any address.

Nothing of it is the system's: configuration, mail and log are in a folder that goes with it. Its master wants root.
"""

from __future__ import annotations

import imaplib
import os
import pwd
import shutil
import smtplib
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from tests.conftest import SBIN
from tests.delivery.support.postfix_server import folder, free_port

USER, PASSWORD = "retours", "mot-de-passe-d-essai"

MARKS = [
    pytest.mark.dovecot,
    pytest.mark.skipif(os.geteuid() != 0, reason="Dovecot's master wants root: run this test as root"),
]

CONFIGURATION = """base_dir = {root}/run
state_dir = {root}/run
log_path = {root}/log
protocols = imap lmtp
listen = 127.0.0.1
ssl = required
ssl_cert = <{root}/chain.pem
ssl_key = <{root}/chain.pem
first_valid_uid = 1
mail_location = maildir:~/Maildir
passdb {{
  driver = static
  args = user={user} password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/mail allow_all_users=yes
}}
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
"""


@dataclass(frozen=True)
class Dovecot:
    """Its ports, and the file of the authority that signed its certificate (``SSL_CERT_FILE``)."""

    imaps: int
    lmtp: int
    authority: Path
    root: Path

    def settings(self, **more: object) -> dict[str, object]:
        """What ``returns: mailbox:`` says of it."""
        return {"host": "127.0.0.1", "port": self.imaps, "user": USER, **more}

    def put(self, *messages: bytes) -> None:
        """Messages, delivered by LMTP: those of mail systems with an empty return path."""
        with smtplib.LMTP("127.0.0.1", self.lmtp) as client:
            for message in messages:
                sender = "" if b"MAILER-DAEMON" in message or b"Auto-Submitted" in message else "anne@example.org"
                client.sendmail(sender, [f"{USER}@example.org"], message)

    def holds(self, name: str = "INBOX") -> list[tuple[bytes, bytes]]:
        """(flags, message) of each message in a folder; none where the folder is not there."""
        with self.client() as client:
            if client.select(name, readonly=True)[0] != "OK":
                return []
            _typ, data = client.fetch("1:*", "(FLAGS BODY.PEEK[])") if client.search(None, "ALL")[1][0] else ("", [])
            return [(part[0], part[1]) for part in data if isinstance(part, tuple)]

    @contextmanager
    def client(self) -> Iterator[imaplib.IMAP4]:
        context = ssl.create_default_context(cafile=self.authority)
        client = imaplib.IMAP4_SSL("127.0.0.1", self.imaps, ssl_context=context)
        try:
            client.login(USER, PASSWORD)
            yield client
        finally:
            client.logout()


@contextmanager
def dovecot() -> Iterator[Dovecot]:
    """The server. On leaving, what it logged is printed."""
    authority, imaps, lmtp = trustme.CA(), free_port(), free_port()
    with folder() as root:
        for name in ("run", "mail"):
            (root / name).mkdir()
        owner = pwd.getpwnam("nobody")
        shutil.chown(root / "mail", owner.pw_uid, owner.pw_gid)
        (root / "chain.pem").write_bytes(authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.bytes())
        authority.cert_pem.write_to_path(str(root / "authority.pem"))
        numbers = {"uid": owner.pw_uid, "gid": owner.pw_gid, "imaps": imaps, "lmtp": lmtp}
        content = CONFIGURATION.format(root=root, user=USER, password=PASSWORD, **numbers)
        (root / "dovecot.conf").write_text(content)
        command = [str(shutil.which("dovecot", path=SBIN)), "-c", str(root / "dovecot.conf")]
        with (root / "said").open("wb") as said:  # its master keeps a pipe open
            started = subprocess.run(command, stdout=said, stderr=said, check=False)
        try:
            assert started.returncode == 0, (root / "said").read_text()
            found = Dovecot(imaps, lmtp, root / "authority.pem", root)
            _wait_for(found)
            yield found
        finally:
            subprocess.run([*command, "stop"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            if (root / "log").exists():
                print("\n".join((root / "log").read_text(errors="replace").splitlines()[-40:]))


def _wait_for(server: Dovecot) -> None:
    for _attempt in range(200):
        try:
            with smtplib.LMTP("127.0.0.1", server.lmtp):
                return
        except (OSError, smtplib.SMTPException):
            time.sleep(0.05)
    raise AssertionError("Dovecot does not answer")
