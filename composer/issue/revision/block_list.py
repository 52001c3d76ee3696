"""The blocks of an issue's file: add one, move, copy or take one out; every other byte stays.

An issue with mistakes is edited too, as long as YAML can read its file: a block that was just added has nothing in it.
Each function reads the file again before it returns, and raises ``Unwritable`` where anything else would have changed.
``Stale`` means that the list, or the block, is not the one that was shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as Words
from collections.abc import Sequence
from dataclasses import dataclass

from composer.errors import Refused
from composer.issue.blocks import BLOCKS
from composer.issue.inline import plain
from composer.issue.inline_markdown import sentence
from composer.issue.model import Front, Issue
from composer.issue.revision.model import Revision, Stale, Unwritable, digest_of
from composer.issue.revision.written_file import Content, WrittenFile, content_of_node
from composer.issue.skeleton import block_lines
from composer.locale import Language
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.source import tree
from composer.source.document import Document
from composer.source.editing import Edit
from composer.source.items import Items, dashed_items, reindented
from composer.source.tree import Mapping, Node, Scalar
from composer.source.vocabulary import find_block, find_key

#: Keys of a block of which the text says which one it is, the best first.
_TELLING = ("headline", "title", "show", "label", "text", "body", "items")
#: Most characters that a list shows of a block.
_SHOWN = 80
#: What begins a line of a text, or names it at its end, and is not printed.
_MARKS = re.compile(r"^(?:[-*+>]|#{1,6}|\d{1,2}[.)])[ \t]+|[ \t]{0,3}\{#[\w-]{1,64}\}$")


class StaleList(Stale):
    """The list of blocks, or the one that was meant, is not as it was shown. ``now`` is what stands there."""

    def __init__(self, now: str, message: str) -> None:
        super().__init__(now)
        self.args = (message,)


@dataclass(frozen=True)
class ListedBlock:
    """A block as a list shows it: its name in English, empty for one that does not exist, and its first words."""

    name: str
    words: str
    digest: str  #: of its lines, comments included


@dataclass(frozen=True)
class _List:
    """The list of blocks of a file. ``items`` is None where it is empty."""

    file: WrittenFile
    key: Scalar
    value: Node
    items: Items | None
    blocks: tuple[ListedBlock, ...]

    @property
    def digest(self) -> str:
        return _digest("\n".join(f"{each.name} {each.words}" for each in self.blocks))

    @property
    def contents(self) -> list[Content]:
        return [content_of_node(each) for each in self.value.items] if isinstance(self.value, tree.Sequence) else []


def listed_blocks(document: Document[Issue]) -> tuple[ListedBlock, ...]:
    """The blocks in the order of the file, those with mistakes among them. Raises ``Unwritable`` for no such list."""
    return _list_of(document).blocks


def list_digest(document: Document[Issue]) -> str:
    """The digest of what the list of blocks shows: their order, names and first words."""
    return _list_of(document).digest


def block_of(lines: str) -> ListedBlock | None:
    """The block that ``lines`` are, its dash first; None where they are anything else."""
    try:
        read = tree.parse(lines)
    except tree.SyntaxMistake:
        return None
    if not isinstance(read, tree.Sequence) or read.flow or len(read.items) != 1:
        return None
    return ListedBlock(*_telling(read.items[0]), _digest(lines))


def with_block(
    document: Document[Issue],
    newsroom: Newsroom,
    name: str,
    index: int,
    digest: str,
    given: Words[str, str] | None = None,
) -> Revision:
    """Add the lines of a new block ``name`` (in English) as the one at ``index``; ``digest`` is that of the list.

    They are those of a new issue's file: its keys, each with nothing after it but what is ``given`` for it, by its
    English name. A sponsor's slot is the first of the publication's that is not in the list.
    """
    found = _fresh(document, digest)
    if name not in BLOCKS:
        raise Unwritable(_("there is no such block: “{name}”").format(name=name))
    language = _language(found)
    words = dict(given or {})
    for key in words.keys() - BLOCKS[name].model_fields.keys():
        raise Unwritable(_("this block has no such key: “{name}”").format(name=key))
    if name == "sponsor" and (slot := _free_slot(document, newsroom, found)):
        words.setdefault("slot", slot)
    lines = block_lines(name, language, words)
    return _inserted(found, index, "\n".join(_like_others(found, lines)))


def with_lines_of_block(document: Document[Issue], lines: Sequence[str], index: int, digest: str) -> Revision:
    """Add ``lines`` as the block at ``index``, its dash first and its keys four columns further in; ``digest`` is that
    of the list."""
    found = _fresh(document, digest)
    return _inserted(found, index, "\n".join(_like_others(found, lines)))


def restored_block(document: Document[Issue], removed: str, index: int, digest: str) -> Revision:
    """Put a block back that ``without_block`` took out, as the one at ``index``; ``digest`` is that of the list."""
    return _inserted(_fresh(document, digest), index, removed)


def moved_block(document: Document[Issue], index: int, to: int, digest: str) -> Revision:
    """Move the block at ``index`` so that it is the one at ``to``; ``digest`` is that of the list."""
    found = _fresh(document, digest)
    items = _at(found, index, to)
    if index == to:
        return found.file.revision(Edit(*items.ranges[index], items.written(index)))
    intended = found.contents
    intended.insert(to, intended.pop(index))
    return _checked(found, items.moved(index, to), intended)


def duplicated_block(document: Document[Issue], index: int, digest: str) -> Revision:
    """Write the block at ``index`` again below itself, letter for letter; ``digest`` is that of the list.

    The lines of its ids are left out, for an id is given once; one that shares its line with something is copied, and
    is then reported as any mistake.
    """
    found = _fresh(document, digest)
    return _inserted(found, index + 1, _without_ids(_at(found, index).written(index)))


def keys_language(document: Document[Issue]) -> Language:
    """The language of the file's keys. Raises ``Unwritable`` for no list of blocks."""
    return _language(_list_of(document))


def _language(found: _List) -> Language:
    return "fr" if found.key.text.strip().casefold() != "blocks" else "en"


def _without_ids(item: str) -> str:
    lines = item.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    nodes: list[Node | None] = [tree.parse("\n".join(lines))]
    for node in nodes:
        if isinstance(node, tree.Sequence):
            nodes += node.items
        elif isinstance(node, Mapping):
            nodes += (value for _key, value in node.entries)
    entries = (each for node in nodes if isinstance(node, Mapping) and not node.flow for each in node.entries)
    ids = {key.span.line for key, value in entries if key.text == "id" and isinstance(value, Scalar)}
    return "\n".join(line for at, line in enumerate(lines) if at not in ids or not line.lstrip().startswith("id"))


def without_block(document: Document[Issue], index: int, digest: str) -> tuple[Revision, str]:
    """Take the block at ``index`` out, and its lines for ``restored_block``; ``digest`` is that of the block."""
    found = _list_of(document)
    if index >= len(found.blocks) or found.blocks[index].digest != digest:
        message = _("this block has changed in the file meanwhile, or is no longer there: nothing was changed")
        raise StaleList(_says(found, index), message)
    items = _at(found, index)
    intended = found.contents
    del intended[index]
    return _checked(found, items.without(index), intended), items.written(index)


def _fresh(document: Document[Issue], digest: str) -> _List:
    found = _list_of(document)
    if found.digest != digest:
        message = _("the list of blocks has changed in the file meanwhile: nothing was changed")
        raise StaleList("\n".join(each.words for each in found.blocks), message)
    return found


def _says(found: _List, index: int) -> str:
    return found.items.written(index) if found.items is not None and index < len(found.blocks) else ""


def _list_of(document: Document[Issue]) -> _List:
    file = WrittenFile.of(document.source)
    entries = (each for each in file.root.entries if find_key(each[0].text, Front.model_fields, "Front") == "blocks")
    entry = next(entries, None)
    if entry is None:
        raise Unwritable(_("this file has no list of blocks: type its key first, as in a new issue"))
    key, value = entry
    if isinstance(value, Scalar) and not value.text and not value.style:
        return _List(file, key, value, None, ())
    if not isinstance(value, tree.Sequence):
        raise Unwritable(_("the blocks of this file are not a list: begin each of them with a dash, in a text editor"))
    if not value.items:
        return _List(file, key, value, None, ())
    try:
        items = dashed_items(file.text, value, file.lines)
    except Refused as refusal:
        raise Unwritable(str(refusal)) from refusal
    shown = tuple(ListedBlock(*_telling(node), _digest(items.written(index))) for index, node in enumerate(value.items))
    return _List(file, key, value, items, shown)


def _telling(node: Node) -> tuple[str, str]:
    """The name of a block and its first words."""
    if not isinstance(node, Mapping) or not node.entries:
        return "", _first_words(node)
    key, value = node.entries[0]
    name = find_block(key.text, BLOCKS) or ""
    if not isinstance(value, Mapping) or not name:
        return name, _first_words(value)
    model = BLOCKS[name]
    under = {find_key(each.text, model.model_fields, model.__name__): below for each, below in value.entries}
    told = next((under[each] for each in _TELLING if each in under and _first_words(under[each])), value)
    return name, _first_words(told)


def _first_words(node: Node) -> str:
    match node:
        case Scalar(text=words):
            return next((_as_printed(line.strip()) for line in words.split("\n") if line.strip()), "")
        case tree.Sequence(items=items):
            return next((words for each in items if (words := _first_words(each))), "")
        case Mapping(entries=entries):
            return next((words for _key, each in entries if (words := _first_words(each))), "")


def _as_printed(line: str) -> str:
    """A line of Markdown without its marks, cut."""
    spans, _remarks = sentence(_MARKS.sub("", line)[: 10 * _SHOWN])
    return plain(spans).strip()[:_SHOWN] or line[:_SHOWN]


def _digest(lines: str) -> str:
    return digest_of("\n".join(line.rstrip() for line in lines.splitlines()))


def _at(found: _List, *indexes: int) -> Items:
    if found.items is None or not all(0 <= each < len(found.blocks) for each in indexes):
        raise Unwritable(_("there is no such place in the list of blocks"))
    return found.items


def _like_others(found: _List, lines: Sequence[str]) -> Sequence[str]:
    """``lines`` of a new block, indented as the blocks that are there."""
    if found.items is None or not isinstance(found.value, tree.Sequence):
        return lines
    written = [each for each in found.value.items if isinstance(each, Mapping) and each.entries]
    dash = " " * found.items.column
    after = written[0].span.column - found.items.column - 1 if written else 1
    steps = [
        value.span.column - each.span.column
        for each in written
        if isinstance(value := each.entries[0][1], Mapping) and not value.flow and value.span.line > each.span.line
    ]
    keys = dash + " " * (1 + max(after, 1) + (steps[0] if steps else 2))
    return [
        dash + "-" + " " * max(after, 1) + lines[0][2:],
        *(keys + line.removeprefix("    ") if line.strip() else "" for line in lines[1:]),
    ]


def _free_slot(document: Document[Issue], newsroom: Newsroom, found: _List) -> str:
    issue = document.value or (document.partial.remains if document.partial is not None else None)
    slots = newsroom.publications[issue.key.publication].slots if issue is not None else ()
    taken = [each.words for each in found.blocks if each.name == "sponsor"]
    return next((slot for slot in slots if slot not in taken), "")


def _inserted(found: _List, index: int, item: str) -> Revision:
    if not 0 <= index <= len(found.blocks):
        raise Unwritable(_("there is no such place in the list of blocks"))
    if found.items is not None:
        item = reindented(item, found.items.column)
    try:
        read = tree.parse(item)
    except tree.SyntaxMistake as mistake:
        raise Unwritable(_("these lines are not a block: nothing was written")) from mistake
    if not isinstance(read, tree.Sequence) or len(read.items) != 1:
        raise Unwritable(_("these lines are not a block: nothing was written"))
    intended = found.contents
    intended.insert(index, content_of_node(read.items[0]))
    edit = found.items.inserted(index, item) if found.items is not None else _first(found, item)
    return _checked(found, edit, intended)


def _first(found: _List, item: str) -> Edit:
    """Put the first item of a list in the place of nothing, or of ``[]``."""
    number, end = found.key.span.end_line, found.value.span
    if end.end_line != number:
        raise Unwritable(_("the blocks of this file are not a list: begin each of them with a dash, in a text editor"))
    before = found.file.lines[number][: end.column].rstrip()
    start, stop = found.file.offset(number, len(before)), found.file.line_end(number)
    rest = found.file.text[found.file.offset(number, end.end_column) : stop].rstrip()
    return Edit(start, stop, rest + found.file.with_breaks("\n" + item))


def _checked(found: _List, edit: Edit, intended: Sequence[Content]) -> Revision:
    """The revision, where the file read again is the old one with the ``intended`` blocks."""
    read = found.file.read_with(edit)
    if read is not None and len(read.entries) == len(found.file.root.entries):
        for (old, was), (new, now) in zip(found.file.root.entries, read.entries, strict=True):
            if old.text != new.text:
                break
            if old is found.key:
                blocks = now.items if isinstance(now, tree.Sequence) else []
                if [content_of_node(each) for each in blocks] != list(intended):
                    break
            elif content_of_node(was) != content_of_node(now):
                break
        else:
            return found.file.revision(edit)
    raise Unwritable(
        _("this would have changed how something else in the file is read, and nothing was written: use a text editor")
    )
