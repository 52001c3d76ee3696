"""What stands at a place of an open file: the words of a hover, where a name is defined, the outline."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import BaseModel

from composer.issue.blocks.boxes import DIRECTIVES
from composer.issue.body import Body, Crosshead, Paywall
from composer.issue.directives import option
from composer.issue.inline import Inline, plain
from composer.issue.marked import Anchor, Beside, Refers, Signs, marked
from composer.issue.model import Front, Issue
from composer.locale import Language
from composer.locale import gettext as _
from composer.lsp.completion import keys_spoken
from composer.lsp.cursor import KEY, cursor_at, spec_at
from composer.lsp.room import View
from composer.newsroom.unread import PUBLICATIONS, SPONSORS
from composer.newsroom.values import Named
from composer.source.document import Loc
from composer.source.field_spec import FieldSpec, Kind, RecordField, RecordSpec, record_of
from composer.source.finding import Place
from composer.source.vocabulary import block_name, find_block, find_key, key_name, value_name

_REFERENCE = re.compile(r"\(#(?P<id>[\w-]{1,64})\)")
_TOKEN = re.compile(r"[\w][\w./-]{0,200}")
_BOX = re.compile(r"\s*:::+[ \t]*(?P<name>[\w-]+)")
_OPTION = re.compile(r"\s*:(?P<name>[^\W\d][\w '’-]{0,40}):")


@dataclass(frozen=True)
class NameHere:
    """A name of something in the newsroom, as it stands in a file, and the type of its field."""

    name: str
    annotation: Any


def hover_words(
    lines: Sequence[str], line: int, column: int, model: type[BaseModel], view: View, explained: Mapping[str, str]
) -> str | None:
    """What the key, the block or the name at a place is, as Markdown. ``explained``: code of a finding → its entry."""
    language = keys_spoken(lines, view.newsroom.settings.keys)
    at = _key_at(lines, line, column)
    if at is not None:
        return _key_words(lines, line, *at, model, language)
    name = _name_at(lines, line, column, model)
    if name is None:
        return _box_words(lines, line, model, language)
    if name.annotation is None:
        return explained.get(name.name)
    words = view.stock.of(name.annotation).get(name.name)
    return f"**{name.name}** · {words}" if words else None


def _key_at(lines: Sequence[str], line: int, column: int) -> tuple[int, str] | None:
    """The column and the word of the key at a place outside texts."""
    text = lines[line] if line < len(lines) else ""
    content = text.lstrip(" ")
    while content.startswith("- "):
        content = content[2:].lstrip(" ")
    start = len(text) - len(content)
    match = KEY.match(content)
    if match is None or not start <= column <= start + match.end("key"):
        return None
    return None if cursor_at(lines, line, start).kind == "text" else (start, match["key"].strip("\"'"))


def _key_words(
    lines: Sequence[str], line: int, start: int, key: str, model: type[BaseModel], language: Language
) -> str | None:
    spec = spec_at(record_of(model), cursor_at(lines, line, start).steps)
    if spec is None:
        return None
    if spec.blocks is not None:
        name = find_block(key, spec.blocks)
        return None if name is None else _block_words(block_name(name, language), spec.blocks[name], language)
    if spec.record is not None:
        found = find_key(key, spec.record.fields, spec.record.model.__name__)
        return None if found is None else _field_words(spec.record.fields[found], language)
    return None


def _block_words(name: str, record: RecordSpec, language: Language) -> str:
    keys = ", ".join(
        f"**`{word}`**" if each.required else f"`{word}`"
        for each in record.fields.values()
        for word in (key_name(each.key, language, each.model),)
    )
    return f"**{name}** · {_(record.description)}\n\n{keys}"


def _field_words(field: RecordField, language: Language) -> str:
    words = f"**{key_name(field.key, language, field.model)}** · {_(field.description)}"
    choices = [value_name(each, language) for each in _choices(field.shape)]
    return f"{words}\n\n{', '.join(f'`{each}`' for each in choices)}" if choices else words


def _choices(spec: FieldSpec) -> Iterator[str]:
    for shape in (spec, spec.items):
        for scalar in shape.scalars if shape is not None else ():
            if scalar.kind is Kind.CHOICE:
                yield from scalar.choices


def _box_words(lines: Sequence[str], line: int, model: type[BaseModel], language: Language) -> str | None:
    """What the box is that opens on a line, or its option."""
    text = lines[line] if line < len(lines) else ""
    if model is not Front or cursor_at(lines, line, len(text)).kind != "text":
        return None
    if match := _BOX.match(text):
        name = find_block(match["name"], DIRECTIVES)
        return None if name is None else _block_words(block_name(name, language), record_of(DIRECTIVES[name]), language)
    match = _OPTION.match(text)
    above = next((found for each in reversed(lines[:line]) if (found := _BOX.match(each))), None)
    box = find_block(above["name"], DIRECTIVES) if above is not None else None
    if match is None or box is None or (shape := DIRECTIVES[box].boxed) is None:
        return None
    key = find_key(match["name"], shape.options, DIRECTIVES[box].__name__)
    return None if key is None else _field_words(option(DIRECTIVES[box], key)[1], language)


def _name_at(lines: Sequence[str], line: int, column: int, model: type[BaseModel]) -> NameHere | None:
    text = lines[line] if line < len(lines) else ""
    for match in _REFERENCE.finditer(text):
        if match.start() <= column <= match.end():
            return NameHere(match["id"], _REFERS)
    token = next((each for each in _TOKEN.finditer(text) if each.start() <= column <= each.end()), None)
    if token is None:
        return None
    cursor = cursor_at(lines, line, token.start())
    spec = spec_at(record_of(model), cursor.steps)
    if spec is None or cursor.kind == "text":
        return _in_box(lines, line, token)
    steps = [each for each in cursor.steps if each is not None]
    if model is Front and len(steps) == 1 and find_key(steps[0], ["ignore"], "Front"):
        return NameHere(token[0], None)
    main = spec.record.fields.get(spec.record.main) if spec.record is not None and spec.record.main else None
    shapes = [spec, spec.items, main.shape if main else None, main.shape.items if main else None]
    for scalar in (scalar for shape in shapes if shape is not None for scalar in shape.scalars):
        if _marks(scalar.annotation):
            return NameHere(token[0], scalar.annotation)
    return None


def _in_box(lines: Sequence[str], line: int, token: re.Match[str]) -> NameHere | None:
    """A name in the argument or an option of a box."""
    text = lines[line]
    opening = _BOX.match(text)
    above = opening or next((found for each in reversed(lines[:line]) if (found := _BOX.match(each))), None)
    box = find_block(above["name"], DIRECTIVES) if above is not None else None
    if box is None or (shape := DIRECTIVES[box].boxed) is None:
        return None
    match = _OPTION.match(text)
    key = shape.argument if opening else find_key(match["name"], shape.options) if match else shape.text
    if key is None:
        return None
    field = option(DIRECTIVES[box], key)[1]
    for spec in (field.shape, field.shape.items):
        for scalar in spec.scalars if spec is not None else ():
            if _marks(scalar.annotation):
                return NameHere(token[0], scalar.annotation)
    return None


#: The annotation of a reference in a text.
_REFERS = Annotated[str, Refers()]


def _marks(annotation: Any) -> tuple[Any, ...]:
    return tuple(each for each in get_args(annotation)[1:] if isinstance(each, Named | Signs | Refers | Beside))


def defined(
    lines: Sequence[str], line: int, column: int, model: type[BaseModel], path: Path, view: View
) -> Place | None:
    """Where the name at a place is defined: in this issue, or in a file of the newsroom."""
    name = _name_at(lines, line, column, model)
    if name is None or name.annotation is None:
        return None
    sources = view.newsroom.sources
    for mark in _marks(name.annotation):
        match mark:
            case Refers() if view.issue is not None:
                return _anchor(view.issue, name.name)
            case Beside():
                file = path.parent / name.name
                return Place(file.relative_to(view.newsroom.root).as_posix(), 1, 1) if file.is_file() else None
            case Signs():
                return _in_publication(view, path, ("people", name.name))
            case Named("slot"):
                return _in_publication(view, path, ("slots", name.name))
            case Named("creative"):
                sponsor, _slash, creative = name.name.partition("/")
                source = sources.get(f"{SPONSORS}/{sponsor}.yaml")
                return source.place(("creatives", creative)) if source is not None else None
            case Named("publication"):
                source = sources.get(f"{PUBLICATIONS}/{name.name}.yaml")
                return source.place() if source is not None else None
    return None


def _in_publication(view: View, path: Path, loc: Loc) -> Place | None:
    source = view.newsroom.sources.get(f"{PUBLICATIONS}/{path.parent.name}.yaml")
    return source.place(loc) if source is not None and loc in source.marks else None


def _anchor(issue: Issue, id: str) -> Place | None:
    for number, block in enumerate(issue.front.blocks):
        for each in marked(block, Anchor, ("blocks", number)):
            if each.value == id:
                return issue.source.place(each.loc, each.line)
    return None


@dataclass(frozen=True)
class Heading:
    """A line of the outline; lines count from 0, the last included."""

    name: str
    kind: str
    line: int
    end: int
    below: list[Heading] = field(default_factory=list)


def outline(issue: Issue, language: Language) -> list[Heading]:
    """The blocks, and in their texts crossheads, boxes and the paywall."""
    source, blocks = issue.source, issue.front.blocks
    last = source.text.count("\n")
    starts = [source.place(("blocks", number)).line - 1 for number in range(len(blocks))]
    found: list[Heading] = []
    for number, (start, after) in enumerate(pairwise([*starts, last + 1])):
        block, end = blocks[number], max(start, after - 1)
        kind = block_name(block.type, language) if hasattr(block, "type") else ""
        below = [each for each in _inside(issue, number, language) if start <= each.line <= end]
        found.append(Heading(_title(block) or kind, kind, start, end, below))
    return found


def _title(block: BaseModel) -> str:
    held = (getattr(block, name) for name in type(block).model_fields)
    return next((plain(each.spans) for each in held if isinstance(each, Inline)), "")


def _inside(issue: Issue, number: int, language: Language) -> Iterator[Heading]:
    block = issue.front.blocks[number]
    for name in type(block).model_fields:
        text = getattr(block, name)
        if not isinstance(text, Body):
            continue
        for line, element in text.by_line():
            at = issue.source.place(("blocks", number, name), line, 0).line - 1
            match element:
                case Crosshead(spans=spans):
                    yield Heading(plain(spans), "##", at, at)
                case Paywall():
                    yield Heading("===", "===", at, at)
                case BaseModel():
                    kind = block_name(getattr(element, "type", ""), language)
                    yield Heading(_title(element) or kind, kind, at, at)
