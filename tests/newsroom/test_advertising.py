"""What the law asks of advertisements: twenty of them, in an issue and in a sponsor's file; and the rules' own page."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from composer import clock
from composer.issue.compose import composed
from composer.issue.key import IssueKey
from composer.newsroom import examine
from composer.newsroom.advertising import is_refused, is_unexamined, mention_asked, mentions
from composer.newsroom.sponsor import REGULATED, Category
from composer.newsroom.starting import KINDS, start
from tests.issue.support.sample_issue import issue, newsroom

HERE = Path(__file__).parent
TEXTS: list[dict[str, Any]] = yaml.safe_load((HERE / "advertisements.yaml").read_text(encoding="utf-8"))

each = pytest.mark.parametrize("text", TEXTS, ids=lambda text: text["id"])


def creative(text: dict[str, Any]) -> dict[str, Any]:
    return {name: text[name] for name in ("headline", "body", "disclaimer") if name in text}


def test_there_are_twenty() -> None:
    assert len({text["id"] for text in TEXTS}) == len(TEXTS) == 20


@each
def test_an_issue_prints_what_the_law_allows_on_its_date(text: dict[str, Any], tmp_path: Path) -> None:
    sponsor = {"category": text["category"], "creatives": {"x": creative(text)}, "bookings": []}
    house = newsroom(tmp_path, sponsor=sponsor)
    slot = {"type": "sponsor", "slot": "principal", "creative": "verger/x"}
    given = replace(issue([slot]), key=IssueKey("samedi", text["date"]))
    edition, findings = composed(given, house, "free")
    assert [finding.code for finding in findings] == ([text["finds"]] if "finds" in text else [])
    assert len(edition.blocks) == ("finds" not in text)


@each
def test_a_sponsor_s_file_says_the_same_of_its_bookings(
    text: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = text["date"]
    monkeypatch.setattr(clock, "now", lambda: datetime(day.year, day.month, day.day, 6, tzinfo=UTC))
    booking = {"publication": "lettre", "date": day, "slot": "principal", "creative": "x"}
    sponsor = {
        "advertiser": "X",
        "category": text["category"],
        "creatives": {"x": creative(text)},
        "bookings": [booking],
    }
    start(tmp_path / "r", KINDS, "en")
    (publication,) = (tmp_path / "r/config/publications").glob("*.yaml")
    booking["publication"] = publication.stem
    booking["slot"] = next(iter(yaml.safe_load(publication.read_text("utf-8"))["slots"]))
    (tmp_path / "r/config/sponsors").mkdir()
    (tmp_path / "r/config/sponsors/x.yaml").write_text(yaml.safe_dump(sponsor, allow_unicode=True), encoding="utf-8")
    house, findings = examine(tmp_path / "r")
    assert house is not None
    assert "x" in house.sponsors
    assert [finding.code for finding in findings] == ([text["finds"]] if "finds" in text else [])
    monkeypatch.setattr(clock, "now", lambda: datetime(day.year + 1, day.month, 1, tzinfo=UTC))
    later = [finding.code for finding in examine(tmp_path / "r")[1]]
    assert "wrong-disclaimer" not in later, "what was printed once cannot be mended"


def test_words_that_the_slot_does_not_print_do_not_count(tmp_path: Path) -> None:
    words = "L'abus d'alcool est dangereux pour la santé."
    ad = {"headline": "Un gris", "body": f"**{words}**", "disclaimer": "Vente au domaine."}
    house = newsroom(tmp_path, sponsor={"category": "alcohol", "creatives": {"x": ad}, "bookings": []})
    for slot, codes in (("principal", []), ("ligne", ["wrong-disclaimer"])):
        given = issue([{"type": "sponsor", "slot": slot, "creative": "verger/x"}])
        assert [finding.code for finding in composed(given, house, "free")[1]] == codes


def test_the_words_asked_are_quoted_with_their_law(tmp_path: Path) -> None:
    sponsor = {"category": "credit", "creatives": {"x": {"headline": "Un prêt", "disclaimer": "Rien."}}, "bookings": []}
    slot = {"type": "sponsor", "slot": "principal", "creative": "verger/x"}
    _edition, (finding,) = composed(issue([slot]), newsroom(tmp_path, sponsor=sponsor), "free")
    asked = mention_asked("credit", date(2026, 11, 28))
    assert asked is not None
    assert asked.words in finding.message
    assert "L312-5" in finding.message


def test_of_a_category_no_two_rules_hold_on_a_day_and_each_has_its_source() -> None:
    for one in mentions():
        assert one.law
        assert one.source
        assert one.address.startswith("https://")
        for other in mentions():
            if one is not other and one.category == other.category:
                assert (one.valid_until or date.max) < (other.valid_from or date.min) or (
                    other.valid_until or date.max
                ) < (one.valid_from or date.min)


def test_every_regulated_category_has_a_rule_or_is_said_to_have_none() -> None:
    day = date(2026, 12, 4)
    asked = {category for category in get_args(Category) if mention_asked(category, day)}
    unexamined = {category for category in get_args(Category) if is_unexamined(category, day)}
    assert asked == {"credit", "alcohol", "gambling"}
    assert unexamined == {"finance", "crypto", "health", "energy"}
    assert asked | unexamined == REGULATED
    assert [category for category in get_args(Category) if is_refused(category)] == ["political"]
    assert is_unexamined("gambling", date(2022, 10, 1))


def test_the_page_has_each_rule() -> None:
    page = (HERE.parents[1] / "docs" / "configuration.md").read_text(encoding="utf-8")
    for rule in mentions():
        (row,) = (line for line in page.splitlines() if line.startswith(f"| {rule.category} |") and rule.words in line)
        assert rule.law in row
        for day in (rule.valid_from, rule.valid_until):
            assert day is None or day.isoformat() in row
