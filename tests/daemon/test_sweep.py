"""Retention as the daemon does it: after its notice, beside everything else, and never for a letter's account."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, update
from structlog.testing import capture_logs

from composer.daemon import sweep
from composer.daemon.doctor import examinations
from composer.daemon.process import AppContext
from composer.delivery.ledger import retention
from composer.delivery.state import State
from composer.delivery.tables import deliveries, mailings
from composer.newsroom import load_newsroom
from composer.subscribers.tables import subscribers, subscriptions
from tests.cli.test_without_database import typed
from tests.delivery.support.sample_ledger import Reader, add_readers, opened
from tests.delivery.support.sample_ledger import engine as engine_in
from tests.delivery.support.sample_newsroom import SECRET
from tests.support.address_keys import TEST_KEY
from tests.support.newsrooms import write_newsroom


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppContext:
    """A newsroom whose one mailing, to five readers, ended forty months ago; no pauses, two rows at a time."""
    for name, seconds in (("FIRST", 0.0), ("LOOK", 0.01), ("PAUSE", 0.0), ("BUSY", 0.01)):
        monkeypatch.setattr(sweep, name, seconds)
    monkeypatch.setattr(retention, "BATCH", 2)
    monkeypatch.setenv("FILIGRANE_SECRET_KEY", SECRET.hex())
    room = load_newsroom(write_newsroom(tmp_path, database="sqlite:///ledger.db"))
    made = engine_in(tmp_path)
    add_readers(made, [Reader(f"reader{number}@example.org") for number in range(5)])
    assert opened(made, room) == 1
    with made.begin() as connection:
        connection.execute(update(deliveries).values(state=State.ACCEPTED))
        connection.execute(
            update(mailings).values(state="done", closed_at=retention.months_before(datetime.now(UTC), 40))
        )
    return AppContext(room, made, SECRET)


def rows_left(made: Engine) -> int:
    with made.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(deliveries)).scalar_one())


def run(base: AppContext, seconds: float) -> list[dict[str, object]]:
    """What the daemon's part logs; it is ended once nothing is left, or after so long."""

    async def main() -> None:
        stop = asyncio.Event()
        part = asyncio.create_task(sweep.sweeping(base, stop))
        for _ in range(int(seconds / 0.02)):
            await asyncio.sleep(0.02)
            with base.engine.connect() as connection:
                times = retention.times(connection)
            if times is not None and times.swept is not None:
                break
        stop.set()
        await part

    with capture_logs() as logs:
        asyncio.run(main())
    return [dict(line) for line in logs]


def test_what_is_due_is_swept_and_told_in_numbers(base: AppContext) -> None:
    told = {
        "rows": 5,
        "addresses": 5,
        "mailings": 1,
        "editions": 0,
        "workers": 0,
        "messages": 0,
        "signups": 0,
        "links": 0,
        "returned": 0,
        "former": 0,
        "folders": 0,
    }
    assert run(base, 20) == [{"event": "retention-swept", "log_level": "info"} | told]
    assert rows_left(base.engine) == 0


def leave_long_ago(base: AppContext) -> None:
    """Every reader did, thirty-seven months ago."""
    with base.engine.begin() as connection:
        ended = retention.months_before(datetime.now(UTC), 37)
        connection.execute(update(subscriptions).values(status="unsubscribed", unsubscribed_at=ended))


def addresses_left(made: Engine) -> int:
    with made.connect() as connection:
        theirs = select(func.count()).select_from(subscribers).where(subscribers.c.email.is_not(None))
        return int(connection.execute(theirs).scalar_one())


def test_readers_who_left_three_years_ago_are_forgotten(base: AppContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "FORMER", 2)
    leave_long_ago(base)
    assert "5 readers who left long ago" in typed(base.newsroom.root, "db", "sweep", "--dry-run").stderr
    (told,) = run(base, 20)
    assert told["former"] == 5
    assert addresses_left(base.engine) == 0


def test_they_stay_where_the_newsroom_says_never(base: AppContext) -> None:
    write_newsroom(base.newsroom.root, database="sqlite:///ledger.db", retention={"former_readers": "never"})
    leave_long_ago(base)
    assert "who left" not in typed(base.newsroom.root, "db", "sweep", "--yes").stderr
    assert addresses_left(base.engine) == 5


def test_db_sweep_forgets_them_too(base: AppContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILIGRANE_ADDRESS_KEY", TEST_KEY.hex())
    leave_long_ago(base)
    assert "5 readers who left long ago" in typed(base.newsroom.root, "db", "sweep", "--yes").stderr
    assert addresses_left(base.engine) == 0


def test_nothing_is_swept_before_its_time(base: AppContext) -> None:
    with base.engine.begin() as connection:
        retention.begin(connection, retention.NOTICE_PERIOD)
    assert run(base, 0.5) == []
    assert rows_left(base.engine) == 5


def test_it_gives_way_to_a_letter_that_leaves(base: AppContext) -> None:
    with base.engine.begin() as connection:
        connection.execute(update(mailings).values(state="sending"))
        connection.execute(update(deliveries).where(deliveries.c.id == 1).values(state=State.QUEUED))
    assert run(base, 0.5) == []
    assert rows_left(base.engine) == 5


def test_mistakes_in_the_configuration_end_neither_the_daemon_nor_a_row(base: AppContext) -> None:
    (base.newsroom.root / "config" / "newsroom.yaml").write_text("name: [")
    logs = run(base, 0.3)
    assert {line["event"] for line in logs} == {"retention-failed"}
    assert rows_left(base.engine) == 5


def test_doctor_says_what_would_leave_when_and_how_to_begin(base: AppContext) -> None:
    with base.engine.begin() as connection:
        retention.begin(connection, retention.NOTICE_PERIOD)
        times = retention.times(connection)
    assert times is not None
    (check,) = [check for check in examinations(base.newsroom) if check.name == "retention"]
    assert check.ok
    assert "5 rows with an address or a reply, 5 rows into counts, 1 mailing as counts alone" in check.says
    assert f"nothing leaves before {times.begins:%Y-%m-%d}" in check.says
    assert "filigrane db sweep" in check.says


def test_db_sweep_asks_says_to_how_many_and_begins(base: AppContext) -> None:
    root = base.newsroom.root
    with base.engine.begin() as connection:
        retention.begin(connection, retention.NOTICE_PERIOD)
    assert "5 rows into counts" in typed(root, "db", "sweep", "--dry-run").stderr
    refused = str(typed(root, "db", "sweep").exception)
    assert "5 rows into counts" in refused
    assert "--yes" in refused
    assert rows_left(base.engine) == 5
    assert "left the ledger" in typed(root, "db", "sweep", "--yes").stderr
    assert rows_left(base.engine) == 0
    with base.engine.connect() as connection:
        times = retention.times(connection)
    assert times is not None
    assert times.begun
    assert "nothing is due" in typed(root, "db", "sweep", "--yes").stderr


def test_deliveries_of_a_folded_mailing_says_so(base: AppContext) -> None:
    root = base.newsroom.root
    assert typed(root, "db", "sweep", "--yes").exit_code == 0
    shown = typed(root, "deliveries", "1")
    assert "5 rows of mailing 1 were folded into counts" in shown.stderr
    assert typed(root, "deliveries", "1", "--json").stdout.strip() == "[]"
    assert "accepted 5" in typed(root, "mailings", "1").stdout


def test_doubts_keep_their_mailing_and_doctor_names_what_to_do(base: AppContext) -> None:
    with base.engine.begin() as connection:
        connection.execute(update(deliveries).where(deliveries.c.id == 1).values(state=State.IN_DOUBT))
    (check,) = [check for check in examinations(base.newsroom) if check.name == "retention"]
    assert "1 mailing is left alone" in check.says
    assert "--in-doubt" in check.says
    assert run(base, 5) == []
    assert rows_left(base.engine) == 5
