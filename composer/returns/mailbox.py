"""The mailbox of what came back, by IMAP (RFC 3501): log in, see what is new, take one message, move one.

imap-tools connects, logs in and names folders. Three of its calls are not used: ``fetch`` parses what strangers wrote
here, where keys are; ``flag`` and ``delete`` expunge, so that what a person marked as deleted would be gone.
"""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError
from imap_tools.utils import encode_folder

from composer.errors import OutsideWorld, Refused
from composer.locale import gettext as _
from composer.locale.os_errors import os_reason
from composer.newsroom.environment import RETURNS_PASSWORD, returns_password
from composer.newsroom.returns import ReturnsMailbox
from composer.returns.judge_process import MESSAGE_LIMIT

#: Seconds that one answer of the server may take.
SERVER_SECONDS = 30.0

#: What the library and the server's connection raise.
MAILBOX_TROUBLE = (ImapToolsError, imaplib.IMAP4.error, OSError)


@dataclass(frozen=True)
class Incoming:
    """One message: its bytes, one more than ``MESSAGE_LIMIT`` at most. None where it is gone from the folder."""

    uid: int
    content: bytes | None


class OpenMailbox:
    """A mailbox that is logged in to, with its folder selected. ``validity``: UIDVALIDITY of the folder."""

    def __init__(self, box: BaseMailBox, configured: ReturnsMailbox) -> None:
        self._box, self._to = box, configured.moved_to
        box.folder.set(configured.folder)
        self.validity = int(box.folder.status(configured.folder, ["UIDVALIDITY"])["UIDVALIDITY"])
        # Servers offer more once one is logged in; imaplib asks before, and not again.
        self._moves = b"MOVE" in b" ".join(filter(None, box.client.capability()[1])).upper().split()

    def after(self, uid: int) -> list[int]:
        """UIDs of messages above ``uid``, in their order."""
        found = self._box.uids(f"UID {uid + 1}:*", charset=None)
        return sorted(
            number for number in map(int, found) if number > uid
        )  # n:* gives the last one too (RFC 3501 6.4.8)

    def take(self, uid: int) -> Incoming:
        """The message, which stays unread for people."""
        _typ, data = self._box.client.uid("FETCH", str(uid), f"(BODY.PEEK[]<0.{MESSAGE_LIMIT + 1}>)")
        parts = [part[1] for part in data if isinstance(part, tuple) and isinstance(part[1], bytes)]
        return Incoming(uid, parts[0][: MESSAGE_LIMIT + 1] if parts else None)

    def put_away(self, uid: int) -> None:
        """Move the message to the other folder, made where it is not there; where the server does not move it
        (RFC 6851), mark it with a flag."""
        client = self._box.client
        if self._moves:
            if not self._box.folder.exists(self._to):
                self._box.folder.create(self._to)
            if client.uid("MOVE", str(uid), str(encode_folder(self._to), "ascii"))[0] == "OK":
                return
        client.uid("STORE", str(uid), "+FLAGS", r"(\Flagged)")


@contextmanager
def open_mailbox(configured: ReturnsMailbox) -> Iterator[OpenMailbox]:
    """The mailbox, until the end of the context. Raises ``Refused`` without a password or a log-in, ``OutsideWorld``
    where the server does not answer as one."""
    password = returns_password()
    if password is None:
        message = _("the mailbox {user} has no password: give it in {variable}")
        raise Refused(message.format(user=configured.user, variable=RETURNS_PASSWORD))
    box = None
    try:
        box = _connected(configured)
        try:
            log_in = box.login if (configured.user + password).isascii() else box.login_utf8
            log_in(configured.user, password, initial_folder=None)
        except (ImapToolsError, imaplib.IMAP4.error) as error:
            if isinstance(error, imaplib.IMAP4.abort):
                raise
            message = _("the server {host} does not let {user} in: account, password ({variable}), or IMAP not allowed")
            named = {"host": configured.host, "user": configured.user, "variable": RETURNS_PASSWORD}
            raise Refused(message.format(**named)) from error
        try:
            opened = OpenMailbox(box, configured)
        except ImapToolsError as error:
            message = _("the mailbox {user} has no folder {folder} that can be opened")
            raise Refused(message.format(user=configured.user, folder=configured.folder)) from error
        yield opened
    except MAILBOX_TROUBLE as error:
        why = os_reason(error) if isinstance(error, OSError) else type(error).__name__
        message = _("the mailbox at {host}:{port} does not answer: {why}")
        raise OutsideWorld(message.format(host=configured.host, port=configured.port, why=why)) from error
    finally:
        if box is not None:
            with suppress(*MAILBOX_TROUBLE):
                box.client.logout()


def _connected(configured: ReturnsMailbox) -> BaseMailBox:
    host, port = configured.host, configured.port
    if configured.security == "none":
        return MailBoxUnencrypted(host, port, timeout=SERVER_SECONDS)
    context = ssl.create_default_context()
    kind = MailBox if configured.security == "tls" else MailBoxStartTls
    return kind(host, port, timeout=SERVER_SECONDS, ssl_context=context)
