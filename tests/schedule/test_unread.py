"""Another file's mistakes: what needs it is held and told, and the other letters leave."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from composer.approval.freeze import unapprove
from composer.approval.history import past_issues
from composer.approval.model import Sealed, Unsealed
from composer.approval.verify import verdict
from composer.cli import filigrane
from composer.daemon.outage import Outage
from composer.daemon.scheduler import Scheduler as Daemon
from composer.daemon.telling import Telling
from composer.errors import Refused
from composer.issue import load_issue
from composer.proofreading import review
from composer.schedule.manual import open_now
from composer.schedule.tick import tick
from composer.schedule.upcoming import upcoming
from tests.schedule.support.sample_hour import SECRET, Hour, paris
from tests.support.newsrooms import FRIDAY, SATURDAY, write_issue, write_sponsor

FRIDAY_FILE, SATURDAY_FILE = "config/publications/vendredi.yaml", "config/publications/samedi.yaml"
SLOT = "subject: A\npreheader: B\nblocks:\n- edito: {{headline: C, body: D}}\n- sponsor: haut\n- masthead: auto\n"


def spoil(hour: Hour, file: str, text: str = "nonsense: [\n") -> str:
    """Make ``file`` wrong; its text before."""
    path = hour.root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_text("utf-8") if path.exists() else ""
    path.write_text(before + text, "utf-8")
    return before


def codes(hour: Hour, path: Path) -> list[str]:
    return [finding.code for finding in review(load_issue(path, hour.newsroom), hour.newsroom, past_issues).findings]


def cli(hour: Hour, *words: str) -> Result:
    return CliRunner().invoke(filigrane, ["--newsroom", str(hour.root), *words], catch_exceptions=False)


def test_another_publication_s_sponsor_keeps_no_issue_from_being_checked_approved_and_opened(hour: Hour) -> None:
    spoil(hour, "config/sponsors/phare.yaml", "advertiser: Le Phare\ncreatives: {a: {headlin: A}}\n")
    unapprove(hour.friday)
    checked = cli(hour, "check", "vendredi/2026-11-27")
    assert checked.exit_code == 0
    assert "config/sponsors/phare.yaml" in checked.stdout
    assert "that this issue does not need" in checked.stdout
    assert cli(hour, "check", "--all").exit_code == 1
    approved = cli(hour, "approve", "vendredi/2026-11-27", "--by", "Odile")
    assert approved.exit_code == 0
    assert "config/sponsors/phare.yaml: 1 mistake" in approved.stderr
    assert [(event.publication, event.state) for event in hour.at("2026-11-27 07:00")] == [("vendredi", "mailed")]


def test_a_slot_whose_booking_may_be_in_a_file_that_cannot_be_read_is_an_error(hour: Hour) -> None:
    hour.write(verify_pictures=False)
    write_issue(hour.root, "vendredi", FRIDAY, SLOT)
    assert codes(hour, hour.friday) == ["unbooked-slot"]
    write_sponsor(hour.root)
    assert codes(hour, hour.friday) == []
    hour.approve(hour.friday)
    spoil(hour, "config/sponsors/phare.yaml")  # another one: it neither voids nor blocks
    assert codes(hour, hour.friday) == []
    assert isinstance(verdict(hour.friday, hour.newsroom), Sealed)
    spoil(hour, "config/sponsors/voilerie.yaml")
    assert codes(hour, hour.friday) == ["sponsor-unread"]
    found = verdict(hour.friday, hour.newsroom)
    assert isinstance(found, Unsealed)
    assert found.reason == "sponsor-unread"
    assert "config/sponsors/voilerie.yaml" in found.sentence
    hour.at("2026-11-27 07:00")
    assert hour.state() == ("held", "sponsor-unread")
    assert "config/sponsors/voilerie.yaml" in hour.relay.last()
    write_sponsor(hour.root)
    hour.at("2026-11-27 07:01")
    assert hour.state() == ("mailed", None)


def test_a_creative_named_in_the_issue_of_a_sponsor_that_cannot_be_read(hour: Hour) -> None:
    spoil(hour, "config/sponsors/voilerie.yaml")
    block = "- sponsor: {{slot: haut, creative: voilerie/cires}}"
    write_issue(hour.root, "vendredi", FRIDAY, SLOT.replace("- sponsor: haut", block))
    assert codes(hour, hour.friday) == ["sponsor-unread"]


def test_a_lexicon_that_cannot_be_read_warns_and_stops_what_prints_from_it(hour: Hour) -> None:
    spoil(hour, "config/lexicon.yaml")
    assert cli(hour, "check", "vendredi/2026-11-27").exit_code == 0
    assert codes(hour, hour.friday) == ["lexicon-unread"]
    briefs = "- briefs: {{names: auto, items: [{{headline: A, text: B}}]}}"
    write_issue(hour.root, "vendredi", FRIDAY, SLOT.replace("- sponsor: haut", briefs))
    checked = cli(hour, "check", "vendredi/2026-11-27")
    assert checked.exit_code == 1
    assert "which names to print is not known" in checked.stdout


def test_a_publication_that_cannot_be_read_is_held_and_told_and_the_other_leaves(hour: Hour) -> None:
    before = spoil(hour, FRIDAY_FILE)
    events = hour.at("2026-11-27 07:00")
    assert [(event.publication, event.state, event.reason) for event in events] == [
        ("vendredi", "held", "publication-unread"),
        ("vendredi", "alerted", "held"),
    ]
    assert hour.at("2026-11-27 07:01") == []
    assert len(hour.relay.messages) == 1
    assert FRIDAY_FILE in hour.relay.last()
    assert cli(hour, "check", "vendredi/2026-11-27").exit_code == 1
    assert cli(hour, "check", "samedi/2026-11-28").exit_code == 0
    with pytest.raises(Refused, match="vendredi"):
        open_now(paris("2026-11-27 07:01"), hour.friday, hour.newsroom, hour.engine, SECRET)
    (hour.root / FRIDAY_FILE).write_text(before, "utf-8")
    hour.at("2026-11-27 07:02")
    assert hour.state() == ("mailed", None)
    spoil(hour, FRIDAY_FILE)
    assert [(each.publication, each.state) for each in hour.at("2026-11-28 08:30")] == [("samedi", "mailed")]


def test_a_long_silence_still_asks_of_a_publication_that_cannot_be_read(hour: Hour) -> None:
    before = spoil(hour, FRIDAY_FILE)
    hour.at("2026-11-27 12:00", after="2026-11-26 12:00")
    assert hour.state() == ("held", "long-gap")
    (hour.root / FRIDAY_FILE).write_text(before, "utf-8")
    hour.at("2026-11-27 12:01")
    assert hour.state() == ("held", "long-gap")
    assert hour.mailings == []


def test_nothing_is_called_missed_while_the_file_cannot_be_read(hour: Hour) -> None:
    spoil(hour, FRIDAY_FILE)
    hour.at("2026-11-27 07:00")
    hour.at("2026-11-28 12:00")
    assert hour.state() == ("held", "publication-unread")


def test_what_was_asked_for_is_held_where_the_schedule_cannot_be_read_either(hour: Hour) -> None:
    assert cli(hour, "send", "vendredi/2026-11-27", "--at", "2099-01-01 10:00").exit_code == 0
    spoil(hour, FRIDAY_FILE, "schedule: {}\n")
    tick(paris("2099-01-01 10:00"), hour.newsroom, hour.engine, SECRET)
    assert hour.state()[0] == "held"


def test_a_newsroom_of_which_no_publication_can_be_read_still_tells(hour: Hour) -> None:
    spoil(hour, FRIDAY_FILE)
    spoil(hour, SATURDAY_FILE)
    hour.at("2026-11-27 07:00")
    assert [str(message["To"]) for message in hour.relay.messages] == ["permanence@example.org"]


def test_a_mailing_under_way_goes_on_and_the_calendar_says_what_it_knows(hour: Hour) -> None:
    hour.at("2026-11-27 07:00")
    spoil(hour, FRIDAY_FILE)
    hour.at("2026-11-27 07:01")
    assert [row.state for row in hour.mailings] == ["sending"]
    states = {
        (each.publication, each.date): each.state
        for each in upcoming(hour.newsroom, hour.engine, paris("2026-11-27 08:00"), 2)
    }
    assert states["vendredi", FRIDAY] == "mailed"
    assert states["samedi", SATURDAY] == "sealed"
    assert set(states.values()) >= {"publication-unread"}
    assert "its publication's file has mistakes" in cli(hour, "calendar").stdout
    assert cli(hour, "mailings").exit_code == 0


def test_a_daemon_goes_on_with_the_publication_it_knew_and_tells_once(
    hour: Hour, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon = Daemon(hour.newsroom, hour.engine, SECRET, Telling(hour.engine, Outage(hour.root)))
    spoil(hour, FRIDAY_FILE)
    monkeypatch.setattr("composer.clock.now", lambda: paris("2026-11-27 07:00"))
    hour.running_until("2026-11-27 07:00")
    for _ in range(2):
        daemon.look()
        assert daemon.telling.rest(30)
    assert hour.state() == ("mailed", None)
    assert hour.relay.subjects() == ["[Filigrane] the configuration has mistakes"]
    assert "vendredi: it goes on as it was" in hour.relay.last()
    assert "nonsense: [" not in hour.relay.last()
