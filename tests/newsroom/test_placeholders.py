"""What ``filigrane init`` wrote as a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from composer.newsroom import load_newsroom
from composer.newsroom.placeholders import placeholders
from composer.newsroom.starting import KINDS, start
from tests.support.starter import fill_in

CHECKOUT = Path(__file__).parents[2]


@pytest.mark.parametrize(("language", "publication"), [("fr", "lettre"), ("en", "letter")])
def test_all_of_it_is_found_until_it_is_replaced(tmp_path: Path, language: str, publication: str) -> None:
    start(tmp_path / "room", KINDS, "fr" if language == "fr" else "en")
    found = list(placeholders(load_newsroom(tmp_path / "room"), publication))
    assert [each.place.file for each in found] == ["config/newsroom.yaml", f"config/publications/{publication}.yaml"]
    left = (tmp_path / "room" / found[1].place.file).read_text("utf-8")
    numbers = [number for number, line in enumerate(left.splitlines(), 1) if "xemple" in line or "xample" in line]
    assert ", ".join(map(str, numbers)) in found[1].message
    fill_in(tmp_path / "room")
    assert list(placeholders(load_newsroom(tmp_path / "room"), publication)) == []


@pytest.mark.parametrize(
    ("language", "publication", "commented"),
    [("fr", "lettre", "reservations: []"), ("en", "letter", "bookings: []")],
)
def test_the_example_of_an_advertiser_is_found_once_it_is_booked(
    tmp_path: Path, language: str, publication: str, commented: str
) -> None:
    start(tmp_path / "room", KINDS, "fr" if language == "fr" else "en")
    (file,) = (tmp_path / "room/config/sponsors").iterdir()
    before, _booked, after = file.read_text("utf-8").partition(commented)
    file.write_text(before + commented.removesuffix(" []") + after.replace("\n# ", "\n"), "utf-8")
    fill_in(tmp_path / "room")  # not the advertisers' files
    newsroom = load_newsroom(tmp_path / "room")
    ((_name, sponsor),) = newsroom.sponsors.items()
    (booked,) = sponsor.bookings
    assert list(placeholders(newsroom, publication)) == []
    (found,) = placeholders(newsroom, publication, [booked.date])
    assert (found.code, found.place.file) == ("placeholder", file.relative_to(tmp_path / "room").as_posix())


def test_who_gets_a_rehearsal_may_stay(tmp_path: Path) -> None:
    start(tmp_path / "room", KINDS, "en")
    before = (tmp_path / "room/config/newsroom.yaml").read_text("utf-8")
    fill_in(tmp_path / "room")
    settings = tmp_path / "room/config/newsroom.yaml"
    allowed = before[before.index("only_to:") :]
    settings.write_text(settings.read_text("utf-8").partition("only_to:")[0] + allowed, "utf-8")
    assert list(placeholders(load_newsroom(tmp_path / "room"), "letter")) == []


def test_the_example_newsroom_is_none() -> None:
    newsroom = load_newsroom(CHECKOUT)
    assert [each for name in newsroom.publications for each in placeholders(newsroom, name)] == []
