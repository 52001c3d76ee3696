"""Validate the data of a whole file with pydantic and report its errors as findings: missing or inconsistent values."""

from __future__ import annotations

import re
from threading import Lock
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from composer.locale import gettext as _
from composer.source.document import Loc
from composer.source.field_spec import FieldSpec, RecordSpec
from composer.source.parse_state import ParseState
from composer.source.prose_checks import explained
from composer.source.quoting import quoted
from composer.source.tree import TextRange
from composer.source.vocabulary import block_name, key_name

T = TypeVar("T", bound=BaseModel)

_building = Lock()

# pydantic reports every member of a union; binding has already chosen one by the kind of node.
_OTHER_MEMBERS = frozenset(
    {"string_type", "tuple_type", "list_type", "dict_type", "model_type", "model_attributes_type", "is_instance_of"}
    | {"literal_error", "none_required", "int_type", "date_type", "datetime_type", "date_from_datetime_inexact"}
)


def validate(state: ParseState, data: Any, model: type[T], record: RecordSpec) -> T | None:
    """The validated value; None where pydantic found a mistake, reported in ``state``."""
    # Pydantic builds models at their first use, and the studio reads in several threads.
    if not model.__pydantic_complete__:
        with _building:
            model.model_rebuild()
    try:
        return model.model_validate(data)
    except ValidationError as error:
        details = error.errors(include_url=False)
    certain = [each for each in details if each["type"] not in _OTHER_MEMBERS]
    for each in certain or ([] if state.findings else details):
        loc, kind = loc_of(each["loc"], data), each["type"]
        if any(loc[: len(bad)] == bad for bad in state.bad):
            continue
        if kind == "too_short" and len(each["input"]) >= each["ctx"]["min_length"]:
            continue  # pydantic counts valid items only
        if kind == "missing":
            _missing(state, loc, record)
        else:
            code, message = explained(kind, each.get("ctx") or {}, each["msg"])
            span = state.key_marks.get(loc)
            line, column = (span.line, span.column) if span else _start(state, loc)
            state.report(code, message, line, column)
    return None


def _start(state: ParseState, loc: Loc) -> tuple[int, int]:
    while loc and loc not in state.marks:
        loc = loc[:-1]
    mark = state.marks.get(loc)
    return (mark.line - 1, mark.column - 1) if mark else (0, 0)


def loc_of(loc: tuple[str | int, ...], data: Any) -> Loc:
    """``loc`` without the union member names that pydantic inserts."""
    way: list[str | int] = []
    tagged = False
    for index, step in enumerate(loc):
        if isinstance(data, dict) and step == data.get("type") and not tagged:
            tagged = True
        elif holds(data, step):
            way.append(step)
            data, tagged = data[step], False
        elif index == len(loc) - 1 and isinstance(data, dict) and isinstance(step, str):
            way.append(step)
    return tuple(way)


def holds(data: Any, step: str | int) -> bool:
    if isinstance(data, list):
        return isinstance(step, int) and step < len(data)
    return isinstance(data, dict) and step in data


def _missing(state: ParseState, loc: Loc, root: RecordSpec) -> None:
    record, name = record_at(FieldSpec(record=root), loc[:-1], state)
    parent = loc[:-1]
    key = str(loc[-1])
    word = key_name(key, state.language, record.model.__name__) if record else key
    span = state.key_marks.get(parent)
    line, column = (span.line, span.column) if span else _start(state, parent)
    if name:
        message = _("“{key}:” is missing in this “{block}”").format(key=word, block=block_name(name, state.language))
    else:
        message = _("“{key}:” is missing here").format(key=word)
    braces = state.braces.get(parent)
    if braces is not None:
        better = _between_braces(state, braces, word) if braces.end_line == line else None
    elif parent in state.heads or span is None:
        better = f"{' ' * state.heads.get(parent, 0)}{word}: …"
    else:
        better = _beside_its_name(state, span, record, parent, word) if record else None
    state.report("missing-key", message, line, column, better)


def _beside_its_name(state: ParseState, name: TextRange, record: RecordSpec, loc: Loc, word: str) -> str | None:
    """The lines of a block without keys, with those that it needs: ``word`` where nothing stands after its ``name``."""
    line = state.mended[name.line]
    if line != state.lines[name.line]:  # what is wrong with it is said first
        return None
    head, value = line[: name.end_column], line[name.end_column :].partition(":")[2].strip()
    main, indent = record.fields.get(record.main or ""), " " * (name.column + 2)
    if not value:
        return f"{indent}{word}: …"
    if main is None or not (main.shape.scalars or value[0] in "|>"):
        return None
    mark = state.marks.get((*loc, main.key))
    if mark is not None and mark.joined:
        return None
    text, comment = value, ""
    if value[0] not in "\"'|>" and (sharp := re.search(r"(?<!\s)\s+#", value)):
        text, comment = value[: sharp.start()], value[sharp.start() :]
    if text in ('""', "''"):
        text = "…"
    elif re.search(r"[,\[\]{}:]", text) and text[0] not in "\"'|>":
        text = quoted(text)
    keys = {
        field.key: f"{key_name(field.key, state.language, field.model)}: {text if field is main else '…'}"
        for field in record.fields.values()
        if field.required or field is main
    }
    if text[0] in "|>":
        last = keys.pop(main.key)
        return "\n".join([f"{head}:", *(f"{indent}{each}" for each in (*keys.values(), last)), "…"])
    if len(keys) == 1:
        return f"{head}: {text}{comment}"
    return f"{head}: {{{', '.join(keys.values())}}}{comment}"


def _between_braces(state: ParseState, braces: TextRange, word: str) -> str:
    """The last line of a mapping between braces, with another key added."""
    line, end = state.mended[braces.end_line], braces.end_column - 1
    before = line[:end].rstrip()
    gap = {"{": "", ",": " "}.get(before[-1:], ", ")
    return f"{before}{gap}{word}: …{line[end:]}"


def record_at(spec: FieldSpec, loc: Loc, state: ParseState) -> tuple[RecordSpec | None, str | None]:
    """The record of the mapping at ``loc``, and its name where it is a block."""
    for depth, step in enumerate(loc):
        if spec.record is not None and step in spec.record.fields:
            spec = spec.record.fields[str(step)].shape
        elif isinstance(step, int) and spec.items is not None:
            spec = spec.items
            if spec.blocks is not None:
                name = state.blocks.get(loc[: depth + 1])
                if name is None:
                    return None, None
                if depth == len(loc) - 1:
                    return spec.blocks[name], name
                spec = FieldSpec(record=spec.blocks[name])
        elif spec.entries is not None:
            spec = spec.entries[1]
        else:
            return None, None
    return spec.record, None
