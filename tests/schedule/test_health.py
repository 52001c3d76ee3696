"""What is wrong with the sending itself is told once for each reason, and again where it comes back."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, update

from composer.approval.freeze import unapprove
from composer.database import db_now
from composer.delivery.control import pause, resume
from composer.delivery.tables import deliveries, mailings, paces, workers
from composer.message import Template
from composer.outbox import SingleMessage, put_message
from composer.outbox.tables import outbox
from composer.schedule.tables import notices
from composer.subscribers.signups import FEWEST_HOURLY
from composer.subscribers.tables import signups
from tests.schedule.support.sample_hour import Hour, Relay, relaying

pytestmark = pytest.mark.usefixtures("each_engine")


@pytest.fixture
def sending(hour: Hour) -> Hour:
    """Friday's mailing is open, since five minutes, and a worker lives."""
    hour.at("2026-11-27 07:00")
    with hour.engine.begin() as connection:
        connection.execute(update(mailings).values(opened_at=db_now(-300)))
        connection.execute(insert(workers).values(host="ici", pid=1))
    return hour


def while_ago(hour: Hour) -> None:
    """Everything was told a while ago."""
    with hour.engine.begin() as connection:
        connection.execute(update(notices).values(told_at=db_now(-300)))


@pytest.mark.slow
def test_a_mailing_that_paused_is_told_with_its_reason_once(sending: Hour) -> None:
    pause(sending.engine, 1, "550 5.7.26 unauthenticated")
    for second in range(3):
        sending.at(f"2026-11-27 07:05:0{second}")
    assert len(sending.relay.messages) == 1
    assert "550 5.7.26" in sending.relay.last()
    assert "filigrane mailings resume 1" in sending.relay.last()


@pytest.mark.slow
def test_paused_again_for_the_same_reason_it_is_told_again(sending: Hour) -> None:
    for minute in range(2):
        pause(sending.engine, 1, "550 5.7.26 unauthenticated")
        sending.at(f"2026-11-27 07:0{minute}:30")
        resume(sending.engine, 1)
        while_ago(sending)
        sending.at(f"2026-11-27 07:0{minute}:59")
    assert len(sending.relay.messages) == 2


@pytest.mark.slow
def test_paused_for_another_reason_it_is_told_at_once(sending: Hour) -> None:
    pause(sending.engine, 1, "one")
    sending.at("2026-11-27 07:05")
    resume(sending.engine, 1)
    pause(sending.engine, 1, "another")
    sending.at("2026-11-27 07:05:30")
    assert len(sending.relay.messages) == 2


@pytest.mark.slow
def test_who_paused_it_by_hand_knows(sending: Hour) -> None:
    pause(sending.engine, 1)
    sending.at("2026-11-27 07:05")
    assert sending.relay.messages == []


def test_doubts_are_told_when_the_mailing_is_done(sending: Hour) -> None:
    with sending.engine.begin() as connection:
        connection.execute(update(deliveries).where(deliveries.c.id <= 2).values(state="in_doubt"))
    sending.at("2026-11-27 07:05")
    assert sending.relay.messages == []
    with sending.engine.begin() as connection:
        connection.execute(update(mailings).values(state="done", closed_at=db_now()))
    sending.at("2026-11-27 07:06")
    sending.at("2026-11-27 07:07")
    assert len(sending.relay.messages) == 1
    assert "Of 2 readers nobody knows" in sending.relay.last()
    assert "filigrane deliveries 1 --in-doubt" in sending.relay.last()
    assert "@lecteurs.example" not in sending.relay.last()


def test_nobody_sends_it(sending: Hour) -> None:
    with sending.engine.begin() as connection:
        connection.execute(update(workers).values(heartbeat_at=db_now(-300)))
    sending.at("2026-11-27 07:10", after="2026-11-27 07:05")
    assert sending.relay.messages == []  # the daemon has only just started, its worker has not joined yet
    sending.at("2026-11-27 07:10:30")
    sending.at("2026-11-27 07:11")
    assert sending.relay.subjects() == [
        "[Filigrane] L'Estuaire du vendredi, Friday, November 27, 2026: nobody is sending it"
    ]


@pytest.mark.slow
def test_a_relay_that_is_quiet_is_told_once_for_each_provider(sending: Hour) -> None:
    row = {"relay": "principal", "provider": "gmail", "tokens": 0.0, "refilled_at": db_now(), "sent_today": 0}
    with sending.engine.begin() as connection:
        row |= {"days_before": 0, "quiet_until": db_now(3600), "reason": "550 5.7.26 unauthenticated"}
        row |= {"means": "configuration"}
        connection.execute(insert(paces).values(row))
    sending.at("2026-11-27 07:05")
    sending.at("2026-11-27 07:06")
    assert len(sending.relay.messages) == 1
    assert "gmail" in str(sending.relay.messages[0]["Subject"])
    with sending.engine.begin() as connection:
        connection.execute(insert(paces).values(row | {"provider": "orange", "means": "blocked"}))
    sending.at("2026-11-27 07:07")
    assert len(sending.relay.messages) == 2
    assert "orange" in str(sending.relay.messages[1]["Subject"])


@pytest.mark.slow
def test_a_claim_that_died_is_taken_up_and_a_young_one_is_left(sending: Hour) -> None:
    unapprove(sending.root / "issues" / "samedi" / "2026-11-28.yaml")
    what = "occurrence:4:held:not-sealed"
    with sending.engine.begin() as connection:
        connection.execute(insert(notices).values(what=what, channel="mail", claimed_at=db_now(-60)))
    sending.at("2026-11-28 08:30")
    assert [row.id for row in sending.occurrences("samedi")][-1] == 4
    assert not [subject for subject in sending.relay.subjects() if "held" in subject]
    with sending.engine.begin() as connection:
        connection.execute(update(notices).where(notices.c.what == what).values(claimed_at=db_now(-1000)))
    sending.at("2026-11-28 08:31")
    assert len([subject for subject in sending.relay.subjects() if "held" in subject]) == 1


@pytest.mark.slow
def test_told_through_the_second_relay_where_there_is_one_and_else_through_the_first(hour: Hour) -> None:
    with relaying() as second:
        hour.write(relays=[_relay(hour.relay.port, "un"), _relay(second.port, "deux")])
        unapprove(hour.friday)
        hour.at("2026-11-26 20:00")
        assert (len(hour.relay.messages), len(second.messages)) == (0, 1)
        second.refuses = True
        hour.at("2026-11-27 06:00")
        assert (len(hour.relay.messages), len(second.messages)) == (1, 1)


def _relay(port: int, name: str) -> dict[str, object]:
    return {"name": name, "host": "127.0.0.1", "port": port, "security": "none"}


def test_the_first_relay_away_the_second_tells(hour: Hour, relay: Relay) -> None:
    hour.write(relays=[_relay(1, "un"), _relay(relay.port, "deux")])
    unapprove(hour.friday)
    hour.at("2026-11-26 20:00")
    assert len(relay.messages) == 1


def test_letters_that_a_worker_holds_and_that_do_not_leave_are_told_once(sending: Hour) -> None:
    def held(seconds: float) -> None:
        with sending.engine.begin() as connection:
            connection.execute(update(mailings).values(opened_at=db_now(-960)))
            claimed = update(deliveries).where(deliveries.c.id <= 2)
            connection.execute(claimed.values(state="claimed", worker_id=1, changed_at=db_now(-seconds)))

    held(840)
    sending.at("2026-11-27 07:20")
    assert sending.relay.messages == []
    held(960)
    for second in range(3):
        sending.at(f"2026-11-27 07:22:0{second}")
    assert sending.relay.subjects() == [
        "[Filigrane] L'Estuaire du vendredi, Friday, November 27, 2026: the sending stands still"
    ]
    assert "relay-unreachable" in sending.relay.last()


def test_letters_held_of_a_mailing_that_is_paused_by_hand_are_nobodys_news(sending: Hour) -> None:
    pause(sending.engine, 1)
    with sending.engine.begin() as connection:
        connection.execute(update(deliveries).values(state="claimed", worker_id=1, changed_at=db_now(-960)))
    sending.at("2026-11-27 07:22")
    assert sending.relay.messages == []


def test_letters_that_come_back_again_and_again_are_told_unless_another_one_left(sending: Hour) -> None:
    with sending.engine.begin() as connection:
        connection.execute(update(mailings).values(opened_at=db_now(-960)))
        connection.execute(update(deliveries).values(state="claimed", worker_id=1, attempt=5))
        connection.execute(update(deliveries).where(deliveries.c.id == 1).values(state="accepted"))
    sending.at("2026-11-27 07:20")
    assert sending.relay.messages == []
    with sending.engine.begin() as connection:
        connection.execute(update(deliveries).where(deliveries.c.id == 1).values(changed_at=db_now(-960)))
    sending.at("2026-11-27 07:21")
    assert len(sending.relay.messages) == 1
    assert "nothing of it has left for 15 minutes" in sending.relay.last()


def test_readers_put_off_again_and_again_are_told_unless_more_were_accepted(sending: Hour) -> None:
    """Fewer than ten of them slow no relay, and were tried for a day without a word."""

    def put_off(attempt: int, accepted: int) -> None:
        with sending.engine.begin() as connection:
            connection.execute(update(mailings).values(opened_at=db_now(-960)))
            later = {"state": "deferred", "attempt": attempt, "not_before": db_now(3600)}
            connection.execute(update(deliveries).values(**later, reply_code=451, reply_text="the hour is full"))
            taken = update(deliveries).where(deliveries.c.id <= accepted)
            connection.execute(taken.values(state="accepted", changed_at=db_now(-960)))

    for attempt, accepted in ((1, 0), (2, 6)):
        put_off(attempt, accepted)
        sending.at("2026-11-27 07:20")
        assert sending.relay.messages == []
    put_off(2, 0)
    for second in range(2):
        sending.at(f"2026-11-27 07:22:0{second}")
    assert len(sending.relay.messages) == 1
    assert "The last reply: 451 the hour is full" in sending.relay.last()


def test_single_messages_that_wait_for_a_full_hour_are_told_once(sending: Hour) -> None:
    sending.settings = {"outbox_per_hour": 2}
    sending.write()
    content = Template((b"Subject: x\r\n\r\nx\r\n",), ())
    with sending.engine.begin() as connection:
        for number in range(3):
            put_message(connection, SingleMessage("confirm", "zoe@example.org", f"key{number}", "", content))
    sending.at("2026-11-27 07:05")
    assert sending.relay.messages == []
    with sending.engine.begin() as connection:
        connection.execute(update(outbox).where(outbox.c.id < 3).values(left_at=db_now(), state="accepted"))
    for minute in (6, 7):
        sending.at(f"2026-11-27 07:0{minute}")
    assert len(sending.relay.messages) == 1
    assert "as many as may: 1 waits" in sending.relay.last()
    assert "outbox_per_hour" in sending.relay.last()


def test_sign_ups_that_wait_for_a_full_hour_are_told_once(sending: Hour) -> None:
    row = {"letters": " vendredi ", "language": "fr", "form": "1", "wording": "w", "page": "p"}
    with sending.engine.begin() as connection:
        for number in range(FEWEST_HOURLY + 1):
            mailed = {"state": "pending", "mailed_at": db_now()} if number else {"state": "waiting"}
            values = row | mailed | {"address_key": str(number), "expires_at": db_now(9000)}
            connection.execute(insert(signups).values(values))
    for minute in (6, 7):
        sending.at(f"2026-11-27 07:0{minute}")
    assert len(sending.relay.messages) == 1
    assert "1 sign-up for L'Estuaire du vendredi waits: 20 were written to" in sending.relay.last()
