"""What YAML would silently make of what was typed, and does not here."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from composer.newsroom.values import Duration, Line
from composer.source import Document, read


class Everything(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str = ""
    line: Line = "x"
    yes: bool = False
    count: int = 0
    rate: float = 0
    day: date | None = None
    at: datetime | None = None
    day_or_hour: date | datetime | None = None
    on: date | datetime | None = None
    wait: Duration | None = None
    names: tuple[str, ...] = ()
    chapters: dict[str, str] = {}


def _read(text: str) -> Document[Everything]:
    return read(text, Everything, file="x.yaml")


@pytest.mark.parametrize(
    "typed",
    ["41:14", "02:59", "3.500", "on", "no", "yes", "1_000", "0755", "0x1F", "1e3", "2026-01-02", "~", "null", "true",
     ".inf", "=", "<<", "12e03", "+33 1 23", "1.10", "007"],
)  # fmt: skip
def test_a_plain_text_stays_what_was_typed(typed: str) -> None:
    assert _read(f"text: {typed}\n").require().text == typed
    assert _read(f"names: [{typed}]\n").require().names == (typed,)
    assert _read(f"chapters:\n  {typed}: {typed}\n").require().chapters == {typed: typed}


@pytest.mark.parametrize(
    ("typed", "better"),
    [("on", "true"), ("yes", "true"), ("oui", "true"), ("vrai", "true"), ("1", "true"), ("no", "false"),
     ("non", "false"), ("faux", "false"), ("off", "false"), ("True", "true"), ("peut-être", None)],
)  # fmt: skip
def test_true_and_false_alone_are_booleans(typed: str, better: str | None) -> None:
    (finding,) = _read(f"yes: {typed}\n").findings
    assert finding.code == "not-a-boolean"
    assert finding.suggestion == (f"yes: {better}" if better else None)
    assert _read("yes: true\n").require().yes is True


@pytest.mark.parametrize(
    ("typed", "better"),
    [("1_000", "1000"), ("1 000", "1000"), ("0755", "755"), ("1e3", None), ("0x1F", None), ("3.0", "30"), ("on", None),
     ("9" * 4000, None), ("٣", None)],
)  # fmt: skip
def test_integers_are_digits(typed: str, better: str | None) -> None:
    (finding,) = _read(f"count: {typed}\n").findings
    assert finding.code == "not-an-integer"
    assert finding.suggestion == (f"count: {better}" if better else None)
    assert _read("count: 42\n").require().count == 42


@pytest.mark.parametrize(
    ("typed", "better"),
    [
        ("15/12/2026", "2026-12-15"),
        ("15 décembre 2026", "2026-12-15"),
        ("mardi 15 décembre 2026", "2026-12-15"),
        ("1er août 2026", "2026-08-01"),
        ("2026/12/5", "2026-12-05"),
        ("2026-02-30", None),
        ("1767225600", None),
        ("demain", None),
    ],
)
def test_dates_are_iso_dates(typed: str, better: str | None) -> None:
    (finding,) = _read(f"day: {typed}\n").findings
    assert finding.code == "not-a-date"
    assert finding.suggestion == (f"day: {better}" if better else None)
    assert _read("day: 2026-12-15\n").require().day == date(2026, 12, 15)


def test_where_a_day_or_an_instant_stands_an_hour_is_answered_with_an_hour() -> None:
    assert _read("on: 2026-12-13 18h30\n").findings[0].suggestion == "on: 2026-12-13 18:30"
    assert _read("on: 13 décembre 2026\n").findings[0].suggestion == "on: 2026-12-13"


def test_instants() -> None:
    assert _read("at: 2026-12-15 07:00\n").require().at == datetime(2026, 12, 15, 7)  # noqa: DTZ001
    assert _read("at: 15/12/2026 7h30\n").findings[0].suggestion == "at: 2026-12-15 07:30"
    assert _read("at: 1767225600\n").findings[0].code == "not-a-date"


@pytest.mark.parametrize(("typed", "better"), [("2026-12-15 18h30", "2026-12-15 18:30"), ("15/12/2026", "2026-12-15")])
def test_a_day_or_an_instant_is_mended_as_what_it_looks_like(typed: str, better: str) -> None:
    (finding,) = _read(f"day_or_hour: {typed}\n").findings
    assert (finding.code, finding.suggestion) == ("not-a-date", f"day_or_hour: {better}")


def test_decimals() -> None:
    assert _read("rate: 0.5\n").require().rate == 0.5
    assert _read("rate: 0,5\n").findings[0].suggestion == "rate: 0.5"
    for typed in ("nan", ".inf", "1_0.5"):
        assert _read(f"rate: {typed}\n").findings[0].code == "not-a-number"


@pytest.mark.parametrize("text", ["text:\n", "text: \n", "text: |\n", "text: # rien\n", 'text: ""\n'])
def test_an_empty_value_is_a_missing_value(text: str) -> None:
    (finding,) = _read(text).findings
    assert finding.code == "empty-value"
    assert "text:" in finding.message


def test_a_comment_set_apart_is_a_comment() -> None:
    assert _read("text: host  # the relay\n").findings == ()
    (finding,) = _read("text: L'Europe # 1\n").findings
    assert (finding.code, finding.severity, finding.suggestion) == (
        "truncated-text",
        "warning",
        'text: "L\'Europe # 1"',
    )


def test_a_value_of_its_own_type_says_why() -> None:
    (finding,) = _read("wait: 6 heures\n").findings
    assert (finding.code, finding.place.line, finding.place.column) == ("bad-duration", 1, 7)
    assert finding.suggestion == "wait: 6h"
    assert _read("wait: 6h\n").require().wait == timedelta(hours=6)


@pytest.mark.parametrize("header", ["|", ">", "|-", ">-"])
def test_a_block_of_one_line_gives_that_line(header: str) -> None:
    assert _read(f"line: {header}\n  Une ligne : ici\n").require().line == "Une ligne : ici"


def test_no_value_is_made_twice() -> None:
    values: dict[str, Any] = {"text": "a", "names": ("b", "c")}
    document = _read("text: a\nnames: [b, c]\n")
    assert document.require().model_dump(include=set(values)) == values


@pytest.mark.parametrize(
    ("typed", "better"),
    [
        ("December 12, 2026", "2026-12-12"),
        ("12 déc. 2026", "2026-12-12"),
        ("le 12 décembre 2026", "2026-12-12"),
        ("12.12.26", "2026-12-12"),
        ("12/13/2026", "2026-12-13"),
        ("2026-12-12 6pm", "2026-12-12 18:00"),
        ("2026-12-12 à 18h", "2026-12-12 18:00"),
        ("December 12, 2026 at 6:30 pm", "2026-12-12 18:30"),
        ("samedi 12 décembre 2026 à 18 h 30", "2026-12-12 18:30"),
        ("12 décembre", None),
        ("20h", None),
        ("2026-12-12 25h", None),
    ],
)
def test_a_date_and_an_hour_as_they_are_spoken_are_guessed(typed: str, better: str | None) -> None:
    (finding,) = _read(f'day_or_hour: "{typed}"\n').findings
    assert finding.code == "not-a-date"
    assert finding.suggestion == (f"day_or_hour: {better}" if better else None)


@pytest.mark.parametrize(("typed", "better"), [("5 min", "5"), ("n° 214", "214"), ("cinq", None), ("5 à 6", None)])
def test_a_number_among_words_is_found(typed: str, better: str | None) -> None:
    (finding,) = _read(f'count: "{typed}"\n').findings
    assert finding.suggestion == (f"count: {better}" if better else None)
