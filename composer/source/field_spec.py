"""What a model expects at each place of a file, read from its annotations.

Both checking (``binding``) and ``filigrane schema`` use this one description, so that what a text editor completes
and what the loader accepts cannot differ.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, auto
from functools import cached_property, lru_cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, TypeAdapter
from pydantic.fields import FieldInfo

from composer.source.points import Pointed


class Kind(Enum):
    """The kinds of scalar."""

    CHOICE = auto()  #: one of ``choices``
    BOOL = auto()
    INT = auto()
    FLOAT = auto()
    DATE = auto()
    DATETIME = auto()
    WORDS = auto()  #: parsed by its own type, which reports ``problems`` with their columns
    LINES = auto()  #: the same over several lines: line breaks must be kept
    TEXT = auto()  #: any other text, or a value that its own type parses from a text


@dataclass(frozen=True)
class FileName:
    """Marks the name of a file: nothing can stand in for one that cannot be read."""


@dataclass(frozen=True)
class ScalarSpec:
    kind: Kind
    annotation: Any
    choices: tuple[str, ...] = ()

    @property
    def names_file(self) -> bool:
        """True for a type marked ``FileName``, and for a bare ``str``."""
        return self.annotation is str or any(isinstance(each, FileName) for each in get_args(self.annotation))

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        """The pydantic validator of a value."""
        return _adapter(self.annotation)


@lru_cache(maxsize=512)  # the same few types over and over
def _adapter(annotation: Any) -> TypeAdapter[Any]:
    return TypeAdapter(annotation)


@dataclass(frozen=True)
class RecordField:
    key: str  #: the key in files, in English
    model: str  #: name of the model it belongs to
    shape: FieldSpec
    required: bool
    description: str
    default: Any


@dataclass(frozen=True)
class RecordSpec:
    """A mapping of known keys. The value of the key ``main`` may be written alone in place of the mapping."""

    model: type[BaseModel]
    fields: Mapping[str, RecordField]
    main: str | None = None
    description: str = ""
    point: Pointed | None = None  #: how it is written as a point of a Markdown list

    @property
    def points_need_url(self) -> bool:
        """True if such a point is nothing without its address."""
        return self.point is not None and bool(self.point.url) and self.fields[self.point.url].required


@dataclass(frozen=True)
class FieldSpec:
    """What may stand at one place. A union has several parts, told apart by the kind of YAML node."""

    scalars: tuple[ScalarSpec, ...] = ()
    items: FieldSpec | None = None
    entries: tuple[TypeAdapter[Any], FieldSpec] | None = None  #: validator of the keys, spec of the values
    record: RecordSpec | None = None
    blocks: Mapping[str, RecordSpec] | None = None  #: block name → its record: a mapping of one key

    def __or__(self, other: FieldSpec) -> FieldSpec:
        return FieldSpec(
            self.scalars + other.scalars,
            self.items or other.items,
            self.entries or other.entries,
            self.record or other.record,
            self.blocks or other.blocks,
        )

    @property
    def holds_lines(self) -> bool:
        return any(scalar.kind is Kind.LINES for scalar in self.scalars)

    @property
    def takes_points(self) -> bool:
        """True if it is a list that may be written as one Markdown list: of sentences, or of records with a point."""
        item = self.items
        if item is None:
            return False
        sentences = any(scalar.kind is Kind.WORDS for scalar in item.scalars)
        return sentences or (item.record is not None and item.record.point is not None)

    @property
    def holds_text(self) -> bool:
        return any(scalar.kind in (Kind.LINES, Kind.WORDS, Kind.TEXT) for scalar in self.scalars)


@lru_cache
def record_of(model: type[BaseModel]) -> RecordSpec:
    """The record spec of a model."""
    fields: dict[str, RecordField] = {}
    for name, info in model.model_fields.items():
        if name == "type":
            continue
        key = info.alias or name
        default = None if info.is_required() else info.get_default(call_default_factory=True)
        spec = field_spec(_annotated(info))
        fields[key] = RecordField(key, model.__name__, spec, info.is_required(), info.description or "", default)
    described, point = getattr(model, "described", ""), getattr(model, "point", None)
    return RecordSpec(model, fields, getattr(model, "main", None), described, point)


def _annotated(info: FieldInfo) -> Any:
    if not info.metadata and info.discriminator is None:
        return info.annotation
    # The metadata are known only at run time; mypy rejects such an Annotated[...].
    return Annotated.__class_getitem__((info.annotation, *info.metadata))  # type: ignore[attr-defined] # reason: above


def field_spec(annotation: Any) -> FieldSpec:
    """The spec of a type as written in a model's annotation."""
    bare = annotation
    while get_origin(bare) is Annotated:
        bare = get_args(bare)[0]
    origin = get_origin(bare)
    if origin in (Union, types.UnionType):
        if any(isinstance(each, BeforeValidator) for each in get_args(annotation)):  # it parses the text itself
            return FieldSpec((ScalarSpec(Kind.TEXT, annotation),))
        return _union(bare)
    if bare is type(None):
        return FieldSpec()
    if origin is Literal:
        return FieldSpec((ScalarSpec(Kind.CHOICE, annotation, tuple(str(each) for each in get_args(bare))),))
    if origin in (tuple, list, frozenset, set):
        return FieldSpec(items=field_spec(get_args(bare)[0]))
    if origin is dict:
        key, value = get_args(bare)
        return FieldSpec(entries=(TypeAdapter(key), field_spec(value)))
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        return FieldSpec(record=record_of(bare))
    return FieldSpec((ScalarSpec(_kind(bare, annotation), annotation),))


def _union(bare: Any) -> FieldSpec:
    members = get_args(bare)
    models = [member for member in members if isinstance(member, type) and issubclass(member, BaseModel)]
    if len(models) > 1 and all("type" in model.model_fields for model in models):
        return FieldSpec(
            blocks={get_args(model.model_fields["type"].annotation)[0]: record_of(model) for model in models}
        )
    spec = FieldSpec()
    for member in members:
        spec |= field_spec(member)
    return spec


_KINDS: dict[Any, Kind] = {
    bool: Kind.BOOL,
    int: Kind.INT,
    float: Kind.FLOAT,
    date: Kind.DATE,
    datetime: Kind.DATETIME,
}


def _kind(bare: Any, annotation: Any) -> Kind:
    own = getattr(bare, "__dataclass_fields__", {})
    if "problems" in own:
        return Kind.LINES if "lines" in own else Kind.WORDS
    return _KINDS.get(bare, Kind.TEXT)


def models(model: type[BaseModel]) -> dict[str, RecordSpec]:
    """Every record that can stand in a file of ``model``, by the name of its model."""
    found: dict[str, RecordSpec] = {}

    def visit(spec: FieldSpec) -> None:
        for record in (spec.record, *(spec.blocks or {}).values()):
            if record is not None and record.model.__name__ not in found:
                found[record.model.__name__] = record
                for field in record.fields.values():
                    visit(field.shape)
        for below in (spec.items, spec.entries[1] if spec.entries else None):
            if below is not None:
                visit(below)

    visit(FieldSpec(record=record_of(model)))
    return found
