"""Check what the server received as an outsider would: parse it, verify its signature, find its unsubscribe link."""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import dkim


@dataclass(frozen=True)
class Received:
    path: Path
    recipient: str
    message: EmailMessage
    content: bytes

    @property
    def unsubscribe_url(self) -> str:
        """The https address of List-Unsubscribe (RFC 2369), without its angle brackets."""
        return str(self.message["List-Unsubscribe"]).split(",")[0].strip(" <>")

    def signed_headers(self) -> set[str]:
        """Names under the signature (``h=``, RFC 6376 3.5), in lower case."""
        tags = dict(
            tag.strip().partition("=")[::2] for tag in str(self.message["DKIM-Signature"]).split(";") if tag.strip()
        )
        return {name.strip().lower() for name in tags["h"].split(":")}

    def signature_holds(self, record: str) -> bool:
        """Whether the DKIM signature verifies against ``record``, the TXT record that the DNS would give."""
        return bool(dkim.verify(self.content, dnsfunc=lambda _name, **_options: record.encode()))


def received(folder: Path) -> list[Received]:
    """Every message kept under ``folder`` by the demonstration's server, by recipient."""
    found = []
    for path in sorted(folder.glob("*/*.eml")):
        content = path.read_bytes().split(b"\r\n", 1)[1]  # without the server's Return-Path line
        message = email.message_from_bytes(content, policy=email.policy.default)
        found.append(Received(path, path.parent.name, message, content))
    return found
