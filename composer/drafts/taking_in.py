"""The blocks of a draft put into an issue's file: below what is there, nothing of it overwritten."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from composer import locale
from composer.drafts.building import BuiltDraft
from composer.drafts.habits import split_items
from composer.issue.model import Front, Issue
from composer.issue.revision.block_list import list_digest, listed_blocks, with_block, without_block
from composer.issue.revision.model import Revision, Unwritable, between
from composer.issue.revision.written_file import WrittenFile
from composer.issue.unplaced import unplaced_mark
from composer.locale import Language
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.source.document import Document
from composer.source.editing import Edit
from composer.source.parse_state import ParseState
from composer.source.quoting import literal, spelled
from composer.source.reading import clean
from composer.source.tree import Mapping as YamlMapping
from composer.source.tree import Node, Scalar, Sequence
from composer.source.vocabulary import find_key, key_name

_Reader = Callable[[str], Document[Issue]]

#: Blocks of a new issue that are to be filled.
_SKELETON = {"edito", "article", "briefs"}

#: Keys of the front matter that a draft may fill.
FRONT_KEYS = ("subject", "preheader", "also", "summary")


def written_issue(path: Path, text: str) -> Document[Issue]:
    """The file at ``path`` as it would be written: its lines alone, for edits of them, nothing of it validated."""
    cleaned, _findings = clean(text, path.name, [])
    return Document(None, ParseState.of(path.name, cleaned, "fr", text).source)


def free_keys(document: Document[Issue]) -> frozenset[str]:
    """The keys of the front matter that have no words in the file yet. Raises ``Unwritable``."""
    entries = _front(WrittenFile.of(document.source))
    return frozenset(key for key in FRONT_KEYS if key not in entries or _is_empty(entries[key][1]))


def file_keys(document: Document[Issue]) -> Language:
    """The language of the file's keys. Raises ``Unwritable`` where it has no list of blocks."""
    entries = _front(WrittenFile.of(document.source))
    if "blocks" not in entries:
        raise Unwritable(_("this file has no list of blocks: type its key first, as in a new issue"))
    return "en" if entries["blocks"][0].text.strip().casefold() == "blocks" else "fr"


def taken_in(path: Path, newsroom: Newsroom, text: str, built: BuiltDraft) -> Revision:
    """Put the blocks of ``built`` into the issue at ``path``, whose file's content is ``text``.

    Returns the new content. The blocks replace empty ones of the same types, else stand above the masthead. In an
    issue without any text yet, the other empty blocks are removed too, so that its letter can be shown, and a missing
    subject is marked as missing. Nothing is written. Raises ``Unwritable``.
    """

    def read(content: str) -> Document[Issue]:
        return written_issue(path, content)

    fresh = not any(each.words for each in listed_blocks(read(text)) if each.name in _SKELETON)
    front = dict(built.front)
    if fresh and "subject" in free_keys(read(text)):
        front.setdefault("subject", unplaced_mark(_("subject"), locale.language()))
    new = _with_front(read, text, front)
    new = _without_preheader(read, new) if fresh else new
    names = {each.name for each in built.blocks}
    at = _place(read(new), names)
    for offset, block in enumerate(built.blocks):
        document = read(new)
        new = with_block(document, newsroom, block.name, at + offset, list_digest(document), block.fields).text
    return between(
        text, _without_empty(read, new, names | (_SKELETON if fresh else set()), range(at, at + len(built.blocks)))
    )


def _front(file: WrittenFile) -> Mapping[str, tuple[Scalar, Node]]:
    found: dict[str, tuple[Scalar, Node]] = {}
    for key, value in file.root.entries:
        if (name := find_key(key.text, Front.model_fields, Front.__name__)) is not None:
            found.setdefault(name, (key, value))
    return found


def _is_empty(node: Node) -> bool:
    match node:
        case Scalar(text=text):
            return not text.strip()
        case Sequence(items=items):
            return not items
        case YamlMapping(entries=entries):
            return not entries
    return False


def _with_front(read: _Reader, text: str, front: Mapping[str, str]) -> str:
    language = file_keys(read(text))
    for name, words in front.items():
        file = WrittenFile.of(read(text).source)
        entries = _front(file)
        shown = key_name(name, language, Front.__name__)
        lines = f"{shown}: {spelled(words)}"
        if name in ("also", "summary"):
            lines = _listed(shown, words, language if name == "summary" else None)
        if name in entries:
            number = entries[name][0].span.line
            edit = Edit(file.offset(number, 0), file.line_end(number), file.with_breaks(lines))
        else:
            start = file.offset(entries["blocks"][0].span.line, 0)
            edit = Edit(start, start, file.with_breaks(f"{lines}\n\n"))
        if file.read_with(edit) is None:
            raise Unwritable(_("these words would not be read as they are here: write them in the file"))
        text = file.revision(edit).text
    return text


def _without_preheader(read: _Reader, text: str) -> str:
    """``text`` without the line of a preheader that is empty."""
    file = WrittenFile.of(read(text).source)
    key, value = _front(file).get("preheader", (None, None))
    if key is None or value is None or not _is_empty(value) or value.span.end_line != key.span.line:
        return text
    start, end = file.starts[key.span.line], file.starts[key.span.line + 1]
    return file.revision(Edit(start, end, "")).text


def _listed(key: str, words: str, labelled: Language | None) -> str:
    """``words`` as a list under ``key``; words in capitals before the first bullet are its label."""
    items = split_items(words)
    if labelled is None or len(items) < 2 or items[0] != items[0].upper():
        return literal(f"{key}:", "\n".join(f"- {each}" for each in items))
    label, below = (key_name(each, labelled, "Summary") for each in ("label", "items"))
    listed = literal(f"  {below}:", "\n".join(f"- {each}" for each in items[1:]))
    return f"{key}:\n  {label}: {spelled(items[0])}\n{listed}"


def _place(document: Document[Issue], names: set[str]) -> int:
    """Index at which the draft's blocks are inserted: that of the first empty block of one of the types ``names``, else
    that of the masthead, else the end."""
    blocks = listed_blocks(document)
    empty = next((n for n, each in enumerate(blocks) if each.name in names and not each.words), None)
    if empty is not None:
        return empty
    return next((n for n, each in enumerate(blocks) if each.name == "masthead"), len(blocks))


def _without_empty(read: _Reader, text: str, names: set[str], new: range) -> str:
    """``text`` without the empty blocks that the ``new`` ones stand for."""
    index = 0
    while index < len(blocks := listed_blocks(read(text))):
        if index not in new and blocks[index].name in names and not blocks[index].words:
            text = without_block(read(text), index, blocks[index].digest)[0].text
            new = range(new.start - 1, new.stop - 1) if index < new.start else new
        else:
            index += 1
    return text
