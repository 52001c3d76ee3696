"""The welcome path: each letter once in a life, to who joined by a door, and to nobody else."""

from __future__ import annotations

import json
import re
from datetime import date as Date
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner
from sqlalchemy import select, update

from composer.approval.freeze import unapprove
from composer.cli import filigrane
from composer.daemon.doctor import examinations
from composer.delivery.control import cancel
from composer.delivery.ledger.messages import MessageInputs, build_message, mailing_templates
from composer.delivery.ledger.welcome import day_number
from composer.delivery.tables import deliveries, mailing_editions, mailings, welcomed
from composer.errors import Refused
from composer.schedule.downtime import ticked
from composer.schedule.manual import sendable
from composer.schedule.occurrences import Event
from composer.schedule.upcoming import upcoming
from composer.subscribers.subscription import unsubscribe
from tests.schedule.support.joiners import join
from tests.schedule.support.sample_hour import SECRET, Hour, paris
from tests.support.newsrooms import configure, write_issue

HELLO, GUIDE = "2026-11-26-bonjour", "2026-11-27-guide"
PATH = [{"letter": HELLO, "after": 0}, {"letter": GUIDE, "after": "3d"}]
ZOE, YVES = "zoe@example.org", "yves@example.org"

pytestmark = pytest.mark.usefixtures("each_engine")


@pytest.fixture
def welcoming(hour: Hour) -> Hour:
    """Two steps, approved. The second has the date of an issue."""
    configure(hour.root, welcome=PATH)
    for letter in (HELLO, GUIDE):
        written = write_issue(hour.root, "vendredi", Date.fromisoformat(letter[:10]), subject=letter[11:])
        path = written.rename(written.with_name(f"{letter}.yaml")) if letter == HELLO else copied(hour, letter)
        hour.approve(path)
    return hour


def copied(hour: Hour, letter: str) -> Path:
    """``letter`` beside the issue of its date, which stays as it is."""
    path = hour.friday.with_name(f"{letter}.yaml")
    path.write_text((hour.friday.with_name(f"{HELLO}.yaml")).read_text(encoding="utf-8").replace("bonjour", "guide"))
    return path


def given(hour: Hour) -> list[tuple[str, str]]:
    """(letter, address) of each delivery of the path, in order."""
    with hour.engine.begin() as connection:
        rows = connection.execute(
            select(mailings.c.date, mailings.c.slug, deliveries.c.email)
            .join(deliveries, deliveries.c.mailing_id == mailings.c.id)
            .where(mailings.c.rehearsal < 0)
            .order_by(deliveries.c.id)
        )
        return [(f"{row.date}-{row.slug}", row.email) for row in rows]


def welcomes(events: list[Event]) -> list[str | None]:
    return [event.reason for event in events if event.state == "welcomed"]


def test_each_letter_in_its_turn_to_who_joined_alone(welcoming: Hour) -> None:
    join(welcoming.engine, paris("2026-11-23 14:00"), [ZOE])
    assert welcomes(welcoming.at("2026-11-23 14:00:20")) == [HELLO]
    assert given(welcoming) == [(HELLO, ZOE)]  # none of those who were there, by a list
    assert welcomes(welcoming.at("2026-11-23 14:01")) == []
    assert welcomes(welcoming.at("2026-11-26 13:59")) == []
    assert welcomes(welcoming.at("2026-11-26 14:00:10")) == [GUIDE]
    assert welcomes(welcoming.at("2026-12-20 14:00")) == []
    assert given(welcoming) == [(HELLO, ZOE), (GUIDE, ZOE)]


def test_a_step_has_one_mailing_a_day_and_each_reader_a_date(welcoming: Hour) -> None:
    join(welcoming.engine, paris("2026-11-23 14:00"), [ZOE])
    welcoming.at("2026-11-23 14:00:20")
    with welcoming.engine.begin() as connection:
        connection.execute(update(mailings).values(state="done"))
    join(welcoming.engine, paris("2026-11-23 22:30"), [YVES])
    welcoming.at("2026-11-23 22:30:20")  # the first step leaves at any hour
    (row,) = welcoming.mailings
    assert (row.rehearsal, row.state) == (day_number(Date(2026, 11, 23)), "sending")
    with welcoming.engine.begin() as connection:
        templates = mailing_templates(connection, row.id, lambda: None, SECRET)
        dates = []
        for each in connection.execute(select(deliveries).order_by(deliveries.c.id)):
            inputs = MessageInputs(
                row.id, each.edition_id, each.subscriber_id, each.subscription_id, each.email, each.dated
            )
            dates += re.findall(rb"\r\nDate: (.*)\r\n", build_message(templates, inputs, SECRET).content)
    assert dates == [b"Mon, 23 Nov 2026 13:00:20 +0000", b"Mon, 23 Nov 2026 21:30:20 +0000"]


def test_who_left_gets_nothing_and_who_comes_back_nothing_twice(welcoming: Hour) -> None:
    (zoe,) = join(welcoming.engine, paris("2026-11-23 14:00"), [ZOE])
    welcoming.at("2026-11-23 14:00:20")
    with welcoming.engine.begin() as connection:
        unsubscribe(connection, zoe, "page")
    assert welcomes(welcoming.at("2026-11-26 15:00")) == []
    join(welcoming.engine, paris("2026-12-01 12:00"), [ZOE])
    assert welcomes(welcoming.at("2026-12-01 12:01")) == []
    assert welcomes(welcoming.at("2026-12-04 12:01")) == [GUIDE]  # counted from the new confirmation
    assert given(welcoming) == [(HELLO, ZOE), (GUIDE, ZOE)]


def test_later_steps_wait_for_the_hours_of_sending(welcoming: Hour) -> None:
    join(welcoming.engine, paris("2026-11-23 02:00"), [ZOE])
    assert welcomes(welcoming.at("2026-11-23 12:01")) == [HELLO]
    assert welcomes(welcoming.at("2026-11-26 02:01")) == []
    assert welcomes(welcoming.at("2026-11-26 06:00")) == [GUIDE]


def test_a_step_that_is_not_approved_waits_and_is_told(welcoming: Hour) -> None:
    hello = welcoming.friday.with_name(f"{HELLO}.yaml")
    unapprove(hello)
    join(welcoming.engine, paris("2026-11-23 14:00"), [ZOE])
    (told,) = welcoming.at("2026-11-23 14:01")
    assert (told.state, told.reason) == ("alerted", "welcome")
    assert "waits for the letter 2026-11-26-bonjour" in welcoming.relay.last()
    assert "not approved" in welcoming.relay.last()
    assert welcomes(welcoming.at("2026-11-26 15:00")) == []  # the second does not overtake the first
    welcoming.approve(hello)
    assert welcomes(welcoming.at("2026-11-26 16:00")) == [HELLO]
    assert welcomes(welcoming.at("2026-11-27 15:59")) == []  # not two in a day that were to come days apart
    assert welcomes(welcoming.at("2026-11-27 16:00:10")) == [GUIDE]


def test_what_waited_for_a_week_does_not_leave(welcoming: Hour) -> None:
    join(welcoming.engine, paris("2026-11-24 12:00"), [ZOE])
    join(welcoming.engine, paris("2026-11-25 12:00"), [YVES])
    assert welcomes(welcoming.at("2026-12-01 13:00")) == [HELLO, GUIDE]
    assert given(welcoming) == [(HELLO, YVES), (GUIDE, ZOE)]


def test_after_a_database_came_back_nobody_gets_what_may_have_left(welcoming: Hour) -> None:
    join(welcoming.engine, paris("2026-11-23 14:00"), [ZOE])
    with welcoming.engine.begin() as connection:
        ticked(connection, paris("2026-11-23 13:59"), restored_at=paris("2026-11-23 16:00"))
    events = welcoming.look(paris("2026-11-23 16:00"))
    assert welcomes(events) == []
    assert [event.reason for event in events if event.state == "alerted"] == ["welcome"]
    assert "1 welcome letter" in welcoming.relay.last()
    assert welcomes(welcoming.at("2026-11-23 16:01")) == []
    assert welcomes(welcoming.at("2026-11-26 14:01")) == [GUIDE]
    with welcoming.engine.begin() as connection:
        row = connection.execute(select(welcomed).where(welcomed.c.letter == HELLO)).one()
    assert row.mailing_id is None


def test_a_rehearsal_does_not_use_it_up(welcoming: Hour) -> None:
    join(welcoming.engine, paris("2026-11-23 14:00"), [ZOE, YVES])
    welcoming.write(only_to=[ZOE])
    configure(welcoming.root, welcome=PATH)
    welcoming.at("2026-11-23 14:01")
    assert given(welcoming) == [(HELLO, ZOE)]
    welcoming.write()
    configure(welcoming.root, welcome=PATH)
    welcoming.at("2026-11-23 14:02")
    assert sorted(given(welcoming)) == [(HELLO, YVES), (HELLO, ZOE), (HELLO, ZOE)]
    assert [row.rehearsal for row in welcoming.mailings] == [
        day_number(Date(2026, 11, 23), rehearsal=True),
        day_number(Date(2026, 11, 23)),
    ]


def test_a_letter_approved_anew_is_the_one_that_leaves(welcoming: Hour) -> None:
    join(welcoming.engine, paris("2026-11-23 14:00"), [ZOE])
    welcoming.at("2026-11-23 14:01")
    hello = welcoming.friday.with_name(f"{HELLO}.yaml")
    hello.write_text(hello.read_text(encoding="utf-8").replace("subject: bonjour", "subject: bienvenue"))
    welcoming.approve(hello)
    join(welcoming.engine, paris("2026-11-23 15:00"), [YVES])
    welcoming.at("2026-11-23 15:01")
    (row,) = welcoming.mailings
    assert (row.subject, row.version) == ("bienvenue", 2)
    with welcoming.engine.begin() as connection:
        of = select(mailing_editions.c.version).join(deliveries, deliveries.c.edition_id == mailing_editions.c.id)
        versions = connection.execute(of.order_by(deliveries.c.id)).scalars().all()
    assert versions == [1, 2]  # the first is given the newer one when it is claimed


def test_a_day_that_was_cancelled_takes_nobody_in(welcoming: Hour) -> None:
    join(welcoming.engine, paris("2026-11-23 14:00"), [ZOE])
    welcoming.at("2026-11-23 14:01")
    cancel(welcoming.engine, welcoming.mailings[0].id)
    join(welcoming.engine, paris("2026-11-23 15:00"), [YVES])
    assert welcomes(welcoming.at("2026-11-23 15:01")) == []
    assert [event.reason for event in welcoming.at("2026-11-23 16:01")] == ["welcome"]
    assert "today’s mailing of it was cancelled" in welcoming.relay.last()
    assert welcomes(welcoming.at("2026-11-24 00:01")) == [HELLO]
    assert given(welcoming) == [(HELLO, ZOE), (HELLO, YVES)]


def test_it_is_no_issue(welcoming: Hour) -> None:
    with pytest.raises(Refused, match="letter of the welcome path"):
        sendable(welcoming.friday.with_name(f"{GUIDE}.yaml"), welcoming.newsroom, welcoming.engine)
    entries = upcoming(welcoming.newsroom, welcoming.engine, paris("2026-11-23 12:00"), 2)
    assert [entry.issue for entry in entries if entry.publication == "vendredi" and entry.issue] == [
        "issues/vendredi/2026-11-27.yaml"
    ]
    welcoming.friday.unlink()  # the letter that has its date does not take its place
    welcoming.at("2026-11-27 07:00")
    assert welcoming.state() == ("held", "no-file")


def test_what_names_where_it_is_read_online_is_held(welcoming: Hour) -> None:
    configure(welcoming.root, welcome=None, archive="2026-11-01")
    hello = welcoming.friday.with_name(f"{HELLO}.yaml")
    unapprove(hello)
    welcoming.approve(hello)
    configure(welcoming.root, welcome=PATH)
    join(welcoming.engine, paris("2026-11-23 14:00"), [ZOE])
    assert welcomes(welcoming.at("2026-11-23 14:01")) == []
    assert "before it was a letter that welcomes" in welcoming.relay.last()
    unapprove(hello)
    welcoming.approve(hello)
    assert welcomes(welcoming.at("2026-11-23 14:02")) == [HELLO]
    (frozen,) = hello.with_suffix(".sealed").glob("*free*.txt")
    written = frozen.read_text(encoding="utf-8")
    assert "La digue tiendra" in written
    assert "novembre" not in written


def test_it_takes_in_who_joined_in_the_last_week_and_no_other(welcoming: Hour) -> None:
    for days in range(1, 12):
        at = paris("2026-12-10 12:00") - timedelta(days=days)
        join(welcoming.engine, at, [f"reader{days}@example.org"])
    welcoming.at("2026-12-10 12:00:10")
    assert sorted(address for letter, address in given(welcoming) if letter == HELLO) == [
        f"reader{days}@example.org" for days in range(1, 7)
    ]


def test_the_commands_say_how_it_stands(welcoming: Hour, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILIGRANE_SECRET_KEY", SECRET.hex())
    unapprove(welcoming.friday.with_name(f"{GUIDE}.yaml"))
    join(welcoming.engine, paris("2026-11-23 14:00"), [ZOE])
    welcoming.at("2026-11-23 14:01")
    join(welcoming.engine, paris("2026-11-24 14:00"), [YVES])
    welcoming.at("2026-11-24 14:01")

    def said(*words: str) -> str:
        with time_machine.travel(paris("2026-11-26 15:00"), tick=False):
            answer = CliRunner().invoke(filigrane, ["--newsroom", str(welcoming.root), *words], env={"COLUMNS": "200"})
        assert answer.exit_code == 0, answer.output
        return answer.output

    told = said("calendar")
    assert f"welcome letter vendredi/{HELLO}, once a reader has confirmed: approved" in told
    assert f"welcome letter vendredi/{GUIDE}, 3 days after a reader has confirmed: not approved; 1 reader waits" in told
    assert f"welcome letter vendredi/{HELLO}: 2 days, the last one mailing 2" in said("mailings")
    days = [each["welcome_day"] for each in json.loads(said("mailings", "--all", "--json"))]
    assert days == ["2026-11-23", "2026-11-24"]
    (check,) = [each for each in examinations(welcoming.newsroom) if each.name == "welcome"]
    assert not check.ok
    assert f"vendredi/{GUIDE} cannot leave" in check.says
    assert "cannot be joined at a door" in check.says
