"""The entries of a mapping as they were meant: a text at the height of its key, keys between braces without a space."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from composer.locale import gettext as _
from composer.source.field_spec import RecordSpec
from composer.source.parse_state import ParseState
from composer.source.prose_checks import shortened
from composer.source.quoting import spelled
from composer.source.repair.indentation import indent
from composer.source.tree import Mapping, Node, Scalar, TextRange
from composer.source.vocabulary import find_block, find_key


def meant_entries(state: ParseState, node: Mapping, record: RecordSpec) -> Iterator[tuple[Scalar, Node]]:
    """The keys and values of ``node``, a mapping of ``record``, in their order; what was not meant so is reported."""
    waiting = [*node.entries]
    while waiting:
        key, value = waiting.pop(0)
        if _is_block(key, record):
            line = state.mended[key.span.line]
            better = f"{line[: key.span.column]}- {line[key.span.column :]}"
            state.report("no-dash", _("each block begins with its own dash"), key.span.line, key.span.column, better)
            continue
        run = [*takewhile(lambda each: _is_words(each[0], record), waiting)] if _is_bar(key, value, record) else []
        if run and isinstance(value, Scalar):
            del waiting[: len(run)]
            end = waiting[0][0].span.line if waiting else _end(state, key, run[-1][0])
            value = _text_below(state, key, value, end)
        elif node.flow and (parted := _glued(state, key, value, record)) is not None:
            key, value = parted
        yield key, value


def _is_block(key: Scalar, record: RecordSpec) -> bool:
    """True for the name of a block among the keys of the record that holds the blocks."""
    if key.style or find_block(key.text) is None:
        return False
    lists = (field.shape.items for field in record.fields.values())
    blocks = next((items.blocks for items in lists if items is not None and items.blocks is not None), None)
    named = blocks is not None and find_block(key.text, blocks) is not None
    return named and find_key(key.text, record.fields, record.model.__name__) is None


def _is_bar(key: Scalar, value: Node, record: RecordSpec) -> bool:
    """True for a key of a text with nothing after its ``|``."""
    name = find_key(key.text, record.fields, record.model.__name__)
    if name is None or not isinstance(value, Scalar) or value.style != "|" or not value.is_empty:
        return False
    return record.fields[name].shape.holds_text


def _is_words(key: Scalar, record: RecordSpec) -> bool:
    """True for words before a colon, no key of ``record``."""
    unknown = find_key(key.text, record.fields, record.model.__name__) is None
    return unknown and not key.style and " " in key.text.strip()


def _end(state: ParseState, key: Scalar, last: Scalar) -> int:
    """The line after those at the height of ``key`` or below it, from ``last`` on."""
    number = last.span.line + 1
    while number < len(state.mended):
        line = state.mended[number]
        if line.strip() and indent(line) < key.span.column:
            break
        number += 1
    return number


def _text_below(state: ParseState, key: Scalar, bar: Scalar, end: int) -> Scalar:
    first, column = bar.span.line + 1, key.span.column
    lines = state.mended[first:end]
    message = _("the text begins on the line below |, two columns further than its key")
    at = next(number for number, line in enumerate(lines, first) if line.strip())
    better = shortened("\n".join(f"  {line}" if line.strip() else "" for line in lines).strip("\n"))
    state.report("bad-indent", message, at, indent(state.mended[at]), better)
    text = "\n".join(line[column:] for line in lines).rstrip("\n") + "\n"
    return Scalar(text, bar.span, "|")


def _glued(state: ParseState, key: Scalar, value: Node, record: RecordSpec) -> tuple[Scalar, Scalar] | None:
    """``{photo:Lise}``, where YAML reads one key without a value."""
    word, colon, rest = key.text.partition(":")
    if key.style or not colon or not rest.strip() or rest.startswith("//"):
        return None
    if not isinstance(value, Scalar) or not value.is_empty:
        return None
    if find_key(word, record.fields, record.model.__name__) is None:
        return None
    span, middle = key.span, key.span.column + len(word)
    better = state.rewrite(span, f"{word}: {spelled(rest)}")
    state.report("missing-space", _("a space is missing after the colon"), span.line, middle, better)
    return (
        Scalar(word, TextRange(span.line, span.column, span.line, middle), ""),
        Scalar(rest, TextRange(span.line, middle + 1, span.end_line, span.end_column), ""),
    )
