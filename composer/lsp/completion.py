"""What may be typed at the cursor: keys, blocks, values, and inside texts boxes, options, ``#ids``, pictures, names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from composer.issue.block import Block
from composer.issue.blocks.boxes import DIRECTIVES, holds_boxes
from composer.issue.directives import option
from composer.issue.markdown import BOX_OPENING
from composer.locale import Language
from composer.locale import gettext as _
from composer.lsp.cursor import Cursor, spec_at
from composer.lsp.room import View
from composer.source.field_spec import FieldSpec, Kind, RecordField, RecordSpec, ScalarSpec, record_of
from composer.source.schema import needed_lines
from composer.source.vocabulary import block_name, find_block, find_key, fold_key, key_name, value_name, words

#: Most offers of one kind.
_MOST = 300

#: Letters of a name that are typed before names are offered.
_LETTERS = 2

_REFERENCE = re.compile(r"\]\(#(?P<typed>[\w-]*)$")
_BOX = re.compile(r"\s*:::+[ \t]*(?P<typed>[\w-]*)$")
_ARGUMENT = re.compile(r"\s*:::+[ \t]*(?P<name>[\w-]+):?[ \t]+(?P<typed>[^ \t].*)?$")
_OPTION = re.compile(r"\s*:(?P<typed>[\w-]*)$")
_VALUE = re.compile(r"\s*:(?P<name>[^\W\d][\w '’-]{0,40}):[ \t]*(?P<typed>.*)$")
_ITEM = re.compile(r"\s*[-*][ \t]+(?P<typed>[\w-]*)$")
_WORD = re.compile(r"[^\W\d_][\w’'-]*$")
_CLOSING = re.compile(r"\s*:::+\s*$")


@dataclass(frozen=True)
class Offer:
    """``insert`` replaces what stands from column ``start`` to the cursor; as a snippet it has places to type in."""

    label: str
    insert: str
    start: int
    kind: Literal["key", "block", "value", "file", "reference"]
    told: str = ""
    snippet: bool = False


def offers(cursor: Cursor, model: type[BaseModel], lines: Sequence[str], view: View) -> list[Offer]:
    """What fits in a file of ``model``; in the order in which it is shown."""
    record = record_of(model)
    language = keys_spoken(lines, view.newsroom.settings.keys)
    found: Iterator[Offer]
    spec = spec_at(record, cursor.steps)
    if spec is None:
        return []
    if cursor.kind == "text":
        found = _in_text(cursor, spec, language, view)
    elif cursor.kind == "key":
        found = _keys(cursor, spec, language, view)
    else:
        found = _values(cursor, spec, language, view)
    return list(found)


def keys_spoken(lines: Sequence[str], default: Language) -> Language:
    """The language of the file's keys, by those at the beginning of its lines."""
    votes: dict[Language, int] = {"fr": 0, "en": 0}
    for line in lines:
        word = fold_key(line.partition(":")[0].lstrip(" -")) if ":" in line[:60] else ""
        for language, only in words().items():
            votes[language] += word in only
    return default if votes["fr"] == votes["en"] else "fr" if votes["fr"] > votes["en"] else "en"


def _keys(cursor: Cursor, spec: FieldSpec, language: Language, view: View) -> Iterator[Offer]:
    if spec.blocks is not None:
        if not cursor.siblings and cursor.steps[-1:] == (None,):
            yield from _blocks(cursor, spec.blocks, language)
        return
    yield from _values(cursor, FieldSpec(spec.scalars), language, view)
    if spec.record is None:
        return
    if cursor.steps[-1:] == (None,):
        yield from _values(cursor, _main(spec.record), language, view)
    taken = {find_key(each, spec.record.fields, spec.record.model.__name__) for each in cursor.siblings}
    for field in sorted(spec.record.fields.values(), key=lambda each: not each.required):
        if field.key not in taken:
            yield _key(cursor, field, language)


def _main(record: RecordSpec) -> FieldSpec:
    field = record.fields.get(record.main) if record.main else None
    return field.shape if field is not None else FieldSpec()


def _key(cursor: Cursor, field: RecordField, language: Language) -> Offer:
    name, shape = key_name(field.key, language, field.model), field.shape
    if shape.holds_lines:
        rest = " |\n  $0"
    elif shape.items is not None and not shape.scalars:
        rest = ":\n- $0"[1:]
    elif shape.record is not None and not shape.scalars:
        below = needed_lines(shape.record, language, 2)
        rest = "\n" + "\n".join(below) if below else "\n  $0"
    else:
        rest = " $0"
    return Offer(name, f"{name}:{rest}", cursor.start, "key", _(field.description), snippet=True)


def _blocks(cursor: Cursor, blocks: Mapping[str, RecordSpec], language: Language) -> Iterator[Offer]:
    for each, record in blocks.items():
        name = block_name(each, language)
        below = needed_lines(record, language, 4)
        simple = record.main is not None and below == needed_lines(_only(record), language, 4)
        body = " $0" if not below or (simple and len(below) == 1) else "\n" + "\n".join(below)
        yield Offer(name, f"{name}:{body}", cursor.start, "block", _(record.description), snippet=True)


def _only(record: RecordSpec) -> RecordSpec:
    """``record`` with its main field alone."""
    return RecordSpec(record.model, {key: each for key, each in record.fields.items() if key == record.main})


def _values(cursor: Cursor, spec: FieldSpec, language: Language, view: View) -> Iterator[Offer]:
    shapes = [spec]
    if spec.record is not None:
        shapes.append(_main(spec.record))
    shapes += [shape.items for shape in list(shapes) if shape.items is not None and cursor.kind == "value"]
    seen: set[str] = set()
    typed = _reference(cursor, view) if any(shape.holds_text for shape in shapes) else []
    yield from typed
    for scalar in () if typed else (scalar for shape in shapes for scalar in shape.scalars):
        for offer in _scalar(cursor.start, scalar, language, view):
            if offer.label not in seen:
                seen.add(offer.label)
                yield offer


def _scalar(start: int, scalar: ScalarSpec, language: Language, view: View) -> Iterator[Offer]:
    if scalar.kind is Kind.CHOICE:
        for choice in scalar.choices:
            name = value_name(choice, language)
            yield Offer(name, name, start, "value")
    elif scalar.kind is Kind.BOOL:
        yield from (Offer(word, word, start, "value") for word in ("true", "false"))
    else:
        stock = view.stock.of(scalar.annotation)
        kind: Literal["file", "value"] = "file" if stock is view.stock.pictures else "value"
        for name, told in list(stock.items())[:_MOST]:
            yield Offer(name, name, start, kind, told)


def _reference(cursor: Cursor, view: View) -> list[Offer]:
    """The ids of the issue, after ``](#``."""
    match = _REFERENCE.search(cursor.typed)
    if match is None:
        return []
    start = cursor.start + match.start("typed")
    return [Offer(id, id, start, "reference", told) for id, told in view.stock.ids.items()]


def _in_text(cursor: Cursor, spec: FieldSpec, language: Language, view: View) -> Iterator[Offer]:
    typed = cursor.typed
    if references := _reference(cursor, view):
        yield from references
        return
    if not any(holds_boxes(scalar.annotation) for scalar in spec.scalars):
        yield from _names(cursor, view)
        return
    box = _open_box(cursor.above)
    if box is None and (match := _BOX.match(typed)):
        yield from _boxes(cursor.start + match.start("typed"), language)
    elif match := _ARGUMENT.match(typed):
        name = find_block(match["name"], DIRECTIVES)
        if name is not None and (shape := DIRECTIVES[name].boxed) is not None:
            start = cursor.start + (match.start("typed") if match["typed"] else len(typed))
            yield from _of_field(start, DIRECTIVES[name], shape.argument, language, view)
    elif box is not None and (match := _OPTION.match(typed)):
        yield from _options(cursor.start + match.start("typed"), *box, language)
    elif box is not None and (match := _VALUE.match(typed)):
        model, _given = box
        key = find_key(match["name"], model.boxed.options if model.boxed else (), model.__name__)
        if key is not None:
            yield from _of_field(cursor.start + match.start("typed"), model, key, language, view)
    elif box is not None and (match := _ITEM.match(typed)):
        model, _given = box
        text = model.boxed.text if model.boxed else ""
        yield from _of_field(cursor.start + match.start("typed"), model, text, language, view)
    else:
        yield from _names(cursor, view)


def _open_box(above: Sequence[str]) -> tuple[type[Block], list[str]] | None:
    """The box that is open after these lines, and the options given in it."""
    found: tuple[type[Block], list[str]] | None = None
    for line in above:
        if match := BOX_OPENING.match(line.strip()):
            name = find_block(match["name"], DIRECTIVES)
            found = (DIRECTIVES[name], []) if name is not None else None
        elif _CLOSING.match(line):
            found = None
        elif found is not None and (match := _VALUE.match(line)):
            found[1].append(match["name"])
    return found


def _boxes(start: int, language: Language) -> Iterator[Offer]:
    for each, model in DIRECTIVES.items():
        assert model.boxed is not None
        name, fields = block_name(each, language), record_of(model).fields
        needed: list[str] = []
        within: set[str] = set()
        for key in model.boxed.options:
            record, field = option(model, key)
            wanted = field.required if record is None else fields[record].required and record not in within
            within |= {record} if record is not None else set()
            if wanted and key != model.boxed.text:
                needed.append(f":{key_name(field.key, language, field.model)}: ${{{len(needed) + 2}}}")
        if fields[model.boxed.text].required:
            needed.append(f"${{{len(needed) + 2}}}")
        body = "\n".join([f"{name} ${{1}}", *needed, ":::"])
        yield Offer(name, body, start, "block", _(record_of(model).description), snippet=True)


def _options(start: int, model: type[Block], given: Sequence[str], language: Language) -> Iterator[Offer]:
    options = model.boxed.options if model.boxed is not None else ()
    taken = {find_key(each, options, model.__name__) for each in given}
    for key in options:
        if key not in taken:
            _record, field = option(model, key)
            name = key_name(field.key, language, field.model)
            yield Offer(name, f"{name}: ", start, "key", _(field.description))


def _of_field(start: int, model: type[Block], key: str, language: Language, view: View) -> Iterator[Offer]:
    _record, field = option(model, key)
    shapes = [field.shape, *([field.shape.items] if field.shape.items is not None else [])]
    for shape in shapes:
        for scalar in shape.scalars:
            yield from _scalar(start, scalar, language, view)


def _names(cursor: Cursor, view: View) -> Iterator[Offer]:
    """Names of the lexicon and of persons that begin as the word does."""
    match = _WORD.search(cursor.typed)
    if match is None or len(match[0]) < _LETTERS:
        return
    begun = fold_key(match[0])
    for name in dict.fromkeys((*view.stock.named.get("name", ()), *view.stock.persons.values())):
        if fold_key(name).startswith(begun):
            yield Offer(name, name, cursor.start + match.start(), "value")
