"""A file of the configuration that has mistakes: what needs it waits, everything else goes on, nothing is forgotten."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from composer.errors import Refused
from composer.issue.skeleton import skeleton
from composer.newsroom import load_newsroom
from composer.newsroom.model import Newsroom
from composer.newsroom.unread import (
    LEXICON,
    consequences,
    files_with_errors,
    keeping,
    publication_named,
    unread_publications,
    unread_sponsors,
)
from composer.source.finding import Severity
from tests.support.newsrooms import FRIDAY, write_newsroom, write_sponsor

SATURDAY_FILE = "config/publications/samedi.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_newsroom(tmp_path)


def broken(root: Path, file: str, text: str = "nonsense: [\n") -> Newsroom:
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    with (root / file).open("a", encoding="utf-8") as stream:
        stream.write(text)
    return load_newsroom(root)


def test_a_sponsor_that_cannot_be_read_is_left_out_and_known_to_be(root: Path) -> None:
    write_sponsor(root)
    newsroom = broken(root, "config/sponsors/phare.yaml")
    assert list(newsroom.sponsors) == ["voilerie"]
    assert list(unread_sponsors(newsroom)) == ["phare"]
    assert files_with_errors(newsroom).keys() == {"config/sponsors/phare.yaml"}
    assert all(finding.severity is Severity.ERROR for finding in unread_sponsors(newsroom)["phare"].errors)


def test_a_file_of_another_name_or_that_is_a_folder_is_known_too(root: Path) -> None:
    (root / "config/sponsors/phare.yaml").mkdir(parents=True)
    newsroom = broken(root, "config/sponsors/La Criée.yaml")
    assert unread_sponsors(newsroom).keys() == {"phare", "La Criée"}


def test_a_mistake_in_one_creative_keeps_its_sponsor_usable(root: Path) -> None:
    write_sponsor(root)
    newsroom = broken(root, "config/sponsors/voilerie.yaml", "category: finance\n")
    assert [finding.code for finding in newsroom.findings] == ["missing-disclaimer"]
    assert list(newsroom.sponsors) == ["voilerie"]
    assert newsroom.unread == {}


def test_a_publication_s_schedule_is_known_where_the_rest_is_wrong(root: Path) -> None:
    newsroom = broken(root, SATURDAY_FILE, "titel: X\n")
    (unread,) = unread_publications(newsroom).values()
    assert list(newsroom.publications) == ["vendredi"]
    assert unread.schedule is not None
    assert unread.schedule.every == ("saturday",)
    assert "held" in " ".join(consequences(newsroom))
    with pytest.raises(Refused, match=r"mistakes in config/publications/samedi\.yaml"):
        publication_named(newsroom, "samedi")
    with pytest.raises(Refused, match="there is no publication"):
        publication_named(newsroom, "dimanche")


@pytest.mark.parametrize("wrong", ["every: [satturday]", "every: [saturday, sunnday]", "every: 8", "evry_: x"])
def test_a_schedule_that_is_wrong_is_not_known(root: Path, wrong: str) -> None:
    text = (root / SATURDAY_FILE).read_text("utf-8")
    (root / SATURDAY_FILE).write_text(text.replace("every:\n  - saturday", wrong), "utf-8")
    newsroom = load_newsroom(root)
    assert unread_publications(newsroom)["samedi"].schedule is None
    assert "when it is due cannot be read" in " ".join(consequences(newsroom))


def test_a_booking_of_a_publication_that_cannot_be_read_is_no_mistake(root: Path) -> None:
    write_sponsor(root)
    newsroom = broken(root, "config/publications/vendredi.yaml")
    assert files_with_errors(newsroom).keys() == {"config/publications/vendredi.yaml"}


def test_a_lexicon_that_cannot_be_read_is_known_to_be(root: Path) -> None:
    newsroom = broken(root, LEXICON)
    assert list(newsroom.unread) == [LEXICON]
    assert newsroom.lexicon.names == {}


def test_a_process_goes_on_with_a_publication_and_not_with_a_sponsor(root: Path) -> None:
    write_sponsor(root)
    before = load_newsroom(root)
    broken(root, "config/sponsors/voilerie.yaml")
    fresh = broken(root, SATURDAY_FILE)
    after = keeping(fresh, before)
    assert after.publications["samedi"] == before.publications["samedi"]
    assert unread_publications(after) == {}
    assert list(after.unread) == [SATURDAY_FILE, "config/sponsors/voilerie.yaml"]
    assert after.sponsors == {}
    assert "goes on as it was" in " ".join(consequences(after))


def test_a_skeleton_does_not_say_that_a_slot_is_not_sold_where_that_is_not_known(root: Path) -> None:
    assert "# - sponsor: haut" in skeleton(load_newsroom(root), "vendredi", FRIDAY)
    newsroom = broken(root, "config/sponsors/phare.yaml")
    assert "\n- sponsor: haut" in skeleton(newsroom, "vendredi", date(2026, 12, 4))
