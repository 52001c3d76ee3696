"""Read the French catalogues directly from their ``.po`` files.

Babel takes four times as long, and 30 ms to import: too much for ``filigrane version``. A test compares the result with
Babel's, message by message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

#: A keyword and the string after it, or one more line of the string before.
_LINE = re.compile(r'(?:(msgid|msgid_plural|msgstr|msgstr\[\d\])[ \t]+)?"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}

#: Message identifier → its text; with a plural, the singular's identifier → the texts of singular and plural.
Messages = Mapping[str, tuple[str, ...]]


def read_catalogues(language: str) -> Messages:
    """All translated messages of ``<language>/*.po``.

    Raises ``ValueError``, naming the file and the line, for a line that is not valid in a catalogue.
    """
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted((Path(__file__).parent / language).glob("*.po")):
        for identifier, texts in _entries(path.name, path.read_text(encoding="utf-8")):
            if identifier and all(texts):  # the entry with an empty identifier is the file's header
                found[identifier] = texts
    return found


def _entries(name: str, content: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Identifier and texts of each entry, in the order of the file."""
    strings: dict[str, str] = {}  # keyword → its string, of the entry being read
    keyword = ""
    for number, line in enumerate(content.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line.rstrip())
        if match is None or not (match[1] or keyword):
            raise ValueError(f"{name}, line {number}: this is no line of a catalogue: {line}")
        if match[1] == "msgid" and strings:
            yield _entry(strings)
            strings = {}
        keyword = match[1] or keyword
        text = match[2]
        strings[keyword] = strings.get(keyword, "") + (_ESCAPED.sub(_meant, text) if "\\" in text else text)
    if strings:
        yield _entry(strings)


def _entry(strings: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    return strings["msgid"], tuple(text for keyword, text in strings.items() if keyword.startswith("msgstr"))


def _meant(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[1], match[1])
