"""Signs that were meant and would be printed as they stand: each is said, with the line as it is read."""

from __future__ import annotations

import pytest

from composer.issue.blocks import body
from composer.issue.inline import Link, Text
from composer.issue.markdown import inline
from composer.source.finding import Severity

LINKS = [
    ("Un [lien](https://example.org/a> là.", "Un [lien](https://example.org/a) là."),
    ("Un [lien] (https://example.org/a).", "Un [lien](https://example.org/a)."),
    ("Un [lien]\u00a0(https://example.org/a).", "Un [lien](https://example.org/a)."),
    ("Un [lien](https://example.org/une page).", "Un [lien](https://example.org/une%20page)."),
    ("Un [lien](https: //example.org).", "Un [lien](https://example.org)."),
    ("Un [lien](https://example.org jamais fermé.", "Un [lien](https://example.org) jamais fermé."),
    ("Un [lien](« https://example.org »).", "Un [lien](https://example.org)."),
    ("Un [lien](https://example.org/\u00a0a).", "Un [lien](https://example.org/a)."),
    ("Un [lien](tel:+33 1 99 00 12 34).", "Un [lien](tel:+33199001234)."),
    ("Un [lien] (www.example.org).", "Un [lien](https://www.example.org)."),
    ("Un [lien] (anne@example.org).", "Un [lien](mailto:anne@example.org)."),
    ("Un [lien]https://example.org/a.", "Un [lien](https://example.org/a)."),
    ("Un (lien)[https://example.org/a].", "Un [lien](https://example.org/a)."),
    ("Un [https://example.org/a lien].", "Un [lien](https://example.org/a)."),
    ("Un [[https://example.org/a|lien]].", "Un [lien](https://example.org/a)."),
    ("Un [**lien** fort] (https://example.org/a).", "Un [**lien** fort](https://example.org/a)."),
    (
        "[a](https://example.org) et [lien] (https://example.org).",
        "[a](https://example.org) et [lien](https://example.org).",
    ),
]


@pytest.mark.parametrize(("typed", "better"), LINKS)
def test_a_link_that_does_not_parse_is_said_with_the_link_that_does(typed: str, better: str) -> None:
    (found,) = body(f"Un mot.\n\n{typed}\n").problems
    assert (found.code, found.line, found.severity, found.suggestion) == ("broken-link", 2, Severity.WARNING, better)
    assert inline(better).problems == ()


def test_a_no_break_space_in_the_beginning_of_an_address_is_an_error_with_its_mending() -> None:
    (found,) = inline("Un [lien](https\u00a0://example.org).").problems
    assert (found.code, found.severity, found.suggestion) == (
        "bad-link",
        Severity.ERROR,
        "Un [lien](https://example.org).",
    )
    assert inline("Un [lien](\u00a0https://example.org\u00a0).").problems == ()


def test_an_address_copied_with_what_nobody_sees_is_said() -> None:
    (found,) = inline("[a](https://example.org/a%E2%80%8B)").problems
    assert (found.code, found.suggestion) == ("broken-link", "[a](https://example.org/a)")


@pytest.mark.parametrize("typed", ["Un [lien]\n(https://example.org/a).", "Un [lien](https://\nexample.org/a)."])
def test_a_link_over_two_lines_is_said(typed: str) -> None:
    assert [each.code for each in body(typed).problems] == ["broken-link"]


def test_a_link_by_reference_is_given_its_address() -> None:
    found = body(
        "Un [lien][1], et [l’autre].\n\n[1]: https://example.org/a\n[l’autre]: https://example.org/b\n"
    ).problems
    assert {each.code for each in found} == {"broken-link"}
    assert [each.line for each in found] == [0, 0, 2, 3]
    assert found[0].suggestion == "Un [lien](https://example.org/a), et [l’autre]."
    assert found[1].suggestion == "Un [lien][1], et [l’autre](https://example.org/b)."


SIGNS = [
    ("Une espace&nbsp;: non", "entity", "Une espace : non"),
    ("R&amp;D", "entity", "R&D"),
    ("Un &#8364; et", "entity", "Un € et"),
    ("**R&eacute;daction**", "entity", "**Rédaction**"),
    ("Une note[^1].", "footnote", "Une note (1)."),
    ("[^1]: La note.", "footnote", "(1) La note."),
    ("Il est ~~barré~~ là.", "raw-marks", "Il est barré là."),
    ("Il est ==surligné== là.", "raw-marks", "Il est surligné là."),
    ("H~2~O", "raw-marks", "H₂O"),
    ("30 m^2^ et", "raw-marks", "30 m² et"),
    ("1^er^ mai", "raw-marks", "1er mai"),
    ("L`arbre et", "raw-marks", "L'arbre et"),
]


@pytest.mark.parametrize(("typed", "code", "better"), SIGNS)
def test_a_sign_of_another_program_is_said(typed: str, code: str, better: str) -> None:
    (found,) = inline(typed).problems
    assert (found.code, found.severity, found.suggestion) == (code, Severity.WARNING, better)


@pytest.mark.parametrize(
    "text", ["- [ ] une tâche\n", "- [x] une tâche\n", "[!NOTE] Attention.\n", "Un `code jamais fermé.\n"]
)
def test_boxes_callouts_and_lone_backticks_are_said(text: str) -> None:
    assert [each.code for each in body(text).problems] == ["raw-marks"]


@pytest.mark.parametrize(
    "typed",
    [
        r"\[lien] (https\://example.org)",
        "`[lien] (https://example.org)` et `&nbsp;` et `~~a~~` et `[^1]`",
        r"Le signe \~~ et \`",
        "[R&D](https://example.org/?a=1&amp;b=2&copy=3)",
        "[sic] (voir p. 3)",
        "[…] (il rit)",
        "Anne [Duval] (née en 1960) et [son frère](https://example.org)",
        "a == b == c, ~5 km, ~~, x ^ y ^ z, ^^",
        "AT&T; R&D; Q&A",
        "[www.example.org](https://www.example.org)",
        "<https://example.org/a> et <anne@example.org>",
        "[un pont](https://example.org/Pont_(ouvrage))",
    ],
)
def test_what_is_meant_is_silent(typed: str) -> None:
    assert inline(typed).problems == ()


BARE = [
    ("Lire https://example.org/a, ou non", "Lire <https://example.org/a>, ou non"),
    ("(https://example.org/Pont_(ouvrage))", "(<https://example.org/Pont_(ouvrage)>)"),
    ("Lire www.example.org.", "Lire [www.example.org](https://www.example.org)."),
    ("Écrire à anne.b@example.org.", "Écrire à <anne.b@example.org>."),
]


@pytest.mark.parametrize(("typed", "better"), BARE)
def test_an_address_in_prose_is_noted(typed: str, better: str) -> None:
    (found,) = inline(typed).problems
    assert (found.code, found.severity, found.suggestion) == ("bare-address", Severity.NOTE, better)
    assert inline(better).problems == ()


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("https://example.org/a", "https://example.org/a"),
        ("www.example.org/a", "https://www.example.org/a"),
        ("anne@example.org", "mailto:anne@example.org"),
    ],
)
def test_an_address_that_is_the_whole_field_is_a_link(typed: str, url: str) -> None:
    found = inline(typed)
    assert (found.spans, found.problems) == ((Link(url, (Text(typed),)),), ())


@pytest.mark.parametrize("typed", ["Filigrane", "#id", "2026-11-27", "example.org", "c’est www", "www.", "tel: oui"])
def test_words_are_no_address(typed: str) -> None:
    assert not any(isinstance(each, Link) for each in inline(typed).spans)


def test_what_stands_within_html_is_said_with_it() -> None:
    found = body('Un <a href="https://example.org/?a&amp;b">lien</a>.').problems
    assert [each.code for each in found] == ["html"]


@pytest.mark.parametrize(
    "left",
    [
        "【4†source】",
        ":contentReference[oaicite:3]{index=3}",
        "[cite: 1, 2]",
        "citeturn0search1turn0news2",
        "{++un mot++}",
        "{==un mot==}",
        "{>>à revoir<<}",
    ],
)
def test_what_a_paste_left_in_a_sentence_is_said_once(left: str) -> None:
    (found,) = body(f"Un mot.\n\nLe fleuve {left} monte.\n").problems
    assert (found.code, found.line, found.column, found.severity) == ("leftover", 2, 10, Severity.WARNING)


@pytest.mark.parametrize(
    "left",
    [
        "Envoyé de mon iPhone",
        "Sent from my Galaxy S9.",
        "Get Outlook for Android",
        "--",
        "Commenté [PD1]:",
        "Commented [A1]:",
    ],
)
def test_what_a_paste_left_on_a_line_is_said_once(left: str) -> None:
    (found,) = body(f"Un mot,\n{left}\n").problems
    assert (found.code, found.line, found.column) == ("leftover", 1, 0)


@pytest.mark.parametrize(
    "typed",
    [
        "Envoyé de mon village, il écrit.",
        "Sent from my desk, the note was short.",
        "Un mot -- puis un autre { nom }.",
        "Le message disait : « Envoyé de mon iPhone ».",
        "Commenté par la presse, le texte change.",
        "A turn2 in the road, and [cite] it.",
    ],
)
def test_words_that_look_like_what_a_paste_leaves_are_words(typed: str) -> None:
    assert body(typed).problems == ()


def test_a_numbered_note_is_said_and_a_number_between_brackets_is_not() -> None:
    assert [each.code for each in body("La digue[1] cède.[2]\n").problems] == ["footnote", "footnote"]
    assert body("La digue[1] cède.").problems[0].suggestion == "La digue (1) cède."
    assert body("Selon [1], et [-1] aussi ; puis [sic]. [3] Fin.").problems == ()


@pytest.mark.parametrize(
    ("typed", "better"),
    [
        ("Voir <https://example.org", "Voir <https://example.org>"),
        ("Voir https://example.org/a> là", "Voir <https://example.org/a> là"),
        ("Voir <www.example.org là", "Voir [www.example.org](https://www.example.org) là"),
    ],
)
def test_an_address_keeps_the_one_bracket_that_it_has(typed: str, better: str) -> None:
    (found,) = inline(typed).problems
    assert (found.code, found.suggestion) == ("bare-address", better)
    assert inline(better).problems == ()


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Un ***gras italique** ici", "stray-asterisks"),
        ("_italique non fermé", "raw-marks"),
        ("Un mot (_italique non fermé).", "raw-marks"),
    ],
)
def test_emphasis_that_is_closed_by_too_little_is_said(typed: str, code: str) -> None:
    (found,) = inline(typed).problems
    assert (found.code, found.severity, found.suggestion) == (code, Severity.WARNING, None)


@pytest.mark.parametrize(
    "typed",
    ["Un ***mot*** et _un autre_, __un gras__", "Un **mot*** à note", "snake_case, @_anne, `_id`, ___, _ seul, \\_mot"],
)
def test_emphasis_and_names_are_no_stray_marks(typed: str) -> None:
    assert inline(typed).problems == ()


@pytest.mark.parametrize(
    ("typed", "better"),
    [
        ("Un **gras* ici.", "Un **gras** ici."),
        ("Un *gras** ici.", "Un **gras** ici."),
        ("*un* et **deux* puis *trois*", "*un* et **deux** puis *trois*"),
        ("**[le pont](https://example.org)* x", "**[le pont](https://example.org)** x"),
    ],
)
def test_an_asterisk_that_bold_lacks_is_said(typed: str, better: str) -> None:
    (problem,) = inline(typed).problems
    assert (problem.code, problem.suggestion) == ("stray-asterisks", better)


@pytest.mark.parametrize("typed", ["***a***", "**a *b***", "*a **b***", "Le mot* et *b*", r"*A*\* b", "**a** b*"])
def test_bold_that_lacks_none_is_passed_over(typed: str) -> None:
    assert inline(typed).problems == ()


@pytest.mark.parametrize(
    ("typed", "code", "better"),
    [
        ("l&amp;rsquo;eau", "entity", "l’eau"),
        ("l’’eau", "raw-marks", "l’eau"),
        ("lʼeau et qu′il", "raw-marks", "l’eau et qu′il"),
        ("AT&amp;T", "entity", "AT&T"),
    ],
)
def test_signs_that_a_paste_doubles_are_said(typed: str, code: str, better: str) -> None:
    problem, *_others = inline(typed).problems
    assert (problem.code, problem.suggestion) == (code, better)


def test_a_break_that_no_line_follows_is_said() -> None:
    (problem,) = body("Un mot.\\\n\nUn autre\\\nencore.").problems
    assert (problem.code, problem.line, problem.column, problem.suggestion) == ("raw-marks", 0, 7, "Un mot.")
    assert inline("Un mot \\\\").problems == ()


PASTED = [
    ("Le 𝗽𝗼𝗻𝘁 ferme.", "Le pont ferme."),
    ("𝑙𝑎 ℎ𝑎𝑙𝑙𝑒 aussi", "la halle aussi"),
    ("ｌｅ ｐｏｎｔ", "le ｐｏｎｔ"),
    ("P̶o̶n̶t̶", "Pont"),
    ("Le p\u043ent", "Le pont"),
    ("Un\\nDeux", "Un Deux"),
    ("Un.\\n\\nDeux", "Un. Deux"),
    ("![][image1] Un", "Un"),
    ("H&lt;/b>", "H\\</b>"),
    ("Le mod`ele g´en´eral de l’´economie, d´ej`a", "Le modèle général de l’économie, déjà"),
    ("¸ca, le c¸a, o`u, ˆıle", "¸ca, le ça, où, île"),
]


@pytest.mark.parametrize(("typed", "better"), PASTED)
def test_what_a_telephone_or_a_program_draws_is_given_in_letters(typed: str, better: str) -> None:
    found, *_others = inline(typed).problems
    assert (found.severity, found.suggestion) == (Severity.WARNING, better)


@pytest.mark.parametrize(
    "typed",
    [
        "ℝ, 𝑥 = 3, 𝑎𝑏",
        "東京ＡＢＣ",
        "Москва, Ελλάδα, µm, ΔT, αβ",
        "C:\\nouveau",
        "2**3",
        "Tome XXX (à suivre)",
        "XXXe",
        "l´eau, qu´elle, puisqu´elle",
    ],
)
def test_signs_of_other_alphabets_and_of_formulas_are_meant(typed: str) -> None:
    assert inline(typed).problems == ()


@pytest.mark.parametrize("typed", ["[Insérer ici une photo]", "(à compléter)", "XXX", "{{< youtube abc >}}"])
def test_what_a_draft_or_a_generator_leaves_has_no_other_words(typed: str) -> None:
    (found,) = inline(typed).problems
    assert (found.code, found.suggestion) == ("leftover", None)


def test_html_behind_what_is_meant_as_a_sign_keeps_it() -> None:
    (found,) = inline(r"\<b>un</b>").problems
    assert (found.code, found.suggestion) == ("html", r"\<b>un")
    assert inline("y<sup>n</sup>, 1<sup>er</sup>").problems[0].suggestion == "yⁿ, 1er"
    assert inline("Écrire à mailto:a@example.org").problems[0].suggestion == "Écrire à <a@example.org>"
