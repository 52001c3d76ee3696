"""``filigrane subscribers show``, ``export --person`` and ``forget``: all that is held of one person."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from composer.subscribers import read_address
from composer.subscribers.held import held_about
from tests.support.address_keys import open_database
from tests.support.newsrooms import write_newsroom
from tests.support.person_rows import fill

Command = Callable[..., tuple[str, str]]

ZOE, LEA = "zoe.dupre@example.org", "lea@example.org"

#: What stays of the forgotten, and why: no word of theirs, no address.
KEPT = {
    "subscribers.id": "the number by which past mailings are counted",
    "subscribers.address_key": "recognises the address, so that no import brings it back",
    "subscribers.created_at": "counts",
    "subscribers.forgotten_at": "when it was erased",
    "subscriptions.id": "a number",
    "subscriptions.subscriber_id": "a number",
    "subscriptions.publication": "counts",
    "subscriptions.status": "unsubscribed",
    "subscriptions.tier": "counts",
    "subscriptions.paid_until": "counts",
    "subscriptions.language": "counts",
    "subscriptions.created_at": "counts",
    "subscriptions.unsubscribed_at": "counts",
    "subscriptions.unsubscribed_by": "counts",
    "consents.id": "a number",
    "consents.subscription_id": "a number",
    "consents.source": "shows that what was sent was asked for (GDPR 7.1)",
    "consents.at": "the same",
    "suppressions.address_key": "recognises the address, so that nothing is sent there",
    "suppressions.reason": "the same",
    "suppressions.at": "the same",
    "deliveries.id": "a number",
    "deliveries.mailing_id": "which letter, for its counts",
    "deliveries.edition_id": "the same",
    "deliveries.subscriber_id": "a number",
    "deliveries.subscription_id": "a number",
    "deliveries.provider": "counts",
    "deliveries.state": "counts",
    "deliveries.attempt": "counts",
    "deliveries.deferrals": "counts",
    "deliveries.not_before": "counts",
    "deliveries.changed_at": "counts",
    "deliveries.reply_code": "counts",
    "deliveries.reply_status": "counts",
    "deliveries.pinned": "counts",
    "deliveries.canary": "counts",
    "run_refusals.delivery_id": "a number",
    "run_refusals.mailing_id": "a number",
    "run_refusals.domain": "a digest, as long as the run of refusals lasts",
    "run_refusals.doubted": "counts",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A newsroom with a row of everything about two readers."""
    engine = open_database("sqlite:///var/filigrane.db", write_newsroom(tmp_path), create=True)
    fill(engine, ZOE, LEA)
    engine.dispose()
    return tmp_path


def held(root: Path, email: str) -> dict[str, list[dict[str, object]]]:
    engine = open_database("sqlite:///var/filigrane.db", root)
    with engine.connect() as connection:
        found = held_about(connection, read_address(email))
    engine.dispose()
    return found


def test_after_forget_nothing_personal_is_held(root: Path, filigrane: Command) -> None:
    of_lea = held(root, LEA)
    filigrane("subscribers", "forget", ZOE, "--yes")
    left = held(root, ZOE)
    assert {
        f"{name}.{column}" for name, rows in left.items() for column, value in rows[0].items() if value
    } <= KEPT.keys()
    assert KEPT.keys() <= {f"{name}.{column}" for name, rows in left.items() for column in rows[0]}
    assert "dupre" not in str(left)
    assert held(root, LEA) == of_lea
