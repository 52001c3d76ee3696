"""An event's file for calendars: what RFC 5545 asks of its lines, whatever the editor typed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from composer.issue.blocks.agenda import ResolvedAgenda, ResolvedEvent
from composer.issue.compose import composed
from composer.issue.inline import Text
from composer.issue.key import IssueKey
from composer.issue.load import load_issue
from composer.newsroom import load_newsroom
from composer.rendering import render
from composer.rendering.ical import OCTETS, ical
from tests.rendering.support.sample_editions import words
from tests.support.newsrooms import FRIDAY, write_issue, write_newsroom

ISSUE = IssueKey("vendredi", date(2026, 12, 4))
URL = "https://lettres.example.org/"
NIGHT = ResolvedEvent(words("Grande marée"), "", datetime(2026, 12, 15, 18, 0, tzinfo=UTC))


def _lines(event: ResolvedEvent, issue: IssueKey = ISSUE) -> list[str]:
    """The lines of the file, unfolded."""
    content = ical(event, issue, URL)
    assert content.endswith(b"\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert all(len(line) <= OCTETS for line in content.split(b"\r\n"))
    return content.decode().replace("\r\n ", "").split("\r\n")[:-1]


def test_the_file_holds_one_event_with_its_instants_in_utc() -> None:
    event = replace(
        NIGHT, ends=datetime(2026, 12, 15, 20, 30, tzinfo=UTC), place="Cale", url="https://a.example/b?c=d;e"
    )
    lines = _lines(event)
    assert (lines[0], lines[3], lines[-2:]) == ("BEGIN:VCALENDAR", "BEGIN:VEVENT", ["END:VEVENT", "END:VCALENDAR"])
    assert {"DTSTART:20261215T180000Z", "DTEND:20261215T203000Z", "DTSTAMP:20261204T000000Z"} <= set(lines)
    assert {"SUMMARY:Grande marée", "LOCATION:Cale", "URL:https://a.example/b?c=d;e"} <= set(lines)


def test_whole_days_end_the_day_after_the_last() -> None:
    lines = _lines(replace(NIGHT, begins=date(2026, 12, 30), ends=date(2026, 12, 31)))
    assert {"DTSTART;VALUE=DATE:20261230", "DTEND;VALUE=DATE:20270101"} <= set(lines)
    assert not any(line.startswith("DTEND") for line in _lines(replace(NIGHT, begins=date(9999, 12, 31))))


def test_the_uid_stays_from_one_issue_to_the_next_and_differs_between_events() -> None:
    def uid(event: ResolvedEvent, issue: IssueKey = ISSUE) -> str:
        return next(line for line in _lines(event, issue) if line.startswith("UID:"))

    next_week = replace(ISSUE, date=date(2026, 12, 11))
    assert uid(NIGHT) == uid(NIGHT, next_week)
    assert (
        len({uid(NIGHT), uid(replace(NIGHT, title=words("Autre"))), uid(replace(NIGHT, begins=date(2026, 12, 15)))})
        == 3
    )


@pytest.mark.parametrize(
    "typed",
    [
        "fin\r\nEND:VEVENT\r\nBEGIN:VALARM",
        "un;deux,trois\\quatre\nEND:VCALENDAR",
        "é" * 200,
        "🕯️" * 60,
        "a\x00b\x0bc\x7fd\u2028END:VEVENT",
        "",
    ],
)
def test_no_text_ends_its_line_or_the_event(typed: str) -> None:
    lines = _lines(replace(NIGHT, title=(Text(typed),), place=typed or None, url=f"https://a.example/\x01{typed[:0]}"))
    assert [line.split(":")[0] for line in lines].count("END") == 2
    assert [line for line in lines if line.startswith(("BEGIN:", "END:"))] == [
        "BEGIN:VCALENDAR",
        "BEGIN:VEVENT",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    assert not any(ord(character) < 32 or ord(character) == 127 for line in lines for character in line)
    summary = next(line for line in lines if line.startswith("SUMMARY:")).removeprefix("SUMMARY:")
    if "\\" in typed:
        assert summary == "un\\;deux\\,trois\\\\quatre\\nEND:VCALENDAR"


def _composed(root: Path, *items: str) -> tuple[ResolvedAgenda, list[str], str]:
    write_newsroom(root)
    text = "".join(f"  - {{{{{item}}}}}\n" for item in items)
    path = write_issue(root, "vendredi", FRIDAY, f"subject: Un\nblocks:\n- agenda:\n{text}- masthead: auto\n")
    newsroom = load_newsroom(root)
    edition, findings = composed(load_issue(path, newsroom).require(), newsroom, "free")
    agenda = next(each for each in edition.blocks if isinstance(each, ResolvedAgenda))
    letter = render(edition, newsroom)
    files = {medium.name: medium for medium in letter.media}
    assert all(f"/media/{name}" in letter.html and f"/media/{name}" in letter.text for name in files)
    assert {medium.type for medium in files.values()} == {"text/calendar"}
    return agenda, [each.code for each in findings], letter.html


def test_a_date_is_printed_in_the_newsrooms_time_and_kept_in_utc(tmp_path: Path) -> None:
    agenda, found, html = _composed(
        tmp_path,
        "date: 2026-12-15T19:00, end: 2026-12-15T21:30, title: Un",
        "date: 2026-12-28, end: 2027-01-02, title: Deux",
        "date: 2026-07-01T19:00, title: Trois",
    )
    assert [each.when.replace("\u00a0", " ") for each in agenda.items] == [
        "Mardi 15 décembre, 19 h – 21 h 30",
        "Lundi 28 décembre – samedi 2 janvier 2027",
        "Mercredi 1er juillet, 19 h",
    ]
    assert [agenda.items[0].begins, agenda.items[2].begins] == [
        datetime(2026, 12, 15, 18, 0, tzinfo=UTC),
        datetime(2026, 7, 1, 17, 0, tzinfo=UTC),
    ]
    assert (found, html.count("Ajouter à mon agenda")) == (["past-date"], 3)


@pytest.mark.parametrize("end", ["2026-12-14T19:00", "2026-12-16"])
def test_an_end_before_the_beginning_or_of_another_kind_is_said(tmp_path: Path, end: str) -> None:
    _agenda, found, _html = _composed(tmp_path, f"date: 2026-12-15T19:00, end: {end}, title: Un")
    assert found == ["agenda-end"]
