"""What composer/ imports is declared, and what it borrows of a library's insides is held by an upper bound."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

#: Insides that no underscore gives away: (module, name) → why they count.
UNMARKED = {
    ("cssutils.tokenize2", "Tokenizer"): "not in the documented interface of cssutils",
    ("click", "core"): "composer.cli gives click's modules another gettext",
}


#: Room → the extra that it needs.
EXTRAS = {"lsp": "lsp"}


def declared(room: str = "") -> dict[str, str]:
    """Distribution (normalised, PEP 503) → its version specifier, for all rooms or one that needs an extra."""
    found = {}
    extra = PROJECT["optional-dependencies"][EXTRAS[room]] if room in EXTRAS else []
    for requirement in (*PROJECT["dependencies"], *extra):
        name, specifier = re.fullmatch(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?(.*)", requirement).groups()  # type: ignore[union-attr] # reason: every requirement has a name
        found[normal(name)] = specifier
    return found


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((CHECKOUT / "composer").rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> Iterator[tuple[str, str | None]]:
    """(module, name taken from it) of every import, those inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.module, alias.name) for alias in node.names)


def foreign(module: str) -> bool:
    return module.partition(".")[0] not in {*sys.stdlib_module_names, "composer"}


def private(tree: ast.Module) -> set[str]:
    """Modules of libraries whose insides are used: an underscore in an import, or after an imported name."""
    found, names = set(), {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                module = node.module or "" if isinstance(node, ast.ImportFrom) else alias.name
                if not foreign(module):
                    continue
                names[alias.asname or alias.name.partition(".")[0]] = module
                words = {*module.split("."), *([alias.name] if isinstance(node, ast.ImportFrom) else [])}
                if (module, alias.name) in UNMARKED or any(re.match("_(?!_)", word) for word in words):
                    found.add(module)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and re.match(r"_(?!_)", node.attr):
            # ``name._inside``, and ``Class(...)._inside`` as the inlining does.
            owner = node.value.func if isinstance(node.value, ast.Call) else node.value
            if isinstance(owner, ast.Name) and owner.id in names:
                found.add(names[owner.id])
    return found


@pytest.mark.slow
def test_every_import_is_of_a_declared_dependency() -> None:
    homes = packages_distributions()
    undeclared = defaultdict(set)
    for path, tree in modules():
        known = declared(path.relative_to(CHECKOUT / "composer").parts[0])
        for module, _name in imported(tree):
            top = module.partition(".")[0]
            if foreign(module) and not {normal(home) for home in homes.get(top, [top])} & known.keys():
                undeclared[top].add(path.relative_to(CHECKOUT).as_posix())
    assert not undeclared


def test_insides_of_a_library_have_an_upper_bound() -> None:
    homes, known = packages_distributions(), declared()
    unbounded = defaultdict(set)
    for path, tree in modules():
        for module in private(tree):
            (home,) = homes[module.partition(".")[0]]
            if "<" not in known[normal(home)]:
                unbounded[home].add(path.relative_to(CHECKOUT).as_posix())
    assert not unbounded


def test_insides_are_found() -> None:
    tree = ast.parse("import click\nfrom premailer import Premailer\nclick._compat\nPremailer('')._parse\n")
    assert private(tree) == {"click", "premailer"}
