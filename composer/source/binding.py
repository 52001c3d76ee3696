"""Bind a YAML tree to a model's field specs: name keys in English, convert scalars, report mistakes.

A misspelt word is replaced by the nearest valid one, so that what stands below it is checked too. The result is
plain data for pydantic, which validates it last.
"""

from __future__ import annotations

import re
from typing import Any

from pydantic import TypeAdapter, ValidationError

from composer.locale import gettext as _
from composer.source import points, prose_checks
from composer.source.blocks import Blocks, open_block
from composer.source.document import Loc, Mark
from composer.source.entries import meant_entries
from composer.source.field_spec import FieldSpec, Kind, RecordField, RecordSpec, ScalarSpec
from composer.source.finding import Severity
from composer.source.neighbours import NEIGHBOURS, meant
from composer.source.parse_state import ParseState
from composer.source.pictures import fields_of, is_picture
from composer.source.quoting import quoted
from composer.source.repair.silent_changes import commas
from composer.source.scalars import Misfit, convert, listed, only_word
from composer.source.tree import Mapping, Node, Scalar, Sequence, TextRange
from composer.source.vocabulary import find_key, fold_key, key_name
from composer.source.vocabulary import french as french_key


def bind(state: ParseState, node: Node, spec: FieldSpec, loc: Loc, key: TextRange | None = None) -> Any:
    """The data of ``node``. ``key`` is where its key stands, or its dash."""
    state.mark(loc, node)
    if key is not None:
        state.key_marks[loc] = key
    if spec.blocks is not None:
        return _block(state, node, spec.blocks, loc)
    match node:
        case Scalar():
            if node.style == "|" and spec.items is not None and spec.takes_points:
                return _points(state, node, spec.items, loc)
            if spec.scalars:
                return _scalar(state, node, spec, loc, key)
            if spec.items is not None:
                return _single(state, node, spec.items, loc)
            if spec.record is not None:
                return bind_record(state, node, spec.record, loc)
        case Sequence():
            if spec.items is not None:
                return _items(state, node, spec.items, loc)
            if spec.record is not None and spec.record.main is not None:
                return bind_record(state, node, spec.record, loc)
        case Mapping():
            if spec.record is not None and prose_checks.is_sentence(state, node, spec):
                state.bad.add(loc)
                return prose_checks.bare_sentence(state, node, spec.record)
            if spec.record is not None:
                return bind_record(state, node, spec.record, loc)
            if spec.entries is not None:
                return _entries(state, node, spec.entries, loc)
            if spec.items is not None and spec.items.blocks is not None:
                return _dashless(state, node, spec.items.blocks, loc)
            if spec.items is not None and spec.items.record is not None:
                line = state.mended[node.span.line]
                better = f"{line[: node.span.column]}- {line[node.span.column :]}"
                message = _("each item of this list begins with a dash, and its keys stand two columns further")
                state.report("no-dash", message, node.span.line, node.span.column, better)
                return [bind(state, node, spec.items, (*loc, 0))]
    state.bad.add(loc)
    if spec.holds_text and not isinstance(node, Scalar):
        return prose_checks.not_a_text(state, node, key, spec.holds_lines)
    if spec.items is not None:
        message = _("a list is expected here: each of its items on a line that begins with a dash")
    elif spec.scalars:
        message = _("a single value is expected here")
    else:
        message = _("keys are expected here, each with a colon")
    state.report("wrong-shape", message, node.span.line, node.span.column)
    return None


def _scalar(state: ParseState, node: Scalar, spec: FieldSpec, loc: Loc, key: TextRange | None) -> Any:
    if node.is_empty:
        _empty(state, node, loc, key)
        return None
    converted = convert(prose_checks.value(node, spec), spec.scalars, state.language)
    if isinstance(converted, Misfit):
        if converted.better is None and (only := only_word(node.text, spec.scalars, state.language)):
            converted = Misfit(converted.code, converted.message, only)
        if spec.items is not None and (several := listed(node.text, spec.scalars[0], state.language)):
            state.bad.add(loc)
            return state.report(
                converted.code, converted.message, node.span.line, node.span.column, state.rewrite(node.span, several)
            )
        alone = converted.better is None or converted.code != "unknown-value"
        if alone and spec.items is not None and spec.items.scalars != spec.scalars:  # one may stand without its list
            return _single(state, node, spec.items, loc)
        state.bad.add(loc)
        state.misfits.add(loc)
        better = state.respell(node, converted.better) if converted.better is not None else None
        state.report(converted.code, converted.message, node.span.line, node.span.column, better)
        return node.text
    value, used = converted
    if used.kind is Kind.TEXT and (only := only_word(node.text, spec.scalars, state.language)):
        message = _("“{word}” is a text here, and would be printed; did you mean {only}?")
        message, better = message.format(word=node.text, only=only), state.rewrite(node.span, only)
        state.report("yaml-word", message, node.span.line, node.span.column, better, Severity.WARNING)
        return value
    if used.kind in (Kind.TEXT, Kind.WORDS, Kind.LINES) and not prose_checks.check_prose(state, node, used, key):
        state.bad.add(loc)
    return _validated(state, node, used, value, loc)


def _validated(state: ParseState, node: Scalar, spec: ScalarSpec, value: Any, loc: Loc) -> Any:
    """Parse ``value`` with the field's own type and report the problems found inside it."""
    try:
        made = spec.adapter.validate_python(value, context={"keys": state.language})
    except ValidationError as error:
        if loc not in state.bad:
            state.bad.add(loc)
            prose_checks.invalid(state, node, error)
        return value
    source = state.source
    for problem in getattr(made, "problems", ()):
        better = problem.suggestion
        if better is not None:
            better = state.in_place(node, problem.line, better)
        state.findings.append(
            source.finding(
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


def _empty(state: ParseState, node: Node, loc: Loc, key: TextRange | None, required: bool = False) -> None:
    state.bad.add(loc)
    place = key or node.span
    line = state.mended[place.line]
    _before, sharp, after = line[place.end_column :].partition("#")
    if sharp and after[:1].strip():
        before = line[: place.end_column].rstrip()
        head = f"{before} " if before.endswith((":", "-")) else f"{before}: "
        message = _("everything after # is a comment for YAML: put the value between quotes")
        column = line.index("#", place.end_column)
        state.report("truncated-text", message, place.line, column, f'{head}"#{after.strip()}"')
        return
    if key is None:
        message = _("nothing is written after this dash: write it, or delete the line")
    else:
        word = line[place.column : place.end_column].strip().rstrip(":").strip()
        message = _("nothing is written after “{key}:”: write it, or delete the line")
        if required:
            message = _("nothing is written after “{key}:”: write it, it is needed")
        message = message.format(key=word)
    state.report("empty-value", message, place.line, place.column)


def _single(state: ParseState, node: Scalar, item: FieldSpec, loc: Loc) -> Any:
    """Accept one value where a list is expected: report how a list is written, and return a list of one."""
    if node.is_empty:
        _empty(state, node, loc, state.key_marks.get(loc))
        return None
    state.forget(node.span, "reserved-character")
    raw = state.raw(node)
    safe = node.style in ("'", '"') or not any(mark in (raw or "") for mark in "[]{}#|>")
    short = raw is not None and not item.holds_lines and safe
    if raw and not node.style and re.search(r",\S", raw):
        raw = quoted(raw)
    named = None if item.scalars or item.record is None else _first_key(state, item.record)
    if named is not None:
        short, raw = short and "," not in (raw or ""), f"{{{named}: {raw}}}"
    better = state.rewrite(node.span, f"[{raw}]") if short else None
    message = _("a list is expected here: between brackets, or each item on its own line after a dash")
    state.report("not-a-list", message, node.span.line, node.span.column, better)
    state.bad.add(loc)
    parted = short and "," in (raw or "") and all(each.kind is Kind.TEXT for each in item.scalars)
    if named is not None or parted:  # its items are read once they are parted
        return None
    return [bind(state, node, item, (*loc, 0))]


def _first_key(state: ParseState, record: RecordSpec) -> str | None:
    """The key that one word stands for where a record is expected; None where the record takes the word itself."""
    main = record.fields.get(record.main) if record.main else None
    if main is not None and main.shape.scalars:
        return None
    texts = (each for each in record.fields.values() if each.shape.holds_text and not each.shape.items)
    field = next(texts, None)
    return None if field is None else key_name(field.key, state.language, field.model)


def _items(state: ParseState, node: Sequence, item: FieldSpec, loc: Loc) -> list[Any]:
    values: list[Any] = []
    if item.holds_text:
        commas(state, node)
    for index, each in enumerate(node.items):
        here = (*loc, index)
        if isinstance(each, Scalar) and each.is_empty and item.blocks is None:
            state.mark(here, each)
            _empty(state, each, here, None)
            values.append(None)
        else:
            values.append(bind(state, each, item, here))
    return values


def _points(state: ParseState, node: Scalar, item: FieldSpec, loc: Loc) -> list[Any]:
    """The items of a list that is written as one Markdown list."""
    values: list[Any] = []
    record = item.record if not item.scalars else None
    for index, each in enumerate(points.items_of(state, node, record.point if record is not None else None)):
        here = (*loc, index)
        if record is None or record.point is None:
            values.append(bind(state, each, item, here))
            continue
        state.mark(here, each)
        needs_text = record.fields[record.point.text].required
        name = record.model.__name__
        fields = points.fields_of(state, each, record.point, name, needs_text, record.points_need_url)
        if fields is None:
            state.bad.add(here)
            values.append(None)
            continue
        values.append({key: bind(state, part, record.fields[key].shape, (*here, key)) for key, part in fields.items()})
    if not values:
        state.bad.add(loc)
    return values


def _entries(state: ParseState, node: Mapping, entries: tuple[TypeAdapter[Any], FieldSpec], loc: Loc) -> dict[str, Any]:
    keys, spec = entries
    values: dict[str, Any] = {}
    for key, value in node.entries:
        here = (*loc, key.text)
        if key.is_empty:
            state.bad.add(here)
            state.report("empty-key", _("a key has no name here"), key.span.line, key.span.column)
        if key.text in values:
            _twice(state, key, state.key_marks[here], "duplicate-key")
            continue
        values[key.text] = bind(state, value, spec, here, key.span)
        try:
            keys.validate_python(key.text)
        except ValidationError as error:
            state.bad.add((*here, "[key]"))
            prose_checks.invalid(state, key, error)
    return values


def _twice(state: ParseState, key: Scalar, first: TextRange, code: str) -> None:
    message = _("“{key}” is already given on line {line}: keep one of the two")
    if code == "both-names":
        message = _("“{key}” says the same as line {line} in the other language: keep one of the two")
    shown = message.format(key=key.text, line=first.line + 1)
    state.report(code, shown, key.span.line, key.span.column)


def bind_record(state: ParseState, node: Node, record: RecordSpec, loc: Loc) -> Any:
    """The data of a mapping of known keys, or of a main text that stands alone in its place."""
    if not isinstance(node, Mapping):
        return _main(state, node, record, loc)
    values: dict[str, Any] = {}
    if node.entries:
        state.heads[loc] = node.entries[0][0].span.column
    if node.flow:
        state.braces[loc] = node.span
    for key, value in meant_entries(state, node, record):
        field = _field(state, key, record, values)
        if field is None:
            continue
        here = (*loc, field.key)
        if field.key in values:
            first = state.key_marks[here]
            word = state.mended[first.line][first.column : first.end_column]
            _twice(state, key, first, "duplicate-key" if fold_key(word) == fold_key(key.text) else "both-names")
            continue
        state.key_marks[here] = key.span
        if isinstance(value, Scalar) and value.is_empty:
            state.mark(here, value)
            _empty(state, value, here, key.span, field.required)
            values[field.key] = None
        else:
            values[field.key] = bind(state, value, field.shape, here, key.span)
    return values


def _main(state: ParseState, node: Scalar | Sequence, record: RecordSpec, loc: Loc) -> Any:
    if isinstance(node, Scalar) and is_picture(node, record):
        return _picture(state, node, record, loc)
    main = record.fields.get(record.main) if record.main else None
    fits = main is not None and (
        (isinstance(node, Scalar) and bool(main.shape.scalars or (node.style == "|" and main.shape.takes_points)))
        or (isinstance(node, Sequence) and bool(main.shape.items))
    )
    if main is not None and fits:
        return {main.key: bind(state, node, main.shape, (*loc, main.key), state.key_marks.get(loc))}
    state.bad.add(loc)
    model = record.model.__name__
    names = [key_name(field.key, state.language, field.model) for field in record.fields.values()]
    message = _("keys are expected here: {keys}").format(keys=", ".join(names))
    raw = state.raw(node) if isinstance(node, Scalar) else None
    field = next((each for each in record.fields.values() if each.required), next(iter(record.fields.values())))
    value = f"[{raw}]" if field.shape.items and not field.shape.scalars else raw
    name = key_name(field.key, state.language, field.model)
    better = state.rewrite(node.span, f"{{{name}: {value}}}") if raw and "," not in raw else None
    listed = main.shape.items if main is not None and not main.shape.scalars else None
    if better and listed is not None and listed.scalars:
        better = state.rewrite(node.span, f"[{raw}]")
    item = main.shape.items.record if main is not None and main.shape.items is not None else None
    if isinstance(node, Scalar) and item is not None and item.point is not None:
        message, key = _("a list of points stands below its key, after |"), state.key_marks.get(loc)
        better = points.barred(state, node, key, item.point, item.model.__name__, item.points_need_url)
    elif isinstance(node, Scalar) and (keys := points.keys_of_point(node.text, record.point, state.language, model)):
        better = state.rewrite(node.span, f"{{{keys}}}")
    state.report("wrong-shape", message, node.span.line, node.span.column, better)
    return None


def _picture(state: ParseState, node: Scalar, record: RecordSpec, loc: Loc) -> Any:
    """The data of a picture that is written as Markdown."""
    values: dict[str, Any] = {}
    for under, field, part in fields_of(state, node, record):
        if under is None:
            values[field.key] = bind(state, part, field.shape, (*loc, field.key))
            continue
        state.marks.setdefault((*loc, under), Mark(part.span.line + 1, part.span.column + 1))
        values.setdefault(under, {})[field.key] = bind(state, part, field.shape, (*loc, under, field.key))
    if not values:
        state.bad.add(loc)
        return None
    return values


def _field(state: ParseState, key: Scalar, record: RecordSpec, taken: dict[str, Any]) -> RecordField | None:
    """The field that ``key`` names, or nearly names."""
    model = record.model.__name__
    found = find_key(key.text, record.fields, model)
    if found is not None:
        if found not in taken:
            state.mixture(key, found, french_key(found, model))
        return record.fields[found]
    names = [key_name(each, state.language, model) for each in record.fields]
    near = meant(key.text, [*record.fields], state.language, lambda each, spoken: key_name(each, spoken, model))
    better = state.respell(key, near.called) if near else None
    if key.is_empty:
        message = _("a key has no name here; the keys are: {keys}").format(keys=", ".join(names))
        state.report("empty-key", message, key.span.line, key.span.column)
        return None
    if near:
        message = _("there is no key “{key}” here; did you mean “{near}”?").format(key=key.text, near=near.called)
    else:
        message = _("there is no key “{key}” here; the keys are: {keys}")
        message = message.format(key=key.text, keys=", ".join(names))
    state.report("unknown-key", message, key.span.line, key.span.column, better)
    if near is None or near.name in taken:
        return None
    guess = record.fields[near.name]
    return guess if guess.shape.scalars or fold_key(key.text) not in NEIGHBOURS.get(near.name, "").split() else None


def _block(state: ParseState, node: Node, blocks: Blocks, loc: Loc) -> Any:
    opened = open_block(state, node, blocks)
    if opened is None:
        state.bad.add(loc)
        return None
    name, key, value = opened
    state.marks[loc] = Mark(key.line + 1, state.column(key.line, key.column) + 1)
    state.key_marks[loc] = key
    state.blocks[loc] = name
    if isinstance(value, Scalar) and value.is_empty:
        main = blocks[name].fields.get(blocks[name].main or "")
        if value.style != "|" or main is None:
            return {"type": name}
        _empty(state, value, (*loc, main.key), key, main.required)
        return {"type": name, main.key: None}
    data = bind_record(state, value, blocks[name], loc)
    return None if data is None else {"type": name, **data}


def _dashless(state: ParseState, node: Mapping, blocks: Blocks, loc: Loc) -> list[Any]:
    """Blocks written without their dashes."""
    state.bad.add(loc)
    values: list[Any] = []
    for index, (key, value) in enumerate(node.entries):
        head = state.mended[key.span.line]
        message = _("each block begins with a dash, and its keys stand two columns further")
        better = f"{head[: key.span.column]}- {head[key.span.column :]}"
        state.report("no-dash", message, key.span.line, key.span.column, better)
        values.append(_block(state, Mapping(key.span, False, [(key, value)]), blocks, (*loc, index)))
    return values
