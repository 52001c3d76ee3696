"""Sending again: to whom it may be, to whom never, and with which bytes."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, update

from composer.database import db_now, read_only
from composer.delivery.control import cancel
from composer.delivery.ledger import resend
from composer.delivery.ledger.listing import ids
from composer.delivery.ledger.mailings import sweep
from composer.delivery.state import State
from composer.delivery.tables import deliveries, mailings
from composer.subscribers import suppress
from composer.subscribers.tables import subscriptions
from tests.delivery.support.ledger_calls import claimed, joined, marked
from tests.delivery.support.sample_ledger import Ready, ready, states
from tests.support.address_keys import key_of

pytestmark = pytest.mark.usefixtures("each_engine")

ALL = (*State,)


def one_in_each_state(root: Path) -> Ready:
    ledger = ready(root, readers=[f"{state}@example.org" for state in ALL])
    with ledger.engine.begin() as connection:
        for state in ALL:
            row = update(deliveries).where(deliveries.c.email == f"{state}@example.org")
            connection.execute(row.values(state=state, deferrals=3, not_before=db_now(3600)))
    return ledger


def chosen(ledger: Ready, *, force: bool = False) -> resend.ResendChoice:
    return resend.choose(ledger.engine, ledger.mailing, ids(ledger.engine, ledger.mailing), force=force)


def resent(ledger: Ready, *, force: bool = False) -> set[str]:
    """The former states of what was queued again."""
    before = states(ledger.engine)
    resend.resend(ledger.engine, ledger.mailing, chosen(ledger, force=force).ids, force=force)
    after = states(ledger.engine)
    assert all(after[email] in (state, "queued") for email, state in before.items())
    return {state for email, state in before.items() if after[email] != state}


def test_what_was_accepted_or_expired_is_sent_again_only_where_it_is_forced(tmp_path: Path) -> None:
    free = {"in_doubt", "deferred", "rejected", "suppressed"}
    assert resent(one_in_each_state(tmp_path / "asked")) == free
    assert resent(one_in_each_state(tmp_path / "forced"), force=True) == {*free, "accepted", "expired"}


def test_a_second_message_is_announced_where_the_first_may_be_out(tmp_path: Path) -> None:
    ledger = one_in_each_state(tmp_path)
    assert chosen(ledger).doubled == 1
    assert chosen(ledger, force=True).doubled == 2


def test_only_what_may_be_out_keeps_its_bytes_and_everything_leaves_at_once(tmp_path: Path) -> None:
    ledger = one_in_each_state(tmp_path)
    resent(ledger, force=True)
    with read_only(ledger.engine).connect() as connection:
        rows = connection.execute(select(deliveries).where(deliveries.c.state == "queued", deliveries.c.deferrals == 0))
        pinned = {row.email.partition("@")[0]: row.pinned for row in rows}
    newest = dict.fromkeys(("deferred", "rejected", "suppressed", "expired"), False)
    assert pinned == {"in_doubt": True, "accepted": True, **newest}
    assert len(claimed(ledger.engine, joined(ledger.engine), 20)) == 7  # these, and the one that was queued


def test_who_left_or_is_suppressed_gets_nothing_whatever_is_forced(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=["left@example.org", "suppressed@example.org", "anne@example.org"])
    with ledger.engine.begin() as connection:
        connection.execute(update(deliveries).values(state="rejected"))
        left = update(subscriptions).where(subscriptions.c.id == ledger.subscriptions[0])
        connection.execute(left.values(status="unsubscribed"))
        suppress(connection, key_of("suppressed@example.org"), "hard-bounce", "")
    choice = chosen(ledger, force=True)
    assert sorted(choice.left) == [("left@example.org", "gone"), ("suppressed@example.org", "gone")]
    resend.resend(ledger.engine, ledger.mailing, choice.ids, force=True)
    assert states(ledger.engine)["anne@example.org"] == "queued"


@pytest.mark.parametrize("how", ["cancelled", "at the last look", "expired", "left"])
def test_a_second_message_that_does_not_leave_hides_nothing_known_of_the_first(tmp_path: Path, how: str) -> None:
    """A reader who has the letter, or may have it, is never shown as one whom it did not reach."""
    ledger = ready(tmp_path, readers=["has@example.org", "may@example.org", "not@example.org"])
    with ledger.engine.begin() as connection:
        for name, state, code in (("has", "accepted", 250), ("may", "in_doubt", None), ("not", "rejected", 550)):
            of = deliveries.c.email == f"{name}@example.org"
            connection.execute(update(deliveries).where(of).values(state=state, reply_code=code))
    assert chosen(ledger, force=True).doubled == 2
    resend.resend(ledger.engine, ledger.mailing, chosen(ledger, force=True).ids, force=True)
    held = claimed(ledger.engine, joined(ledger.engine)) if how in ("at the last look", "left") else []
    if how == "cancelled":
        cancel(ledger.engine, ledger.mailing)
    with ledger.engine.begin() as connection:
        if how == "at the last look":
            connection.execute(update(mailings).values(state="cancelled"))
        if how == "expired":
            connection.execute(update(mailings).values(expired_at=db_now()))
            sweep(connection)
        if how == "left":
            connection.execute(update(subscriptions).values(status="unsubscribed"))
    if held:
        assert marked(ledger.engine, held) == [False] * 3
    lost = {"expired": "expired", "left": "suppressed"}.get(how, "cancelled")
    assert states(ledger.engine) == {
        "has@example.org": "accepted",
        "may@example.org": "in_doubt",
        "not@example.org": lost,
    }
