"""A ``.docx`` as passages: walked, marked, read by mammoth, and what mammoth dropped put back where it can be seen."""

from __future__ import annotations

from collections import Counter
from io import BytesIO
from zipfile import ZipFile

import mammoth

from composer.drafts.counted_words import tallied
from composer.drafts.markup import read_html
from composer.drafts.passage import DraftPassage, DraftRun, ReadDraft
from composer.drafts.word_marks import EQUATION_STYLE, HIDDEN_STYLE, MarkedParts
from composer.drafts.zip_walk import Unreadable, walked_parts

#: Levels of a list that mammoth is told of.
_LEVELS = 5


def read_word(content: bytes) -> ReadDraft:
    """The passages of a document. Raises ``Unreadable``."""
    marked = MarkedParts(walked_parts(content))
    buffer = BytesIO()
    with ZipFile(buffer, "w") as archive:  # without pictures, and without a table of styles that came with it
        for name, part in marked.parts.items():
            archive.writestr(name, part)
    try:
        html = mammoth.convert_to_html(
            BytesIO(buffer.getvalue()),
            style_map=_style_map(len(marked.forms)),
            include_embedded_style_map=False,
            convert_image=mammoth.images.img_element(lambda _image: {"src": ""}),
        ).value
    except (KeyError, ValueError, AttributeError, TypeError, IndexError, OSError) as error:
        raise Unreadable("odd-docx") from error
    read = read_html(html, marked.forms)
    return ReadDraft((*read.passages, *_dropped(marked.texts, read)), (*marked.omissions, *read.omissions))


def _style_map(count: int) -> str:
    lines = [f"r.{HIDDEN_STYLE} => span.hidden", f"r.{EQUATION_STYLE} => span.equation"]
    for number in range(count):
        for level in range(1, _LEVELS + 1):
            around = "".join("ul|ol > li > " for _each in range(level - 1))
            lines += [
                f"p.F{number}:unordered-list({level}) => {around}ul > li.f{number}:fresh",
                f"p.F{number}:ordered-list({level}) => {around}ol > li.f{number}:fresh",
            ]
        lines.append(f"p.F{number} => p.f{number}:fresh")
    return "\n".join(lines)


def _dropped(texts: list[str], read: ReadDraft) -> list[DraftPassage]:
    """The paragraphs of which a word is missing in what was read, with those words."""
    kept: Counter[str] = Counter()
    for each in read.passages:
        kept += tallied(each.text)
    wanted: Counter[str] = Counter()
    for text in texts:
        wanted += tallied(text)
    missing = wanted - kept
    passages = []
    for text in texts:
        lost = tallied(text) & missing
        if lost:
            missing -= lost
            whole = lost == tallied(text)
            words = text if whole else " ".join(lost.elements())
            passages.append(DraftPassage("unplaced", (DraftRun(" ".join(words.split())),), why="unread"))
    return passages
