"""No line that an editor, a `git pull` or a stranger's message brings may stop the daemon: time is in proportion."""

from __future__ import annotations

import ast
import gc
import importlib
import re
from collections.abc import Callable, Iterator
from dataclasses import is_dataclass
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any

import pytest

import composer
from composer.issue import load_issue
from composer.issue.paywall import is_foreign, looks_like
from composer.issue.typography import PROFILES, Ruleset
from composer.issue.typography.doubts import doubts
from composer.issue.typography.rules import set_sentence
from composer.newsroom import load_newsroom
from composer.source.late_pattern import LatePattern
from composer.source.repair import indentation, lines
from tests.support.newsrooms import FRIDAY, write_issue, write_newsroom

pytestmark = pytest.mark.slow

HOUSE = Path(composer.__file__).parent
ROOMS = ("source", "issue", "proofreading", "rendering", "newsroom", "returns")
METHODS = ("match", "fullmatch", "search", "sub", "split", "findall", "finditer")

#: Characters of every class that an expression of ours names, and a few that meet inside one.
UNITS = [
    *"aA1é_ \t\u00a0\u202f-–.,:;!'\"’«»“”*[](){}<>#=@&/\\|%+`~?•^$\n",
    "a ",
    "a:",
    "1 ",
    "a.",
    "{{",
    "*|",
    "«a",
    "- ",
]
BEFORE = ["", "a", "a: ", 'a: "b', "1", "«"]

#: Modules whose functions look at the length of a text before any of their expressions sees it: those are timed whole.
WHOLE = ("composer.source.repair.lines", "composer.source.repair.indentation", "composer.issue.paywall")
#: Expressions, by their beginning, of which the same holds for one function.
SHORT_ONLY = (r"(?P<day>.+?)[ T,]+",)


def _found(value: object, name: str, seen: set[int]) -> Iterator[tuple[str, re.Pattern[str]]]:
    """The compiled expressions in a module's variables, and in what these hold."""
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, LatePattern):
        yield name, value.compiled
    elif isinstance(value, re.Pattern):
        text: str | bytes = value.pattern  # one of bytes is tried with text
        yield name, re.compile(text.decode("latin-1"), value.flags) if isinstance(text, bytes) else value
    elif isinstance(value, tuple | list | set | frozenset):
        for each in value:
            yield from _found(each, name, seen)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _found(each, name, seen)
    elif is_dataclass(value) and value.__module__.startswith("composer.returns."):  # a row of its table
        yield from _found(list(vars(value).values()), name, seen)


def expressions() -> dict[tuple[str, int], tuple[str, set[str], re.Pattern[str]]]:
    """Each expression of the rooms: where it is, the methods it is used with, and itself."""
    found: dict[tuple[str, int], tuple[str, set[str], re.Pattern[str]]] = {}

    def add(name: str, pattern: re.Pattern[str], methods: set[str]) -> None:
        found.setdefault((pattern.pattern, pattern.flags), (name, set(), pattern))[1].update(methods)

    for path in (path for room in ROOMS for path in sorted((HOUSE / room).rglob("*.py"))):
        name = ".".join(path.relative_to(HOUSE.parent).with_suffix("").parts).removesuffix(".__init__")
        if name in WHOLE:
            continue
        used: dict[str, set[str]] = {}
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in METHODS and isinstance(node.value, ast.Name):
                used.setdefault(node.value.id, set()).add(node.attr)
            match node:
                case ast.Call(ast.Attribute(ast.Name("re"), method), [ast.Constant(str(text)), *_more]) if (
                    method in METHODS
                ):
                    add(f"{name}:{node.lineno}", re.compile(text), {method})
        for variable, value in vars(importlib.import_module(name)).items():
            for _name, pattern in _found(value, variable, set()):
                add(f"{name}.{variable}", pattern, used.get(variable) or {"search"})
    return {key: each for key, each in found.items() if not key[0].startswith(SHORT_ONLY)}


def _drained(result: object) -> None:
    if isinstance(result, Iterator):
        for _each in result:
            pass


def seconds(function: Callable[[str], object], text: str, most: int = 5) -> float:
    """Of this process's processor, the best of ``most`` runs: others share the machine.

    Without collections of garbage, as ``timeit``: each would go through what thousands of other tests left.
    """
    best = float("inf")
    gc.disable()
    try:
        for _run in range(most):
            began = process_time()
            _drained(function(text))
            best = min(best, process_time() - began)
    finally:
        gc.enable()
    return best


def grows(function: Callable[[str], object], before: str, unit: str) -> str | None:
    """What is wrong, where 40 KB take three times as long as 20 KB, or more. Milliseconds are noise."""

    def text(size: int) -> str:
        return f"{before}{unit * (size // len(unit))}\0"

    # What looks at each pair of 8,000 characters takes 40 ms, of 2,000 characters 2.5 ms. Where four times as many take
    # less than five times as long, a part that grows with the square makes less than a factor 3 of 20 and 40 KB.
    if (least := seconds(function, text(2_000), 3)) < 0.00006:
        return None
    if (less := seconds(function, text(8_000), 1)) < 0.004 or less < 5 * least:
        return None
    short, long = text(20_000), text(40_000)
    one, two = seconds(function, short, 2), seconds(function, long, 1)
    if two / one >= 3:  # or the machine was busy
        one, two = seconds(function, short), seconds(function, long)
    return None if two / one < 3 or two < 0.02 else f"{before!r} + {unit!r}: {one * 1000:.1f} ms, {two * 1000:.1f} ms"


def _method(pattern: re.Pattern[str], name: str) -> Callable[[str], object]:
    method: Any = getattr(pattern, name)
    return partial(method, "") if name == "sub" else method


@pytest.mark.parametrize("part", range(4))
def test_every_expression_is_linear(part: int) -> None:
    """In four parts, for as many processors."""
    known = expressions()
    assert len(known) > 120
    wrong = {
        f"{name} {method}: {pattern.pattern[:60]}": why
        for name, methods, pattern in list(known.values())[part::4]
        for method in methods
        for unit in UNITS
        for before in BEFORE
        if (why := grows(_method(pattern, method), before, unit))
    }
    assert wrong == {}


@pytest.mark.parametrize(
    "function",
    [
        lambda text: list(lines.corrections(text, 1)),
        lambda text: list(lines.spaces(text, 1)),
        lines.parts,
        lines.is_structure,
        lambda text: list(indentation.tabs([text], 0)),
        lambda text: list(indentation.dashes([text])),
        lambda text: list(indentation.misplaced(["a:", text], 1)),
        is_foreign,
        looks_like,
    ],
)
def test_what_mends_a_line_is_linear(function: Callable[[str], object]) -> None:
    wrong = [why for unit in UNITS for before in BEFORE if (why := grows(function, before, unit))]
    assert wrong == []


@pytest.mark.parametrize(
    "unit", ['"a ', '" ', '1" ', "«a", "“ ” ", " - ", "a – b. ", "( ", " ,", ". ", "l' ", "a,b", "01 "]
)
def test_a_sentence_is_typeset_in_proportion(unit: str) -> None:
    def typeset(text: str) -> object:
        set_sentence.cache_clear()
        return [*doubts(text, Ruleset(PROFILES["french"]))]

    assert grows(typeset, "", unit) is None


LINES = [
    'subject: "a{}b',
    "subject: a: {}b",
    "foo: a{}b: c",
    'names: ["a{}b"]',
    "names: [a{}, b",
    "{{a{}: b}}",
    "replay: {{chapters: {{{}: b}}}}",
]


@pytest.mark.parametrize("line", LINES)
def test_an_issue_with_a_long_line_is_read_in_proportion(line: str, tmp_path: Path) -> None:
    """With a mistake elsewhere too, which makes every line be looked at."""
    newsroom = load_newsroom(write_newsroom(tmp_path))

    def read(text: str) -> object:
        path = write_issue(tmp_path, "vendredi", FRIDAY)
        path.write_text(f"{path.read_text()}{text}\nb : [c\n", encoding="utf-8")
        return load_issue(path, newsroom).findings

    wrong = []
    for unit in (" ", "\u00a0", "_", "A", "1", "a ", "a:"):
        short, long = (line.format(unit * (size // len(unit))) for size in (20_000, 40_000))
        one, two = seconds(read, short, 2), seconds(read, long, 2)
        if two / one >= 3 and two > 0.05:  # best of five, where two were not enough on a busy machine
            one, two = seconds(read, short, 5), seconds(read, long, 5)
        if two / one >= 3 and two > 0.05:
            wrong.append(f"{unit!r}: {one * 1000:.0f} ms, {two * 1000:.0f} ms")
    assert wrong == []
