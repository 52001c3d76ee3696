"""Markdown and plain text as passages."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt

from composer.drafts.counted_words import drawable
from composer.drafts.markup import read_html
from composer.drafts.passage import DraftPassage, DraftRun, Omission, ReadDraft
from composer.drafts.zip_walk import Unreadable

_MOST_LETTERS = 2_000_000
_BULLET = re.compile(r"[ \t\u00a0]*(?:[•▪●◦‣⁃∙]|[-–—*+](?=[ \t\u00a0]))[ \t\u00a0]*(?=\S)")
_NUMBER = re.compile(r"[ \t\u00a0]*\d{1,2}[.)][ \t\u00a0]+(?=\S)")
_RULE = re.compile(r"[ \t]*(?:(?:\*[ \t]*){3,9}|(?:[-_⁂][ \t]*){3,40})")
_BLANK = re.compile(r"\n[ \t\u00a0]*\n\s*")
#: Letters of a line at least, where an editor of text or a mail program broke the lines of a paragraph.
_WRAPPED, _LONGEST = 45, 100


def decoded_draft(content: bytes) -> tuple[str, tuple[Omission, ...]]:
    """The text of a file, and what is said where its encoding was guessed. Raises ``Unreadable`` for no text."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            try:
                return content.decode(name), ()
            except UnicodeDecodeError as error:
                raise Unreadable("no-text") from error
    if b"\x00" in content:
        raise Unreadable("no-text")
    try:
        return content.decode("utf-8"), ()
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace"), (Omission("encoding"),)


def read_markdown(text: str) -> ReadDraft:
    """The passages of Markdown. HTML in it is read as typed, and so is ``===``."""
    if len(text) > _MOST_LETTERS:
        raise Unreadable("too-many-elements")
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table").enable("strikethrough").disable("lheading")
    markdown.disable("code")
    return read_html(markdown.render(drawable(text.replace("\r\n", "\n").replace("\r", "\n"))))


def read_plain_text(text: str) -> ReadDraft:
    """The passages of plain text: empty lines part them; each line is one too, unless a program broke the lines."""
    if len(text) > _MOST_LETTERS:
        raise Unreadable("too-many-elements")
    lines = drawable(text.replace("\r\n", "\n").replace("\r", "\n")).strip("\n")
    passages: list[DraftPassage] = []
    for chunk in _BLANK.split(lines):
        rows = [row for row in chunk.split("\n") if row.strip()]
        if _is_wrapped(rows):
            rows = [" ".join(row.strip() for row in rows)]
        passages += map(_line_passage, rows)
    return ReadDraft(tuple(passages))


def _is_wrapped(rows: Sequence[str]) -> bool:
    begun = any(_BULLET.match(row) or _NUMBER.match(row) for row in rows[1:])
    return (
        len(rows) > 1
        and not begun
        and all(len(row) >= _WRAPPED for row in rows[:-1])
        and max(map(len, rows)) <= _LONGEST
    )


def _line_passage(row: str) -> DraftPassage:
    if _RULE.fullmatch(row):
        return DraftPassage("rule")
    if mark := _BULLET.match(row):
        return DraftPassage("point", (DraftRun(" ".join(row[mark.end() :].split())),), level=1)
    if mark := _NUMBER.match(row):
        return DraftPassage("numbered", (DraftRun(" ".join(row[mark.end() :].split())),), level=1)
    return DraftPassage("text", (DraftRun(" ".join(row.split())),))
