"""Somebody is told, once for each thing, and for certain."""

from __future__ import annotations

import shutil
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import Engine
from structlog.testing import capture_logs

import composer.schedule.alerts as room
from composer.approval.freeze import unapprove
from composer.delivery.smtp.session import Timeouts
from composer.newsroom.model import Newsroom
from composer.schedule.decision import Decision
from tests.schedule.support.sample_hour import Hour
from tests.support.newsrooms import FRIDAY, write_issue


@pytest.mark.slow
def test_each_state_is_told_once(hour: Hour) -> None:
    unapprove(hour.friday)
    for minute in range(5):
        hour.at(f"2026-11-27 07:0{minute}")
    assert len(hour.relay.messages) == 1
    (message,) = hour.relay.messages
    assert message["To"] == "permanence@example.org"
    assert message["Auto-Submitted"] == "auto-generated"
    assert "Friday, November 27, 2026" in str(message["Subject"])


def test_another_reason_is_told_and_a_reason_come_back_is_not(hour: Hour) -> None:
    unapprove(hour.friday)
    hour.at("2026-11-27 07:00")
    hour.approve(hour.friday)
    write_issue(hour.root, "vendredi", FRIDAY, subject="Autre chose")
    hour.at("2026-11-27 07:01")
    unapprove(hour.friday)
    hour.at("2026-11-27 07:02")
    assert ["approved" in str(message.get_content()) for message in hour.relay.messages] == [True, False]
    assert hour.state() == ("held", "not-sealed")


@pytest.mark.slow
def test_an_alert_that_the_relay_did_not_take_is_sent_at_the_next_tick(hour: Hour) -> None:
    unapprove(hour.friday)
    hour.relay.refuses = True
    assert [event.state for event in hour.at("2026-11-27 07:00")] == ["held"]
    hour.write(relay=1)  # nobody listens there
    assert hour.at("2026-11-27 07:00:30") == []
    hour.write()
    hour.relay.refuses = False
    assert [event.state for event in hour.at("2026-11-27 07:01")] == ["alerted"]
    assert hour.at("2026-11-27 07:01:30") == []
    assert len(hour.relay.messages) == 1
    assert "not approved" in hour.relay.last()


@pytest.mark.slow
def test_a_relay_that_falls_silent_keeps_no_tick(hour: Hour, monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 5321 would wait ten minutes for its reply, and every letter that falls due meanwhile with it."""
    limits = asdict(room.TIMEOUTS)
    assert all(limit < asdict(Timeouts())[name] / 2 for name, limit in limits.items() if name != "quit")
    monkeypatch.setattr(room, "TIMEOUTS", Timeouts(**(limits | {"dot": 0.3})))
    unapprove(hour.friday)
    hour.relay.slow = 2
    assert [event.state for event in hour.at("2026-11-27 07:00")] == ["held"]
    hour.relay.slow = 0
    assert [event.state for event in hour.at("2026-11-27 07:01")] == ["alerted"]


def test_a_missed_issue_is_told_with_its_reason_even_later(hour: Hour) -> None:
    unapprove(hour.friday)
    hour.relay.refuses = True
    hour.at("2026-11-27 14:00")
    hour.relay.refuses = False
    hour.at("2026-11-27 15:00")
    assert "not approved" in hour.relay.last()


@pytest.mark.slow
def test_all_relays_together_have_no_more_than_the_time_of_one_alert(
    hour: Hour, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "SECONDS", 0.5)
    relay = {"host": "127.0.0.1", "port": hour.relay.port, "security": "none"}
    hour.write(relays=[relay | {"name": "un"}, relay | {"name": "deux"}])
    unapprove(hour.friday)
    hour.relay.slow = 2
    with capture_logs() as logs:
        assert [event.state for event in hour.at("2026-11-27 07:00")] == ["held"]
    assert "did not take it within" in next(line["why"] for line in logs if line["event"] == "alert-not-sent")
    hour.relay.slow = 0
    monkeypatch.undo()
    assert [event.state for event in hour.at("2026-11-27 07:01")] == ["alerted"]


@pytest.mark.slow
def test_a_defect_while_one_alert_is_worded_keeps_no_other_one(hour: Hour, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was decided at an earlier tick is decided again, to have its sentence."""
    hour.relay.refuses = True
    hour.at("2026-11-28 20:00")
    hour.relay.refuses = False
    module = sys.modules["composer.schedule.telling"]
    real = module.decide_on

    def decide_on(now: datetime, newsroom: Newsroom, engine: Engine, name: str, *others: Any, **more: Any) -> Decision:
        if name == "vendredi":
            raise KeyError("vendredi")
        return real(now, newsroom, engine, name, *others, **more)  # type: ignore[no-any-return] # reason: passed on

    monkeypatch.setattr(module, "decide_on", decide_on)
    hour.at("2026-11-28 20:01")
    told = {str(message["Subject"])[:40]: str(message.get_content()) for message in hour.relay.messages}
    assert len(told) == 2
    assert ["unexpected error" in text for text in told.values()].count(True) == 1


def test_nobody_to_tell(hour: Hour) -> None:
    hour.write(alerts=())
    unapprove(hour.friday)
    hour.at("2026-11-27 07:00")
    hour.write()
    hour.at("2026-11-27 07:01")
    assert hour.relay.messages == []


def test_every_address_is_told_in_its_own_message(hour: Hour) -> None:
    hour.write(alerts=("un@example.org", "deux@example.org"))
    unapprove(hour.friday)
    hour.at("2026-11-27 07:00")
    assert [message["To"] for message in hour.relay.messages] == ["un@example.org", "deux@example.org"]
    assert len({message["Message-ID"] for message in hour.relay.messages}) == 2


def test_staging_writes_to_no_other_address_than_only_to(hour: Hour) -> None:
    hour.write(alerts=("un@example.org", "deux@essai.example"), only_to=["@essai.example"])
    unapprove(hour.friday)
    hour.at("2026-11-27 07:00")
    assert [message["To"] for message in hour.relay.messages] == ["deux@essai.example"]


def test_no_file_says_how_to_begin_one(hour: Hour) -> None:
    hour.at("2026-12-04 07:00")
    assert hour.occurrences("vendredi")[-1].reason == "no-file"
    assert "filigrane new vendredi --date 2026-12-04" in hour.relay.last()


def test_an_empty_issue_is_held(hour: Hour) -> None:
    record = hour.friday.with_suffix(".sealed") / "seal.yaml"
    value = yaml.safe_load(record.read_text(encoding="utf-8"))
    for edition in value["editions"]:
        edition["words"] = 0
    record.write_text(yaml.safe_dump(value, allow_unicode=True, width=10**6), encoding="utf-8")
    hour.at("2026-11-27 07:00")
    assert hour.state() == ("held", "empty")
    assert hour.mailings == []
    assert "not a word" in hour.relay.last()


def test_a_damaged_approval_is_held(hour: Hour) -> None:
    (hour.friday.with_suffix(".sealed") / "free.fr.html").write_bytes(b"<p>Bonjour</p>")
    hour.at("2026-11-27 07:00")
    assert hour.state() == ("held", "damaged")
    assert hour.mailings == []
    assert "free.fr.html" in hour.relay.last()


def test_two_issues_of_one_date_are_held_and_the_plain_one_wins(hour: Hour) -> None:
    plain = hour.friday
    names = [plain.with_name(f"{FRIDAY}-{name}.yaml") for name in ("une", "deux")]
    for path in names:
        shutil.copy(plain, path)
    plain.rename(plain.with_name("apart"))
    hour.at("2026-11-27 07:00")
    assert hour.state() == ("held", "several-files")
    plain.with_name("apart").rename(plain)
    hour.at("2026-11-27 07:01")
    assert hour.state() == ("mailed", None)


@pytest.mark.slow
def test_without_its_signing_key_it_is_held_and_nothing_is_half_opened(hour: Hour) -> None:
    dkim = {"domain": "example.org", "selector": "un"}
    hour.write(dkim=dkim)
    hour.at("2026-11-27 07:00")
    assert hour.state() == ("held", "refused")
    assert hour.mailings == []
    assert "DKIM" in hour.relay.last()
    key = rsa.generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (hour.root / "var" / "dkim.pem").write_bytes(key)
    hour.at("2026-11-27 07:01")
    assert hour.state() == ("mailed", None)


def test_one_unreadable_issue_does_not_keep_the_others(hour: Hour) -> None:
    hour.at("2026-11-28 08:00")
    shutil.rmtree(hour.root / "issues" / "vendredi")
    (hour.root / "var" / "media").mkdir(exist_ok=True)
    assert [event.publication for event in hour.at("2026-11-28 08:30") if event.state == "mailed"] == ["samedi"]


def test_french_words_for_a_french_newsroom(hour: Hour) -> None:
    hour.write(language="fr")
    unapprove(hour.friday)
    hour.at("2026-11-27 07:00")
    assert "vendredi 27 novembre 2026" in hour.relay.subjects()[0]
    assert "rien n’est parti" in hour.relay.subjects()[0]
    assert "filigrane approve" in hour.relay.last()
    assert Path("issues/vendredi/2026-11-27.yaml").as_posix() in hour.relay.last()
