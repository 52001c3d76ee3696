"""From an editor's blocks to the letter: nothing lost for who pays, nothing leaked to who does not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import html as lxml_html
from PIL import Image

from composer.issue.compose import compose
from composer.issue.load import load_issue
from composer.newsroom.model import Newsroom
from composer.rendering import Rendering, render
from tests.issue.support.construct_files import PAST, Construct, constructs
from tests.issue.support.issue_strategies import MARK, SECRET_FILES, Blocks, issues_with_secrets
from tests.issue.support.sample_issue import DAY, issue, newsroom


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    made = newsroom(tmp_path_factory.mktemp("newsroom"))
    for name in SECRET_FILES:
        Image.new("RGB", (16, 9), "#a8201a").save(made.root / "issues" / "samedi" / name)
    return made


def _words(text: str) -> str:
    """``text`` on one line; capitals aside, since the text part writes labels in capitals."""
    return re.sub(r"\s+", " ", text).casefold()


def _everything(rendering: Rendering) -> str:
    media = " ".join(medium.name for medium in rendering.media)
    return f"{rendering.subject} {rendering.preheader} {rendering.html} {rendering.text} {media}"


@given(issues_with_secrets())
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=30)
def test_no_secret_is_in_the_free_letter(house: Newsroom, blocks: Blocks) -> None:
    whole = issue(blocks)
    free, paid = (render(compose(whole, house, "free"), house), render(compose(whole, house, "paid"), house))
    assert MARK not in _everything(free)
    secret_picture = render(compose(issue([_figure()]), house, "paid"), house).media[0]
    assert secret_picture not in free.media
    assert (MARK in paid.html) == (MARK in paid.text)


def _figure() -> dict[str, object]:
    return {"type": "figure", "src": SECRET_FILES[0], "alt": "x", "credit": {"photo": "x"}}


def test_the_search_would_find_a_secret(house: Newsroom) -> None:
    found = issue([{"type": "article", "headline": "Titre", "body": f"Texte {MARK}."}, _figure()])
    free = render(compose(found, house, "free"), house)
    assert MARK in free.html
    assert MARK in free.text
    assert len(free.media) == 1


@pytest.mark.parametrize("construct", constructs(), ids=lambda construct: construct.name)
def test_every_construct_is_printed(construct: Construct, tmp_path: Path) -> None:
    made = newsroom(tmp_path)
    path = tmp_path / "issues" / "samedi" / f"{DAY.isoformat()}.yaml"
    path.write_text(construct.text)
    whole = load_issue(path, made).require()
    letter = render(compose(whole, made, "free", PAST), made)
    shown = lxml_html.document_fromstring(letter.html)
    alts = " ".join(image.get("alt", "") for image in shown.iter("img"))
    links = {link.get("href") for link in shown.iter("a")}
    seen = _words(f"{shown.xpath('string(.)')!s} {alts}")
    for expected in construct.prints:
        assert _words(expected) in seen or expected in links, expected
        assert _words(expected) in _words(letter.text), expected
