"""What imports what among the modules of composer/: for tests/packaging and ``make house``."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "composer"


def module_name(path: Path, package: Path = PACKAGE) -> str:
    """The dotted name of the module in the file ``path``."""
    parts = path.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _named(tree: ast.AST, modules: set[str]) -> set[str]:
    """The modules of ours that are named by an import anywhere in ``tree``."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for each in node.names:
                below = f"{node.module}.{each.name}"
                found.add(below if below in modules else node.module)
    return found & modules


def _run(tree: ast.Module, modules: set[str], name: str) -> set[str]:
    """The packages that are imported with what the module ``name`` imports from them; not those that it is in."""
    found: set[str] = set()
    for node in tree.body:
        if not (isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"):
            for each in _named(node, modules):
                parts = each.split(".")
                found |= {".".join(parts[:length]) for length in range(1, len(parts))}
    return {package for package in found & modules if not f"{name}.".startswith(f"{package}.")}


def imported(tree: ast.Module, modules: set[str], name: str) -> set[str]:
    """All that the module ``name`` imports, in functions and for type checking too."""
    return _named(tree, modules) | _run(tree, modules, name)


def import_graph() -> dict[str, set[str]]:
    """Module → the modules that it imports."""
    files = {module_name(path): path for path in PACKAGE.rglob("*.py")}
    return {name: imported(ast.parse(path.read_text("utf-8")), {*files}, name) for name, path in files.items()}


def circles(graph: dict[str, set[str]]) -> list[str]:
    """What is left of ``graph`` when each module that imports nothing of the rest is taken away, again and again."""
    left = {name: set(below) - {name} for name, below in graph.items()}
    while free := {name for name, below in left.items() if not below}:
        left = {name: below - free for name, below in left.items() if name not in free}
    while unused := {*left} - set().union(*left.values()):
        left = {name: below for name, below in left.items() if name not in unused}
    return sorted(left)
