"""Syntax mistakes: each is named with its line to type, and the rest of the file is read all the same."""

from __future__ import annotations

import pytest

from composer.issue.model import Front
from composer.source import Document, read

# (what was typed in the place of a headline, code, column, the line to type)
TYPED = [
    ("Le prix : 3 €", "colon-in-text", 21, '"Le prix : 3 €"'),
    ("Le prix :", "colon-in-text", 21, '"Le prix :"'),
    ("**gras** au début", "reserved-character", 13, '"**gras** au début"'),
    ("*x*", "reserved-character", 13, '"*x*"'),
    ("*x", "reserved-character", 13, '"*x"'),
    ("&x", "reserved-character", 13, '"&x"'),
    ("&x mot", "reserved-character", 13, '"&x mot"'),
    ("!Alerte rouge", "reserved-character", 13, '"!Alerte rouge"'),
    ('"Non", dit-il', "text-after-quote", 18, "'\"Non\", dit-il'"),
    ('"Il a dit "non" hier"', "text-after-quote", 24, "'Il a dit \"non\" hier'"),
    ('"Le pont "neuf" ferme\'', "text-after-quote", 23, "'Le pont \"neuf\" ferme'"),
    ('"Le pont "neuf" ferme', "text-after-quote", 23, "'Le pont \"neuf\" ferme'"),
    ('"Le pont "neuf"', "text-after-quote", 23, "'Le pont \"neuf\"'"),
    ("'L'heure est là'", "text-after-quote", 16, '"L\'heure est là"'),
    ("> cité", "reserved-character", 13, '"> cité"'),
    (">> cité", "reserved-character", 13, '">> cité"'),
    ("| GRAND ANGLE |", "reserved-character", 13, '"| GRAND ANGLE |"'),
    ("- tiret", "reserved-character", 13, '"- tiret"'),
    ("? quoi", "reserved-character", 13, '"? quoi"'),
    ("% x", "reserved-character", 13, '"% x"'),
    ("@x", "reserved-character", 13, '"@x"'),
    ("`x`", "reserved-character", 13, '"`x`"'),
    ("[x", "unclosed-bracket", 13, '"[x"'),
    ("{x", "unclosed-bracket", 13, '"{x"'),
    ("[Vidéo] Le port", "reserved-character", 13, '"[Vidéo] Le port"'),
    ("[Le port](https://example.org)", "reserved-character", 13, '"[Le port](https://example.org)"'),
    ('"Bonjour', "unclosed-quote", 13, '"Bonjour"'),
    ("'Bonjour", "unclosed-quote", 13, '"Bonjour"'),
    ('"C:\\dossier"', "backslash", 16, "'C:\\dossier'"),
    ("Vu sur X #retraites", "truncated-text", 22, '"Vu sur X #retraites"'),
    ("#retraites", "truncated-text", 13, '"#retraites"'),
]

BEFORE = "objet: x\nblocs:\n- article:\n"
AFTER = "    texte: |\n      Bonjour.\n- annonce: Fin\n- ours:\n    derniers: on\n"


def _read(text: str) -> Document[Front]:
    return read(text, Front, file="issue.yaml")


@pytest.mark.parametrize(("typed", "code", "column", "value"), TYPED)
def test_what_people_type_as_a_title(typed: str, code: str, column: int, value: str) -> None:
    document = _read(f"{BEFORE}    titre: {typed}\n{AFTER}")
    first, last = document.findings
    assert (first.code, first.place.line, first.place.column) == (code, 4, column - 1)
    assert first.excerpt == f"    titre: {typed}"
    assert first.suggestion == f"    titre: {value}"
    assert (last.code, last.place.line) == ("not-an-integer", 9), "the last line keeps its number and is checked"
    corrected = _read(f"{BEFORE}{first.suggestion}\n{AFTER}".replace("on\n", "1\n"))
    assert corrected.findings == ()
    assert corrected.value is not None


@pytest.mark.parametrize(
    ("line", "code", "better"),
    [
        ("    titre:Bonjour", "missing-space", "    titre: Bonjour"),
        ("    titre\u00a0:\u00a0Bonjour", "missing-space", "    titre: Bonjour"),
        ("    titre Bonjour", "missing-colon", "    titre: Bonjour"),
        ("\u00a0\u00a0\u00a0\u00a0titre: Bonjour", "bad-indent", "    titre: Bonjour"),
        ("\ttitre: Bonjour", "tab", "    titre: Bonjour"),
        ("     titre: Bonjour", "bad-indent", "    titre: Bonjour"),
        ("   titre: Bonjour", "bad-indent", "    titre: Bonjour"),
    ],
)
def test_slips_around_a_key(line: str, code: str, better: str) -> None:
    document = _read(f"{BEFORE}{line}\n{AFTER}")
    first, last = document.findings
    assert (first.code, first.place.line, first.suggestion) == (code, 4, better)
    assert (last.code, last.place.line) == ("not-an-integer", 9)


ABOVE = [
    ("    titre: *x", "reserved-character", '    titre: "*x"'),
    ("    titre: !Alerte", "reserved-character", '    titre: "!Alerte"'),
    ("    titre: [Vidéo] Le port", "reserved-character", '    titre: "[Vidéo] Le port"'),
    ('    titre: "Le pont "neuf"', "text-after-quote", "    titre: 'Le pont \"neuf\"'"),
    ("    titre: [x", "unclosed-bracket", '    titre: "[x"'),
    ("    titre:Bonjour", "missing-space", "    titre: Bonjour"),
    ("    titre Bonjour", "missing-colon", "    titre: Bonjour"),
]
BELOW = [("    chapo:C", "missing-space"), ("    chapo C", "missing-colon"), ("\tchapo: C", "tab")]


@pytest.mark.parametrize(
    ("above", "below"),
    [(above, below) for above in ABOVE for below in BELOW if below[1] != "tab" or not above[1].startswith("missing")],
)
def test_a_mistake_right_above_another(above: tuple[str, str, str], below: tuple[str, str]) -> None:
    """YAML looks ahead: it stops at the one below before it has found anything wrong above."""
    findings = _read(f"{BEFORE}{above[0]}\n{below[0]}\n{AFTER}").findings
    assert [(finding.code, finding.place.line) for finding in findings] == [
        (above[1], 4),
        (below[1], 5),
        ("not-an-integer", 10),
    ]
    assert [finding.suggestion for finding in findings[:2]] == [above[2], "    chapo: C"]


@pytest.mark.parametrize("below", ["*x", "- tiret", "@x", "!Alerte rouge"])
def test_a_key_too_far_left_above_another_mistake(below: str) -> None:
    findings = _read(f"{BEFORE}   titre: T\n    chapo: {below}\n{AFTER}").findings
    assert [(finding.code, finding.place.line) for finding in findings] == [
        ("bad-indent", 4),
        ("reserved-character", 5),
        ("not-an-integer", 10),
    ]


def test_a_long_text_with_a_colon_goes_below_its_key() -> None:
    text = "Un texte assez long pour qu’on le lise mieux sous sa clé, avec deux points : la suite."
    document = _read(f"objet: x\nblocs:\n- article:\n    titre: T\n    texte: {text}\n")
    (finding,) = document.findings
    assert finding.suggestion == f"    texte: |\n      {text}"


@pytest.mark.parametrize(
    "value",
    [
        "Le prix : 3 €\n      la suite : ici\n\n      encore",
        "\n      Le prix : 3 €\n      la suite",
        ">\n      Un.\n\n      Deux.",
        '"Un\n      deux\n\n      trois"',
        "Un\n      deux",
        "\n      - un\n      - deux",
    ],
)
def test_a_body_of_several_lines_stands_after_a_bar(value: str) -> None:
    document = _read(f"objet: x\nblocs:\n- article:\n    titre: T\n    texte: {value}\n- ours:\n    derniers: on\n")
    first, last = document.findings
    assert first.code in ("missing-bar", "joined-lines", "text-expected")
    assert first.suggestion is not None
    assert first.suggestion.startswith("    texte: |\n      ")
    assert last.code == "not-an-integer"


def test_text_pasted_at_the_margin_of_a_literal_block() -> None:
    text = f"{BEFORE}    titre: T\n    texte: |\n      Un.\n\nDeux : trois.\nQuatre.\n- oours:\n"
    document = _read(text)
    first, last = document.findings
    assert (first.code, first.place.line) == ("bad-indent", 8)
    assert first.suggestion == "      Deux : trois.\n      Quatre."
    assert (last.code, last.place.line) == ("unknown-block", 10)


ARTICLE = """\
objet: x
blocs:
- article:
    titre: T
    chapo: C
    texte: |
      Un.
      :::citation
      Deux.
      :::
    pour_aller_plus_loin:
    - "[Là](https://example.org)"
- annonce: A
- ours:
"""


@pytest.mark.parametrize(
    ("line", "typed"),
    [
        (5, "chapo: C"),
        (6, "texte: |"),
        (10, ":::"),
        (11, "pour_aller_plus_loin:"),
        (12, '  - "[Là](https://example.org)"'),
        (14, "  - ours:"),
    ],
)
def test_a_line_at_the_wrong_height_is_the_one_remarked_upon(line: int, typed: str) -> None:
    lines = ARTICLE.split("\n")
    right, lines[line - 1] = lines[line - 1], typed
    (finding,) = _read("\n".join(lines)).findings
    assert (finding.code, finding.place.line, finding.suggestion) == ("bad-indent", line, right)


def test_an_open_quote_does_not_swallow_the_lines_below_it() -> None:
    document = _read('objet: "abc\napercu: "def"\nblocs:\n- annonce: Le port : ici\n- ours:\n')
    assert [(finding.code, finding.place.line) for finding in document.findings] == [
        ("unclosed-quote", 1),
        ("colon-in-text", 4),
    ]


def test_one_remark_for_all_the_tabs_of_a_file() -> None:
    (finding,) = _read("objet: x\nblocs:\n\t- article:\n\t\ttitre: T\n\t\ttexte: b\n").findings
    assert (finding.code, finding.place.line) == ("tab", 3)
    assert "2 other lines" in finding.message


@pytest.mark.parametrize("items", ["  - Un\n    - Deux\n  - Trois", "  - Un\n\t- Deux\n  - Trois"])
def test_an_item_too_far_right_is_not_swallowed_by_the_one_above(items: str) -> None:
    (finding,) = _read(f"objet: x\net_aussi:\n{items}\nblocs:\n- ours:\n").findings
    assert (finding.place.line, finding.suggestion) == (4, "  - Deux")


def test_a_tab_after_a_dash() -> None:
    (finding,) = _read("objet: x\nblocs:\n-\tarticle:\n    titre: T\n    texte: b\n-\tours:\n").findings
    assert (finding.code, finding.place.line, finding.suggestion) == ("missing-space", 3, "- article:")
    assert "1 other line" in finding.message


def test_no_break_spaces_in_the_indents_are_named() -> None:
    text = "objet: x\nblocs:\n- article:\n    titre: T\n    texte: b\n"
    (finding,) = _read(text.replace("    ", "\u00a0" * 4)).findings
    assert (finding.code, finding.place.line, finding.suggestion) == ("bad-indent", 4, "    titre: T")
    assert "no-break space (U+00A0)" in finding.message
    assert "1 other line" in finding.message


@pytest.mark.parametrize("after", ["", "- ours:\n", "-ours:\n"])
@pytest.mark.parametrize("before", ["", "- annonce: a\n"])
def test_a_dash_glued_to_the_name_of_a_block(before: str, after: str) -> None:
    text = f"objet: x\nblocs:\n{before}-article:\n    titre: T\n    texte: b\n{after}"
    (finding,) = _read(text).findings
    assert (finding.code, finding.suggestion) == ("missing-space", "- article:")
    assert finding.place.line == 3 + before.count("\n")
    assert _read(text.replace("-a", "- a").replace("-o", "- o")).findings == ()


@pytest.mark.parametrize(
    ("typed", "better"),
    [
        ("    texte: | Bonjour\n", "    texte: |\n      Bonjour"),
        ("    texte: | Bonjour\n      La suite.\n", "    texte: |\n      Bonjour\n      La suite."),
        ("    chapo: | Bonjour\n    texte: b\n", "    chapo: |\n      Bonjour"),
    ],
)
def test_a_text_on_the_line_of_its_bar_goes_below_it(typed: str, better: str) -> None:
    (finding,) = _read(f"objet: x\nblocs:\n- article:\n    titre: T\n{typed}- ours:\n").findings
    assert (finding.place.line, finding.suggestion) == (5, better)


@pytest.mark.parametrize(
    ("typed", "better"),
    [
        ("{fichier: q.png, description: Le quai #1, credit: {photo: A}}", '"Le quai #1"'),
        ("{fichier: q.png, credit: {photo: A}, description: Le quai #1}", '"Le quai #1"'),
    ],
)
def test_a_hash_between_braces_asks_for_quotes_around_its_text_alone(typed: str, better: str) -> None:
    (finding,) = _read(f"{BEFORE}    titre: T\n    texte: b\n    illustration: {typed}\n- ours:\n").findings
    assert (finding.code, finding.place.column) == ("truncated-text", 19 + typed.index("#"))
    assert finding.suggestion == "    illustration: " + typed.replace("Le quai #1", better)


@pytest.mark.parametrize(
    ("typed", "better"),
    [
        (
            "- reecoute: {emission: x, diffusion: 2026-01-02}",
            "- reecoute: {emission: x, diffusion: 2026-01-02, lien: …}",
        ),
        (
            "- reecoute: {emission: x, diffusion: 2026-01-02,}",
            "- reecoute: {emission: x, diffusion: 2026-01-02, lien: …}",
        ),
        ("- citation: {}", "- citation: {texte: …}"),
        ("- reecoute: {emission: x,\n    diffusion: 2026-01-02}", None),
    ],
)
def test_a_key_missing_between_braces_goes_between_them(typed: str, better: str | None) -> None:
    (finding,) = _read(f"objet: x\nblocs:\n{typed}\n- ours:\n").findings
    assert (finding.code, finding.place.line, finding.suggestion) == ("missing-key", 3, better)


@pytest.mark.parametrize("line", ["---", "..."])
def test_a_line_that_ends_the_document(line: str) -> None:
    document = _read(f"objet: x\nblocs:\n- annonce: a\n{line}\n- oours:\n")
    assert [(finding.code, finding.place.line) for finding in document.findings] == [
        ("second-document", 4),
        ("unknown-block", 5),
    ]


@pytest.mark.parametrize("text", ["- " * 30_000, "[" * 100_000, "{a: " * 50_000, "? " * 30_000])
def test_nesting_that_ends_the_process_of_a_recursive_loader(text: str) -> None:
    (finding,) = _read(text).findings
    assert finding.code in ("too-deep", "bad-key", "bad-yaml")


def test_more_values_than_a_file_can_hold() -> None:
    (finding,) = _read("objet: [" + "a," * 60_000 + "]").findings
    assert finding.code == "too-large"


def test_thirty_syntax_mistakes_end_with_a_word_about_the_rest() -> None:
    document = _read("objet: x\nblocs:\n" + "- annonce: Le port : ici\n" * 30)
    assert len(document.findings) == 21
    assert document.findings[-1].code == "too-many-mistakes"


def test_an_empty_file_and_one_of_comments_only() -> None:
    for text in ("", "# rien\n", "\n\n"):
        assert [finding.code for finding in _read(text).findings] == ["empty-file"]


@pytest.mark.parametrize(
    ("typed", "line", "column"),
    [
        ("- notice: {text: ,?, until: 2026-12-01}\n", 3, 20),
        ("- notice:\n    text: A\n    ? \n", 5, 6),
        ("- notice:\n    text: A\n    '': B\n", 5, 5),
        ('- notice:\n    text: A\n    "\u200b": B\n', 5, 5),
    ],
)
def test_a_key_without_a_name_is_said_to_be_one(typed: str, line: int, column: int) -> None:
    found = _read(f"objet: x\nblocs:\n{typed}").findings
    places = [(finding.place.line, finding.place.column) for finding in found if finding.code == "empty-key"]
    assert places == [(line, column)]


def test_what_ends_a_line_for_yaml_alone_is_named_where_it_stands() -> None:
    (finding, *_others) = _read("objet: x\u2028y\nblocs:\n- notice: A\n").findings
    assert (finding.code, finding.place.line, finding.place.column) == ("control-character", 1, 9)
