"""What `mailings` and `approve` say of a mailing that does not move, or not any more."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, insert, update

from composer.delivery import tables
from composer.delivery.ledger import workers
from composer.delivery.tables import deliveries, mailings, paces
from composer.subscribers.tables import subscriptions
from tests.cli.test_delivery import ANNE, english, folder, typed
from tests.support.address_keys import open_database
from tests.support.newsrooms import FRIDAY, write_issue

__all__ = ["english", "folder"]


@contextmanager
def ledger(folder: Path) -> Iterator[Connection]:
    engine = open_database("sqlite:///var/filigrane.db", folder)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


@pytest.mark.parametrize(
    ("state", "said"),
    [("sending", "filigrane mailings amend 1"), ("paused", "filigrane mailings amend 1"), ("done", "left already")],
)
def test_an_approval_that_comes_too_late_says_so(folder: Path, state: str, said: str) -> None:
    write_issue(folder, "vendredi", FRIDAY)
    with ledger(folder) as connection:
        connection.execute(update(mailings).values(state=state))
    done = typed(folder, "approve", f"vendredi/{FRIDAY}", "--by", "Odile")
    assert done.exit_code == 0
    assert said in done.stderr


@pytest.mark.parametrize(("state", "said"), [("sending", True), ("paused", True), ("done", False)])
def test_an_approval_that_is_taken_back_under_way_says_that_it_stops_nothing(
    folder: Path, state: str, said: bool
) -> None:
    write_issue(folder, "vendredi", FRIDAY)
    assert typed(folder, "approve", f"vendredi/{FRIDAY}", "--by", "Odile").exit_code == 0
    with ledger(folder) as connection:
        connection.execute(update(mailings).values(state=state))
    taken_back = typed(folder, "unapprove", f"vendredi/{FRIDAY}")
    assert ("filigrane mailings cancel 1" in taken_back.stderr) == said


def test_an_approval_of_what_was_not_sent_says_no_more(folder: Path) -> None:
    write_issue(folder, "samedi", FRIDAY)
    assert typed(folder, "approve", f"samedi/{FRIDAY}", "--by", "Odile").stderr == ""


@pytest.mark.parametrize(("state", "shown"), [("expired", "50 %"), ("cancelled", "50 %"), ("rejected", "100 %")])
def test_what_expired_or_was_cancelled_is_no_progress(folder: Path, state: str, shown: str) -> None:
    with ledger(folder) as connection:
        connection.execute(update(deliveries).values(state="accepted"))
        connection.execute(update(deliveries).where(deliveries.c.email == ANNE).values(state=state))
        connection.execute(update(mailings).values(state="done"))
    assert shown in typed(folder, "mailings").stdout


def test_a_mailing_to_nobody_has_no_percentage(folder: Path) -> None:
    with ledger(folder) as connection:
        connection.execute(delete(deliveries))
    assert "no reader" in typed(folder, "mailings").stdout


def test_nobody_sends_and_with_a_worker_nothing_is_said(folder: Path) -> None:
    assert "no worker is alive" in typed(folder, "mailings").stdout
    with ledger(folder) as connection:
        workers.join(connection)
    said = typed(folder, "mailings").stdout
    assert "alive" not in said
    assert "written" not in said
    with ledger(folder) as connection:
        connection.execute(update(mailings).values(state="done"))
        connection.execute(update(deliveries).values(state="accepted"))
        connection.execute(delete(tables.workers))
    assert "alive" not in typed(folder, "mailings").stdout


def test_a_disk_that_takes_nothing_is_said(folder: Path) -> None:
    with ledger(folder) as connection:
        workers.join(connection)
    other = open_database("sqlite:///var/filigrane.db", folder)  # as the daemon: with it the -shm file is there
    with other.connect() as held:
        held.exec_driver_sql("SELECT 1")
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
        try:
            said = typed(folder, "mailings").stdout
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    other.dispose()
    assert "nothing leaves, for nothing can be written: the database" in said


def test_a_rate_that_a_relay_reduced_is_said_with_its_reply(folder: Path) -> None:
    row = {"relay": "main", "provider": "", "rate": 0.1, "tokens": 1.0, "sent_today": 0, "days_before": 0}
    with ledger(folder) as connection:
        more = {"refilled_at": datetime.now(UTC), "reason": "450 4.7.28 slow down"}
        connection.execute(insert(paces).values(row | more))
    assert (
        "main takes no more than 6 a minute for everybody now: 450 4.7.28 slow down" in typed(folder, "mailings").stdout
    )


def test_what_all_waits_for_its_next_try_is_said(folder: Path) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    with ledger(folder) as connection:
        connection.execute(update(deliveries).values(state="deferred", not_before=later))
    assert "is tried again from" in typed(folder, "mailings").stdout
    assert typed(folder, "deliveries", "1").stdout.count("tried again from") == 2


@pytest.mark.parametrize(
    ("state", "lives", "said"),
    [
        ("sending", False, "mailing 1 is being sent, and no worker is alive"),
        ("sending", True, "mailing 1 is being sent, and a worker is alive"),
        ("paused", False, "mailing 1 is paused: filigrane mailings"),
        ("done", True, "nothing is being sent; a worker is alive"),
    ],
)
def test_the_doctor_says_whether_anybody_sends_what_is_being_sent(
    folder: Path, state: str, lives: bool, said: str
) -> None:
    with ledger(folder) as connection:
        connection.execute(update(mailings).values(state=state))
        if lives:
            workers.join(connection)
    assert said in typed(folder, "doctor", "--offline").stdout


@pytest.mark.parametrize(
    ("mailing", "rows", "words", "said"),
    [
        ({"state": "paused"}, {"state": "in_doubt"}, [], "nothing leaves before filigrane mailings resume 1"),
        ({"state": "cancelled"}, {"state": "cancelled"}, [], "mailing 1 was cancelled"),
        ({}, {"state": "in_doubt"}, ["left"], "nothing here can be sent again: 2 readers left"),
        (
            {"expires_at": datetime(2026, 1, 1, tzinfo=UTC)},
            {},
            ["--state", "expired", "--force"],
            "news of mailing 1 is stale",
        ),
        ({"state": "done"}, {"state": "accepted"}, [], "nothing here can be sent again"),
    ],
)
def test_a_resend_says_why_nothing_leaves(
    folder: Path, mailing: dict[str, object], rows: dict[str, str], words: list[str], said: str
) -> None:
    with ledger(folder) as connection:
        if mailing:
            connection.execute(update(mailings).values(mailing))
        if rows:
            connection.execute(update(deliveries).values(rows))
        if words == ["left"]:
            connection.execute(update(subscriptions).values(status="unsubscribed"))
    done = typed(folder, "deliveries", "1", "--resend", "--yes", *[word for word in words if word != "left"])
    assert said in done.stdout + str(done.exception)
