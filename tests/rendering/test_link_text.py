"""Links whose words say nothing get their headline, unseen; no other link does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html as lxml_html

from composer.issue.blocks.sponsor import ResolvedSponsor
from composer.issue.inline import Link, Strong, Text
from composer.rendering import render, spans
from composer.rendering.link_text import VAGUE, about, unseen, vague
from tests.rendering.support.every_block import everything
from tests.rendering.support.sample_editions import edition, newsroom, words


@pytest.mark.parametrize(
    "said", [*sorted(VAGUE), "Ici", "« ici »", "En savoir plus…", "CLICK HERE", "Lire\u00a0la suite\u00a0>"]
)
def test_words_that_say_nothing(said: str) -> None:
    assert vague(said)


@pytest.mark.parametrize("said", ["", "la suite du pont", "Ici Chastagne", "hier", "en savoir plus sur le pont"])
def test_words_that_say_something(said: str) -> None:
    assert not vague(said)


def test_a_headline_is_found_in_the_nearest_thing_that_has_one() -> None:
    class Item:
        headline = words("Le pont")

    class Box:
        title = (Strong(words("La halle")), Text(" rouvre"))

    assert about(None, Item(), Box()) == "Le pont"
    assert about("a text has a method called title", Box()) == "La halle rouvre"
    assert about(None, object()) == ""


def test_nothing_is_added_without_a_headline() -> None:
    assert unseen("ici", "") == ""
    assert unseen("le pont", "Le pont") == ""


def test_a_headline_is_escaped_as_text_is() -> None:
    link = (Link("https://a.example/", words("ici")),)
    made = lxml_html.fragment_fromstring(str(spans.html(link, headline="1 < 2 & </a>")))
    assert made.text_content() == "ici : 1 < 2 & </a>"


def test_an_advertiser_s_button_says_of_what(tmp_path: Path) -> None:
    (whole,) = [
        block
        for block in everything(tmp_path).blocks
        if isinstance(block, ResolvedSponsor) and block.button_text and block.form == "full"
    ]
    letter = render(edition(replace(whole, button_text="En savoir plus")), newsroom(tmp_path))
    links = lxml_html.document_fromstring(letter.html).iter("a")
    buttons = [link for link in links if "inline-block" in link.get("style", "")]
    assert ["".join(map(str, button.itertext())) for button in buttons] == [f"En savoir plus : {whole.headline}"]
    assert "En savoir plus : " not in letter.text
