"""A picture written as Markdown under ``|``, in place of its keys; in a text it is written the same.

::

    figure: |
      ![What it shows](carte.png)
      :by: Ondine Castelbrac
      The caption, to the end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from composer.locale import gettext as _
from composer.source.field_spec import RecordField, RecordSpec
from composer.source.late_pattern import late
from composer.source.parse_state import ParseState
from composer.source.points import part_of
from composer.source.tree import Scalar, TextPart, TextRange
from composer.source.vocabulary import find_key, key_name, nearest_word

#: A picture on a line of its own: ``![what it shows](file.png)``, ``![](Image (1).png)``.
PICTURE = late(r"!\[(?P<alt>[^\[\]]*)\]\((?P<src>[^\s()\"][^()\"]*(?:\([^()\"]*\)[^()\"]*)*)\)\s*$")

#: ``:key: value``, indented or not.
OPTION = late(r"[ \t]{0,8}:(?P<name>[^\W\d][\w '’-]*):(?:[ \t\u00a0]+(?P<value>.*\S))?\s*$")

#: Name of the record that a field is in, or None; its description; its words.
PictureField = tuple[str | None, RecordField, TextPart]


def is_picture(node: Scalar, record: RecordSpec) -> bool:
    """True if ``node`` is a picture of ``record``'s model, written as Markdown."""
    return node.style == "|" and getattr(record.model, "pictured", False) and node.text.startswith("![")


def fields_of(state: ParseState, node: Scalar, record: RecordSpec) -> list[PictureField]:
    """The fields given by the picture ``node``: ``src`` and ``alt``, those of its options, and ``caption``."""
    indent = state.indent(node)
    lines = node.text.rstrip().split("\n")
    first = node.span.line + 1
    last = TextRange(first, indent, first + len(lines) - 1, indent + len(lines[-1]))
    whole = TextPart("\n".join(lines), last, "|", indent)
    opening = PICTURE.match(lines[0])
    if opening is None:
        message = _("a picture is written {form}, alone on its line: between brackets what it shows, then its file")
        state.report("markdown-image", message.format(form="![…](….png)"), first, indent)
        return []
    found: dict[str, PictureField] = {
        key: (None, record.fields[key], part_of(whole, *opening.span(key))) for key in ("src", "alt") if opening[key]
    }
    keys = _keys(record)
    start = len(lines[0]) + 1
    for number, line in enumerate(lines[1:], first + 1):
        option = OPTION.match(line)
        if option is None:
            break
        key = find_key(option["name"], keys)
        if key is None or key in found or not option["value"]:
            _refuse(state, option, key, number, indent, keys)
        else:
            found[key] = (*keys[key], part_of(whole, start + option.start("value"), start + option.end("value")))
        start += len(line) + 1
    if whole.text[start:].strip():
        found["caption"] = (None, record.fields["caption"], part_of(whole, start, len(whole.text)))
    return list(found.values())


def _keys(record: RecordSpec) -> Mapping[str, tuple[str | None, RecordField]]:
    """What an option may set: a field, or one of the record in a field."""
    keys: dict[str, tuple[str | None, RecordField]] = {}
    for name, field in record.fields.items():
        if field.shape.scalars:
            keys[name] = (None, field)
        elif field.shape.record is not None and field.shape.record.main is not None:
            keys |= {key: (name, below) for key, below in field.shape.record.fields.items()}
    return keys


def _refuse(
    state: ParseState,
    option: re.Match[str],
    key: str | None,
    line: int,
    indent: int,
    keys: Mapping[str, tuple[str | None, RecordField]],
) -> None:
    name, column = option["name"], indent + option.start("name")
    if key is None:
        names = [key_name(each, state.language, field.model) for each, (_under, field) in keys.items()]
        near = nearest_word(name, [*names, *keys])
        message = _("there is no key “{key}” here; the keys are: {keys}").format(key=name, keys=", ".join(names))
        if near:
            message = _("there is no key “{key}” here; did you mean “{near}”?").format(key=name, near=near)
        better = state.rewrite(TextRange(line, column, line, column + len(name)), near) if near else None
        state.report("unknown-key", message, line, column, better)
    elif not option["value"]:
        message = _("nothing is written after “{key}:”: write it, or delete the line").format(key=name)
        state.report("empty-value", message, line, column)
    else:
        message = _("the option “{name}” is given twice").format(name=name)
        state.report("duplicate-key", message, line, column)
