"""What composer/ looks like from outside: sizes, names defined twice, words of its prose, import circles.

    make house

Ends with 1 where a public name (function, class, constant, alias) is defined in two rooms without a reason in
``KEPT``, a class name is defined twice, modules import each other in a circle, or docstrings and comments speak of
"who" more than ``MOST_WHO`` times per 1,000 lines. A room is a folder or module of composer/, with its sub-rooms.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TypeGuard

from tests.support.imports import PACKAGE, circles, import_graph

_COMMAND = "a command, named as it is typed, and the function that it calls"
_TABLE = "the table, and the command that shows its rows, named as it is typed"
#: End of a reason that holds only while all definitions of the name but one are used in their own room alone: see
#: ``unexplained``.
_LOCAL = "no module meets two"


def _local(reason: str) -> str:
    return f"{reason}; {_LOCAL}"


#: Public name that is defined in more than one room → why it stays.
KEPT: Mapping[str, str] = {
    "PATIENCE": _local("seconds that a writer of the database, and a notification being sent, are waited for"),
    "Progress": _local("a mailing's counts; what an import calls as it goes on"),
    "app": "the ASGI application of a server, in each room that has one: the public pages, the studio",
    "approve": _COMMAND,
    "check": "the command, and the checks on an issue by itself, which loading one runs",
    "clean": _local("takes characters out: of a file's text, of a printed line"),
    "connect": "the trade's word for both: to a database, to a relay",
    "counted": _local("rows by state: of the ledger, of an import"),
    "deliveries": _TABLE,
    "discard": _local("deletes a folder: a backup's at leisure, an approval's at once for other processes"),
    "entries": _local("of the page of findings, of the studio's list"),
    "explain": _local("the option of check; the text of an alert"),
    "findings": "the findings of one checker, called as accessibility.findings, clients.findings, weight.findings",
    "fingerprint": _local("of a key, of the files that the studio watches"),
    "forget": _COMMAND,
    "join": _local("a pipeline, the list of workers"),
    "judge": _local("the command, named as it is typed; what a reply of SMTP means"),
    "kept": _local("what a backup keeps, what stands of an approval"),
    "leaves": _local("of a tree of spans; when a letter leaves"),
    "load_newsroom": "the command line's calls the newsroom's, and reports on stderr the files that have errors",
    "mailings": _TABLE,
    "misplaced": _local("a line at a wrong indent, a paywall where none may stand"),
    "named": _local("by a selector, by an id, by a person"),
    "names_in": _local("a selector, a text"),
    "option": _local("of the command that imports, of a box"),
    "page": _local("of the public site, of findings"),
    "parts": _local("of a listing, of a line of YAML"),
    "parts_of": _local("of an element of a text, of a path"),
    "plain": _local("without markup, without types that JSON lacks"),
    "put": _local("into the staging table, into an archive"),
    "read": _local("a YAML file, an issue as its proofreader"),
    "readable": _local("a colour on its ground, what an audience gets to read"),
    "render": _COMMAND,
    "restore": _COMMAND,
    "run": _COMMAND,
    "serve": _local("pages over HTTP, findings to the process that asks"),
    "shipped": _local("comes with the package: the providers, the templates"),
    "show": _local("the command; the pages of the demonstration"),
    "skip": _COMMAND,
    "subscribers": _TABLE,
    "sweep": _local("what is over: mailings, the ledger's old rows by command, left folders"),
    "unapprove": _COMMAND,
    "unsubscribe": _COMMAND,
    "upgrade": _COMMAND,
}

#: Per 1,000 lines, in docstrings and comments. What these words stand for has a name: the reader, the operator.
MOST_WHO = 1.0
_WHO = re.compile(r"\b(?:who|whose|whom|nobody|somebody|everybody|everyone|anybody|whoever)\b", re.IGNORECASE)

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class File:
    """A module. ``folder`` is relative to the package, ``.`` for a module at its top."""

    path: str
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        return self.text.count("\n")

    @property
    def folder(self) -> str:
        return str(Path(self.path).parent)

    @property
    def room(self) -> str:
        return Path(self.path).with_suffix("").parts[0]

    @property
    def migration(self) -> bool:
        return "migrations" in Path(self.path).parts


def files(package: Path = PACKAGE) -> list[File]:
    """The modules of ``package``, by path."""
    found = []
    for path in sorted(package.rglob("*.py")):
        text = path.read_text("utf-8")
        found.append(File(path.relative_to(package).as_posix(), text, ast.parse(text)))
    return found


def longest_function(house: Sequence[File]) -> tuple[int, str]:
    """Lines and place of the longest function or method, decorators not counted; migrations aside."""
    return max(
        (node.end_lineno - node.lineno + 1, f"{file.path}:{node.lineno} {node.name}")
        for file in house
        if not file.migration
        for node in ast.walk(file.tree)
        if isinstance(node, Function) and node.end_lineno is not None
    )


def _public(house: Sequence[File], defined: Callable[[ast.stmt], Iterable[str]]) -> dict[str, list[File]]:
    """Public name at the level of a module → the files that define it. Migrations have the names that alembic asks."""
    found: dict[str, list[File]] = defaultdict(list)
    for file in house:
        if not file.migration:
            for name in {name for node in file.tree.body for name in defined(node) if not name.startswith("_")}:
                found[name].append(file)
    return found


def _classes(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.ClassDef):
        yield node.name


def _functions(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, Function):
        yield node.name


def _names(node: ast.stmt) -> Iterator[str]:
    """The functions, classes, constants and aliases that ``node`` defines; a ``TypeVar`` is its module's own."""
    yield from (*_classes(node), *_functions(node))
    if isinstance(node, ast.Assign | ast.AnnAssign) and not _is_type_variable(node.value):
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            yield from (each.id for each in ast.walk(target) if _is_bound(each))


def _is_bound(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _is_type_variable(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "TypeVar"


def twice_named_classes(house: Sequence[File]) -> dict[str, list[str]]:
    """Class name → the files that define it, where it is more than one."""
    found = _public(house, _classes)
    return {name: [file.path for file in places] for name, places in sorted(found.items()) if len(places) > 1}


def names_of_two_rooms(house: Sequence[File]) -> dict[str, list[str]]:
    """Public name → the files that define it, where they are of more than one room."""
    return {
        name: [file.path for file in places]
        for name, places in sorted(_public(house, _names).items())
        if len({file.room for file in places}) > 1
    }


def unexplained(house: Sequence[File], kept: Mapping[str, str]) -> list[str]:
    """What is wrong with ``kept``: names that lack a reason, reasons that no name needs or that do not hold."""
    found = names_of_two_rooms(house)
    wrong = [f"{name}: defined in {', '.join(found[name])}: rename one, or say why not" for name in found.keys() - kept]
    wrong += [f"{name}: in one room only: take its reason out" for name in kept.keys() - found.keys()]
    taken = _taken_elsewhere(house, {name for name in found if kept.get(name, "").endswith(_LOCAL)})
    wrong += [
        f"{name}: other rooms import it of {' and of '.join(sorted(r))}" for name, r in taken.items() if len(r) > 1
    ]
    commands = {
        name for name, places in _public(house, _functions).items() if any(_is_command(name, f) for f in places)
    }
    wrong += [f"{n}: no command" for n in found if kept.get(n) in (_COMMAND, _TABLE) and n not in commands]
    return sorted(wrong)


def _taken_elsewhere(house: Sequence[File], names: set[str]) -> dict[str, set[str]]:
    """Name → the rooms that modules of other rooms take it from, by import or as an attribute of a module."""
    taken: dict[str, set[str]] = defaultdict(set)
    for file in house:
        rooms: dict[str, str] = {}  # what an import binds here → the room that it comes from
        for node in ast.walk(file.tree):
            if isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith(f"{PACKAGE.name}."):
                for each in node.names:
                    room = f"{node.module}.{each.name}".split(".")[1]
                    rooms[each.asname or each.name] = room
                    if each.name in names and room != file.room:
                        taken[each.name].add(room)
        for node in ast.walk(file.tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in names:
                taken[node.attr] |= {rooms.get(node.value.id, file.room)} - {file.room}
    return taken


def _is_command(name: str, file: File) -> bool:
    return any(isinstance(n, Function) and n.name == name and _is_help(n) for n in file.tree.body)


def _is_help(node: ast.AST) -> bool:
    """Whether the docstring of ``node`` is the help of a click command, which users read, translated."""
    return any(
        isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute) and each.func.attr in ("command", "group")
        for each in getattr(node, "decorator_list", ())
    )


def who(text: str) -> Iterator[tuple[int, str]]:
    """Line and word of each "who" and its kin in the docstrings and comments of the module ``text``."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | Function) and not _is_help(node):
            docstring = ast.get_docstring(node, clean=False) or ""
            for match in _WHO.finditer(docstring):
                yield node.body[0].lineno + docstring.count("\n", 0, match.start()), match[0]
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield from ((token.start[0], match[0]) for match in _WHO.finditer(token.string))


def _sizes(house: Sequence[File]) -> Iterator[str]:
    rooms = sorted({file.folder for file in house})
    for room in rooms:
        below = [file for file in house if file.folder == room or file.folder.startswith(f"{room}/")]
        here = len([file for file in below if file.folder == room])
        with_rooms = f" ({len(below)} with its sub-rooms)" if room != "." and len(below) > here else ""
        yield f"{room if room != '.' else PACKAGE.name:24}{here:4}{with_rooms}"
    longest = max(house, key=lambda file: file.lines)
    middle, lines = median(file.lines for file in house), sum(file.lines for file in house)
    yield f"{len(house)} files, {lines} lines: median {middle:g}, longest {longest.lines} ({longest.path})"
    yield "longest function: {} lines ({})".format(*longest_function(house))


def main() -> int:
    house, faults = files(), list[str]()
    print(*_sizes(house), "", sep="\n")
    shared = names_of_two_rooms(house)
    print(f"{len(shared)} public names in more than one room:")
    for name, places in shared.items():
        print(f"  {name:16}{', '.join(places)}: {KEPT.get(name, 'no reason')}")
    faults += unexplained(house, KEPT)
    faults += [f"class {name}: in {', '.join(places)}" for name, places in twice_named_classes(house).items()]
    words = [f"{file.path}:{line}: {word}" for file in house for line, word in who(file.text)]
    rate = 1000 * len(words) / sum(file.lines for file in house)
    print(f"\nwho, nobody and their kin in docstrings and comments: {len(words)}, {rate:.2f} per 1,000 lines")
    if rate > MOST_WHO:
        faults += [*words, f"{rate:.2f} per 1,000 lines, where {MOST_WHO:g} is the most: name who it is"]
    round_and_round = circles(import_graph())
    print(f"modules in import circles: {len(round_and_round)}")
    faults += [f"import circle: {name}" for name in round_and_round]
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
