"""An advertisement in another language than the letter says so; its mention stays in the letter's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from shutil import copy
from typing import Any

import pytest
from lxml import etree

from composer.issue.compose import compose
from composer.locale import Language
from composer.rendering import render
from tests.issue.support.sample_issue import SPONSOR, issue, newsroom

#: What the advertiser wrote, in a whole block and in one line: words of the headline, body, button, disclaimer and alt.
ITS_WORDS = ("100 % pommes", "rien", "Goûter", "Les pommes passées", "Un verger")


def _spoken(root: Path, letter: Language, written: str | None, form: str) -> dict[str, set[str]]:
    """Each of the advertiser's words and the mention → the languages that they are said to be in."""
    creative = SPONSOR["creatives"]["automne"]
    if form == "no button":
        creative = {key: value for key, value in creative.items() if key != "button"}
    if form == "full":
        creative = creative | {"image": {"src": "verger.png", "alt": "Un verger"}}
    if written:
        creative = creative | {"language": written}
    house = newsroom(root, sponsor={"creatives": {**SPONSOR["creatives"], "automne": creative}})
    (root / "config" / "sponsors").mkdir(parents=True)
    copy(root / "issues" / "samedi" / "carte.png", root / "config" / "sponsors" / "verger.png")
    slots = ("principal",) if form == "full" else ("ligne", "principal")
    one = issue([{"type": "sponsor", "slot": slot} for slot in slots])
    one = replace(one, key=replace(one.key, language=letter))
    page = etree.fromstring(render(compose(one, house, "paid"), house).html, etree.HTMLParser())
    found: dict[str, set[str]] = {}
    for element in page.iter(etree.Element):
        texts: list[Any] = [(element, element.text), (element.getparent(), element.tail), (element, element.get("alt"))]
        for owner, text in texts:
            for word in (*ITS_WORDS, "Verger & Fils"):
                if text and word in text:
                    said = next(each.get("lang") for each in (owner, *owner.iterancestors()) if each.get("lang"))
                    found.setdefault(word, set()).add(said)
    return found


@pytest.mark.parametrize("form", ["full", "no button", "both"])
@pytest.mark.parametrize(
    ("letter", "written", "said"), [("en", None, "fr"), ("fr", None, "fr"), ("en", "en", "en"), ("fr", "en", "en")]
)
def test_the_words_of_an_advertisement_say_their_language(
    letter: Language, written: str | None, said: str, form: str, tmp_path: Path
) -> None:
    spoken = _spoken(tmp_path, letter, written, form)
    assert spoken.pop("Verger & Fils") == {letter}, "the mention is the letter's"
    missing = {"full": set[str](), "no button": {"Goûter", "Un verger"}, "both": {"Un verger"}}[form]
    assert spoken == {word: {said} for word in ITS_WORDS if word not in missing}
