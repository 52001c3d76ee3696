"""A message and its envelope, as an SMTP session sends them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Envelope:
    """RFC 5321 MAIL FROM and RCPT TO, ASCII addresses without angle brackets. One recipient, always."""

    mail_from: str
    rcpt_to: str


@dataclass(frozen=True)
class Message:
    """``content`` is RFC 5322: CRLF line endings, 7-bit, one final CRLF, not dot-stuffed.

    ``dotless``: known to have no line that begins with a dot, so that the SMTP session need not search for one.
    """

    envelope: Envelope
    content: bytes
    dotless: bool = False
