"""What imports what: import-linter holds the rooms in a column, and this the modules inside them."""

from __future__ import annotations

import ast

from tests.support.imports import circles, import_graph, imported


def test_a_circle_is_seen() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set(), "e": {"a"}}) == ["b", "c"]


def test_an_import_in_a_function_counts() -> None:
    tree = ast.parse("def late():\n    from composer.issue import load\n")
    modules = {"composer.issue", "composer.issue.load"}
    assert imported(tree, modules, "composer.issue.checks") == {"composer.issue.load"}
    assert imported(tree, modules, "composer.rendering") == modules


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = import_graph()
    assert len(graph) > 200
    assert circles(graph) == []
