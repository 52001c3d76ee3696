"""Progress: counts, rate and end time, from the ledger's rows and the database's clock."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from composer.database import db_now, read_only
from composer.delivery.control import pause
from composer.delivery.ledger.progress import Follower, Progress, progress
from composer.delivery.tables import deliveries, mailings
from tests.delivery.support.sample_ledger import Ready, ready

pytestmark = pytest.mark.usefixtures("each_engine")


def half_way(root: Path) -> Ready:
    """Open for an hour; of 100, 30 settled over the last minute, 20 before it, 10 deferred."""
    ledger = ready(root, readers=[f"reader{number:03d}@example.org" for number in range(100)])
    with ledger.engine.begin() as connection:
        ids = list(connection.execute(select(deliveries.c.id).order_by(deliveries.c.id)).scalars())
        for part, state, ago in (
            *(([one], "accepted", -1.9 * number) for number, one in enumerate(ids[:30])),
            (ids[30:50], "rejected", -70),
            (ids[50:60], "deferred", -5),
        ):
            row = update(deliveries).where(deliveries.c.id.in_(part))
            connection.execute(row.values(state=state, changed_at=db_now(ago)))
        connection.execute(update(mailings).values(opened_at=db_now(-3600)))
    return ledger


def looked(ledger: Ready) -> Progress:
    with read_only(ledger.engine).connect() as connection:
        (found,) = progress(connection, ledger.mailing)
    return found


def test_the_rate_is_what_was_settled_in_the_last_minute_and_the_end_follows_from_it(tmp_path: Path) -> None:
    ledger = half_way(tmp_path)
    found = looked(ledger)
    assert found.counts == {"accepted": 30, "rejected": 20, "deferred": 10, "queued": 40}
    assert (found.total, found.open, found.per_minute) == (100, 50, 30)
    assert found.ends_at is not None
    with read_only(ledger.engine).connect() as connection:
        left = found.ends_at - connection.execute(select(db_now())).scalar_one()
    assert timedelta() < left <= timedelta(seconds=80)  # 40 at 30 a minute; the deferred wait for their hour


def settle_anew(ledger: Ready, *ago: float) -> None:
    """Those of the last minute were settled so many seconds ago, in equal parts."""
    with ledger.engine.begin() as connection:
        ids = connection.execute(select(deliveries.c.id).where(deliveries.c.state == "accepted")).scalars()
        for number, one in enumerate(list(ids)):
            moved = update(deliveries).where(deliveries.c.id == one)
            connection.execute(moved.values(changed_at=db_now(-ago[number % len(ago)])))


@pytest.mark.parametrize(
    "ago",
    [(1, 3, 5), (0.1,), (41, 42, 43), (1, 2, 3, 4, 5, 6, 7, 8, 9, 55), (2, *range(30, 59))],
    ids=["first-seconds", "first-instant", "stopped", "went-on-after-a-pause", "slows-down"],
)
def test_a_rate_that_says_little_gives_no_end(tmp_path: Path, ago: tuple[float, ...]) -> None:
    ledger = half_way(tmp_path)
    settle_anew(ledger, *ago)
    assert looked(ledger).ends_at is None


def test_while_the_canaries_leave_nobody_knows_the_end(tmp_path: Path) -> None:
    ledger = half_way(tmp_path)
    with ledger.engine.begin() as connection:
        connection.execute(update(mailings).values(state="canary", canary_until=db_now(600)))
    found = looked(ledger)
    assert (found.per_minute, found.ends_at) == (30, None)
    assert found.held_until == found.mailing.canary_until
    pause(ledger.engine, ledger.mailing)
    assert looked(ledger).held_until is None


def test_a_mailing_that_stands_still_has_no_end(tmp_path: Path) -> None:
    ledger = half_way(tmp_path)
    pause(ledger.engine, ledger.mailing)
    assert looked(ledger).ends_at is None
    assert looked(ledger).under_way is False


def test_who_follows_gets_the_rate_from_look_to_look(tmp_path: Path) -> None:
    ledger = half_way(tmp_path)
    follower = Follower(ledger.mailing)

    def look() -> Progress:
        with read_only(ledger.engine).connect() as connection:
            return follower.look(connection)

    assert look().per_minute == 30
    assert look().per_minute == 30  # a moment later there is nothing to compare yet
    follower._looks[0] = (follower._looks[0][0] - timedelta(seconds=30), follower._looks[0][1] - 100)
    found = look()
    assert found.per_minute in range(150, 201)  # 100 in half a minute, and the moments between
    assert found.ends_at is None  # all of them at once
    (_since, before), (now, settled) = follower._looks[0], follower._looks[-1]
    follower._looks.insert(1, (now - timedelta(seconds=10), before + (settled - before) * 2 // 3))
    assert look().ends_at is not None
