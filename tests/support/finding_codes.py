"""The codes of findings that the program can make, read from its own source.

A code is an argument of a few constructors (``SINKS``). Where it is no literal there, it is followed: to the callers of
the function that passes its own parameter on, to the assignments of a variable, to what another function returns or
yields. What cannot be followed is an error of the scan, and not a code left out.

``remembered`` is the other half: of what is made while tests run, code and severity are compared with the pages.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from composer import locale
from composer.cli import explain
from composer.source.finding import Finding, Problem

TESTS = Path(__file__).parents[1]
COMPOSER = TESTS.parent / "composer"

#: Word of an entry's first line → the severity that it promises.
SEVERITIES = {
    "en": {"error": "error", "warning": "warning", "note": "note"},
    "fr": {"erreur": "error", "avertissement": "warning", "simple remarque": "note"},
}

#: Constructors whose first argument is the code of a finding, or of what becomes one.
SINKS = (
    "Finding",
    "Problem",
    "LineCorrection",
    "MarkdownRemark",
    "Misfit",
    "Defect",
    "Paste",
    "SyntaxMistake",
    "PydanticCustomError",
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class _Sink:
    """Position of the code among the arguments of a call, and how many arguments a call must have."""

    position: int
    required: int
    keyword: str = "code"


@dataclass
class Module:
    path: Path
    tree: ast.Module
    owner: dict[ast.AST, Function] = field(default_factory=dict)  #: node → the function it stands in
    methods: set[Function] = field(default_factory=set)
    functions: dict[str, list[Function]] = field(default_factory=dict)
    calls: list[ast.Call] = field(default_factory=list)
    classes: list[ast.ClassDef] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._walk(self.tree, None)

    def _walk(self, node: ast.AST, function: Function | None) -> None:
        for child in ast.iter_child_nodes(node):
            if function is not None:
                self.owner[child] = function
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                self.functions.setdefault(child.name, []).append(child)
                if isinstance(node, ast.ClassDef):
                    self.methods.add(child)
                self._walk(child, child)
                continue
            if isinstance(child, ast.Call):
                self.calls.append(child)
            elif isinstance(child, ast.ClassDef):
                self.classes.append(child)
            self._walk(child, function)


class Scan:
    def __init__(self, modules: Sequence[Module]) -> None:
        self.modules = modules
        self.sinks: dict[str, set[_Sink]] = {name: {_Sink(0, 1)} for name in SINKS}
        self.codes: dict[str, str] = {}  #: code → a place that makes it
        self.unfollowed: list[str] = []

    def run(self) -> None:
        for module in self.modules:
            self._attributes(module)
        """Read all modules until no function is found any more that passes a code on."""
        known = 0
        while known != (known := sum(map(len, self.sinks.values()))):
            self.unfollowed.clear()
            for module in self.modules:
                for call in module.calls:
                    self._call(module, call)

    def _attributes(self, module: Module) -> None:
        """``code = "file-missing"`` in a class: an error that becomes a finding with its code."""
        for node in module.classes:
            for each in node.body:
                targets = each.targets if isinstance(each, ast.Assign) else [getattr(each, "target", None)]
                value = getattr(each, "value", None)
                if value is not None and any(_is_name(target, "code") for target in targets if target is not None):
                    self._take(module, value, None)

    def _call(self, module: Module, call: ast.Call) -> None:
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        given = len(call.args) + len(call.keywords)
        for sink in self.sinks.get(name, set()) | ({_Sink(99, 1)} if name == "replace" else set()):
            if given < sink.required:
                continue  # another function of the same name
            if len(call.args) > sink.position:
                self._take(module, call.args[sink.position], module.owner.get(call))
            for keyword in call.keywords:
                if keyword.arg == sink.keyword:
                    self._take(module, keyword.value, module.owner.get(call))

    def _take(self, module: Module, value: ast.expr, function: Function | None) -> None:
        for code in self._strings(module, value, function, 0):
            self.codes.setdefault(code, f"{module.path.relative_to(COMPOSER.parent)}:{value.lineno}")

    def _strings(self, module: Module, value: ast.expr, function: Function | None, depth: int) -> Iterator[str]:
        match value:
            case ast.Constant(value=str(text)):
                yield text
                return
            case ast.IfExp(body=one, orelse=other):
                yield from self._strings(module, one, function, depth)
                yield from self._strings(module, other, function, depth)
                return
            case ast.Attribute(attr="code") | ast.Subscript(slice=ast.Constant(value="type")):
                return  # of something made with it: by a constructor above, or by pydantic of a PydanticCustomError
            case ast.Name(id=name) if function is not None and depth < 9:
                places = list(self._assigned(module, name, function, depth))
                for place in places:
                    yield from place
                if places or self._is_parameter(module, name, function):
                    return
        self.unfollowed.append(f"{module.path.relative_to(COMPOSER.parent)}:{value.lineno}: {ast.unparse(value)}")

    def _is_parameter(self, module: Module, name: str, function: Function) -> bool:
        """Whether ``name`` is a parameter of ``function``: what its callers give is then looked at."""
        names = [each.arg for each in function.args.posonlyargs + function.args.args]
        if name not in names:
            return False
        is_method = function in module.methods
        required = len(names) - len(function.args.defaults) - is_method
        self.sinks.setdefault(function.name, set()).add(_Sink(names.index(name) - is_method, required, name))
        return True

    def _assigned(self, module: Module, name: str, function: Function, depth: int) -> Iterator[Iterator[str]]:
        """For each place that gives the variable ``name`` a value, the strings that it may be."""
        for node in ast.walk(function):
            match node:
                case ast.Assign(targets=[target], value=value) | ast.For(target=target, iter=value):
                    loops = isinstance(node, ast.For)
                case _:
                    continue
            if _is_name(target, name) and not loops:
                yield self._strings(module, value, function, depth + 1)
            elif isinstance(target, ast.Tuple):
                for position, element in enumerate(target.elts):
                    if _is_name(element, name):
                        yield self._element(module, value, position, function, depth + 1)

    def _element(self, module: Module, value: ast.expr, position: int, function: Function, depth: int) -> Iterator[str]:
        """The strings at ``position`` of the tuple ``value``, or of those that the function it calls gives."""
        match value:
            case ast.Tuple(elts=elements):
                yield from self._strings(module, elements[position], function, depth)
            case ast.Call(func=ast.Name(id=name)) if depth < 9:
                for other, called in self._functions(module, name):
                    yield from self._given(other, called, position, depth + 1)
            case _:
                self.unfollowed.append(f"{module.path.relative_to(COMPOSER.parent)}:{value.lineno}")

    def _functions(self, module: Module, name: str) -> Iterator[tuple[Module, Function]]:
        """The functions that ``name`` may be in ``module``: its own, or those of that name where it imports it."""
        places = [module] if name in module.functions else self.modules
        yield from ((place, each) for place in places for each in place.functions.get(name, ()))

    def _given(self, module: Module, called: Function, position: int, depth: int) -> Iterator[str]:
        for node in ast.walk(called):
            if isinstance(node, ast.Return | ast.Yield | ast.YieldFrom) and node.value is not None:
                yield from self._element(module, node.value, position, called, depth)


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


@cache
def found() -> dict[str, str]:
    """Each code that a finding may have, with a place of the source that makes it.

    Raises ``AssertionError`` where the source gives a code in a way that is not followed here.
    """
    paths = sorted(path for path in COMPOSER.rglob("*.py") if "migrations" not in path.parts)
    scan = Scan([Module(path, ast.parse(path.read_text(encoding="utf-8"))) for path in paths])
    scan.run()
    assert not scan.unfollowed, f"write the code where it is given, as a literal: {scan.unfollowed}"
    return dict(sorted(scan.codes.items()))


@cache
def documented(language: locale.Language) -> dict[str, frozenset[str]]:
    """Code → the severities that its entry in the page of ``language`` names."""
    before = locale.language()
    locale.use(language)
    try:
        entries = explain.entries()
    finally:
        locale.use(before)
    return {code: _severities(text, language) for code, text in entries.items()}


def _severities(entry: str, language: str) -> frozenset[str]:
    first = re.match(r"\*([^*;.]+)[^*]*\*", entry)
    words = re.split(" or | ou ", first[1].strip().lower()) if first else []
    return frozenset(SEVERITIES[language].get(word, word) for word in words)


@contextmanager
def remembered(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[tuple[str, str]]]:
    """(code, severity) of every finding that the program makes in this process.

    Those that a test makes are its own, and so is what becomes of a problem that it makes.
    """
    made: set[tuple[str, str]] = set()
    own: set[str] = set()
    finding, problem = Finding.__init__, Problem.__init__

    def found(self: Finding, *given: Any, **named: Any) -> None:
        finding(self, *given, **named)
        if self.code not in own and not _by_a_test():
            made.add((self.code, self.severity.value))

    def seen(self: Problem, *given: Any, **named: Any) -> None:
        problem(self, *given, **named)
        if _by_a_test():
            own.add(self.code)

    with monkeypatch.context() as patch:
        patch.setattr(Finding, "__init__", found)
        patch.setattr(Problem, "__init__", seen)
        yield made


def _by_a_test() -> bool:
    """Whether the finding under way was asked for by a line of a test, be it through ``Source.finding``."""
    frame = sys._getframe(2)
    made_by = ("document.py", "parse_state.py", "dataclasses.py")
    while frame.f_back is not None and frame.f_code.co_filename.endswith(made_by):
        frame = frame.f_back
    return frame.f_code.co_filename.startswith(str(TESTS))
