"""How the database finds a delivery: by its key, whatever is known of the tables, and however long the list."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, literal, select, text

from composer.database import BulkUpdate
from composer.delivery.ledger import claims
from composer.subscribers.tables import subscribers, subscriptions
from tests.delivery.support.ledger_calls import claimed, joined
from tests.delivery.support.sample_ledger import engine, opened
from tests.delivery.support.sample_newsroom import newsroom

pytestmark = pytest.mark.usefixtures("each_engine")
READERS = 3_000
ROW = {
    **{"delivery": 1, "of_attempt": 1, "by_worker": 1, "of_publication": "vendredi"},
    **{"to_state": "accepted", "code": 250, "status": "2.0.0", "words": "kept", "seconds": 60.0, "counted": 1},
}


def statistics(made: Engine, of: str) -> None:
    """Never any, or those of before the sending, when no worker held anything."""
    with made.begin() as connection:
        if made.dialect.name == "postgresql":
            for table in ("deliveries", "subscribers", "subscriptions", "mailings", "workers"):
                connection.execute(text(f"ALTER TABLE {table} SET (autovacuum_enabled = false)"))
        if of == "stale":
            connection.execute(text("ANALYZE"))


def readers(made: Engine) -> None:
    """``READERS`` of them, in two statements."""
    addresses = [f"reader{number}@example.org" for number in range(READERS)]
    with made.begin() as connection:
        connection.execute(insert(subscribers), [{"email": email, "address_key": email} for email in addresses])
        everyone = select(subscribers.c.id, literal("vendredi"), literal("active"), literal("free"))
        columns = ["subscriber_id", "publication", "status", "tier"]
        connection.execute(insert(subscriptions).from_select(columns, everyone))


@pytest.mark.parametrize("known", ["nothing", "stale"])
def test_a_mark_and_an_outcome_read_no_table_and_no_list(tmp_path: Path, known: str) -> None:
    made = engine(tmp_path)
    statistics(made, "nothing")
    readers(made)
    assert opened(made, newsroom(tmp_path)) is not None
    statistics(made, known)
    claimed(made, joined(made), 500)
    gates: dict[str, BulkUpdate] = {"mark": claims._LAST_LOOK, "outcome": claims._SETTLE, "deferral": claims._DEFER}
    with made.connect() as connection:
        plans = {name: gate.plan(connection, ROW) for name, gate in gates.items()}
    for plan in plans.values():
        assert re.search(r"using pk_deliveries|deliveries USING INTEGER PRIMARY KEY", plan, re.IGNORECASE), plan
        assert not re.search(r"Seq Scan|SCAN (?!living\b)\w|hashed SubPlan|Hash |Bitmap", plan), plan
        assert not re.search(r"ix_deliveries|ix_subscriptions|uq_deliveries", plan), plan
