"""Who does not see the letter, or badly, reads it too: every sample letter passes, every planted defect is seen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import html as lxml_html

from composer.issue.compose import compose
from composer.issue.load import load_issue
from composer.newsroom.model import Newsroom
from composer.proofreading import proofread
from composer.proofreading.accessibility import defects
from composer.rendering import render
from composer.source.finding import Finding
from tests.issue.support.sample_issue import newsroom
from tests.proofreading.support.sample_letters import LETTERS, rendered
from tests.rendering.support.every_block import everything
from tests.rendering.support.sample_editions import newsroom as quay

START = "objet: Le pont attendra\napercu: Et la halle\nblocs:\n- ours: auto\n"


def codes(html: str) -> list[str]:
    return [defect.code for defect in defects(lxml_html.document_fromstring(html))]


@pytest.mark.parametrize("letter", LETTERS)
def test_a_sample_letter_passes_every_check(letter: str) -> None:
    assert [*defects(lxml_html.document_fromstring(rendered(letter).html))] == []


def test_every_block_passes_every_check(tmp_path: Path) -> None:
    assert codes(render(everything(tmp_path), quay(tmp_path)).html) == []


@pytest.mark.parametrize(
    ("there", "planted", "code"),
    [
        ('<html lang="fr"', "<html", "no-language"),
        (' dir="ltr"', "", "no-language"),
        ("<body ", "<body ><p>Avant la lettre</p", "no-language"),
        (r"<title>[^<]*</title>", "<title> </title>", "no-title"),
        ('role="presentation" class="nameplate"', "", "table-role"),
        (r' alt="[^"]*"', "", "no-alt"),
        (r"</body>", '<a href="https://a.example/"><img src="a.png" alt=""></a></body>', "empty-link"),
        (r"</body>", '<a href="https://a.example/"> </a></body>', "empty-link"),
        (r"</body>", '<a href="https://a.example/">Cliquez\u00a0ici\u00a0!</a></body>', "vague-link"),
        (r"</body>", '<a href="https://a.example/"><b>ici</b></a></body>', "vague-link"),
        (r"</body>", '<a href="https://a.example/"><img src="a.png" alt="En savoir plus"></a></body>', "vague-link"),
        (r"</body>", "<h1>Un second titre</h1></body>", "one-h1"),
        (r"<h1(.*?)</h1>", r"<p\1</p>", "one-h1"),
        (r"</body>", "<h2>Un</h2><h4>Deux</h4></body>", "skipped-heading"),
        (r"</body>", '<p style="font-size:13px">Petit</p></body>', "small-text"),
        (r"</body>", '<p style="font-size:80%">Petit</p></body>', "small-text"),
        (r"</body>", '<p style="font:italic 700 13px/20px Charter,serif">Petit</p></body>', "small-text"),
        (r"</body>", '<p style="color:#777">Un gris trop pâle</p></body>', "low-contrast"),
        (r"</body>", '<td bgcolor="#A8201A"><p>Noir sur rouge</p></td></body>', "low-contrast"),
        (r"</body>", '<a href="https://a.example/" style="text-decoration:none">Un lien</a></body>', "no-underline"),
        ("padding:12px 24px", "padding:10px 24px", "small-target"),
    ],
)
def test_a_planted_defect_is_seen(there: str, planted: str, code: str, tmp_path: Path) -> None:
    html = render(everything(tmp_path), quay(tmp_path)).html
    spoilt, count = re.subn(there, planted, html, count=1, flags=re.DOTALL)
    assert count == 1
    assert code in codes(spoilt)


@pytest.mark.parametrize(
    "words", ["ici", "Cliquez ici", "lire la suite", "En savoir plus…", "click here", "Read more »"]
)
def test_the_headline_follows_a_vague_link_unseen(words: str, tmp_path: Path) -> None:
    found, html = _proofread(tmp_path, f"      Le pont ferme. [{words}](https://a.example/pont)\n")
    assert found == ()
    link = lxml_html.document_fromstring(html).find(".//a[@href='https://a.example/pont']")
    assert link is not None
    assert link.text == words
    (hidden,) = link
    assert hidden.text == " : Le pont de Chastagne"
    style = hidden.get("style", "")
    assert "overflow:hidden" in style
    assert "display:none" not in style


def test_a_link_that_says_where_it_leads_is_left_alone(tmp_path: Path) -> None:
    found, html = _proofread(tmp_path, "      [Ici commence le pont](https://a.example/pont)\n")
    assert found == ()
    link = lxml_html.document_fromstring(html).find(".//a[@href='https://a.example/pont']")
    assert link is not None
    assert len(link) == 0


def test_a_vague_link_that_no_headline_explains_is_placed(tmp_path: Path) -> None:
    made = newsroom(tmp_path)
    found = _findings(made, START + '- annonce: "La halle rouvre. [**Cliquez ici**](https://a.example/)"\n')
    assert [(finding.code, finding.place.line, finding.place.column) for finding in found] == [("vague-link", 5, 30)]
    assert "Cliquez ici" in found[0].message


def test_a_vague_link_of_a_list_is_placed(tmp_path: Path) -> None:
    made = newsroom(tmp_path)
    items = '    - "[La carte](https://a.example/1)"\n    - "[lire la suite](https://a.example/2)"\n'
    found = _findings(made, f"{START}- liens:\n    liste:\n{items}")
    assert [(finding.code, finding.place.line) for finding in found] == [("vague-link", 8)]


def _proofread(folder: Path, body: str) -> tuple[tuple[Finding, ...], str]:
    made = newsroom(folder)
    text = START + f"- article:\n    titre: Le pont de Chastagne\n    texte: |\n{body}"
    found = _findings(made, text)
    issue = load_issue(folder / "issues" / "samedi" / "2026-11-28.yaml", made).require()
    return found, render(compose(issue, made, "free"), made).html


def _findings(made: Newsroom, text: str) -> tuple[Finding, ...]:
    path = made.root / "issues" / "samedi" / "2026-11-28.yaml"
    path.write_text(text, encoding="utf-8")
    return proofread(load_issue(path, made).require(), made)
