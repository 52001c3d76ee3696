"""Rewriting an issue's file: only its texts change, whatever they are and however YAML holds them."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from composer.issue.load import load_issue
from composer.issue.model import Front, Issue, IssueKey
from composer.issue.typography.apply_file import rewriting
from composer.newsroom.model import Lexicon, Newsroom
from composer.source.load import read
from tests.issue.support.sample_issue import DAY, newsroom

FRENCH = {"typography": {"profile": "french"}}

ISSUE = """\
# L'en-tête: "brut" ... 20 %
objet:   "L'eau : 20 % de \\"moins\\""   # l'objet : ici
apercu: 'L''eau monte'
et_aussi: [L'heure, "A - B",  'un ; deux']
sommaire:
    rubrique: Cette semaine...
    liste:
    -   "[L'heure : fin](#heure)"
blocs:

- article:
    id: heure
    titre:    L'heure d'hiver ?   # pas "cela"
    auteur_inconnu_non: ~
    signature: J. K. Dupont
    chapo: >-
      Un chapo: plié
      sur deux lignes
    texte: |
      **L'eau**: 1 000 km ; « mot » et `l'eau : x` sur http://e.example/l'eau:80

      - **Le lieu :** l'eau
      - **mot** : "oui" !

      ## Pourquoi ?

      :::a_surveiller L'hiver ?
      :echeance: 2026-12-15
      :noms: M. X, Y
      L'eau: oui...
      :::

      :::citation J. Martin
      :source: *L'eau* : le livre
      Oui !
      :::
      ===
      La suite : à 10:30, M. X dit
      « oui » .
    amorce: Plus ; ici
- publicite: principal
- ours:
    credits_photo: Apple - AMD
"""

AFTER = """\
# L'en-tête: "brut" ... 20 %
objet:   "L’eau_: 20_% de «_moins_»"   # l'objet : ici
apercu: 'L’eau monte'
et_aussi: [L’heure, "A_– B",  'un_; deux']
sommaire:
    rubrique: Cette semaine…
    liste:
    -   "[L’heure_: fin](#heure)"
blocs:

- article:
    id: heure
    titre:    L’heure d’hiver_?   # pas "cela"
    signature: J._K._Dupont
    chapo: >-
      Un chapo: plié
      sur deux lignes
    texte: |
      **L’eau**_: 1_000_km_; «_mot_» et `l'eau : x` sur http://e.example/l'eau:80

      - **Le lieu_:** l’eau
      - **mot**_: «_oui_»_!

      ## Pourquoi_?

      :::a_surveiller L’hiver_?
      :echeance: 2026-12-15
      :noms: M._X, Y
      L’eau_: oui…
      :::

      :::citation J._Martin
      :source: *L’eau*_: le livre
      Oui_!
      :::
      ===
      La suite_: à 10:30, M._X dit
      «_oui_».
    amorce: Plus_; ici
- publicite: principal
- ours:
    credits_photo: Apple_– AMD
"""


@pytest.fixture
def house(tmp_path: Path) -> Newsroom:
    return newsroom(tmp_path, publication=FRENCH)


def _issue(text: str, house: Newsroom) -> Issue:
    path = house.root / "issues" / "samedi" / f"{DAY.isoformat()}.yaml"
    path.write_bytes(text.encode())
    return load_issue(path, house).require()


def _set(text: str, house: Newsroom) -> str:
    return rewriting(_issue(text, house), house).text


BEFORE = ISSUE.replace("    auteur_inconnu_non: ~\n", "")


def test_only_texts_change_and_comments_layout_and_quotes_stay(house: Newsroom) -> None:
    assert _set(BEFORE, house).replace("\u00a0", "_") == AFTER


def test_what_was_rewritten_has_nothing_more_to_change(house: Newsroom) -> None:
    once = _set(BEFORE, house)
    again = rewriting(_issue(once, house), house)
    assert again.text == once
    assert again.differences == ()


def test_differences_are_words_with_their_places(house: Newsroom) -> None:
    found = rewriting(_issue(BEFORE, house), house).differences
    shown = [(each.place.line, each.place.column, each.before, each.after.replace("\u00a0", "_")) for each in found]
    assert shown[:7] == [
        (2, 10, "\"L'eau :", '"L’eau_:'),
        (2, 19, "20 %", "20_%"),
        (2, 27, '\\"moins\\""', '«_moins_»"'),
        (3, 9, "'L''eau", "'L’eau"),
        (4, 11, "[L'heure,", "[L’heure,"),
        (4, 21, '"A -', '"A_–'),
        (4, 31, "'un ;", "'un_;"),
    ]


def test_windows_line_ends_stay(house: Newsroom) -> None:
    text = BEFORE.replace("\n", "\r\n")
    assert _set(text, house).replace("\u00a0", "_") == AFTER.replace("\n", "\r\n")


def test_off_changes_nothing(tmp_path: Path) -> None:
    house = newsroom(tmp_path)
    assert rewriting(_issue(BEFORE, house), house).differences == ()


def test_an_edition_in_another_language_has_its_own_profile(house: Newsroom) -> None:
    folder, original = house.root / "issues" / "samedi", f"{DAY.isoformat()}.yaml"
    body = 'blocks:\n- edito:\n    headline: The water\n    body: |\n      It\'s here : "now" !\n'
    text = f"subject: What is it ?\ntranslation_of: {original}\n{body}"
    (folder / original).write_text(body)
    path = folder / f"{DAY.isoformat()}.en.yaml"
    path.write_text(text)
    found = rewriting(load_issue(path, house).require(), house)
    assert found.text == text.replace(" ?", "?").replace('It\'s here : "now" !', "It’s here: “now”!")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("subject: mot\u00a0#suite", "subject: mot\u00a0#suite"),  # a plain space would begin a comment
        ("subject: l'eau\u00a0#suite", "subject: l'eau\u00a0#suite"),
        ("subject: 'mot\u00a0#suite'", "subject: 'mot #suite'"),
        ("subject: un titre\n  sur deux: lignes", None),
    ],
)
def test_traps_of_yaml(line: str, expected: str | None, house: Newsroom) -> None:
    text = f"{line}\nblocks:\n- edito:\n    headline: Un titre\n    body: |\n      Un texte.\n"
    document = read(text, Front, file="issues/samedi/2026-11-28.yaml")
    if document.value is None:
        assert expected is None
        return
    issue = Issue(IssueKey("samedi", DAY), document.value, document.source)
    assert rewriting(issue, house).text.split("\nblocks")[0] == (expected or line)


PROSE = st.lists(
    st.sampled_from(
        (
            "mot",
            "l'eau",
            " ",
            " ",
            "\u00a0",
            ":",
            " : ",
            ";",
            "?",
            " !",
            "«",
            "»",
            '"',
            "'",
            "...",
            "20 %",
            "1 000",
            "**",
            "*",
            "`",
            "[x](https://e.example/?a:b)",
            "\\",
            "10:30",
            "M. X",
            " - ",
            "#",
            " #",
            "-",
            "http://e.example",
            "{",
            "}",
            ",",
            "é",
            "&",
            "|",
            ">",
            "%",
            "@",
            "===",
            ":::",
            "le la les des",
            "the of and to",
        )
    ),
    min_size=1,
    max_size=8,
).map("".join)


def _single(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _double(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\u00a0", "\\_") + '"'


def _plain(text: str) -> str:
    return text


_SCALAR = st.builds(lambda text, style: style(text), PROSE, st.sampled_from((_plain, _single, _double)))
_QUOTED = '  # l\'eau : "x"'
_COMMENT = st.sampled_from(("", "", _QUOTED, " # ..."))


@st.composite
def _files(draw: st.DrawFn) -> str:
    lines = draw(st.lists(PROSE | st.just(""), min_size=1, max_size=5))
    pad = " " * draw(st.integers(1, 5))
    body = "\n".join(f"    {pad}{line}".rstrip(" ") for line in lines)
    return (
        f"# l'eau : {draw(PROSE)!r}\nsubject: {draw(_SCALAR)}{draw(_COMMENT)}\n\nalso:\n -  {draw(_SCALAR)}\n"
        f"blocks:\n- edito:\n    headline:  {draw(_SCALAR)}{draw(_COMMENT)}\n    body: |{draw(_COMMENT)}\n{body}\n\n"
        f"- notice: {{text: {draw(_SCALAR)}, until: 2026-12-01}}\n- masthead: {draw(_SCALAR)}\n"
    )


def _without_marks(text: str) -> str:
    """The file without what typography may change."""
    return re.sub(r"[ \u00a0\u202f'´‘’\"“”«».…,\\_\-–—]", "", text)


@settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow], deadline=None)
@given(_files(), st.sampled_from(("french", "english", "glued")))
def test_whatever_the_file_only_its_texts_change(text: str, profile: str) -> None:
    glued = {"colon": "none", "percent": "none", "thousands": "dot", "quotes": "curly"}
    typography = glued if profile == "glued" else {"profile": profile}
    document = read(text, Front, file="issues/samedi/2026-11-28.yaml")
    if document.value is None:
        return
    with TemporaryDirectory() as folder:
        house = newsroom(Path(folder), publication={"typography": typography})
        issue = Issue(IssueKey("samedi", date(2026, 11, 28)), document.value, document.source)
        found = rewriting(issue, house)
        again = read(found.text, Front, file="issues/samedi/2026-11-28.yaml")
        assert again.value is not None, again.findings
        assert rewriting(Issue(issue.key, again.value, again.source), house).differences == ()
    assert _without_marks(found.text) == _without_marks(text)
    before, after = text.split("\n"), found.text.split("\n")
    assert after[0] == before[0]
    assert [line.endswith(_QUOTED) for line in after] == [line.endswith(_QUOTED) for line in before]
    assert found.text.count("\n") == text.count("\n")
    assert found.text.split("\n")[0] == text.split("\n")[0]
    assert (found.text == text) == (not found.differences)


def test_the_lexicon_is_kept(house: Newsroom) -> None:
    named = Newsroom(house.root, house.settings, house.publications, house.sponsors, Lexicon(names={"L'Obs": ()}), {})
    text = "subject: L'Obs et l'eau\nblocks:\n- edito:\n    headline: Un titre\n    body: |\n      Un texte.\n"
    assert "subject: L'Obs et l’eau" in rewriting(_issue(text, named), named).text
