"""The items of a list of a YAML file, as whole lines: what belongs to which, and what moves with it."""

from __future__ import annotations

import pytest

from composer.errors import Refused
from composer.source import tree
from composer.source.editing import edited
from composer.source.items import Items, dashed_items, reindented
from composer.source.quoting import split_lines


def items(text: str) -> Items:
    """The items of the first list in ``text``."""
    root = tree.parse(text)
    assert isinstance(root, tree.Mapping)
    node = next(value for _key, value in root.entries if isinstance(value, tree.Sequence))
    return dashed_items(text, node, split_lines(text))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a:\n- x\n- y\nb: z\n", ["- x", "- y"]),
        ("a:\n  - x   # ici\n  # de y\n  - y", ["  - x   # ici", "  # de y\n  - y"]),
        (
            "a:\n- b: |\n    x\n    # texte\n\n  # encore\n\n# seul\n\n- y\n",
            ["- b: |\n    x\n    # texte\n\n  # encore", "- y"],
        ),
        ("a:\n- b: |+\n    x\n\n\n- y\n", ["- b: |+\n    x\n\n", "- y"]),
        ("a:\n- b: >-\n    x\n    y\n\n\n  # encore\n- y\n", ["- b: >-\n    x\n    y\n\n\n  # encore", "- y"]),
        ("a:\n- b: |\n- c: >\n\n- d:\n", ["- b: |", "- c: >", "- d:"]),
        ("a:\n-\n  b: x\n-   - c\n    - d\n- [e,\n   f]\n", ["-\n  b: x", "-   - c\n    - d", "- [e,\n   f]"]),
        ("a:\n- 'x\n\n  y'\n-\n- z\n", ["- 'x\n\n  y'", "-", "- z"]),
        ("a:\r\n- x\r\n# y\r\n- y\r\n", ["- x", "# y\r\n- y"]),
        ("a:\n- b: |2\n      x\n- y\n", ["- b: |2\n      x", "- y"]),
        ("a:\n- x\n- y\n  # encore y\n# plus y\nb: z\n", ["- x", "- y\n  # encore y"]),
    ],
)
def test_an_item_is_its_lines_and_its_comments(text: str, written: list[str]) -> None:
    found = items(text)
    assert [found.written(index) for index in range(len(found.ranges))] == written


@pytest.mark.parametrize("text", ["a: [x, y]\n", "a: []\n", "a:\n- - x\n  - y\n"])
def test_only_items_of_their_own_lines_are_found(text: str) -> None:
    if text.startswith("a: ["):
        with pytest.raises(Refused):
            items(text)
        return
    root = tree.parse(text)
    assert isinstance(root, tree.Mapping)
    outer = root.entries[0][1]
    assert isinstance(outer, tree.Sequence)
    inner = outer.items[0]
    assert isinstance(inner, tree.Sequence)
    with pytest.raises(Refused):
        dashed_items(text, inner, split_lines(text))


@pytest.mark.parametrize("text", ["a:\n- x\n\n# seul\n\n# y\n- y\n- z", "a:\n  - x\n  - y\n\n  - z\nb: c\n"])
def test_an_item_moved_there_and_back_leaves_the_file_as_it_was(text: str) -> None:
    for index in range(3):
        for to in range(3):
            there = edited(text, [items(text).moved(index, to)])
            assert len(there) == len(text)
            assert edited(there, [items(there).moved(to, index)]) == text


@pytest.mark.parametrize(
    ("text", "index", "left"),
    [
        ("a:\n- x\n\n- y\n\n- z\n", 0, "a:\n- y\n\n- z\n"),
        ("a:\n- x\n\n- y\n\n- z\n", 1, "a:\n- x\n\n- z\n"),
        ("a:\n- x\n\n- y\n\n- z\n", 2, "a:\n- x\n\n- y\n"),
        ("a:\n- x\n# seul\n\n- y\n", 0, "a:\n# seul\n\n- y\n"),
        ("a:\n- x\n\n# seul\n\n- y\nb: c\n", 1, "a:\n- x\n\n# seul\n\nb: c\n"),
        ("a:\n- x\nb: c\n", 0, "a:\nb: c\n"),
        ("a:\n- x", 0, "a:"),
        ("a:\r\n- x", 0, "a:"),
        ("a:\n- x\n- y", 1, "a:\n- x"),
    ],
)
def test_an_item_taken_out_leaves_no_hole(text: str, index: int, left: str) -> None:
    assert edited(text, [items(text).without(index)]) == left


@pytest.mark.parametrize(
    ("text", "index", "made"),
    [
        ("a:\n- x\n- y\n", 1, "a:\n- x\n- n\n- y\n"),
        ("a:\n- x\n\n- y\n", 2, "a:\n- x\n\n- y\n\n- n\n"),
        ("a:\r\n- x", 1, "a:\r\n- x\r\n\r\n- n"),
        ("a:\n# x\n- x\n", 0, "a:\n- n\n\n# x\n- x\n"),
    ],
)
def test_an_item_is_put_in_as_far_from_others_as_they_are(text: str, index: int, made: str) -> None:
    assert edited(text, [items(text).inserted(index, "- n")]) == made


def test_an_item_takes_the_indent_of_its_list() -> None:
    item = "  # de x\n  - a: |\n\n      x\n        y"
    assert reindented(item, 0) == "# de x\n- a: |\n\n    x\n      y"
    assert reindented(reindented(item, 5), 2) == item
    assert reindented("", 4) == ""
