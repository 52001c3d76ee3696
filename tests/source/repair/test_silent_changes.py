"""What YAML would drop or change without a word is an error, and its line to type reads back as it was meant."""

from __future__ import annotations

import pytest

from composer.issue.model import Front
from composer.source import Document, read

ARTICLE = "objet: x\nblocs:\n- article:\n    titre: {title}\n    texte: |\n      Bonjour.\n{below}- ours:\n"


def _read(text: str) -> Document[Front]:
    return read(text, Front, file="issue.yaml")


def _title(title: str) -> str:
    return ARTICLE.format(title=title, below="")


def _below(below: str) -> str:
    return ARTICLE.format(title="T", below=below)


@pytest.mark.parametrize(
    ("typed", "column", "better", "items"),
    [
        ("[Hausse de 3,5 %, Le pont]", 23, '["Hausse de 3,5 %", Le pont]', ["Hausse de 3,5 %", "Le pont"]),
        ("[Le pont,Le quai]", 19, "[Le pont, Le quai]", ["Le pont", "Le quai"]),
        ("[De 3,5 à 4,5 %,Là]", 16, '["De 3,5 à 4,5 %", Là]', ["De 3,5 à 4,5 %", "Là"]),
    ],
)
def test_a_comma_inside_an_item_of_a_list(typed: str, column: int, better: str, items: list[str]) -> None:
    text = "objet: x\net_aussi: {}\nblocs:\n- ours:\n".format
    (finding,) = _read(text(typed)).findings
    assert (finding.code, finding.place.line, finding.place.column) == ("comma-in-text", 2, column)
    assert finding.suggestion == f"et_aussi: {better}"
    also = _read(text(better)).require().also
    assert [getattr(each, "source", each) for each in also] == items


@pytest.mark.parametrize("typed", ['["Un","Deux"]', "[Un, Deux]", '[Un,"Deux"]', "[Un,]", '["3,5 %", Deux]'])
def test_a_comma_between_items_that_are_told_apart(typed: str) -> None:
    assert _read(f"objet: x\net_aussi: {typed}\nblocs:\n- ours:\n").findings == ()


def test_a_comma_in_a_value_between_braces() -> None:
    typed = "    illustration: {fichier: q.png, description: De 3,5 à 4,5 %, credit: {photo: A}}\n"
    (finding,) = _read(_below(typed)).findings
    assert (finding.code, finding.place.line) == ("comma-in-text", 7)
    assert finding.suggestion == typed.rstrip().replace("De 3,5 à 4,5 %", '"De 3,5 à 4,5 %"')
    assert _read(_below(finding.suggestion + "\n")).findings == ()


@pytest.mark.parametrize(
    ("below", "line", "better"),
    [
        ("#Metoo est un mot-dièse\n", 7, "      #Metoo est un mot-dièse"),
        ("    #Metoo est un mot-dièse\n", 7, "      #Metoo est un mot-dièse"),
        ("\n#Metoo est un mot-dièse\n", 8, "      #Metoo est un mot-dièse"),
        ("#Un\n\n  #Deux\n", 7, "      #Un\n      #Deux"),
        ("    # une note\n", 7, "      # une note"),
        ("#Un\n    accès: payant\n", 7, "      #Un"),
    ],
)
def test_a_line_of_a_text_that_yaml_takes_for_a_comment(below: str, line: int, better: str) -> None:
    (finding,) = _read(_below(below)).findings
    assert (finding.code, finding.place.line, finding.suggestion) == ("bad-indent", line, better)


def test_a_hashtag_at_the_margin_in_the_middle_of_a_text() -> None:
    (finding,) = _read(_below("#Metoo\n      La suite.\n")).findings
    assert (finding.code, finding.place.line, finding.suggestion) == ("bad-indent", 7, "      #Metoo")


@pytest.mark.parametrize(
    "below", ["# note\n", "\n# note\n# suite\n", "\n    # note\n    accès: payant\n", "#\n", "#---\n"]
)
def test_a_comment_between_blocks_is_a_comment(below: str) -> None:
    assert _read(_below(below)).findings == ()


@pytest.mark.parametrize("head", ["objet: ", "objet: x\net_aussi:\n- "])
def test_a_hashtag_below_a_text_without_a_bar(head: str) -> None:
    (finding,) = _read(f"{head}Vu ici\n  #retraites\nblocs:\n- ours:\n").findings
    *above, first = head.split("\n")
    assert (finding.code, finding.place.line) == ("truncated-text", len(above) + 2)
    assert finding.suggestion == f'{first}"Vu ici #retraites"'


@pytest.mark.parametrize(
    ("typed", "column", "better"),
    [
        (r'"C:\temp\new"', 15, r"'C:\temp\new'"),
        (r'"C:\temp l’été d\'ici"', 15, None),
        (r'"a\0b"', 14, r"'a\0b'"),
        (r'"l\x27eau\tb"', 21, r"""'l\x27eau\tb'"""),
        ('"un \\\n      deux"', 16, None),
    ],
)
def test_a_backslash_that_would_change_the_text(typed: str, column: int, better: str | None) -> None:
    first, *_others = _read(_title(typed)).findings
    assert (first.code, first.place.line, first.place.column) == ("backslash", 4, column)
    if better is not None:
        assert first.suggestion == f"    titre: {better}"


def test_a_backslash_beside_an_apostrophe_is_typed_twice() -> None:
    (finding,) = _read(_title(r'''"C:\temp d'ici"''')).findings
    assert finding.suggestion == r'''    titre: "C:\\temp d'ici"'''
    assert "twice" in finding.message


@pytest.mark.parametrize("typed", [r'"dit \"oui\" \\ là"', r'"\u00e9t\xe9"', r'"10\u00a0%"'])
def test_escapes_that_keep_a_text_are_read(typed: str) -> None:
    assert _read(_title(typed)).findings == ()


@pytest.mark.parametrize(
    ("typed", "code", "better"),
    [(r'"a\u0000b\x85"', "0000", '"ab"'), (r'"a\uFFFE"', "FFFE", '"a"'), (r'"\u2028a"', "2028", '"a"')],
)
def test_escaped_control_characters_are_named_where_they_stand(typed: str, code: str, better: str) -> None:
    (finding,) = _read(_title(typed)).findings
    assert (finding.code, finding.place.line) == ("control-character", 4)
    assert finding.place.column == 12 + typed.index("\\")
    assert f"U+{code}" in finding.message
    assert finding.suggestion == f"    titre: {better}"


BLANKS = ['""', '"   "', "'  '", '"\u200b"', r'"\u200b"', "\u00a0", "\u200b", '"\u00a0\u200b"', '"\u2800"']


@pytest.mark.parametrize("blank", BLANKS)
@pytest.mark.parametrize("line", [1, 4, 5, 8, 12])
def test_a_value_that_nobody_can_see_is_empty(line: int, blank: str) -> None:
    lines = [
        "objet: x",
        "blocs:",
        "- article:",
        "    titre: T",
        "    texte: b",
        "    illustration:",
        "      fichier: q.png",
        "      description: d",
        "      credit:",
        "       photo: A",
        "- ours:",
        "et_aussi: [a]",
    ]
    head = lines[line - 1].partition(":")[0]
    lines[line - 1] = f"{head}: {blank}"
    finding, *pasted = _read("\n".join(lines) + "\n").findings
    assert [each.code for each in pasted] == ["invisible-character"] * ("\u200b" in blank)
    assert (finding.code, finding.place.line) == ("empty-value", line)
    lines[line - 1] = f"{head}:"
    (empty,) = _read("\n".join(lines) + "\n").findings
    assert (empty.place, empty.message) == (finding.place, finding.message)
