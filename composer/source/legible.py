"""What can be read of a file that has errors: its data without what pydantic refuses, for proofreading only.

A refused value is left out at the smallest optional place: its key, else the item of a list around it. A required text
that is missing or wrong is replaced by ``STAND_IN``, so that the rest of its block is read.

A model may set two class variables: ``stand_ins``, replacements for its required fields that cannot be read; and
``all_or_nothing``, where leaving out one key would change the meaning of the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from composer.source.document import Loc, Partial, Source
from composer.source.field_spec import FieldSpec, Kind, RecordField, RecordSpec, record_of
from composer.source.finding import Finding
from composer.source.parse_state import ParseState
from composer.source.validating import holds, loc_of, record_at

T = TypeVar("T", bound=BaseModel)

#: Replaces a required text that cannot be read.
STAND_IN = "…"

#: Rounds of validation, each leaving out more. A file that needs them all is not of the expected kind.
ROUNDS = 12

_DROPPED = object()

#: For each place in the data as bound: left out (``_DROPPED``), or its replacement.
_Gaps = dict[Loc, Any]


def legible(state: ParseState, data: Any, model: type[T], errors: Sequence[Finding]) -> Partial[T] | None:
    """What can be read of ``data``, bound from ``state``; None if nothing. ``errors`` are those of loading."""
    gaps: _Gaps = {}
    record = record_of(model)
    for loc in state.misfits:  # pydantic would accept some of them: a date without an instant, « yes »
        _leave_out(loc, data, gaps, record, state)
    for _round in range(ROUNDS if isinstance(data, dict) else 0):
        kept, places = _without(data, gaps)
        try:
            remains = model.model_validate(kept)
        except ValidationError as error:
            before = len(gaps)
            for each in error.errors(include_url=False):
                loc = loc_of(each["loc"], kept)
                _leave_out(places.get(loc) or (*places.get(loc[:-1], ()), *loc[-1:]), data, gaps, record, state)
            if len(gaps) == before:
                return None
            continue
        marks = {new: state.marks[old] for new, old in places.items() if old in state.marks}
        damaged = frozenset(state.source.place(loc, *at) for loc in state.bad for at in ((), (0, 0)))
        source = Source(state.file, state.text, marks, state.typed)
        return Partial(remains, source, state.source, frozenset(gaps), damaged, tuple(errors))
    return None


def _without(data: Any, gaps: _Gaps) -> tuple[Any, dict[Loc, Loc]]:
    """``data`` without its ``gaps``; and a map from each place in the result to its place in ``data``."""
    places: dict[Loc, Loc] = {}
    added: dict[Loc, dict[Any, Any]] = {}
    for loc, value in gaps.items():
        if value is not _DROPPED:
            added.setdefault(loc[:-1], {})[loc[-1]] = value

    def copied(value: Any, old: Loc, new: Loc) -> Any:
        places[new] = old
        if isinstance(value, dict):
            kept = {
                key: copied(each, (*old, key), (*new, key)) for key, each in value.items() if (*old, key) not in gaps
            }
            return kept | added.get(old, {})
        if isinstance(value, list):
            left = [(index, each) for index, each in enumerate(value) if (*old, index) not in gaps]
            return [copied(each, (*old, index), (*new, at)) for at, (index, each) in enumerate(left)]
        return value

    return copied(data, (), ()), places


def _leave_out(loc: Loc, data: Any, gaps: _Gaps, root: RecordSpec, state: ParseState) -> None:
    """Record in ``gaps`` the smallest thing around ``loc`` that can be left out or replaced; nothing where none can."""
    if any(gaps.get(loc[:depth]) is _DROPPED for depth in range(1, len(loc) + 1)):
        return
    while loc:
        parent, step = loc[:-1], loc[-1]
        if isinstance(step, int):
            gaps[loc] = _DROPPED
            return
        owner, _name = record_at(FieldSpec(record=root), parent, state)
        field = owner.fields.get(step) if owner is not None else None
        if field is None or owner is None:  # a free key, or the name that pydantic gives to a union member
            if _given(data, loc):
                gaps[loc] = _DROPPED
                return
        elif not getattr(owner.model, "all_or_nothing", False):
            replacement = stand_in(owner, field)
            needed = field.required or field.key in getattr(owner.model, "stand_ins", {})
            if needed and replacement is not None and loc not in gaps:
                gaps[loc] = replacement
                return
            if not field.required and _given(data, loc):
                gaps[loc] = _DROPPED
                return
        loc = parent


def _given(data: Any, loc: Loc) -> bool:
    for step in loc:
        if not holds(data, step):
            return False
        data = data[step]
    return True


def stand_in(owner: RecordSpec, field: RecordField) -> Any:
    """The replacement for a required value; None where there is none."""
    given: Mapping[str, Any] = getattr(owner.model, "stand_ins", {})
    if field.key in given:
        return given[field.key]
    for scalar in field.shape.scalars:
        if scalar.kind in (Kind.TEXT, Kind.WORDS, Kind.LINES) and not scalar.names_file:
            try:
                scalar.adapter.validate_python(STAND_IN)
            except ValidationError:
                continue
            return STAND_IN
    return None
