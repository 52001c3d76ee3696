"""Letters as they were last looked at. After a deliberate change of template:

FILIGRANE_GOLDEN=write pytest tests/rendering/test_golden.py

then read the difference in git, and look at the letter in `filigrane preview`. A golden file is not quite
what is sent: each element and each rule of a style sheet begins a line, so that a difference shows where it is; and the
place of the unsubscribe token, which is made of a digest of the letter's text, is the same in all.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from composer.issue.edition import Edition
from composer.newsroom.model import Theme
from composer.rendering import render
from tests.rendering.support.every_block import everything
from tests.rendering.support.sample_editions import edition, newsroom, publication

GOLDEN = Path(__file__).parent / "golden"


def _bare(folder: Path) -> Edition:
    """No block at all: what must always print, prints."""
    return edition()


def _english(folder: Path) -> Edition:
    theme = Theme(paper="#fbf8f2", accent="#0f4c5c")
    magazine = publication(title="The Tide", tagline="News at low water", language="en", theme=theme)
    whole = everything(folder)
    return replace(whole, publication=magazine, language="en", blocks=whole.blocks[3:9], date_line="Friday 27 November")


#: Before an element that is not a word among others, and after a rule of a style sheet. A space there begins the new
#: line: none ends with one.
_LINE = re.compile(
    r"(?<![\n ])(?= ?<(?:table|tr|td|div|h\d|p|ul|ol|li|blockquote|img|style|meta|!--)\b)|(?<=\})(?= [^\n} ])"
)


def _in_lines(html: str) -> str:
    return _LINE.sub("\n", html)


EDITIONS = {"everything": everything, "bare": _bare, "english": _english}


@pytest.mark.parametrize("name", EDITIONS)
def test_golden(name: str, tmp_path: Path) -> None:
    rendering = render(EDITIONS[name](tmp_path), newsroom(tmp_path))
    for suffix, part in ((".html", _in_lines(rendering.html)), (".txt", rendering.text)):
        made = part.replace(rendering.slots["unsubscribe"], "UNSUBSCRIBE")
        path = GOLDEN / f"{name}{suffix}"
        if os.environ.get("FILIGRANE_GOLDEN") == "write":
            path.write_text(made, encoding="utf-8", newline="\n")
        assert made == path.read_text(encoding="utf-8"), f"{path.name} is not what is made now; see {__file__}"
