"""Subject and slot values of test sends: marked as tests, with links that do nothing."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from composer.message.template import SlotValues

#: Replaces every token; it is valid for no subscription.
DEAD_TOKEN = "test"  # noqa: S105 # reason: the opposite of a secret


def trial_subject(subject: str) -> str:
    """The subject of a test send, marked so that it is not mistaken for the real issue."""
    return f"[test] {subject}"


def trial_values(to: str, at: datetime) -> SlotValues:
    """Slot values of a test send. Each send has a new Message-ID: mailboxes hide a message with a known one."""
    unique = sha256(f"{to}\0{at.isoformat()}".encode()).hexdigest()[:24]
    return SlotValues(to=to, message_id=f"test-{unique}", unsubscribe=DEAD_TOKEN, paid_copy=DEAD_TOKEN)
