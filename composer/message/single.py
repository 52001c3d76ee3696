"""Build a single message (a confirmation, a link): text and HTML, no list fields, marked as automatic (RFC 3834)."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256

from composer.message.address import ascii_address
from composer.message.headers import field, mailbox
from composer.message.quoted import quoted_printable
from composer.message.template import Template, TemplatePiece


def build_single(
    *,
    subject: str,
    from_name: str,
    from_address: str,
    reply_to: str | None,
    language: str,
    date: datetime,
    html: str,
    text: str,
) -> Template:
    """The message, with the slots ``to`` and ``message_id``. ``date`` is aware.

    No List-Unsubscribe: it goes once, to an address that may be on no list. Raises ``Refused`` for a control character
    in a header, and for an address without an ASCII form.
    """
    sender = ascii_address(from_address)
    boundary = "=_" + sha256(f"{html}\0{text}".encode()).hexdigest()[:32]
    pieces: list[TemplatePiece] = [
        mailbox("From", from_name, sender).encode(),
        *(b"To: <", "to", b">\r\n"),
        *([mailbox("Reply-To", "", ascii_address(reply_to)).encode()] if reply_to else []),
        field("Subject", subject).encode(),
        f"Date: {format_datetime(date)}\r\n".encode(),
        *(b"Message-ID: <", "message_id", f"@{sender.rpartition('@')[2]}>\r\n".encode()),
        b"Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: OOF, AutoReply\r\n",
        field("Content-Language", language).encode(),
        b"MIME-Version: 1.0\r\n",
        f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n\r\n'.encode(),
    ]
    for subtype, part in (("plain", text), ("html", html)):
        pieces.append(f"--{boundary}\r\nContent-Type: text/{subtype}; charset=utf-8\r\n".encode())
        pieces.append(b"Content-Transfer-Encoding: quoted-printable\r\n\r\n")
        pieces += quoted_printable(part, {})
        pieces.append(b"\r\n")
    pieces.append(f"--{boundary}--\r\n".encode())
    return Template.of(pieces)
