"""Pictures that no issue names, an advertisement's and the nameplate's: what is wrong is said where they are named."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from PIL import Image

from composer.issue.compose import compose
from composer.issue.load import load_issue
from composer.newsroom import load_newsroom
from composer.newsroom.model import Newsroom
from composer.proofreading import proofread
from composer.rendering import render
from composer.source.finding import Finding, Severity
from tests.rendering.support.pictures_with_rights import AI, ALL, packet, write
from tests.rendering.support.sample_editions import picture

ROOT = Path(__file__).parents[2]
SPONSOR = """\
annonceur: la papeterie Courtefeuille
creations:
  essai:
    titre: Le carnet
    image:
      fichier: dessin.png
      description: Un carnet fermé
    bouton: {texte: Le choisir, lien: "https://courtefeuille.example/"}
reservations:
- {publication: vendredi, date: 2026-11-27, emplacement: principal, creation: essai}
"""
ISSUE = "objet: Le pont\napercu: Et la halle\nblocs:\n- publicite: principal\n- ours: auto\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "config", tmp_path / "config")
    (tmp_path / "config/sponsors/pre-long.yaml").unlink()
    (tmp_path / "config/sponsors/courtefeuille.yaml").write_text(SPONSOR)
    (tmp_path / "issues/vendredi").mkdir(parents=True)
    return tmp_path


def _with_nameplate(root: Path) -> None:
    path = root / "config/publications/vendredi.yaml"
    path.write_text(path.read_text().replace("  largeur: 640", "  logo: dessin.png"))


def _house(root: Path) -> Newsroom:
    return load_newsroom(root)


def found(root: Path, issue: str = ISSUE) -> list[Finding]:
    path = root / "issues/vendredi/2026-11-27.yaml"
    path.write_text(issue)
    house = _house(root)
    ours = ("picture", "credit", "nameplate")
    return [
        each for each in proofread(load_issue(path, house).require(), house) if any(word in each.code for word in ours)
    ]


def _places(remarks: list[Finding]) -> list[tuple[str, str, int]]:
    return [(each.code, Path(each.place.file).name, each.place.line) for each in remarks]


def test_what_is_wrong_with_an_advertisement_s_picture_is_said_in_its_file(root: Path) -> None:
    folder = root / "config/sponsors"
    noise = Image.frombytes("RGB", (1280, 300), os.urandom(1280 * 300 * 3))
    noise.save(folder / "dessin.png")
    assert _places(found(root)) == [("heavy-picture", "courtefeuille.yaml", 6)]
    write(folder / "dessin.png", b"<x:xmpmeta")
    assert _places(found(root)) == [("picture-rights-lost", "courtefeuille.yaml", 6)]
    (folder / "dessin.png").write_bytes(b"%PDF-1.7")
    assert _places(found(root)) == [("unusable-picture", "courtefeuille.yaml", 6)]


def test_an_advertisement_s_picture_by_an_ai_says_so(root: Path) -> None:
    folder = root / "config/sponsors"
    write(folder / "dessin.png", packet({**ALL, "Iptc4xmpExt:DigitalSourceType": [AI]}))
    (said,) = found(root)
    assert (said.code, said.severity, said.place.line) == ("missing-ai-credit", Severity.ERROR, 6)
    assert "ia: …" in said.message
    path = folder / "courtefeuille.yaml"
    path.write_text(SPONSOR.replace("fermé\n", "fermé\n      ia: Modèle d’exemple\n"))
    assert found(root) == []
    house = _house(root)
    issue = load_issue(root / "issues/vendredi/2026-11-27.yaml", house).require()
    letter = render(compose(issue, house, "free"), house)
    for part in (letter.html, letter.text):
        assert "Image générée par IA (Modèle d’exemple)" in part.replace("\n", " ")


def test_so_does_its_twin_for_the_dark(root: Path) -> None:
    folder = root / "config/sponsors"
    picture(folder / "dessin.png", 300, 200)
    write(folder / "nuit.png", packet({**ALL, "Iptc4xmpExt:DigitalSourceType": [AI]}))
    (folder / "courtefeuille.yaml").write_text(SPONSOR.replace("fermé\n", "fermé\n      sombre: nuit.png\n"))
    assert _places(found(root)) == [("missing-ai-credit", "courtefeuille.yaml", 8)]


def test_a_nameplate_by_an_ai_is_a_warning(root: Path) -> None:
    _with_nameplate(root)
    write(root / "config/publications/dessin.png", packet({**ALL, "Iptc4xmpExt:DigitalSourceType": [AI]}))
    picture(root / "config/sponsors/dessin.png", 300, 200)
    (said,) = found(root)
    assert (said.code, said.severity, Path(said.place.file).name) == (
        "missing-ai-credit",
        Severity.WARNING,
        "vendredi.yaml",
    )


def test_a_name_that_ends_another_is_not_taken_for_it(root: Path) -> None:
    folder = root / "issues/vendredi"
    picture(root / "config/sponsors/dessin.png", 300, 200)
    figure = "- illustration:\n    fichier: {0}\n    description: Un pont de pierre\n    credit: {{par: Zoé}}\n"
    picture(folder / "vieux-dessin.png", 300, 200)
    (folder / "dessin.png").write_bytes(b"BM" + bytes(60))
    issue = ISSUE + figure.format("vieux-dessin.png") + figure.format("dessin.png")
    assert _places(found(root, issue)) == [("unusable-picture", "2026-11-27.yaml", 11)]
