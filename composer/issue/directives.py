"""Boxes inside a body: ``:::name main argument``, ``:option: value`` lines, text, ``:::``.

A box is the same block as in the issue's list, validated by the same model; only the notation differs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from composer.issue.block import Block, Boxed
from composer.issue.inline import Inline
from composer.locale import Language
from composer.locale import gettext as _
from composer.source import vocabulary
from composer.source.field_spec import Kind, RecordField, record_of
from composer.source.finding import Problem

OPTION = re.compile(r":(?P<name>[^\W\d][\w '’-]*):(?:[ \t\u00a0]+(?P<value>.*\S))?\s*$")
_ITEM = re.compile(r"\s*(?:[-*+•–]|>>)\s+(?P<item>\S.*)$")
_NAMES = re.compile("[,•;]")


def option(model: type[Block], key: str) -> tuple[str | None, RecordField]:
    """The field that sets ``key`` in a box: the block's own (name None), or one of the record in the named field."""
    fields = record_of(model).fields
    if key in fields:
        return None, fields[key]
    return next(
        (name, each.shape.record.fields[key])
        for name, each in fields.items()
        if each.shape.record is not None and key in each.shape.record.fields
    )


@dataclass
class _Given:
    """A value, and its position in the body."""

    value: Any
    line: int
    column: int


class Directive:
    """Parses the box that opens on line ``start``; its text ends before line ``end``.

    ``boxes`` are the allowed ones; ``inline`` parses a sentence. Lines count from 0 in the body.
    """

    def __init__(
        self,
        lines: Sequence[str],
        start: int,
        end: int,
        boxes: Mapping[str, type[Block]],
        *,
        inline: Callable[[str], Inline],
    ) -> None:
        self.lines = lines
        self.start = start
        self.end = end
        self.boxes = boxes
        self.inline = inline
        self.problems: list[Problem] = []
        self.french = False

    def box(self, written: str, argument: str) -> Block | None:
        """The box, or None if it has problems. Never raises."""
        name = vocabulary.find_block(written, self.boxes)
        if name is None:
            self._unknown(_("there is no box “{name}”"), written, [*self.boxes], vocabulary.block_name, self.start)
            return None
        self.french = vocabulary.key_language(written, name, vocabulary.block_name(name, "fr")) == "fr"
        given: dict[str, _Given] = {}
        shape = self._shape(name)
        if argument:
            given[shape.argument] = _Given(argument, self.start, self.lines[self.start].rfind(argument))
        line = self._options(name, given)
        self._text(name, shape.text, line, given)
        if any(problem.severity == "error" for problem in self.problems):
            return None
        return self._checked(name, given)

    def _options(self, name: str, given: dict[str, _Given]) -> int:
        """Read the option lines into ``given``; return the number of the line after them."""
        options = self._shape(name).options
        line = self.start + 1
        while line < self.end and (match := OPTION.match(self.lines[line])):
            written, value = match["name"], match["value"] or ""
            key = vocabulary.find_key(written, options, self.boxes[name].__name__)
            column = match.start("value") if value else match.start("name")
            if key is None:
                message = _("the box “{box}” has no option “{{name}}”").format(box=self._block(name))
                self._unknown(message, written, options, vocabulary.key_name, line)
            elif key in given:
                message = _("the option “{name}” is given twice").format(name=written)
                self.problems.append(Problem("duplicate-key", message, line, 1))
            elif not value:
                message = _("the option “{name}” has no value: :{name}: value").format(name=written)
                self.problems.append(Problem("empty-value", message, line, column))
            else:
                given[key] = _Given(value, line, column)
                self.french = self.french or vocabulary.key_language(written, key, vocabulary.french(key)) == "fr"
            line += 1
        return line

    def _text(self, name: str, field: str, line: int, given: dict[str, _Given]) -> None:
        while line < self.end and not self.lines[line].strip():
            line += 1
        if line >= self.end:
            return
        text = "\n".join(self.lines[line : self.end]).rstrip()
        if field in given:
            message = _("the text of this box and its option “{name}” say the same thing: keep one")
            self.problems.append(Problem("duplicate-key", message.format(name=self._key(field)), line))
        elif option(self.boxes[name], field)[1].shape.items is not None:
            given[field] = _Given(self._items(line), line, 0)
        else:
            given[field] = _Given(text, line, 0)

    def _items(self, first: int) -> tuple[Inline, ...]:
        items: list[Inline] = []
        for line in range(first, self.end):
            if not self.lines[line].strip():
                continue
            match = _ITEM.match(self.lines[line])
            if match is None:
                message = _("each link stands on its line, after a hyphen")
                better = "- " + self.lines[line].strip()
                self.problems.append(Problem("link-item", message, line, 0, suggestion=better))
                continue
            items.append(self._lifted(self.inline(match["item"]), line, match.start("item")))
        return tuple(items)

    def _checked(self, name: str, given: dict[str, _Given]) -> Block | None:
        data: dict[str, Any] = {}
        for key, each in given.items():
            under, field = option(self.boxes[name], key)
            value = self._value(key, field, each)
            if under is None:
                data[key] = value
            else:
                data.setdefault(under, {})[key] = value
        try:
            return self.boxes[name].model_validate(data)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                self._invalid(name, detail, given)
            return None

    def _value(self, key: str, field: RecordField, given: _Given) -> Any:
        """The value of the field, converted as its type requires."""
        value, kinds = given.value, {each.kind for each in field.shape.scalars}
        if key == "box_end":
            return f"{value} " if value == "." else f" {value} "
        if not isinstance(value, str):
            return value
        if Kind.LINES in kinds:
            lines = next(each for each in field.shape.scalars if each.kind is Kind.LINES)
            return self._lifted(lines.adapter.validate_python(value), given.line, given.column)
        if Kind.WORDS in kinds:
            return self._lifted(self.inline(value), given.line, given.column)
        if Kind.CHOICE in kinds:
            choices = [choice for each in field.shape.scalars for choice in each.choices]
            return vocabulary.find_value(value, choices) or value
        return tuple(map(str.strip, _NAMES.split(value))) if field.shape.items is not None else value

    def _invalid(self, name: str, detail: ErrorDetails, given: dict[str, _Given]) -> None:
        loc = tuple(part for part in detail["loc"] if isinstance(part, str))
        field = loc[-1] if loc and loc[-1] in given else loc[0] if loc else ""
        place = given.get(field, _Given(None, self.start, 0))
        context = detail.get("ctx", {})
        if detail["type"] == "missing":
            code, message = "missing-key", self._missing(name, field)
        elif "why" in context:
            code, message = detail["type"], str(context["why"])
        else:
            code = "bad-value"
            message = _expected(field).format(value=place.value)
        self.problems.append(Problem(code, message, place.line, max(place.column, 0)))

    def _missing(self, name: str, field: str) -> str:
        box = self._block(name)
        if field == "credit":
            credit = record_of(self.boxes[name]).fields[field].shape.record
            options = ", ".join(f":{self._key(key)}:" for key in (credit.fields if credit else ()))
            return _("who made this picture? One of these lines is missing under “{box}”: {options}").format(
                box=box, options=options
            )
        shape = self._shape(name)
        if field == shape.argument:
            return _("this box has no {field}: write it after its name, :::{box} {field}").format(
                box=box, field=self._key(field)
            )
        if field == shape.text:
            return _("this box has no text: write it between :::{box} and :::").format(box=box)
        return _("a line :{option}: is missing under “{box}”").format(option=self._key(field), box=box)

    def _unknown(
        self,
        message: str,
        written: str,
        names: Sequence[str],
        called: Callable[[str, Language], str],
        line: int,
    ) -> None:
        both = {each for name in names for each in (name, called(name, "fr"))}
        near = vocabulary.nearest_word(written, both)
        text = message.format(name=written)
        suggestion = None
        if near is not None:
            text += _("; did you mean {name}?").format(name=near)
            suggestion = self.lines[line].replace(written, near, 1)
        else:
            text += _(": there are {names}").format(names=", ".join(called(name, self._language) for name in names))
        column = max(self.lines[line].find(written), 0)
        self.problems.append(Problem("unknown-key", text, line, column, suggestion=suggestion))

    def _lifted(self, value: Any, line: int, column: int) -> Any:
        """``value`` without its problems, which are added to this box's, with positions in the whole body."""
        for each in value.problems:
            across = each.column + (column if each.line == 0 else 0)
            suggestion = each.suggestion
            if suggestion is not None and each.line == 0:
                suggestion = self.lines[line][:column] + suggestion
            self.problems.append(replace(each, line=line + each.line, column=across, suggestion=suggestion))
        return replace(value, problems=())

    def _shape(self, name: str) -> Boxed:
        shape = self.boxes[name].boxed
        assert shape is not None
        return shape

    @property
    def _language(self) -> Language:
        return "fr" if self.french else "en"

    def _block(self, name: str) -> str:
        return vocabulary.block_name(name, self._language)

    def _key(self, key: str) -> str:
        return vocabulary.key_name(key, self._language)


def _expected(field: str) -> str:
    """A description of what the field accepts."""
    match field:
        case "due":
            return _("“{value}” is not a date: year-month-day is expected, 2026-12-15")
        case "audience":
            return _("“{value}”: all, free or paid is expected")
        case "id":
            return _("“{value}” is not an identifier: lower-case letters, digits and hyphens")
        case "latest":
            return _("“{value}” is not a number from 1 to 20")
        case _:
            return _("“{value}” is not possible here")
