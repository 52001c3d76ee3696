"""What the shipped letter uses although some clients lack it: ``python -m
tests.proofreading.support.write_baseline`` writes it.

Reasons already given are kept; a new entry has none, and a test asks for it. See
``composer/proofreading/data/README.md``.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path

from lxml import etree
from lxml import html as lxml_html

from composer.issue.edition import Edition
from composer.newsroom.model import Newsroom
from composer.proofreading.caniemail.clients import unsupported
from composer.rendering import render
from tests.proofreading.support.sample_letters import CHECKOUT, LETTERS, edition, house
from tests.rendering.support.every_block import everything
from tests.rendering.support.sample_editions import newsroom

BASELINE = CHECKOUT / "composer" / "proofreading" / "data" / "baseline.json"


def measured(folder: Path) -> dict[str, tuple[str, ...]]:
    """``skeleton``: what a letter of any publication uses without a block; ``blocks``: what blocks add."""
    letters = [(everything(folder), newsroom(folder)), *((edition(letter), house()) for letter in LETTERS)]
    bare = unsupported(_document(replace(each, blocks=()), of) for each, of in letters)
    full = unsupported(_document(each, of) for each, of in letters)
    return {"skeleton": tuple(sorted(bare)), "blocks": tuple(sorted({*full} - {*bare}))}


def _document(letter: Edition, of: Newsroom) -> etree._Element:
    return lxml_html.document_fromstring(render(letter, of).html)


def main() -> None:
    recorded = {
        feature: reason
        for part in json.loads(BASELINE.read_text(encoding="utf-8")).values()
        for feature, reason in part.items()
    }
    with tempfile.TemporaryDirectory() as folder:
        parts = measured(Path(folder))
    made = {part: {feature: recorded.get(feature, "") for feature in features} for part, features in parts.items()}
    BASELINE.write_text(json.dumps(made, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
