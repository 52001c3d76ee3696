"""The studio's letter says where each sentence was typed; the marks that carry this weigh nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from markupsafe import Markup
from PIL import Image

from composer.issue.block import AUDIENCES, Audience
from composer.issue.compose import compose, traced
from composer.issue.load import load_issue
from composer.issue.model import Issue
from composer.newsroom import load_newsroom
from composer.newsroom.model import Newsroom
from composer.rendering import render
from composer.rendering.letter import render_marked
from composer.rendering.sentence_marks import between_marks, with_spans, without_marks
from tests.issue.support.issue_strategies import MARK, SECRET_FILES, Blocks, issues_with_secrets, paid_blocks
from tests.issue.support.sample_issue import issue, newsroom

CHECKOUT = Path(__file__).resolve().parents[2]
SAMPLES = sorted((CHECKOUT / "issues").glob("*/*.yaml"))
SPAN = re.compile(r'<span data-n="(\d+)">')


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    made = newsroom(tmp_path_factory.mktemp("newsroom"))
    for name in SECRET_FILES:
        Image.new("RGB", (16, 9), "#a8201a").save(made.root / "issues" / "samedi" / name)
    return made


def _compared(whole: Issue, newsroom: Newsroom, audience: Audience) -> list[str]:
    """The origins that the marked letter holds, once it was found to be the sent one without its marks."""
    sent = render(compose(whole, newsroom, audience), newsroom)
    edition, origins, _findings = traced(whole, newsroom, audience)
    found = origins()
    numbers = {sentence: number for number, sentence in enumerate(found)}
    rendering, marked = render_marked(edition, newsroom, numbers)
    assert rendering == sent
    assert without_marks(marked) == sent.html
    page = with_spans(marked, [{"data-n": str(number)} for number in numbers.values()])
    named = [*map(str, found.values())]
    return [named[int(number)] for number in SPAN.findall(page)]


@pytest.fixture(scope="module")
def checkout() -> Newsroom:
    return load_newsroom(CHECKOUT)


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_without_its_marks_a_sample_is_the_sent_letter(path: Path, audience: Audience, checkout: Newsroom) -> None:
    whole = load_issue(path, checkout).require()
    placed = _compared(whole, checkout, audience)
    assert len(placed) > 30
    assert len(placed) == len(set(placed))


@pytest.mark.slow
@given(issues_with_secrets())
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=30)
def test_without_its_marks_any_letter_is_the_sent_one(house: Newsroom, blocks: Blocks) -> None:
    whole = issue(blocks)
    assert not [place for place in _compared(whole, house, "free") if MARK in place]
    _compared(whole, house, "paid")


#: Texts that a letter does not print as sentences of their own, or that are computed from what is typed.
_UNPLACED = {"teasers", "links", "masthead", "figure", "notice", "sponsor", "quote", "replay", "agenda", "reading"}


@pytest.mark.parametrize("block", paid_blocks("Mot"), ids=lambda block: str(block["type"]))
def test_the_texts_of_each_block_lead_to_their_places(block: dict[str, Any], house: Newsroom) -> None:
    placed = _compared(issue([block]), house, "paid")
    assert all(place.startswith("blocks/0/") for place in placed)
    assert placed or block["type"] in _UNPLACED


def test_each_sentence_of_a_body_and_of_its_boxes_has_its_own_place(house: Newsroom) -> None:
    body = "Un.\n\n## Deux\n\n- **Trois :** quatre\n- cinq\n\n> Six.\n\n:::en_filigrane Sept\nHuit.\n:::\n\nUn."
    placed = _compared(issue([{"type": "article", "headline": "Titre", "body": body}]), house, "paid")
    at = "blocks/0/body#"
    points = [f"{at}4/0/lead", f"{at}4/0/text", f"{at}4/1/text"]
    box = [f"{at}9/title", f"{at}9/text/0"]
    assert placed == ["blocks/0/headline", f"{at}0", f"{at}2", *points, f"{at}7/0", *box, f"{at}13"]


def test_house_typography_moves_no_place(tmp_path: Path) -> None:
    """Typography makes a new sentence of each; the place is the same."""
    house = newsroom(tmp_path, publication={"typography": {}})
    whole = issue([{"type": "article", "headline": "Le pont ?", "body": 'Un pont : "oui"...\n\nDeux'}])
    assert "…" in render(compose(whole, house, "paid"), house).html
    assert _compared(whole, house, "paid") == ["blocks/0/headline", "blocks/0/body#0", "blocks/0/body#2"]


def test_what_looks_like_a_mark_in_a_text_is_none(house: Newsroom) -> None:
    forged = "\U000e0080\U000e0091\U000e0081"
    whole = issue([{"type": "article", "headline": "Titre", "body": f"Un {forged} pont.\n\nDeux."}])
    assert _compared(whole, house, "paid") == ["blocks/0/headline", "blocks/0/body#0", "blocks/0/body#2"]
    assert between_marks(Markup(forged), 3) == forged


def test_a_place_is_escaped() -> None:
    marked = between_marks(Markup("pont"), 0)
    assert with_spans(marked, [{"data-at": '"><script>'}]) == '<span data-at="&quot;&gt;&lt;script&gt;">pont</span>'


def test_letters_written_from_right_to_left_keep_their_direction(house: Newsroom) -> None:
    whole = issue([{"type": "article", "headline": "الجسر", "body": "ينتظر الجسر."}])
    assert len(_compared(whole, house, "paid")) == 2
