"""A message and its envelope, ready for a session."""

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

    ``dotless``: whoever made it knows that no line begins with a dot, so that nobody has to look again.
    """

    envelope: Envelope
    content: bytes
    dotless: bool = False
