"""JSON Schema for text editors, in either language of keys, from the field specs that also check files.

Properties have the names of ``language``, which editors complete; patterns accept what else ``fold_key`` reads as one
of them: accents, capitals, hyphens, the other language. Whatever ``check`` accepts is valid, so a key is required
only where all keys have the completed names, the only ones that JSON Schema can ask for.

A block list item is one object with every block name as a property and ``maxProperties: 1``: with a ``oneOf``, editors
would report a misspelt block once for each alternative. Nothing has the type null or a default, and no text is typed
boolean: editors would offer the words. Choices are a pattern and ``examples`` for the same reason as keys.
``errorMessage``, ``patternErrorMessage`` and ``defaultSnippets`` are yaml-language-server's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from composer import locale
from composer.locale import Language
from composer.locale import gettext as _
from composer.source.field_spec import FieldSpec, Kind, RecordField, RecordSpec, ScalarSpec, record_of
from composer.source.prose_checks import wrong_form
from composer.source.vocabulary import block_name, fold_key, key_name, value_name

JsonSchema = dict[str, Any]

#: The annotation of a scalar → values of it that the newsroom has, which editors offer.
Offers = Callable[[Any], Sequence[str]]

#: What the loader keeps as text; YAML reads some of it as a number.
_TEXT = ["string", "number"]

#: What an empty block holds: null, in words that no editor offers.
_EMPTY: JsonSchema = {"not": {"type": ["string", "number", "boolean", "object", "array"]}}

_ACCENTS = {"a": "àâä", "c": "ç", "e": "éèêë", "i": "îï", "n": "ñ", "o": "ôö", "u": "ùûü", "y": "ÿ"}

#: Kind → its YAML types (a text too, for quotes change nothing), the form of the text, what is said of another one.
_FORMS: dict[Kind, tuple[list[str], str, Callable[[], str]]] = {
    Kind.BOOL: (["boolean", "string"], "true|false", lambda: _("write true or false here")),
    Kind.DATE: (["string"], r"\d{4}-\d{2}-\d{2}", lambda: _("a date is written year-month-day: 2026-12-15")),
    Kind.DATETIME: (
        ["string"],
        r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?",
        lambda: _("a date and an hour are written 2026-12-15 07:00"),
    ),
    Kind.INT: (["integer", "string"], r"-?\d+", lambda: _("a whole number is expected here, in digits alone")),
    Kind.FLOAT: (
        ["number", "string"],
        r"-?\d+(\.\d+)?",
        lambda: _("a number is expected here, with a point for decimals"),
    ),
}


def nothing(_annotation: Any) -> Sequence[str]:
    """Offers no value."""
    return ()


def _folded(words: Iterable[str]) -> str:
    """The pattern of every word that ``fold_key`` reads as one of ``words``."""
    forms = "|".join(dict.fromkeys("".join(map(_letter, fold_key(word))) for word in words))
    return rf"^[\s_'’-]*({forms})[\s_'’-]*$"


def _letter(letter: str) -> str:
    if letter == "_":
        return r"[\s_'’-]+"
    if letter in _ACCENTS:
        every = letter + _ACCENTS[letter]
        return rf"[{every}{every.upper()}][\u0300-\u036f]*"
    return f"[{letter}{letter.upper()}]" if letter.isalpha() else re.escape(letter)


def _text_form(pattern: str | None) -> JsonSchema:
    """The pattern of a text, whose last line break does not count, and what is said of a text without that form."""
    if pattern is None:
        return {}
    return {"pattern": re.sub(r"\$$", r"\\n?$", pattern), "patternErrorMessage": wrong_form(pattern)}


def _a_text() -> str:
    return _("a text is expected here; true, false and null stand between quotes")


def schema_of(model: type[BaseModel], language: Language, title: str, offers: Offers = nothing) -> JsonSchema:
    """The JSON Schema (draft 7) of a file of ``model`` with its keys in ``language``."""
    before = locale.language()
    locale.use(language)
    try:
        writer = _Writer(language, offers)
        whole = writer.object(record_of(model), "#")
    finally:
        locale.use(before)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": title,
        **whole,
        "definitions": dict(sorted(writer.definitions.items())),
    }


def needed_lines(record: RecordSpec, language: Language, indent: int, first: int = 1) -> list[str]:
    """Lines with the required keys of ``record``, each with a place to type in (``$1``), numbered from ``first``."""
    lines: list[str] = []
    for each in record.fields.values():
        if each.required:
            stop = first + sum(line.count("$") for line in lines)
            head = f"{' ' * indent}{key_name(each.key, language, each.model)}:"
            lines += _blank(head, each.shape, language, indent, stop)
    return lines


def _blank(head: str, spec: FieldSpec, language: Language, indent: int, stop: int) -> list[str]:
    """The lines of one key, to type in."""
    if spec.holds_lines:
        return [f"{head} |", f"{' ' * (indent + 2)}${stop}"]
    if spec.items is not None and spec.items.record is not None:
        if hasattr(spec.items.record.model, "point"):  # shorter as one Markdown list: points.py
            return [f"{head} |", f"{' ' * (indent + 2)}- **${stop}** ${stop + 1}"]
        first, *others = needed_lines(spec.items.record, language, indent + 4, stop)
        return [head, f"{' ' * (indent + 2)}- {first.strip()}", *others]
    if spec.record is not None and (below := needed_lines(spec.record, language, indent + 2, stop)):
        return [head, *below]
    return [f"{head} ${stop}"]


@dataclass(frozen=True)
class _Writer:
    language: Language
    offers: Offers
    definitions: dict[str, JsonSchema] = field(default_factory=dict)

    def name(self, field: RecordField) -> str:
        return key_name(field.key, self.language, field.model)

    def object(self, record: RecordSpec, at: str) -> JsonSchema:
        """The schema of a mapping of ``record``'s keys, which stands at the JSON pointer ``at``."""
        fields = record.fields.values()
        names = [self.name(field) for field in fields]
        properties = {name: self.property(field) for name, field in zip(names, fields, strict=True)}
        forms = {_folded((field.key, key_name(field.key, "fr", field.model))): self.name(field) for field in fields}
        schema = {
            "type": "object",
            "properties": properties,
            "patternProperties": {form: {"$ref": f"{at}/properties/{name}"} for form, name in forms.items()},
            "additionalProperties": False,
            "errorMessage": _("the keys are: {keys}").format(keys=", ".join(names)),
        }
        required = [self.name(field) for field in fields if field.required]
        if required:
            needed = _("needed here: {keys}").format(keys=", ".join(required))
            schema |= {
                "if": {"propertyNames": {"enum": names}},
                "then": {"required": required, "errorMessage": needed},
            }
        return schema

    def property(self, field: RecordField) -> JsonSchema:
        described = {"description": _(field.description)} if field.description else {}
        return {**described, **self.any(field.shape)}

    def record(self, record: RecordSpec, may_be_empty: bool) -> JsonSchema:
        name = record.model.__name__
        if name not in self.definitions:
            self.definitions[name] = {}  # set before recursing, in case a model contains itself (none does)
            self.definitions[name] = self.object(record, f"#/definitions/{name}")
        choices: list[JsonSchema] = [{"$ref": f"#/definitions/{name}"}]
        if record.main is not None and record.main in record.fields:
            choices += self.parts(record.fields[record.main].shape)
        if may_be_empty and not any(field.required for field in record.fields.values()):
            choices.append(_EMPTY)
        return choices[0] if len(choices) == 1 else {"anyOf": choices}

    def any(self, spec: FieldSpec) -> JsonSchema:
        parts = self.parts(spec)
        return parts[0] if len(parts) == 1 else {"anyOf": parts}

    def parts(self, spec: FieldSpec) -> list[JsonSchema]:
        parts = [self.scalar(scalar) for scalar in spec.scalars]
        if spec.items is not None:
            parts.append({"type": "array", "items": self.any(spec.items)})
        if spec.takes_points:
            parts.append({"type": "string"})
        if spec.entries is not None:
            names, values = spec.entries
            pattern = names.json_schema().get("pattern")
            named = {"propertyNames": _text_form(pattern)} if pattern else {}
            parts.append({"type": "object", "additionalProperties": self.any(values), **named})
        if spec.record is not None:
            parts.append(self.record(spec.record, may_be_empty=False))
        if spec.blocks is not None:
            parts.append(self.blocks(spec.blocks))
        return parts

    def blocks(self, blocks: Mapping[str, RecordSpec]) -> JsonSchema:
        names = {name: block_name(name, self.language) for name in blocks}
        at = "#/definitions/blocks"
        self.definitions["blocks"] = {
            "type": "object",
            "properties": {names[name]: self.block(name, record) for name, record in blocks.items()},
            "patternProperties": {
                _folded((name, block_name(name, "fr"))): {"$ref": f"{at}/properties/{own}"}
                for name, own in names.items()
            },
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
            "errorMessage": _("a block begins with its name and a colon; the names are: {names}").format(
                names=", ".join(names.values())
            ),
        }
        return {"$ref": at}

    def block(self, name: str, record: RecordSpec) -> JsonSchema:
        described = {"description": _(record.description)} if record.description else {}
        lines = needed_lines(record, self.language, 4)
        body = {"label": f"{block_name(name, self.language)}…", "body": "\n".join(["", *lines])}
        snippets = {"defaultSnippets": [body]} if lines else {}
        return {**described, **self.record(record, may_be_empty=True), **snippets}

    def scalar(self, scalar: ScalarSpec) -> JsonSchema:
        if scalar.kind is Kind.CHOICE:
            names = [value_name(choice, self.language) for choice in scalar.choices]
            wrong = _("choose one of: {choices}").format(choices=", ".join(names))
            form = _folded(word for choice in scalar.choices for word in (choice, value_name(choice, "fr")))
            return {"type": ["string"], "pattern": form, **_wrong(wrong), "examples": names}
        if scalar.kind in _FORMS:
            types, form, said = _FORMS[scalar.kind]
            own = scalar.adapter.json_schema()
            limits: JsonSchema = {key: own[key] for key in ("minimum", "maximum", "exclusiveMinimum") if key in own}
            return {"type": types, "pattern": rf"^({form})\n?$", **_wrong(said()), **limits}
        prose = scalar.kind in (Kind.WORDS, Kind.LINES)
        pattern = None if prose else scalar.adapter.json_schema().get("pattern")
        offered = list(self.offers(scalar.annotation))
        examples = {"examples": offered} if offered else {}
        return {"type": _TEXT, "errorMessage": _a_text(), **_text_form(pattern), **examples}


def _wrong(message: str) -> JsonSchema:
    return {"errorMessage": message, "patternErrorMessage": message}
