"""Test sends: marked, and with nothing alive in them."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from composer.message.template import SlotValues

#: Stands where a reader's token would; no door opens to it.
DEAD_TOKEN = "test"  # noqa: S105 # reason: the opposite of a secret


def trial_subject(subject: str) -> str:
    """The subject of a test send. Without the mark, somebody would forward it as the letter."""
    return f"[test] {subject}"


def trial_values(to: str, at: datetime) -> SlotValues:
    """Each send has its own Message-ID: mailboxes hide a message whose Message-ID they have seen."""
    unique = sha256(f"{to}\0{at.isoformat()}".encode()).hexdigest()[:24]
    return SlotValues(to=to, message_id=f"test-{unique}", unsubscribe=DEAD_TOKEN)
