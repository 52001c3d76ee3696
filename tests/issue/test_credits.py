"""Picture credits: beside each picture, or together in the masthead, and never nowhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from composer.issue.blocks.figure import ResolvedFigure
from composer.issue.blocks.masthead import ResolvedMasthead
from composer.issue.compose import compose
from tests.issue.support.sample_issue import issue, newsroom

PHOTO = {"type": "figure", "src": "carte.png", "alt": "A", "credit": {"photo": "Studio Exemple"}}
MACHINE = {"type": "figure", "src": "carte.png", "alt": "A", "credit": {"ai": "Modèle 1"}}
GROUPED = {"credits": "grouped"}


def mentions(tmp_path: Path, *blocks: dict[str, Any], style: dict[str, str] | None = None) -> tuple[list[str], str]:
    """What stands beside each picture, and in the masthead."""
    house = newsroom(tmp_path)
    edition = compose(issue(blocks, **({"style": style} if style else {})), house, "free")
    beside = [block.mention for block in edition.blocks if isinstance(block, ResolvedFigure)]
    gathered = [block.photo_credits or "" for block in edition.blocks if isinstance(block, ResolvedMasthead)]
    return beside, "".join(gathered)


def test_beside_each_picture_by_default(tmp_path: Path) -> None:
    assert mentions(tmp_path, PHOTO, {"type": "masthead"}) == (["Photo\u00a0: Studio Exemple"], "")


def test_grouped_once_in_the_masthead(tmp_path: Path) -> None:
    beside, gathered = mentions(tmp_path, PHOTO, {"type": "masthead"}, style=GROUPED)
    assert beside == [""]
    assert "Studio Exemple" in gathered


def test_a_machine_is_named_beside_its_picture_even_when_grouped(tmp_path: Path) -> None:
    beside, gathered = mentions(tmp_path, MACHINE, {"type": "masthead"}, style=GROUPED)
    assert "Modèle 1" in beside[0]
    assert "Modèle 1" in gathered


def test_without_a_masthead_to_group_them_they_stay_beside(tmp_path: Path) -> None:
    assert mentions(tmp_path, PHOTO, style=GROUPED)[0] == ["Photo\u00a0: Studio Exemple"]


def test_a_masthead_that_does_not_print_them_leaves_them_beside(tmp_path: Path) -> None:
    own = {"type": "masthead", "photo_credits": "Photographies d’archives"}
    assert mentions(tmp_path, PHOTO, own, style=GROUPED)[0] == ["Photo\u00a0: Studio Exemple"]
