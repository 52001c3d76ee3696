"""The doors for what came back: shut until one is opened, and none that sends a password in clear or listens abroad."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from composer.newsroom.returns import Returns

MAILBOX = {"host": "imap.example.org", "user": "retours"}


def test_every_door_is_shut_until_the_newsroom_opens_one() -> None:
    assert not Returns().open
    for given in ({"pipe": True}, {"lmtp": "var/lmtp.sock"}, {"mailbox": MAILBOX}):
        assert Returns.model_validate(given).open


def test_a_mailbox_is_read_over_tls_every_five_minutes() -> None:
    mailbox = Returns.model_validate({"mailbox": MAILBOX}).mailbox
    assert mailbox is not None
    assert (mailbox.security, mailbox.port, mailbox.interval) == ("tls", 993, timedelta(minutes=5))


@pytest.mark.parametrize(
    "wrong",
    [
        {"mailbox": MAILBOX | {"security": "none"}},
        {"mailbox": MAILBOX | {"moved_to": "INBOX"}},
        {"mailbox": {"host": "imap.example.org"}},
        {"mailbox": MAILBOX | {"password": "never here"}},
        *({"lmtp": where} for where in ("0.0.0.0:24", "192.0.2.1:24", "example.org:24", "127.0.0.1", "127.0.0.1:0")),
        *({"lmtp": where} for where in ("127.0.0.1:99999", "../lmtp.sock", "")),
    ],
)
def test_what_would_tell_a_password_or_let_others_in_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Returns.model_validate(wrong)
