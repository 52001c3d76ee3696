"""calendar and send: what is due when, in which state, and who paid for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner

from composer.approval.freeze import unapprove
from composer.cli import filigrane
from composer.delivery.control import pause
from composer.schedule.manual import open_now
from composer.schedule.upcoming import Upcoming, upcoming
from tests.schedule.support.sample_hour import READERS, SECRET, Hour, paris
from tests.support.newsrooms import FRIDAY, write_issue, write_newsroom, write_sponsor


def states(entries: list[Upcoming]) -> list[tuple[str, str]]:
    return [(entry.date.isoformat()[5:], entry.state) for entry in entries]


def test_before_the_hour_the_folder_says_it(hour: Hour) -> None:
    write_sponsor(hour.root)
    write_issue(hour.root, "samedi", FRIDAY.replace(day=28), subject="Autre chose")
    hour.write(schedule={"skip": ["2026-12-11"]})
    entries = upcoming(hour.newsroom, None, paris("2026-11-26 12:00"), weeks=2)
    assert states(entries) == [
        ("11-27", "sealed"),
        ("11-28", "source-changed"),
        ("12-04", "no-file"),
        ("12-05", "no-file"),
    ]
    friday = entries[0]
    assert friday.at == paris("2026-11-27 07:00")
    assert friday.issue == "issues/vendredi/2026-11-27.yaml"
    assert [(booked.slot, booked.advertiser, booked.creative) for booked in friday.sponsors] == [
        ("haut", "La Voilerie", "cires")
    ]
    later = upcoming(hour.newsroom, None, paris("2026-11-26 12:00"), weeks=3)
    assert ("12-11", "skipped") in states(later)


def test_a_file_on_a_day_when_nothing_is_due_is_shown(hour: Hour) -> None:
    write_issue(hour.root, "vendredi", FRIDAY.replace(day=28), subject="Un jour trop tard")
    (hour.root / "issues/vendredi/2026-11-28.en.yaml").write_text("subject: A day late\n", encoding="utf-8")
    entries = upcoming(hour.newsroom, hour.engine, paris("2026-11-26 12:00"), weeks=1)
    (shown,) = [entry for entry in entries if entry.state == "off-schedule"]
    assert (shown.publication, shown.issue) == ("vendredi", "issues/vendredi/2026-11-28.yaml")
    assert ("samedi", "sealed") in [(entry.publication, entry.state) for entry in entries]
    assert ("11-28", "off-schedule") not in states(upcoming(hour.newsroom, None, paris("2026-12-06 12:00"), weeks=1))


@pytest.mark.slow
def test_once_the_hour_has_come_the_database_says_it(hour: Hour) -> None:
    unapprove(hour.root / "issues" / "samedi" / "2026-11-28.yaml")
    hour.at("2026-11-27 07:00")
    hour.at("2026-11-28 08:30")
    hour.at("2026-12-04 07:00")
    hour.at("2026-12-05 07:00")
    entries = upcoming(hour.newsroom, hour.engine, paris("2026-12-05 07:30"), weeks=1)
    assert states(entries) == [
        ("11-28", "missed"),
        ("12-04", "missed"),
        ("12-05", "no-file"),
        ("12-11", "no-file"),
    ]
    hour.at("2026-12-05 08:30")
    entries = upcoming(hour.newsroom, hour.engine, paris("2026-12-04 06:30"), weeks=1)
    assert (entries[0].state, entries[0].mailing) == ("mailed", 1)
    entries = upcoming(hour.newsroom, hour.engine, paris("2026-12-05 08:31"), weeks=1)
    held = next(entry for entry in entries if str(entry.date) == "2026-12-05")
    assert (held.state, held.reason) == ("held", "no-file")


def call(root: Path, *arguments: str, at: str = "2026-11-26 12:00") -> tuple[int, str]:
    with time_machine.travel(paris(at), tick=False):
        result = CliRunner().invoke(filigrane, ["--newsroom", str(root), *arguments])
    return result.exit_code, result.stdout


def test_calendar_as_json(hour: Hour) -> None:
    code, out = call(hour.root, "calendar", "--weeks", "1", "--json")
    assert code == 0
    document = json.loads(out)
    assert [entry["state"] for entry in document][-2:] == ["sealed", "sealed"]
    assert document[-2]["at"] == "2026-11-27T07:00:00+01:00"


@pytest.mark.slow
def test_calendar_in_words(hour: Hour) -> None:
    code, out = call(hour.root, "calendar", "--weeks", "2")
    assert code == 0
    lines = [line for line in out.splitlines() if "27 Nov" in line or "4 Dec" in line]
    assert ["approved" in lines[0], "no file yet" in lines[1]] == [True, True]


@pytest.mark.slow
def test_calendar_fits_80_columns_and_keeps_each_issue_whole(hour: Hour) -> None:
    sponsor = hour.root / "config/sponsors/pluie.yaml"
    sponsor.parent.mkdir(parents=True, exist_ok=True)
    booked = "".join(
        f"- {{publication: vendredi, date: 2026-11-27, slot: {slot}, creative: c}}\n" for slot in ("foot", "main")
    )
    advertiser = "Une maison au nom assez long, du quai"
    sponsor.write_text(f"advertiser: {advertiser}\ncreatives: {{c: {{headline: C}}}}\nbookings:\n{booked}")
    house = hour.root / "config/publications/vendredi.yaml"
    before = house.read_text()
    house.write_text(
        before.replace("slots:\n", "slots:\n  main: {label: Milieu}\n  foot: {label: Pied, form: small}\n")
    )
    assert house.read_text() != before
    _code, out = call(hour.root, "calendar", "--weeks", "2")
    assert max(map(len, out.splitlines())) <= 80
    assert "vendredi/2026-11-27" in out
    assert "vendredi/2026-12-04" in out
    assert 0 < out.index("main : Une maison") < out.index("foot : Une maison")


def test_a_laptop_without_a_database_looks_at_its_calendar_and_makes_none(tmp_path: Path) -> None:
    write_newsroom(tmp_path)
    code, _ = call(tmp_path, "calendar")
    assert code == 0
    assert not (tmp_path / "var").exists()


@pytest.mark.slow
def test_send_opens_the_mailing_once(hour: Hour, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILIGRANE_SECRET_KEY", SECRET.hex())
    code, out = call(hour.root, "send", "vendredi/2026-11-27", "--yes")
    assert (code, "filigrane run" in out) == (0, True)
    assert call(hour.root, "send", "vendredi/2026-11-27", "--yes")[0] == 1
    assert hour.queued == READERS


@pytest.mark.slow
def test_what_was_sent_before_its_hour_shows_its_mailing(hour: Hour) -> None:
    at = paris("2026-11-26 11:00")
    mailing = open_now(at, hour.friday, hour.newsroom, hour.engine, SECRET)
    entry = upcoming(hour.newsroom, hour.engine, at, weeks=1)[-2]
    assert (entry.state, entry.reason, entry.mailing, entry.mailing_state) == ("mailed", None, mailing, "sending")
    pause(hour.engine, mailing)
    write_issue(hour.root, "vendredi", FRIDAY, subject="Changé depuis")
    _code, out = call(hour.root, "calendar", "--weeks", "1")
    (line,) = [line for line in out.splitlines() if "27 Nov" in line]
    assert f"paused: mailing {mailing}" in line
    assert "approv" not in line
