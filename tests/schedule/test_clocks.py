"""A host whose clock differs from the database's is named."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import Engine

from composer.daemon.doctor import examinations
from composer.schedule.clocks import skew, skewed_hosts, tell_skew
from tests.schedule.support.sample_hour import Hour

pytestmark = pytest.mark.usefixtures("each_engine")


def wrong(by: float) -> time_machine.travel:
    return time_machine.travel(datetime.now(UTC) + timedelta(seconds=by))


def database_check(hour: Hour) -> tuple[bool, str]:
    (check,) = [check for check in examinations(hour.newsroom) if check.name == "database"]
    return check.ok is True, check.says


def test_a_wrong_clock_is_told_once_a_day_and_named_by_doctor(hour: Hour, each_engine: str) -> None:
    engine: Engine = hour.engine
    tell_skew(engine, hour.newsroom)
    assert (hour.relay.messages, skewed_hosts(engine)) == ([], [])
    with wrong(40):
        if each_engine == "sqlite":
            assert skew(engine) == 0  # its clock is the host's
            return
        assert skew(engine) == pytest.approx(40, abs=2)
        for _look in range(2):
            tell_skew(engine, hour.newsroom)
        assert hour.relay.subjects() == [f"[Filigrane] the clock of {socket.gethostname()} is wrong"]
        ok, says = database_check(hour)
        assert (ok, "+40 s" in says or "+39 s" in says) == (False, True)
    ok, says = database_check(hour)  # as from another host, which is right
    assert (ok, socket.gethostname() in says) == (True, True)


def test_a_few_seconds_are_nothing(hour: Hour) -> None:
    with wrong(-3):
        tell_skew(hour.engine, hour.newsroom)
    assert hour.relay.messages == []
