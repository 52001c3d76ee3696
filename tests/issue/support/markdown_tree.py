"""Looking into what Markdown became."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from composer.issue.body import Body
from composer.issue.inline import Code, Inline, Text


def codes(value: Inline | Body) -> list[str]:
    return [problem.code for problem in value.problems]


def place(value: Inline | Body, code: str) -> tuple[int, int]:
    found = next(problem for problem in value.problems if problem.code == code)
    return found.line, found.column


def of(value: Body, kind: type) -> list[object]:
    return [element for element in value if isinstance(element, kind)]


def spans_in(value: object) -> Iterator[object]:
    yield value
    if isinstance(value, tuple):
        for each in value:
            yield from spans_in(each)
    elif is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            yield from spans_in(getattr(value, each.name))


def words(value: Body) -> str:
    return " ".join(each.text for each in spans_in(value.elements) if isinstance(each, (Text, Code)))
