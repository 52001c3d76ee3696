"""Lists written as one Markdown text: the same issue, the same places, edited in place like any other text."""

from __future__ import annotations

from pathlib import Path

import pytest

from composer.issue.compose import compose
from composer.issue.load import load_issue
from composer.issue.model import Front, Issue
from composer.issue.typography.apply_file import rewriting
from composer.newsroom.model import Newsroom
from composer.source.document import Document
from composer.source.points import begins_with_end_mark
from composer.source.schema import schema_of
from tests.issue.support.sample_issue import DAY, newsroom

WITH_KEYS = """\
objet: Le pont attendra
et_aussi:
- "[La halle](#halle)"
- "Le tram : rien"
sommaire:
  rubrique: Cette semaine
  liste:
  - "[Le canon](#canon)"
blocs:
- article:
    id: halle
    titre: La halle
    texte: Enfin.
    pour_aller_plus_loin:
    - canon
    - "[Le port](https://example.org/port)"
- breves:
    liste:
    - titre: Le *canon* du jardin !
      id: canon
      lien: https://example.org/canon_(midi)
      texte: Une loupe, une mèche.
    - titre: Deux paragraphes
      texte: |
        Le premier, [ici](#halle).

        Le second.

        - Un point
    - titre: Sans lien
      id: nu
      texte: "**Gras** : le reste."
- liens: ["[Le phare](https://example.org/phare)"]
- exclusivites:
    public: gratuit
    liste: ["**Atelier** : une heure."]
"""

IN_POINTS = """\
objet: Le pont attendra
et_aussi: |
  - [La halle](#halle)
  - Le tram : rien
sommaire:
  rubrique: Cette semaine
  liste: |
    - [Le canon](#canon)
blocs:
- article:
    id: halle
    titre: La halle
    texte: Enfin.
    pour_aller_plus_loin: |
      - canon
      - [Le port](https://example.org/port)
- breves: |
    - **[Le *canon* du jardin !](https://example.org/canon_(midi)).** Une loupe, une mèche. {#canon}
    - **Deux paragraphes**

      Le premier, [ici](#halle).

      Le second.

      - Un point
    - **Sans lien •** {#nu} **Gras** : le reste.
- liens: |
    - [Le phare](https://example.org/phare)
- exclusivites:
    public: gratuit
    liste: |
      - **Atelier** : une heure.
"""


@pytest.fixture
def house(tmp_path: Path) -> Newsroom:
    return newsroom(tmp_path, publication={"typography": {"profile": "french"}})


def loaded(text: str, house: Newsroom) -> Document[Issue]:
    path = house.root / "issues" / "samedi" / f"{DAY.isoformat()}.yaml"
    path.write_text(text, encoding="utf-8")
    return load_issue(path, house)


def found(text: str, house: Newsroom) -> list[tuple[str, str, str | None]]:
    """Each finding: its code; the line of ``text`` from its place on; its suggestion."""
    lines = text.split("\n")
    return [
        (each.code, lines[each.place.line - 1][each.place.column - 1 :], each.suggestion)
        for each in loaded(text, house).findings
    ]


def with_briefs(*lines: str) -> str:
    return "objet: X\nblocs:\n- breves: |\n" + "".join(f"    {line}\n" if line else "\n" for line in lines)


@pytest.mark.parametrize("audience", ["free", "paid"])
def test_both_ways_of_writing_print_the_same_edition(house: Newsroom, audience: str) -> None:
    keys = compose(loaded(WITH_KEYS, house).require(), house, audience)  # type: ignore[arg-type] # reason: a parameter
    points = compose(loaded(IN_POINTS, house).require(), house, audience)  # type: ignore[arg-type] # reason: the same
    assert points == keys


def test_neither_is_remarked_upon(house: Newsroom) -> None:
    assert loaded(IN_POINTS, house).findings == ()


@pytest.mark.parametrize(
    "lead",
    [
        *("**A b.**", "**A b**.", "**A b :**", "**A b** •", "**A b**", "**[A b](https://a.example).**"),
        *("[**A b.**](https://a.example)", "**[A b](https://a.example)** –"),
    ],
)
def test_a_headline_is_read_without_its_mark(house: Newsroom, lead: str) -> None:
    (brief,) = loaded(with_briefs(f"- {lead} Texte."), house).require().front.blocks[0].items  # type: ignore[attr-defined] # reason: a brief's
    assert (brief.headline.plain, brief.text.source) == ("A b", "Texte.")
    assert brief.url == ("https://a.example" if "https" in lead else None)


def test_a_mark_that_belongs_to_the_headline_stays(house: Newsroom) -> None:
    text = with_briefs("- **Vraiment ?** Oui.", "- **Et après...** Rien.", "- **Mille** … et une.")
    briefs = loaded(text, house).require().front.blocks[0].items  # type: ignore[attr-defined] # reason: a brief's
    assert [each.headline.plain for each in briefs] == ["Vraiment ?", "Et après...", "Mille"]
    assert briefs[2].text.source == "… et une."


@pytest.mark.parametrize(
    ("lines", "code", "there"),
    [
        (("- **Titre.** Un [mot](nulle-part).",), "bad-link", "[mot](nulle-part)."),
        (("- **Titre**", "", "  Un [mot](nulle-part)."), "bad-link", "[mot](nulle-part)."),
        (("- **Titre.** Un [mot](#la) sans but.",), "unknown-id", "#la) sans but."),
        (("- **Titre.** Mot. {#Là}",), "bad-form", "Là}"),
        (("- **Un.** Mot. {#a}", "- **Deux.** Mot. {#a}"), "duplicate-id", "a}"),
        (("- **[Titre](https://).** Mot.",), "bad-url", "https://).** Mot."),
        (("- Titre sans gras.",), "point", "Titre sans gras."),
        (("- **Titre seul.**",), "point", "**Titre seul.**"),
        (("- **Titre {#a}.** Mot.",), "point", "{#a}.** Mot."),
        (("- **Titre.** Mot.", "", "  Un {#a} second."), "point", "{#a} second."),
        (("- **Titre.** Mot.", "-"), "empty-value", "-"),
        (("1. **Titre.** Mot.",), "not-a-list", "1. **Titre.** Mot."),
        (("Titre sans tiret",), "not-a-list", "Titre sans tiret"),
        (("- **Titre.** Mot.", "suite"), "not-a-list", "suite"),
    ],
)
def test_a_mistake_is_shown_where_it_stands(house: Newsroom, lines: tuple[str, ...], code: str, there: str) -> None:
    assert [each[:2] for each in found(with_briefs(*lines), house)] == [(code, there)]


def test_what_to_type_instead_is_the_whole_line(house: Newsroom) -> None:
    assert found(with_briefs("- Titre. Le reste."), house)[0][2] == "    - **Titre.** Le reste."
    assert found(with_briefs("1. **Titre.** Mot."), house)[0][2] == "    - **Titre.** Mot."
    assert found(with_briefs("- **Titre.** Mot. {#Là}"), house)[0][2] == "    - **Titre.** Mot. {#la}"
    (bad,) = found(with_briefs("- **Titre.** Un [mot](www.a.example) de [plus](https://b.example)."), house)
    assert bad[2] == "    - **Titre.** Un [mot](https://www.a.example) de [plus](https://b.example)."


@pytest.mark.parametrize(
    ("block", "better"),
    [
        ("lecture: |\n    - Le phare (https://a.example/p)", "    - [Le phare](https://a.example/p)"),
        ("lecture: |\n    - Le phare", None),
        ("lecture: Le phare", "- lecture: |\n    - [Le phare](https://…)"),
        ("breves: Le phare", "- breves: |\n    - **titre.** Le phare"),
        ("courrier: Anne", "- courrier: |\n    - **auteur.** Anne"),
        ("agenda: Un bal", "- agenda: |\n    - **date.** Un bal"),
        ("reecoute:\n    emission: A\n    diffusion: 2026-12-01\n    lien: https://a.example\n    invites: Zoé Lac",
         "    invites: [{nom: Zoé Lac}]"),
        ("agenda: |\n    - **2026-12-12 25:30.** Un bal", None),
        ("reecoute:\n    emission: A\n    diffusion: 2026-12-01\n    lien: https://a.example\n    chapitres: {1h04: B}",
         "    chapitres: {1:04:00: B}"),
    ],
)  # fmt: skip
def test_one_word_in_place_of_a_list_is_answered_with_the_list(house: Newsroom, block: str, better: str | None) -> None:
    assert [each[2] for each in found(f"objet: X\nblocs:\n- {block}\n", house)] == [better]


def test_one_correction_in_place_of_a_list_is_its_text(house: Newsroom) -> None:
    assert found("objet: X\nrectificatifs: Le pont\nblocs:\n- ours: auto\n", house)[0][2] == (
        "rectificatifs: [{texte: Le pont}]"
    )


def test_a_wrong_hour_after_a_date_is_no_wrong_date(house: Newsroom) -> None:
    (finding,) = loaded("objet: X\nblocs:\n- agenda: |\n    - **2026-12-12 25:30.** Un bal\n", house).findings
    assert "2026-12-12 25:30" in finding.message or "hour" in finding.message


def test_house_typography_is_applied_in_place(house: Newsroom) -> None:
    text = with_briefs(
        "- **[L'eau \"monte\" !](https://a.example/l'eau).** L'un: {#eau}", "- **Un**", "", "  L'autre ;"
    ).replace("objet: X", "objet: X\net_aussi: |\n  - L'eau : oui")
    after = rewriting(loaded(text, house).require(), house).text
    assert after.replace("\u202f", "_").replace("\u00a0", "_") == with_briefs(
        "- **[L’eau «_monte_»_!](https://a.example/l'eau).** L’un_: {#eau}", "- **Un**", "", "  L’autre_;"
    ).replace("objet: X", "objet: X\net_aussi: |\n  - L’eau_: oui")
    assert rewriting(loaded(after, house).require(), house).differences == ()


def test_the_schema_takes_both_ways_of_writing_a_list() -> None:
    schema = schema_of(Front, "fr", "Numéro")
    text = {"type": "string"}
    assert text in schema["properties"]["et_aussi"]["anyOf"]
    assert text in schema["definitions"]["Briefs"]["properties"]["liste"]["anyOf"]
    assert text not in schema["definitions"]["Briefs"]["properties"]["noms"]["anyOf"]
    assert text in schema["definitions"]["blocks"]["properties"]["breves"]["anyOf"]


def test_a_hyphen_between_spaces_ends_a_headline_as_a_dash_does() -> None:
    assert begins_with_end_mark("- elle")
    assert begins_with_end_mark("– elle")
    assert not begins_with_end_mark("-mère")
