"""``make house``: names that are defined twice, and how its counting sees them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.house import (
    KEPT,
    MOST_WHO,
    files,
    longest_function,
    names_of_two_rooms,
    twice_named_classes,
    unexplained,
    who,
)


def house(folder: Path, **modules: str) -> Path:
    """A package with ``modules``: ``room__module`` → its text."""
    for name, text in modules.items():
        path = folder / "composer" / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / "composer"


@pytest.mark.slow
def test_every_public_name_of_two_rooms_has_a_reason_that_holds() -> None:
    assert unexplained(files(), KEPT) == []


@pytest.mark.slow
def test_no_class_name_is_defined_twice() -> None:
    assert twice_named_classes(files()) == {}, "give the newer one its room's word: AgendaItem, not Event"


@pytest.mark.slow
def test_docstrings_and_comments_name_things() -> None:
    words = sum(len(list(who(file.text))) for file in files())
    assert words <= MOST_WHO * sum(file.text.count("\n") for file in files()) / 1000


@pytest.mark.slow
def test_no_file_is_longer_than_four_hundred_lines() -> None:
    assert [file.path for file in files() if file.text.count("\n") > 400] == []


def test_a_name_of_two_rooms_without_a_reason_is_seen(tmp_path: Path) -> None:
    made = files(house(tmp_path, issue__a="def put(): ...\n", source__b="async def put(): ...\n"))
    assert names_of_two_rooms(made) == {"put": ["issue/a.py", "source/b.py"]}
    assert unexplained(made, {}) == ["put: defined in issue/a.py, source/b.py: rename one, or say why not"]
    assert unexplained(made, {"put": "the trade's word"}) == []


def test_sub_rooms_are_of_their_room_and_private_names_do_not_count(tmp_path: Path) -> None:
    text = "def put(): ...\ndef _seen(): ...\n"
    assert (
        names_of_two_rooms(files(house(tmp_path, issue__a=text, issue__blocks__b=text, c="def _seen(): ...\n"))) == {}
    )


def test_constants_and_aliases_are_names_too(tmp_path: Path) -> None:
    one = "PAUSE, BUSY = 1, 2\nReason: TypeAlias = str\nT = TypeVar('T')\n_OWN = 1\nlog.level = 1\ndef Slot(): ...\n"
    two = "BUSY: int = 3\nReason = str\nT = TypeVar('T')\n_OWN = 2\nlog.level = 2\nclass Slot: ...\n"
    made = files(house(tmp_path, issue__a=one, source__b=two))
    assert list(names_of_two_rooms(made)) == ["BUSY", "Reason", "Slot"]


def test_a_reason_that_no_name_needs_is_seen(tmp_path: Path) -> None:
    made = files(house(tmp_path, issue__a="def put(): ...\n"))
    assert unexplained(made, {"put": "the trade's word"}) == ["put: in one room only: take its reason out"]


def test_a_name_that_two_rooms_give_to_others_is_not_local(tmp_path: Path) -> None:
    own, other = "def put(): ...\n", "from composer.issue.a import put\n"
    package = house(tmp_path, issue__a=own, source__b=own, cli__c=other)
    assert unexplained(files(package), {"put": KEPT["parts"]}) == []
    package = house(tmp_path, studio__d="from composer.source import b as store\nstore.put()\n")
    assert unexplained(files(package), {"put": KEPT["parts"]}) == ["put: other rooms import it of issue and of source"]


def test_a_reason_of_a_command_needs_a_command(tmp_path: Path) -> None:
    package = house(tmp_path, issue__a="def put(): ...\n", cli__b="def put(): ...\n")
    assert unexplained(files(package), {"put": KEPT["approve"]}) == ["put: no command"]
    package = house(tmp_path, cli__b="@click.command()\ndef put(): ...\n")
    assert unexplained(files(package), {"put": KEPT["approve"]}) == []


def test_a_class_that_is_defined_twice_is_seen_in_one_room_too(tmp_path: Path) -> None:
    made = files(house(tmp_path, issue__a="class Place: ...\n", issue__b="class Place: ...\n"))
    assert twice_named_classes(made) == {"Place": ["issue/a.py", "issue/b.py"]}


def test_who_is_counted_in_docstrings_and_comments_and_not_in_the_help_of_commands() -> None:
    text = '''"""What it does.

Whoever reads this.
"""
#: Nobody.
SAID = "somebody"


@click.command()
def check() -> None:
    """For everybody."""


class Whole:
    """A whole."""

    async def read(self) -> None:
        """For whom."""
'''
    assert sorted(who(text)) == [(3, "Whoever"), (5, "Nobody"), (18, "whom")]


def test_methods_are_functions_too(tmp_path: Path) -> None:
    text = "def short(): ...\nclass A:\n    @cached\n    def long(self):\n        pass\n"
    assert longest_function(files(house(tmp_path, issue__a=text))) == (2, "issue/a.py:4 long")
