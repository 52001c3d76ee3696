"""What stands for a mailbox in the ledger, in place of its account."""

from __future__ import annotations

from hashlib import blake2b

from composer.newsroom.returns import ReturnsMailbox


def mailbox_digest(configured: ReturnsMailbox) -> str:
    """Stands for server, account and folder."""
    named = f"{configured.host}\0{configured.user}\0{configured.folder}"
    return blake2b(named.encode(), digest_size=16).hexdigest()
