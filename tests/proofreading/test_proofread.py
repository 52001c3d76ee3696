"""The proofreader: both editions, the house's names, the front matter."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date as Date
from pathlib import Path

import pytest

from composer.issue.load import load_issue
from composer.issue.model import Issue
from composer.newsroom.model import Lexicon, Newsroom
from composer.proofreading import proofread, review
from composer.proofreading.locate import whereabouts
from composer.rendering.templates import shipped
from composer.source.finding import Finding, Severity
from tests.issue.support.sample_issue import issue, newsroom
from tests.rendering.support.sample_editions import picture

START = "objet: Le pont attendra\napercu: Et la halle\nblocs:\n- ours: auto\n"


@pytest.fixture
def house(tmp_path: Path) -> Newsroom:
    return newsroom(tmp_path)


def load(house: Newsroom, text: str) -> Issue:
    path = house.root / "issues" / "samedi" / "2026-11-28.yaml"
    path.write_text(text)
    return load_issue(path, house).require()


def remarks(house: Newsroom, text: str) -> tuple[Finding, ...]:
    return proofread(load(house, text), house)


def test_an_issue_in_order_has_no_remark(house: Newsroom) -> None:
    assert remarks(house, START + "- article:\n    titre: Orphéon\n    texte: |\n      Une phrase.\n") == ()


def test_own_templates_without_the_link_to_the_paid_copy_are_remarked(tmp_path: Path) -> None:
    archive = {"since": Date(2026, 1, 1), "paid_copies": True}
    house = newsroom(tmp_path, publication={"archive": archive})
    article = START + "- article:\n    titre: Orphéon\n    texte: |\n      Une phrase.\n"
    assert remarks(house, article) == ()
    (tmp_path / "templates").mkdir()
    for name in ("foot.mjml.j2", "letter.txt.j2"):
        whole = (shipped() / name).read_text(encoding="utf-8")
        (tmp_path / "templates" / name).write_text(whole.replace("if paid_copy_url", "if false"), encoding="utf-8")
    assert [each.code for each in remarks(house, article)] == ["no-paid-copy-link"]
    assert remarks(newsroom(tmp_path), article) == ()


def test_what_both_editions_suffer_from_is_said_once(house: Newsroom) -> None:
    picture = "- illustration:\n    fichier: absente.png\n    description: Le port\n    credit: {photo: B}\n"
    text = START + "- publicite: principale\n" + picture
    found = remarks(house, text)
    assert [(each.code, each.place.line, each.place.column) for each in found] == [
        ("unknown-slot", 5, 14),
        ("file-missing", 7, 14),
    ]


def test_what_one_edition_suffers_from_is_said(house: Newsroom) -> None:
    picture = "    fichier: absente.png\n    description: Le port\n    credit: {photo: B}\n"
    assert [each.code for each in remarks(house, START + "- illustration:\n    public: payant\n" + picture)] == [
        "file-missing"
    ]
    locked = "- article:\n    titre: A\n    acces: payant\n    texte: |\n      Payant.\n"
    assert [each.code for each in remarks(house, START + locked)] == ["missing-teaser"]


def test_a_misspelt_name_is_placed_and_its_line_corrected(house: Newsroom) -> None:
    body = "      Première ligne.\n\n      :::en_filigrane Le cas Orpheon\n      Avec **Orpheon**, rien.\n      :::\n"
    found = remarks(house, START + "- article:\n    titre: Chez Orpheon\n    texte: |\n" + body)
    assert [(each.place.line, each.place.column) for each in found] == [(6, 17), (10, 30), (11, 14)]
    assert {each.severity for each in found} == {Severity.WARNING}
    assert found[0].suggestion == "    titre: Chez Orphéon"
    assert found[2].suggestion == "      Avec **Orphéon**, rien."


def test_a_misspelt_name_that_begins_a_text_is_placed_there_and_not_at_its_key(house: Newsroom) -> None:
    (found,) = remarks(house, START + "- article:\n    titre: A\n    texte: |\n      Orpheon, enfin.\n")
    assert (found.place.line, found.place.column, found.suggestion) == (8, 7, "      Orphéon, enfin.")


def test_a_misspelt_name_is_found_in_prose_without_markdown_too(house: Newsroom) -> None:
    text = """\
- article:
    titre: A
    rubrique: "Chez Orpheon, en grand"
    signature: [{nom: Zoé, role: chez Orpheon}, Anne Orpheon]
    texte: |
      :::encadre B
      :rubrique: Orpheon
      C.
      :::
    illustration: {fichier: carte.png, description: Le siège, credit: {photo: Orpheon}}
- chiffre: {nombre: 12, unite: Orpheon, texte: Une phrase.}
- breves:
    noms: [Zoé, Orpheon]
    liste:
    - {titre: A, texte: B}
- reecoute:
    emission: Chez
      Orpheon
    diffusion: 2026-11-20
    lien: https://a.example/
"""
    start = START.replace("- ours: auto", "- ours: Orpheon")
    found = [each for each in remarks(house, start + text) if each.code == "misspelt-name"]
    lines = (start + text).split("\n")
    places = [(number, at.start() + 1) for number, line in enumerate(lines, 1) for at in re.finditer("Orpheon", line)]
    assert len(places) == 9
    places[-1] = (21, 15)  # of a text that YAML joins, only the beginning is known
    assert [(each.place.line, each.place.column) for each in found] == places
    assert found[1].suggestion == '    rubrique: "Chez Orphéon, en grand"'
    assert found[3].suggestion == "    signature: [{nom: Zoé, role: chez Orphéon}, Anne Orphéon]"


def test_the_identifier_of_a_person_is_no_misspelt_name(house: Newsroom) -> None:
    lexicon = Lexicon(names={"Inès": ("ines",)})
    text = START + "- edito:\n    titre: Chez ines\n    auteur: ines\n    texte: |\n      Rien.\n"
    found = proofread(load(house, text), replace(house, lexicon=lexicon))
    assert [(each.code, each.place.line) for each in found] == [("misspelt-name", 6)]


def test_two_on_a_line_are_two_remarks_that_suggest_one_line(house: Newsroom) -> None:
    found = remarks(house, START + "- annonce: Orpheon et encore Orpheon\n")
    assert [each.place.column for each in found] == [12, 30]
    assert {each.suggestion for each in found} == {"- annonce: Orphéon et encore Orphéon"}


def test_a_line_that_loading_and_proofreading_correct_is_suggested_with_both(house: Newsroom) -> None:
    path = house.root / "issues" / "samedi" / "2026-11-28.yaml"
    text = "- article:\n    titre: A\n    texte: |\n      Là :\n\n      • Chez Orpheon, rien.\n"
    path.write_text(START + text, encoding="utf-8")
    found = review(load_issue(path, house), house, lambda _house, _key: ()).findings
    assert [each.code for each in found] == ["bullet", "misspelt-name"]
    assert {each.suggestion for each in found} == {"      - Chez Orphéon, rien."}


@pytest.mark.parametrize(
    "text",
    [
        "- annonce: Orpheonique et NéoOrpheon\n",
        '- annonce: "[la carte](https://orpheon.example/Orpheon)"\n',
        "- annonce: voir https://a.example/Orpheon/x\n",
        "- illustration:\n    fichier: carte.png\n    description: Le port\n    credit: {photo: B}\n"
        "    lien: https://a.example/Orpheon\n",
        "- publicite: principal\n",
    ],
)
def test_addresses_longer_words_and_advertisers_are_left_alone(tmp_path: Path, text: str) -> None:
    creatives = {"a": {"headline": "Orpheon", "body": "Orpheon", "disclaimer": "Orpheon"}}
    booked = [{"publication": "samedi", "date": "2026-11-28", "slot": "principal", "creative": "a"}]
    house = newsroom(tmp_path, sponsor={"creatives": creatives, "bookings": booked})
    assert remarks(house, START + text) == ()


def test_a_text_of_the_issue_before_is_said_where_the_file_was_copied(house: Newsroom) -> None:
    text = "objet: {0}\napercu: A\nblocs:\n- edito:\n    titre: B\n    texte: |\n      {1}\n- ours: auto\n"
    words = (
        "Le pont rouvre en mars, dit la mairie, et la rivière n’y est pour rien : il manquait une pile, et un maçon. "
    )
    folder = house.root / "issues" / "samedi"
    (folder / "2026-11-21.yaml").write_text(text.format("Un", 2 * words), encoding="utf-8")
    for new, codes in ((2 * words, ["sent-before"]), (words.upper(), [])):
        path = folder / "2026-11-28.yaml"
        path.write_text(text.format("Deux", new), encoding="utf-8")
        found = review(load_issue(path, house), house, lambda _newsroom, _key: ()).findings
        assert [each.code for each in found] == codes


def test_notes_on_the_front_matter(house: Newsroom) -> None:
    text = "objet: " + "Le pont attendra " * 6 + "\nblocs:\n- edito: {titre: A, texte: B}\n"
    found = remarks(house, text)
    assert [each.code for each in found] == ["no-preheader", "long-subject", "no-masthead"]
    assert {each.severity for each in found} == {Severity.NOTE}


def test_a_letter_of_which_no_preheader_can_be_made_says_what_to_write(house: Newsroom) -> None:
    found = remarks(house, "objet: Le pont\nblocs:\n- annonce: A\n")
    assert [(each.code, each.severity) for each in found if each.code != "no-masthead"] == [
        ("empty-preheader", Severity.ERROR)
    ]
    written = remarks(house, "objet: Le pont\naperçu: Il ouvre\nblocs:\n- annonce: A\n")
    assert [each.code for each in written] == ["no-masthead"]


def test_warnings_and_notes_can_be_ignored_and_errors_cannot(house: Newsroom) -> None:
    front = "objet: A\nignorer: [no-preheader, no-masthead, misspelt-name, unknown-slot]\nblocs:\n"
    found = remarks(house, front + "- annonce: Orpheon\n- publicite: principale\n")
    assert [each.code for each in found] == ["unknown-slot"]


def test_a_picture_that_no_client_can_show_is_found_before_approval(house: Newsroom) -> None:
    drawing = house.root / "issues" / "samedi" / "plan.svg"
    drawing.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>')
    picture = "- illustration:\n    fichier: plan.svg\n    description: Le plan\n    credit: {par: B}\n"
    found = remarks(house, START + picture)
    assert [(finding.code, finding.severity) for finding in found] == [("unusable-picture", Severity.ERROR)]
    assert "SVG" in found[0].message
    assert found[0].excerpt == "    fichier: plan.svg"


def test_every_unusable_picture_is_said_at_once_where_it_is_named(house: Newsroom) -> None:
    text = START
    for name in ("plan.svg", "vide.png", "rive.jpg"):
        (house.root / "issues" / "samedi" / name).write_bytes(b"" if name == "vide.png" else b"<svg/>")
        text += f"- illustration:\n    fichier: {name}\n    description: Le plan\n    credit: {{par: B}}\n"
    found = [finding for finding in remarks(house, text) if finding.code == "unusable-picture"]
    assert [finding.excerpt for finding in found] == [
        f"    fichier: {name}" for name in ("plan.svg", "vide.png", "rive.jpg")
    ]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("credit: {par: B}", "missing-key"),
        ("description: ' '\n    credit: {par: B}", "empty-value"),
        ("description: Le plan", "missing-key"),
        ("description: Le plan\n    credit: {}", "empty-credit"),
    ],
)
def test_a_picture_without_its_description_or_its_credit_is_refused(house: Newsroom, written: str, code: str) -> None:
    path = house.root / "issues" / "samedi" / "2026-11-28.yaml"
    path.write_text(START + f"- illustration:\n    fichier: quai.png\n    {written}\n", encoding="utf-8")
    document = load_issue(path, house)
    assert document.value is None
    assert [finding.code for finding in document.findings] == [code]


@pytest.mark.slow
def test_a_letter_that_gmail_would_cut_is_an_error(house: Newsroom) -> None:
    text = "      Une phrase assez longue pour peser.\n\n" * 3000
    found = remarks(house, START + f"- article:\n    titre: Trop\n    texte: |\n{text}")
    assert {finding.code for finding in found} == {"too-heavy"}


def test_words_of_a_letter_are_located_in_prose_without_markdown_too(house: Newsroom) -> None:
    issue = load(house, START + "- article:\n    titre: A\n    rubrique: Un Grand angle\n    texte: |\n      B.\n")
    assert whereabouts(issue, "grand angle") == (("blocks", 1, "label"), 0, 3)


@pytest.mark.parametrize(
    ("lines", "size", "codes"),
    [
        (3, None, []),
        (4, None, ["long-summary"]),
        (4, (1280, 416), []),
        (3, (1280, 427), []),
        (3, (1280, 600), ["tall-cover"]),
        (3, (630, 200), ["picture-shape"]),
    ],
)
def test_what_stands_before_the_first_text_leaves_it_in_sight(
    lines: int, size: tuple[int, int] | None, codes: list[str], tmp_path: Path
) -> None:
    made = newsroom(tmp_path)
    cover = None
    if size:
        picture(tmp_path / "issues" / "samedi" / "cover.png", *size)
        cover = {"src": "cover.png", "alt": "Un pont", "credit": {"by": "Zoé Lac"}}
    text = {"type": "article", "headline": "Le pont", "body": "Une phrase.", "byline": "ines"}
    front = {"preheader": "Un pont", "cover": cover, "summary": {"items": ["Un", "Deux", "Trois", "Quatre"][:lines]}}
    found = proofread(issue([text, {"type": "masthead"}], **front), made)
    assert [each.code for each in found] == codes
