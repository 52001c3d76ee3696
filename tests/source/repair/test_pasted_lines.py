"""What a paste does to lines and their indents: each is named once, with what to type."""

from __future__ import annotations

import pytest

from composer.issue.model import Front
from composer.source import Document, read


def _read(text: str) -> Document[Front]:
    return read(text, Front, file="issue.yaml")


@pytest.mark.parametrize("dash", ["– ", "—\u00a0", "• ", "‐ ", "−", "* ", "-\u00a0", "-\u202f", "-\t\t"])
@pytest.mark.parametrize("line", [3, 6])
def test_a_sign_taken_for_the_hyphen_of_a_list_is_named(line: int, dash: str) -> None:
    lines = ["objet: x", "blocs:", "- article:", "    titre: T", "    texte: b", "- ours: auto"]
    lines[line - 1] = dash + lines[line - 1].removeprefix("- ")
    (finding,) = _read("\n".join(lines) + "\n").findings
    assert (finding.code, finding.place.line) == ("missing-space" if dash[0] == "-" else "list-dash", line)
    assert finding.suggestion == f"- {lines[line - 1][len(dash) :]}"
    assert dash[0] == "-" or dash[0] in finding.message


def test_such_a_sign_in_a_text_stays() -> None:
    text = "objet: x\nblocs:\n- article:\n    titre: T\n    texte: |\n      – Note : oui.\n–\u00a0ours: auto\n"
    (finding,) = _read(text).findings
    assert (finding.code, finding.place.line, finding.message.count("other line")) == ("list-dash", 7, 0)


def test_a_long_subject_is_put_between_quotes_and_a_long_standfirst_below_its_key() -> None:
    subject = "Le port : trois quais pour un seul bateau, et la suite de notre longue enquête sur la digue"
    document = _read(f"objet: {subject}\nblocs:\n- edito:\n    titre: A\n    chapo: {subject}\n    texte: B\n")
    assert [(each.code, each.suggestion) for each in document.findings] == [
        ("colon-in-text", f'objet: "{subject}"'),
        ("colon-in-text", f"    chapo: |\n      {subject}"),
    ]


@pytest.mark.parametrize(
    ("indents", "lines"),
    [
        ((2, 2, 4, 4), {4: "    titre: A"}),
        ((4, 4, 2, 2), {6: "    signature: C", 7: "    texte: D"}),
        ((2, 4, 2, 4), {4: "    titre: A", 6: "    signature: C"}),
        ((4, 2, 4, 2), {5: "    chapo: B", 7: "    texte: D"}),
        ((2, 2, 2, 2), {4: "    titre: A"}),
    ],
)
def test_keys_at_two_heights_are_all_moved_to_the_same_one(indents: tuple[int, ...], lines: dict[int, str]) -> None:
    keys = ("titre: A", "chapo: B", "signature: C", "texte: D")
    typed = "\n".join(" " * indent + key for indent, key in zip(indents, keys, strict=True))
    document = _read(f"objet: x\nblocs:\n- article:\n{typed}\n- ours:\n")
    assert {each.place.line: each.suggestion for each in document.findings} == lines
    assert {each.code for each in document.findings} == {"bad-indent"}


@pytest.mark.parametrize(
    ("typed", "code", "line", "better"),
    [
        ("- edito: {titre: *A*, texte: B.}", "reserved-character", 3, '- edito: {titre: "*A*", texte: B.}'),
        ("- edito: {titre: A, chapo: > 12 %, texte: B.}", "reserved-character", 3,
         '- edito: {titre: A, chapo: "> 12 %", texte: B.}'),
        ("- liens: [[A](https://example.org), [B](https://example.org)]", "reserved-character", 3,
         '- liens: ["[A](https://example.org)", "[B](https://example.org)"]'),
        ("- edito: {titre: A, texte: B, c’est dit}", "comma-in-text", 3, '- edito: {titre: A, texte: "B, c’est dit"}'),
        ("- edito:\n    titre: Le pont\nla suite\n    texte: B.", "bad-indent", 4, "    titre: Le pont la suite"),
        ("- edito:\n    titre: Le pont\n  la suite\n    texte: B.", "bad-indent", 4, "    titre: Le pont la suite"),
        ("- edito:\n    titre: A\n    texte:\n    B.\n\n    C.", "missing-bar", 5,
         "    texte: |\n      B.\n\n      C."),
    ],
)  # fmt: skip
def test_what_a_paste_does_to_a_line_is_said_once(typed: str, code: str, line: int, better: str) -> None:
    (finding,) = _read(f"objet: x\nblocs:\n{typed}\n- ours:\n").findings
    assert (finding.code, finding.place.line, finding.suggestion) == (code, line, better)


def test_a_block_whose_keys_have_no_space_after_their_colon_is_told_so() -> None:
    codes = [each.code for each in _read("objet: x\nblocs:\n- edito:\n    titre:A\n    texte:|\n      B\n").findings]
    assert "missing-space" in codes
    assert "joined-lines" not in codes
