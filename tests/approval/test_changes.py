"""What changed in an issue since its approval, in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from composer.approval.changes import Standing, readable, standing
from composer.approval.freeze import approve
from composer.issue.model import Front
from composer.newsroom import load_newsroom
from composer.source import load
from tests.support.newsrooms import FRIDAY, write_issue, write_newsroom

BEFORE = """\
subject: {subject}
preheader: This morning
blocks:
- article:
    headline: The bridge
    body: |
      It opened at noon, and closed at one.
- a_surveiller:
    title: The tide
    id: tide
    text: It rises.
- briefs:
    items:
    - {{headline: One, text: First.}}
- masthead: {{}}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = write_issue(write_newsroom(tmp_path), "vendredi", FRIDAY, BEFORE)
    approve(path, load_newsroom(tmp_path), "Odile")
    return path


def now(path: Path, text: str | None = None) -> Standing:
    root = path.parents[2]
    if text is not None:
        path.write_text(text, encoding="utf-8")
    found = standing(path, load_newsroom(root), readable(load(path, Front, root=root)))
    assert found is not None
    return found


def change(path: Path, *pairs: tuple[str, str]) -> tuple[str, ...]:
    text = path.read_text("utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    found = now(path, text)
    assert (found.reason, found.by) == ("source-changed", "Odile")
    return found.changes


def test_an_approval_that_holds_and_none(path: Path) -> None:
    found = now(path)
    assert (found.reason, found.by, found.changes) == (None, "Odile", ())
    other = write_issue(path.parents[2], "samedi", FRIDAY, BEFORE)
    assert standing(other, load_newsroom(path.parents[2]), None) is None


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        (("at noon", "at two"), ("article “The bridge”: 1 word changed",)),
        (("at noon", "late, at noon"), ("article “The bridge”: 1 word added",)),
        ((", and closed at one", ""), ("article “The bridge”: 1 word changed, 4 words taken out",)),
        (("La digue tiendra", "Rien"), ("subject, which was “La digue tiendra”",)),
        (("This morning", "Now"), ("preheader",)),
        (("headline: The bridge", "headline: The old bridge"), ("article “The old bridge”: 1 word added",)),
        (("    id: tide\n", "    id: sea\n"), ("a_surveiller “The tide”: something else than its words",)),
        (("- masthead: {}\n", "- notice: See you soon\n"), ("notice added (3 words)", "masthead taken out (0 words)")),
        (("subject:", "# a comment\nsubject:"), ()),
    ],
)
def test_each_change_is_named_with_its_words_counted(path: Path, pair: tuple[str, str], said: tuple[str, ...]) -> None:
    assert change(path, pair) == said


def test_blocks_that_only_moved(path: Path) -> None:
    text = path.read_text("utf-8")
    bridge, tide = text.index("- article"), text.index("- a_surveiller")
    briefs = text.index("- briefs")
    moved = text[:bridge] + text[tide:briefs] + text[bridge:tide] + text[briefs:]
    assert now(path, moved).changes == ("the order of the blocks",)


def test_many_changes_are_counted_and_a_long_text_is_compared(path: Path) -> None:
    notices = "".join(f"- notice: Number {number}\n" for number in range(12))
    found = change(path, ("- masthead", f"{notices}- masthead"))
    assert (len(found), found[-1]) == (9, "4 other changes")
    words = " ".join(f"w{number % 7}" for number in range(20_000))
    assert "14,000 words" not in change(path, ("It opened", f"{words} It opened"))[0]


def test_a_file_with_mistakes_is_compared_as_far_as_it_can_be_read(path: Path) -> None:
    assert change(path, ("at noon", "at two"), ("- masthead", "- mastheed")) == (
        "article “The bridge”: 1 word changed",
    )


def test_an_approval_of_an_earlier_version_keeps_no_copy_and_one_that_was_touched_is_none(path: Path) -> None:
    copy = path.with_suffix(".sealed") / "source.yaml"
    assert copy.read_bytes() == path.read_bytes()
    copy.write_text(BEFORE.format(subject="Forged"), encoding="utf-8")
    assert change(path, ("at noon", "at two")) == ()
    copy.unlink()
    assert now(path).changes == ()
    path.write_text(BEFORE.format(subject="La digue tiendra"), encoding="utf-8")
    assert now(path).reason is None


def test_a_damaged_approval_tells_neither_who_nor_when(path: Path) -> None:
    (path.with_suffix(".sealed") / "seal.yaml").write_text("by: [", encoding="utf-8")
    found = now(path)
    assert (found.reason, found.by, found.at) == ("damaged", None, None)
