"""Read a block in YAML (a list item that is a mapping of one key, the block's name), and its usual misspellings."""

from __future__ import annotations

import re
from collections.abc import Mapping as Of
from typing import TypeAlias

from composer.locale import gettext as _
from composer.source.field_spec import RecordSpec
from composer.source.neighbours import meant
from composer.source.parse_state import ParseState
from composer.source.repair.indentation import indent, with_others
from composer.source.tree import Mapping, Node, Scalar, TextRange
from composer.source.vocabulary import block_name, find_block, find_key, key_name

#: Block name → the record of its keys.
Blocks: TypeAlias = Of[str, RecordSpec]


def open_block(state: ParseState, node: Node, blocks: Blocks) -> tuple[str, TextRange, Node] | None:
    """The name of a block, its span, and the node under it; None where no name can be made out."""
    if isinstance(node, Scalar):
        return _bare(state, node, blocks)
    if not isinstance(node, Mapping) or not node.entries:
        _nameless(state, node, blocks)
        return None
    key, value = node.entries[0]
    name = find_block(key.text, blocks)
    if len(node.entries) > 1:
        return _several(state, node, blocks, name)
    if name is None:
        return _misspelt(state, node, key, value, blocks)
    state.mixture(key, name, block_name(name, "fr"))
    return name, key.span, value


def _bare(state: ParseState, node: Scalar, blocks: Blocks) -> tuple[str, TextRange, Node] | None:
    """Read ``- ours`` without its colon, or ``- notice:Text`` without the space after it."""
    word, _colon, rest = node.text.partition(":")
    name = find_block(word, blocks) if node.style == "" else None
    if name is None:
        _nameless(state, node, blocks)
        return None
    better = state.rewrite(node.span, f"{word}: {rest}".rstrip())
    message = _("a colon and a space stand between the name of a block and its text")
    state.report("missing-space", message, node.span.line, node.span.column, better)
    span = TextRange(node.span.line, node.span.column, node.span.line, node.span.column + len(word))
    return name, span, Scalar(rest, node.span, "")


def _several(state: ParseState, node: Mapping, blocks: Blocks, name: str | None) -> tuple[str, TextRange, Node] | None:
    (key, value), *others = node.entries
    if name is None:
        _nameless(state, node, blocks)
        return None
    fields = blocks[name].fields
    model = blocks[name].model.__name__
    inside = [(other, below) for other, below in others if find_key(other.text, fields, model)]
    if isinstance(value, Scalar) and value.is_empty and inside:
        due = key.span.column + 2
        numbers = [other.span.line for other, _below in inside]
        # some were moved here from where they should stand: their lines are right as typed
        state.findings[:] = [
            each for each in state.findings if each.code != "bad-indent" or each.place.line - 1 not in numbers
        ]
        wrong = [number for number in numbers if indent(state.lines[number]) != due] or numbers[:1]
        message = _("the keys of “{block}” stand two columns further than its name").format(block=key.text)
        better = " " * due + state.lines[wrong[0]].lstrip()
        column = indent(state.mended[wrong[0]])
        state.report("bad-indent", with_others(message, len(wrong) - 1), wrong[0], column, better)
        return name, key.span, Mapping(node.span, False, others)
    main = blocks[name].main
    if isinstance(value, Scalar) and main is not None and value.style != "|" and len(inside) == len(others):
        own = key_name(main, state.language, model)
        message = _("a block of several keys has each on its line, two columns further than its name")
        state.report("bad-indent", message, key.span.line, key.span.column, _keyed(state, node, value, own))
        return name, key.span, Mapping(node.span, False, [(Scalar(own, key.span, ""), value), *inside])
    for other, _below in others:
        line = state.mended[other.span.line]
        if find_block(other.text, blocks):
            message = _("each block begins with its own dash")
            better = line[: max(0, other.span.column - 2)] + "- " + line[other.span.column :]
            state.report("no-dash", message, other.span.line, other.span.column, better)
        else:
            message = _("this key stands at the height of the block's name: put it two columns further")
            state.report("bad-indent", message, other.span.line, other.span.column, "  " + line)
    if isinstance(value, Mapping) and inside:
        value = Mapping(value.span, value.flow, [*value.entries, *inside])
    return name, key.span, value


def _keyed(state: ParseState, node: Mapping, value: Scalar, own: str) -> str | None:
    """The block ``node`` with its text ``value`` under its ``own`` key; None where a value has several lines."""
    (key, _value), *others = node.entries
    written = state.raw(value)
    numbers = [key.span.line, *(other.span.line for other, _below in others)]
    if written is None or numbers != [*range(numbers[0], numbers[-1] + 1)]:
        return None
    due = " " * (key.span.column + 2)
    lines = [f"{due}{state.mended[number].lstrip()}" for number in numbers[1:]]
    return "\n".join([f"{state.mended[key.span.line][: key.span.end_column]}:", f"{due}{own}: {written}", *lines])


def _misspelt(
    state: ParseState, node: Mapping, key: Scalar, value: Node, blocks: Blocks
) -> tuple[str, TextRange, Node] | None:
    near = meant(key.text, [*blocks], state.language, block_name)
    if near is None:
        _nameless(state, node, blocks)
        return None
    message = _("there is no block “{word}”; did you mean “{near}”?").format(word=key.text, near=near.called)
    state.report("unknown-block", message, key.span.line, key.span.column, state.respell(key, near.called))
    return near.name, key.span, value


def _nameless(state: ParseState, node: Node, blocks: Blocks) -> None:
    names = ", ".join(block_name(each, state.language) for each in blocks)
    message = _("a block begins with its name and a colon; the names are: {names}").format(names=names)
    line = state.mended[node.span.line]
    first = node.entries[0][0].text if isinstance(node, Mapping) and node.entries else ""
    better = None
    if first and any(find_key(first, record.fields, record.model.__name__) for record in blocks.values()):
        head = re.match(r"\s*- +", line)
        if head is not None and head.end() == node.span.column:
            name = block_name("article" if "article" in blocks else next(iter(blocks)), state.language)
            better = f"{head[0]}{name}:\n{' ' * (head.end() + 2)}{line[head.end() :]}"
    state.report("unknown-block", message, node.span.line, node.span.column, better)
