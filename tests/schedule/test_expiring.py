"""Stale news is told before and after, and a clock that leaps ahead makes none stale."""

from __future__ import annotations

from datetime import timedelta

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert, update

from composer import clock
from composer.cli import filigrane
from composer.database import db_now
from composer.delivery.control import pause, resume
from composer.delivery.ledger.mailings import outcomes, sweep
from composer.delivery.tables import deliveries, mailings, workers
from composer.schedule.downtime import ticked
from tests.schedule.support.sample_hour import READERS, Hour

pytestmark = pytest.mark.usefixtures("each_engine")

HOUR = 3600.0


@pytest.fixture
def sending(hour: Hour) -> Hour:
    """Friday's mailing is open since a minute, to be stale in two days, and a worker lives."""
    hour.at("2026-11-27 07:00")
    with hour.engine.begin() as connection:
        connection.execute(update(mailings).values(opened_at=db_now(-60)))
        connection.execute(insert(workers).values(host="ici", pid=1))
    return hour


def lasts(hour: Hour, since: float, left: float) -> None:
    """The mailing was opened ``since`` seconds ago, and its news is stale in ``left`` seconds."""
    with hour.engine.begin() as connection:
        connection.execute(update(mailings).values(opened_at=db_now(-since), expires_at=db_now(left)))


def swept(hour: Hour) -> list[int]:
    with hour.engine.begin() as connection:
        return sweep(connection)


def deliver(hour: Hour, *arguments: str) -> Result:
    return CliRunner().invoke(filigrane, ["--newsroom", str(hour.root), "deliveries", "1", *arguments])


def test_a_paused_mailing_that_will_be_stale_is_told_in_time_once(sending: Hour) -> None:
    pause(sending.engine, 1)
    lasts(sending, 45 * HOUR, 3.1 * HOUR)
    sending.at("2026-11-27 07:05")
    assert sending.relay.messages == []
    lasts(sending, 45 * HOUR, 2.9 * HOUR)
    sending.at("2026-11-27 07:05:30")
    sending.at("2026-11-27 07:06")
    assert len(sending.relay.messages) == 1
    assert "soon stale" in sending.relay.subjects()[0]
    assert f"{READERS} readers of {READERS} have not got it" in sending.relay.last()
    assert "filigrane mailings resume 1" in sending.relay.last()


@pytest.mark.parametrize(("left", "told"), [(0.3, 0), (0.15, 1)])
def test_of_a_short_life_the_last_fifth_counts(sending: Hour, left: float, told: int) -> None:
    pause(sending.engine, 1)
    lasts(sending, (1 - left) * HOUR, left * HOUR)
    sending.at("2026-11-27 07:05")
    assert len(sending.relay.messages) == told


@pytest.mark.parametrize(("left", "told"), [(HOUR, 0), (30.0, 1)])
def test_one_that_is_sent_is_told_only_where_it_cannot_be_done_in_time(sending: Hour, left: float, told: int) -> None:
    """Two of five within the last minute: the other three take a minute and a half."""
    with sending.engine.begin() as connection:
        two = deliveries.c.id.in_((1, 2))
        connection.execute(update(deliveries).where(two).values(state="accepted", changed_at=db_now()))
    lasts(sending, 47 * HOUR, left)
    sending.at("2026-11-27 07:05")
    assert len(sending.relay.messages) == told


def test_what_expired_is_told_with_its_number_and_is_no_progress(sending: Hour) -> None:
    with sending.engine.begin() as connection:
        connection.execute(update(deliveries).where(deliveries.c.id == 1).values(state="accepted"))
    pause(sending.engine, 1)
    lasts(sending, 48 * HOUR, -1)
    sending.at("2026-11-27 07:05")
    assert swept(sending) == [1]
    sending.at("2026-11-27 07:05:30")
    sending.at("2026-11-27 07:06")
    assert len(sending.relay.messages) == 1
    assert f"{READERS - 1} readers of {READERS} did not get it" in sending.relay.last()
    assert "filigrane deliveries 1 --resend --state expired --force" in sending.relay.last()
    shown = CliRunner().invoke(filigrane, ["--newsroom", str(sending.root), "mailings"]).output
    assert "20 %" in shown
    assert "100 %" not in shown


def test_the_command_of_the_alert_sends_it_after_all(sending: Hour) -> None:
    lasts(sending, 48 * HOUR, -1)
    sending.at("2026-11-27 07:05")
    swept(sending)
    assert "--state expired --force" in str(deliver(sending, "--resend", "--state", "expired").exception)
    asked = deliver(sending, "--resend", "--state", "expired", "--force")
    assert f"{READERS} readers would get news that was stale" in str(asked.exception)
    assert outcomes(sending.engine, 1) == {"expired": READERS}
    assert deliver(sending, "--resend", "--state", "expired", "--force", "--yes").exit_code == 0
    assert outcomes(sending.engine, 1) == {"queued": READERS}
    assert [row.state for row in sending.mailings] == ["sending"]


def test_a_clock_that_leaps_three_days_ahead_pauses_and_expires_nothing(sending: Hour) -> None:
    """Also at the ticks that follow, and where it is resumed before the clock is put right."""
    now = clock.now()
    lasts(sending, 71 * HOUR, -24 * HOUR)  # as the ledger sees it after the leap
    with sending.engine.begin() as connection:
        ticked(connection, now - timedelta(days=3))
    assert swept(sending) == []  # a worker looks first
    sending.look(now)
    assert [row.state for row in sending.mailings] == ["paused"]
    assert "the clock leapt" in sending.relay.last()
    sending.look(now + timedelta(seconds=30))
    assert swept(sending) == []
    resume(sending.engine, 1)
    sending.look(now + timedelta(seconds=60))
    assert swept(sending) == []
    assert outcomes(sending.engine, 1) == {"queued": READERS}
