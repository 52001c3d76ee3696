"""A text pasted in place of an issue, from Markdown or a word processor: one thing to say, and no consequence of it."""

from __future__ import annotations

import re

from composer.locale import Language
from composer.locale import gettext as _
from composer.source.document import Source
from composer.source.finding import Finding, Severity
from composer.source.quoting import spelled, split_lines
from composer.source.repair.lines import is_structure
from composer.source.vocabulary import block_name, fold_key, key_name, known

_BLOCKS = re.compile(r"[\"']?bl[a-z]{1,6}[\"']?[ \u00a0]?:", re.IGNORECASE)
#: A line of a front matter, or of YAML, even where its key is none of ours.
_KEY = re.compile(r"[\"']?[^\W\d][\w-]{0,40}[\"']?[ \u00a0]?:(?:\s|$)|[#>|{}\[\]\"'`&*!%@-]|\.{3}")
_HEADING = re.compile(r"#{1,6}[ \u00a0]+(?P<words>\S.{0,200})")
_WORDS = re.compile(r"[^\W\d_]{2}\S{0,40}\s+\S{0,40}[^\W\d_]{2}")


def unstructured(source: Source, keys: Language) -> Finding | None:
    """The error on a file that has prose and no blocks; None for any other. ``keys`` is the language to write it in."""
    lines = split_lines(source.text)
    if any(_BLOCKS.match(line) for line in lines):
        return None
    first = next((number for number, line in enumerate(lines) if _is_prose(line)), None)
    if first is None:
        return None
    headed = next((match for line in lines if (match := _HEADING.match(line))), None)
    title = spelled(headed["words"].strip()) if headed else "…"
    names = key_name("headline", keys, "Article"), key_name("body", keys, "Article")
    better = (
        f"{key_name('blocks', keys)}:\n- {block_name('article', keys)}:\n    {names[0]}: {title}\n"
        f"    {names[1]}: |\n      {lines[first].strip()}"
    )
    message = _(
        "this is a text, and no issue yet: what readers read stands in blocks, below a key, further to the right"
    )
    place = source.at(first + 1, 1)
    return Finding("wrong-shape", Severity.ERROR, place, message, lines[first], better)


def _is_prose(line: str) -> bool:
    if line[:1].isspace() or not _WORDS.search(line) or _KEY.match(line) or is_structure(line):
        return False
    return fold_key(line.split()[0]) not in known()  # a key without its colon
