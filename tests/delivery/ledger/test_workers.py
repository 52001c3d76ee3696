"""Who lives, by the database's clock; also one that was put back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import update

from composer.database import db_now
from composer.delivery.ledger import workers
from composer.delivery.limits.connection_quota import quotas
from composer.delivery.tables import workers as table
from tests.delivery.support.ledger_calls import claimed, joined
from tests.delivery.support.sample_ledger import ready, states

pytestmark = pytest.mark.usefixtures("each_engine")


@pytest.mark.parametrize("seconds", [-3600, 3600], ids=["silent", "clock-put-back"])
def test_an_hour_from_now_in_either_direction_is_no_sign_of_life(tmp_path: Path, seconds: float) -> None:
    """A worker that lives renews its heartbeat by the clock as it is. A dead one must hold nothing for an hour."""
    ledger = ready(tmp_path)
    dead = joined(ledger.engine)
    assert claimed(ledger.engine, dead)
    with ledger.engine.begin() as connection:
        values = {"heartbeat_at": db_now(seconds), "process": "another kernel", "connections": {"relay": 2}}
        connection.execute(update(table).where(table.c.id == dead).values(values))
        assert not workers.any_alive(connection)
        assert workers.silent_here(connection) == []
        connection.execute(update(table).where(table.c.id == dead).values(process=workers.process_name()))
        assert workers.silent_here(connection) == [os.getpid()]
        connection.execute(update(table).where(table.c.id == dead).values(process="another kernel"))
        assert not workers.heartbeat(connection, dead)
    successor = joined(ledger.engine)
    assert states(ledger.engine) == {"anne@example.org": "queued"}
    with ledger.engine.begin() as connection:
        assert quotas(connection, successor, {"relay": 2}, {"relay": 0})["relay"].held == 2
