"""Bind a YAML tree to a model's field specs: name keys in English, convert scalars, report mistakes.

A misspelt word is replaced by the nearest valid one, so that what stands below it is checked too. The result is
plain data for pydantic, which validates it last.
"""

from __future__ import annotations

import re
from typing import Any

from pydantic import TypeAdapter, ValidationError

from composer.locale import gettext as _
from composer.source import prose_checks
from composer.source.blocks import Blocks, open_block
from composer.source.document import Loc, Mark
from composer.source.field_spec import FieldSpec, Kind, RecordField, RecordSpec, ScalarSpec
from composer.source.parse_state import ParseState
from composer.source.quoting import quoted
from composer.source.repair.silent_changes import commas
from composer.source.scalars import Misfit, convert
from composer.source.tree import Mapping, Node, Scalar, Sequence, Span
from composer.source.vocabulary import find_key, fold_key, key_name, nearest_word
from composer.source.vocabulary import french as french_key


def bind(sheet: ParseState, node: Node, shape: FieldSpec, loc: Loc, key: Span | None = None) -> Any:
    """The data of ``node``. ``key`` is where its key stands, or its dash."""
    sheet.mark(loc, node)
    if key is not None:
        sheet.key_marks[loc] = key
    if shape.blocks is not None:
        return _block(sheet, node, shape.blocks, loc)
    match node:
        case Scalar():
            if shape.scalars:
                return _scalar(sheet, node, shape, loc, key)
            if shape.items is not None:
                return _single(sheet, node, shape.items, loc)
            if shape.record is not None:
                return bind_record(sheet, node, shape.record, loc)
        case Sequence():
            if shape.items is not None:
                return _items(sheet, node, shape.items, loc)
            if shape.record is not None and shape.record.main is not None:
                return bind_record(sheet, node, shape.record, loc)
        case Mapping():
            if shape.record is not None:
                return bind_record(sheet, node, shape.record, loc)
            if shape.entries is not None:
                return _entries(sheet, node, shape.entries, loc)
            if shape.items is not None and shape.items.blocks is not None:
                return _dashless(sheet, node, shape.items.blocks, loc)
            if shape.items is not None and shape.items.record is not None:
                line = sheet.mended[node.span.line]
                better = f"{line[: node.span.column]}- {line[node.span.column :]}"
                message = _("each item of this list begins with a dash, and its keys stand two columns further")
                sheet.report("no-dash", message, node.span.line, node.span.column, better)
                return [bind(sheet, node, shape.items, (*loc, 0))]
    sheet.bad.add(loc)
    if shape.holds_text and not isinstance(node, Scalar):
        return prose_checks.not_a_text(sheet, node, key, shape.holds_lines)
    if shape.items is not None:
        message = _("a list is expected here: each of its items on a line that begins with a dash")
    elif shape.scalars:
        message = _("a single value is expected here")
    else:
        message = _("keys are expected here, each with a colon")
    sheet.report("wrong-shape", message, node.span.line, node.span.column)
    return None


def _scalar(sheet: ParseState, node: Scalar, shape: FieldSpec, loc: Loc, key: Span | None) -> Any:
    if node.is_empty:
        _empty(sheet, node, loc, key)
        return None
    converted = convert(prose_checks.value(node, shape), shape.scalars, sheet.language)
    if isinstance(converted, Misfit):
        if shape.items is not None:
            return _single(sheet, node, shape.items, loc)
        sheet.bad.add(loc)
        sheet.misfits.add(loc)
        better = sheet.respell(node, converted.better) if converted.better is not None else None
        sheet.report(converted.code, converted.message, node.span.line, node.span.column, better)
        return node.text
    value, used = converted
    if used.kind in (Kind.TEXT, Kind.WORDS, Kind.LINES) and not prose_checks.check_prose(sheet, node, used, key):
        sheet.bad.add(loc)
    return _validated(sheet, node, used, value, loc)


def _validated(sheet: ParseState, node: Scalar, shape: ScalarSpec, value: Any, loc: Loc) -> Any:
    """Parse ``value`` with the field's own type and report the problems found inside it."""
    try:
        made = shape.adapter.validate_python(value)
    except ValidationError as error:
        if loc not in sheet.bad:
            sheet.bad.add(loc)
            prose_checks.invalid(sheet, node, error)
        return value
    for problem in getattr(made, "problems", ()):
        better = problem.suggestion
        if better is not None and node.style == "|":
            indent = " " * sheet.marks[loc].indent
            better = "\n".join(f"{indent}{line}" for line in better.split("\n"))
        elif better is not None:
            better = sheet.respell(node, better)
        sheet.findings.append(
            sheet.source.finding(
                problem.code,
                problem.message,
                loc,
                line=problem.line,
                column=problem.column,
                severity=problem.severity,
                suggestion=better,
            )
        )
    return made


def _empty(sheet: ParseState, node: Node, loc: Loc, key: Span | None, required: bool = False) -> None:
    sheet.bad.add(loc)
    place = key or node.span
    line = sheet.mended[place.line]
    _before, sharp, after = line[place.end_column :].partition("#")
    if sharp and after[:1].strip():
        head = line[: place.end_column] + ("" if line[: place.end_column].endswith(": ") else ": ")
        message = _("everything after # is a comment for YAML: put the value between quotes")
        column = line.index("#", place.end_column)
        sheet.report("truncated-text", message, place.line, column, f'{head}"#{after.strip()}"')
        return
    if key is None:
        message = _("nothing is written after this dash: write it, or delete the line")
    else:
        word = line[place.column : place.end_column].strip().rstrip(":").strip()
        message = _("nothing is written after “{key}:”: write it, or delete the line")
        if required:
            message = _("nothing is written after “{key}:”: write it, it is needed")
        message = message.format(key=word)
    sheet.report("empty-value", message, place.line, place.column)


def _single(sheet: ParseState, node: Scalar, item: FieldSpec, loc: Loc) -> Any:
    """Accept one value where a list is expected: report how a list is written, and return a list of one."""
    if node.is_empty:
        _empty(sheet, node, loc, sheet.key_marks.get(loc))
        return None
    sheet.forget(node.span, "reserved-character")
    raw = sheet.raw(node)
    safe = node.style in ("'", '"') or not any(mark in (raw or "") for mark in "[]{}#|>")
    short = raw is not None and not item.holds_lines and safe
    if raw and not node.style and re.search(r",\S", raw):
        raw = quoted(raw)
    better = sheet.rewrite(node.span, f"[{raw}]") if short else None
    message = _("a list is expected here: between brackets, or each item on its own line after a dash")
    sheet.report("not-a-list", message, node.span.line, node.span.column, better)
    sheet.bad.add(loc)
    return [bind(sheet, node, item, (*loc, 0))]


def _items(sheet: ParseState, node: Sequence, item: FieldSpec, loc: Loc) -> list[Any]:
    values: list[Any] = []
    if item.holds_text:
        commas(sheet, node)
    for index, each in enumerate(node.items):
        here = (*loc, index)
        if isinstance(each, Scalar) and each.is_empty and item.blocks is None:
            sheet.mark(here, each)
            _empty(sheet, each, here, None)
            values.append(None)
        else:
            values.append(bind(sheet, each, item, here))
    return values


def _entries(sheet: ParseState, node: Mapping, entries: tuple[TypeAdapter[Any], FieldSpec], loc: Loc) -> dict[str, Any]:
    keys, shape = entries
    values: dict[str, Any] = {}
    for key, value in node.entries:
        here = (*loc, key.text)
        if key.is_empty:
            sheet.bad.add(here)
            sheet.report("empty-key", _("a key has no name here"), key.span.line, key.span.column)
        if key.text in values:
            _twice(sheet, key, sheet.key_marks[here], "duplicate-key")
            continue
        values[key.text] = bind(sheet, value, shape, here, key.span)
        try:
            keys.validate_python(key.text)
        except ValidationError as error:
            sheet.bad.add((*here, "[key]"))
            prose_checks.invalid(sheet, key, error)
    return values


def _twice(sheet: ParseState, key: Scalar, first: Span, code: str) -> None:
    message = _("“{key}” is already given on line {line}: keep one of the two")
    if code == "both-names":
        message = _("“{key}” says the same as line {line} in the other language: keep one of the two")
    shown = message.format(key=key.text, line=first.line + 1)
    sheet.report(code, shown, key.span.line, key.span.column)


def bind_record(sheet: ParseState, node: Node, record: RecordSpec, loc: Loc) -> Any:
    """The data of a mapping of known keys, or of a main text that stands alone in its place."""
    if not isinstance(node, Mapping):
        return _main(sheet, node, record, loc)
    values: dict[str, Any] = {}
    if node.entries:
        sheet.heads[loc] = node.entries[0][0].span.column
    if node.flow:
        sheet.braces[loc] = node.span
    for key, value in node.entries:
        field = _field(sheet, key, record, values)
        if field is None:
            continue
        here = (*loc, field.key)
        if field.key in values:
            first = sheet.key_marks[here]
            word = sheet.mended[first.line][first.column : first.end_column]
            _twice(sheet, key, first, "duplicate-key" if fold_key(word) == fold_key(key.text) else "both-names")
            continue
        sheet.key_marks[here] = key.span
        if isinstance(value, Scalar) and value.is_empty:
            sheet.mark(here, value)
            _empty(sheet, value, here, key.span, field.required)
            values[field.key] = None
        else:
            values[field.key] = bind(sheet, value, field.shape, here, key.span)
    return values


def _main(sheet: ParseState, node: Scalar | Sequence, record: RecordSpec, loc: Loc) -> Any:
    main = record.fields.get(record.main) if record.main else None
    fits = main is not None and (
        (isinstance(node, Scalar) and bool(main.shape.scalars))
        or (isinstance(node, Sequence) and bool(main.shape.items))
    )
    if main is not None and fits:
        return {main.key: bind(sheet, node, main.shape, (*loc, main.key), sheet.key_marks.get(loc))}
    sheet.bad.add(loc)
    names = [key_name(field.key, sheet.language, field.model) for field in record.fields.values()]
    message = _("keys are expected here: {keys}").format(keys=", ".join(names))
    raw = sheet.raw(node) if isinstance(node, Scalar) else None
    first = next(iter(record.fields.values())).shape
    value = f"[{raw}]" if first.items and not first.scalars else raw
    better = sheet.rewrite(node.span, f"{{{names[0]}: {value}}}") if raw and "," not in raw else None
    sheet.report("wrong-shape", message, node.span.line, node.span.column, better)
    return None


def _field(sheet: ParseState, key: Scalar, record: RecordSpec, taken: dict[str, Any]) -> RecordField | None:
    """The field that ``key`` names, or nearly names."""
    model = record.model.__name__
    found = find_key(key.text, record.fields, model)
    if found is not None:
        if found not in taken:
            sheet.mixture(key, found, french_key(found, model))
        return record.fields[found]
    names = [key_name(each, sheet.language, model) for each in record.fields]
    near = nearest_word(key.text, names) or nearest_word(key.text, record.fields)
    better = sheet.respell(key, near) if near else None
    if key.is_empty:
        message = _("a key has no name here; the keys are: {keys}").format(keys=", ".join(names))
        sheet.report("empty-key", message, key.span.line, key.span.column)
        return None
    if near:
        message = _("there is no key “{key}” here; did you mean “{near}”?").format(key=key.text, near=near)
    else:
        message = _("there is no key “{key}” here; the keys are: {keys}")
        message = message.format(key=key.text, keys=", ".join(names))
    sheet.report("unknown-key", message, key.span.line, key.span.column, better)
    guess = find_key(near, record.fields, model) if near else None
    return record.fields[guess] if guess and guess not in taken else None


def _block(sheet: ParseState, node: Node, blocks: Blocks, loc: Loc) -> Any:
    opened = open_block(sheet, node, blocks)
    if opened is None:
        sheet.bad.add(loc)
        return None
    name, key, value = opened
    sheet.marks[loc] = Mark(key.line + 1, sheet.column(key.line, key.column) + 1)
    sheet.key_marks[loc] = key
    sheet.blocks[loc] = name
    if isinstance(value, Scalar) and value.is_empty:
        return {"type": name}
    data = bind_record(sheet, value, blocks[name], loc)
    return None if data is None else {"type": name, **data}


def _dashless(sheet: ParseState, node: Mapping, blocks: Blocks, loc: Loc) -> list[Any]:
    """Blocks written without their dashes."""
    sheet.bad.add(loc)
    values: list[Any] = []
    for index, (key, value) in enumerate(node.entries):
        head = sheet.mended[key.span.line]
        message = _("each block begins with a dash, and its keys stand two columns further")
        better = f"{head[: key.span.column]}- {head[key.span.column :]}"
        sheet.report("no-dash", message, key.span.line, key.span.column, better)
        values.append(_block(sheet, Mapping(key.span, False, [(key, value)]), blocks, (*loc, index)))
    return values
