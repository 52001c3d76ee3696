"""Boxes inside a body: ``:::name main argument``, ``:option: value`` lines, text, ``:::``.

A box is the same block as in the issue's list, validated by the same model; only the notation differs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import unescape
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from composer.issue.block import Block, Boxed
from composer.issue.inline import Inline
from composer.locale import Language
from composer.locale import gettext as _
from composer.source import vocabulary
from composer.source.field_spec import Kind, RecordField, record_of
from composer.source.finding import Problem, Severity
from composer.source.late_pattern import late
from composer.source.legible import stand_in
from composer.source.neighbours import meant
from composer.source.pictures import OPTION
from composer.source.scalars import guessed_date

_ITEM = late(r"\s*(?:[-*+•–]|>>)\s+(?P<item>\S.*)$")
_NUMBER = late(r"\d{1,3}[.)]\s+")
#: An option without one of its colons, or with a space after the first.
#: Options of a figure that no caption begins with.
_NO_CAPTION = frozenset(["alt", "link", "dark", "size", "caption"])
_BARE_OPTION = late(r":?[ \t]*(?P<name>[^\W\d][\w -]{0,30}?)[ \u00a0]?:[ \t]+(?P<value>\S.*)")
#: What parts names; an entity of HTML has a semicolon of its own.
_PARTING = late(r"(?P<entity>&#?\w{1,31};)|[,•;]")


def option(model: type[Block], key: str) -> tuple[str | None, RecordField]:
    """The field that sets ``key`` in a box: the block's own (name None), or one of the record in the named field."""
    fields = record_of(model).fields
    if key in fields and (record := fields[key].shape.record) is not None and record.main is not None:
        return key, record.fields[record.main]
    if key in fields:
        return None, fields[key]
    return next(
        (name, each.shape.record.fields[key])
        for name, each in fields.items()
        if each.shape.record is not None and key in each.shape.record.fields
    )


def spaced(written: str, argument: str, boxes: Mapping[str, type[Block]]) -> str | None:
    """The first words of an opening line, where together they are the name of one of ``boxes``: « à surveiller »."""
    words = [written, *argument.split(maxsplit=2)[:2]]
    together = (" ".join(words[:count]) for count in (3, 2) if len(words) >= count)
    return next((each for each in together if vocabulary.find_block(each, boxes)), None)


@dataclass
class _Given:
    """A value, and its position in the body."""

    value: Any
    line: int
    column: int
    quoted: bool = False


class Directive:
    """Parses the box that opens on line ``start``; its text ends before line ``end``.

    ``boxes`` are the allowed ones; ``inline`` parses a sentence; ``keys`` is the language of the file's keys. Lines
    count from 0 in the body.
    """

    def __init__(
        self,
        lines: Sequence[str],
        start: int,
        end: int,
        boxes: Mapping[str, type[Block]],
        *,
        inline: Callable[[str], Inline],
        keys: Language,
    ) -> None:
        self.lines = lines
        self.start = start
        self.end = end
        self.boxes = boxes
        self.inline = inline
        self.problems: list[Problem] = []
        self.language = keys

    def box(self, written: str, argument: str, others: Mapping[str, tuple[int, int]] | None = None) -> Block | None:
        """The box, or None where it cannot be made. Never raises.

        A misspelt name or option is taken for the nearest one, and an option with a wrong value for one not given, so
        that the rest of the box is checked too: what is wrong is in ``problems``. ``others`` are more fields given on
        the opening line, each with its span there.
        """
        name = vocabulary.find_block(written, self.boxes)
        if name is None and (words := spaced(written, argument, self.boxes)):
            name = vocabulary.find_block(words, self.boxes)
            argument = argument[len(words) - len(written) :].strip().removeprefix(":").strip()
            written = words
            message = _("the name of a box is one word: :::{name}").format(name=self._block(name or ""))
            better = self.lines[self.start].replace(words, self._block(name or ""), 1)
            better = better if better.lstrip().startswith(":::") else better.replace("::", ":::", 1)
            column = self.lines[self.start].find(words)
            self.problems.append(Problem("unknown-key", message, self.start, column, suggestion=better))
        if name is None:
            name = self._unknown(
                _("there is no box “{name}”"), written, [*self.boxes], vocabulary.block_name, self.start
            )
            if name is None:
                return None
        given: dict[str, _Given] = {}
        shape = self._shape(name)
        if argument:
            value, where = _unquoted(argument), self.lines[self.start].rfind(argument)
            given[shape.argument] = _Given(value, self.start, where + (value != argument), value != argument)
        for key, (start, end) in (others or {}).items():
            if start < end:
                given[key] = _Given(self.lines[self.start][start:end], self.start, start)
        line = self._options(name, given)
        self._text(name, shape.text, line, given)
        return self._checked(name, given)

    def _options(self, name: str, given: dict[str, _Given]) -> int:
        """Read the option lines into ``given``; return the number of the line after them."""
        options = self._shape(name).options
        line = self.start + 1
        while line < self.end and (match := OPTION.match(self.lines[line])):
            written, quoted = match["name"], match["value"] or ""
            value = _unquoted(quoted)
            key = vocabulary.find_key(written, options, self.boxes[name].__name__)
            column = match.start("value") + (value != quoted) if value else match.start("name")
            if key is None:
                message = _("the box “{box}” has no option “{{name}}”").format(box=self._block(name))
                key = self._unknown(message, written, options, vocabulary.key_name, line)
                if key is not None and value:
                    given.setdefault(key, _Given(value, line, column, value != quoted))
            elif key in given:
                message = _("the option “{name}” is given twice").format(name=written)
                self.problems.append(Problem("duplicate-key", message, line, 1))
            elif not value:
                message = _("the option “{name}” has no value: :{name}: value").format(name=written)
                self.problems.append(Problem("empty-value", message, line, column))
            else:
                given[key] = _Given(value, line, column, value != quoted)
            line += 1
        while line < self.end and self._bare_option(name, self.lines[line], line, given):
            line += 1
        return line

    def _bare_option(self, name: str, written: str, line: int, given: dict[str, _Given]) -> bool:
        """Read the option that a line without its colons sets, where the box cannot do without it; say so."""
        match = _BARE_OPTION.match(written)
        model = self.boxes[name]
        key = vocabulary.find_key(match["name"], self._shape(name).options, model.__name__) if match else None
        meant = name == "figure" and key in _NO_CAPTION
        if match is None or key is None or not (meant or (key not in given and option(model, key)[1].required)):
            return False
        message = _("an option of a box stands between two colons: :{name}: {value}")
        value = match["value"].rstrip()
        message = message.format(name=match["name"], value=value)
        better = f":{match['name']}: {value}"
        self.problems.append(Problem("box-colons", message, line, 0, Severity.WARNING, better))
        given.setdefault(key, _Given(_unquoted(value), line, match.start("value")))
        return True

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
                better = "- " + _NUMBER.sub("", self.lines[line].strip())
                self.problems.append(Problem("link-item", message, line, 0, suggestion=better))
                continue
            items.append(self._lifted(self.inline(match["item"]), line, match.start("item")))
        return tuple(items)

    def _checked(self, name: str, given: dict[str, _Given]) -> Block | None:
        """The box, without the options that its model refuses and with stand-ins for what it lacks."""
        model = self.boxes[name]
        data = self._data(name, given)
        try:
            return model.model_validate(data)
        except ValidationError as error:
            details = error.errors(include_url=False)
        doubtful = any(problem.severity is Severity.ERROR for problem in self.problems)
        for detail in details:
            if not (doubtful and (detail["type"] == "missing" or not detail["loc"])):  # else it may merely follow
                self._invalid(name, detail, given)
            key = str(detail["loc"][0]) if detail["loc"] else ""
            data.pop(key, None)
            field = record_of(model).fields.get(key)
            if field is not None and field.required and (replacement := stand_in(record_of(model), field)) is not None:
                data[key] = replacement
        try:
            return model.model_validate(data)
        except ValidationError:
            return None

    def _data(self, name: str, given: dict[str, _Given]) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key, each in given.items():
            under, field = option(self.boxes[name], key)
            value = self._value(key, field, each)
            if under is None:
                data[key] = value
            else:
                data.setdefault(under, {})[field.key] = value
        return data

    def _value(self, key: str, field: RecordField, given: _Given) -> Any:
        """The value of the field, converted as its type requires."""
        value, kinds = given.value, {each.kind for each in field.shape.scalars}
        if key == "box_end" and not given.quoted:
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
        return _names(value) if field.shape.items is not None else value

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
        better = self._dated(place) if field == "due" else None
        self.problems.append(Problem(code, message, place.line, max(place.column, 0), suggestion=better))

    def _dated(self, given: _Given) -> str | None:
        """The line of a date that is written another way, with the date as it is written here."""
        date = guessed_date(str(given.value))
        return self.lines[given.line].replace(str(given.value), date, 1) if date else None

    def _missing(self, name: str, field: str) -> str:
        box = self._block(name)
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
    ) -> str | None:
        """Report a name that is not one of ``names``; return the one that was probably meant."""
        near = meant(written, names, self.language, called)
        text = message.format(name=written)
        suggestion = None
        if near is not None:
            text += _("; did you mean {name}?").format(name=near.called)
            suggestion = self.lines[line].replace(written, near.called, 1)
        else:
            text += _(": there are {names}").format(names=", ".join(called(name, self.language) for name in names))
        column = max(self.lines[line].find(written), 0)
        self.problems.append(Problem("unknown-key", text, line, column, suggestion=suggestion))
        return near.name if near is not None else None

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

    def _block(self, name: str) -> str:
        return vocabulary.block_name(name, self.language)

    def _key(self, key: str) -> str:
        return vocabulary.key_name(key, self.language)


def _names(value: str) -> tuple[str, ...]:
    """The names that commas, bullets or semicolons part."""

    def parted(mark: re.Match[str]) -> str:
        return mark[0] if mark["entity"] and unescape(mark[0]) != mark[0] else mark[0][:-1] + "\n"

    return tuple(name.strip() for name in _PARTING.sub(parted, value).split("\n"))


def _unquoted(value: str) -> str:
    """``value`` without one pair of straight quotes around it, which mean the same as around a value in YAML."""
    inner = value[1:-1]
    return inner if len(value) > 1 and value[0] == value[-1] in "\"'" and value[0] not in inner else value


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
