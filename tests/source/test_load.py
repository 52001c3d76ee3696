"""Files by their model: keys in two languages, blocks, places, problems; and whatever anybody may type."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, BeforeValidator, ConfigDict, GetPydanticSchema
from pydantic_core import core_schema

from composer.issue.blocks.article import Article
from composer.issue.blocks.figure import Figure
from composer.issue.blocks.notice import Notice
from composer.issue.model import Front
from composer.source import Document, Problem, Severity, load, read
from composer.source.characters import recomposed, without_invisible
from composer.source.quoting import quoted
from composer.source.tree import is_visible


@dataclass(frozen=True)
class Words:
    """A parsed text that sees a problem at each ``!!``."""

    source: str
    lines: tuple[int, ...] = ()
    problems: tuple[Problem, ...] = ()


def _words(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    problems = [
        Problem("shouting", "do not shout", line, text.index("!!"), Severity.WARNING, text.replace("!!", "!"))
        for line, text in enumerate(value.split("\n"))
        if "!!" in text
    ]
    return Words(value, (), tuple(problems))


Prose = Annotated[
    Words, GetPydanticSchema(lambda _source, _handler: core_schema.is_instance_schema(Words)), BeforeValidator(_words)
]


class Page(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: Prose
    text: Prose | None = None
    items: tuple[str, ...] = ()


def _front(text: str) -> Document[Front]:
    return read(text, Front, file="issue.yaml")


def _page(text: str) -> Document[Page]:
    return read(text, Page, file="page.yaml")


FRENCH = """\
objet: Le port
et_aussi: [Un, Deux]
blocs:
- article:
    titre: Le quai
    texte: |
      Un mot.

      Deux.
    accès: payant
    amorce: La suite.
    illustration: {fichier: quai.png, description: Le quai, credit: {photo: A. B.}}
- annonce: La lettre paraît le vendredi
- ours:
"""


def test_french_keys_english_values_and_where_each_stands() -> None:
    document = _front(FRENCH)
    front = document.require()
    article, notice, _masthead = front.blocks
    assert isinstance(article, Article)
    assert (article.headline.plain, article.access) == ("Le quai", "paid")
    assert isinstance(article.figure, Figure)
    assert isinstance(notice, Notice)
    place = document.source.place
    assert str(place(("blocks", 0))) == "issue.yaml:4:3"
    assert str(place(("blocks", 0, "headline"))) == "issue.yaml:5:12"
    assert str(place(("blocks", 0, "body"), 2, 1)) == "issue.yaml:9:8"
    assert str(place(("blocks", 0, "figure", "alt"))) == "issue.yaml:12:52"
    assert str(place(("blocks", 1, "text"), 0, 3)) == "issue.yaml:13:15"
    assert str(place(("also", 1))) == "issue.yaml:2:16"
    assert str(place(("blocks", 0, "nothing", "here"))) == "issue.yaml:4:3"


def test_english_keys_say_the_same() -> None:
    english = """\
subject: Le port
also: [Un, Deux]
blocks:
- article:
    headline: Le quai
    body: |
      Un mot.

      Deux.
    access: paid
    teaser: La suite.
    figure: {src: quai.png, alt: Le quai, credit: {photo: A. B.}}
- notice: La lettre paraît le vendredi
- masthead:
"""
    assert _front(english).require() == _front(FRENCH).require()


def test_a_mixture_of_languages_is_a_warning_with_its_rewrite() -> None:
    document = _front(FRENCH.replace("    titre:", "    headline:").replace("- ours:", "- masthead:"))
    assert document.value is not None
    assert [(each.severity, each.code, each.place.line, each.suggestion) for each in document.findings] == [
        ("warning", "mixed-languages", 5, "    titre: Le quai"),
        ("warning", "mixed-languages", 14, "- ours:"),
    ]


def test_both_names_of_one_field_and_one_name_twice() -> None:
    both = _front(FRENCH.replace("    amorce:", "    headline: Le port\n    titre: Autre\n    amorce:"))
    assert [(each.code, each.place.line) for each in both.findings] == [("both-names", 11), ("duplicate-key", 12)]
    assert "line 5" in both.findings[0].message


@pytest.mark.parametrize(
    ("old", "new", "code", "place", "better"),
    [
        ("    titre: Le quai", "    tirte: Le quai", "unknown-key", "issue.yaml:5:5", "    titre: Le quai"),
        ("- annonce:", "- anonce:", "unknown-block", "issue.yaml:13:3", "- annonce: La lettre paraît le vendredi"),
        ("- ours:", "- ours", "missing-space", "issue.yaml:14:3", "- ours:"),
        ("payant", "payent", "unknown-value", "issue.yaml:10:12", "    accès: payant"),
        ("[Un, Deux]", "Un", "not-a-list", "issue.yaml:2:11", "et_aussi: [Un]"),
        ("[Un, Deux]", "\n- Le port : ici", "text-expected", "issue.yaml:3:3", '- "Le port : ici"'),
        ("titre: Le quai", "titre: {nom: Un, rôle: Deux}", "text-expected", "issue.yaml:5:12", '    titre: "Un, Deux"'),
        ("titre: Le quai", "titre: {date}", "text-expected", "issue.yaml:5:12", '    titre: "{date}"'),
        ("    titre: Le quai\n", "", "missing-key", "issue.yaml:4:3", "    titre: …"),
        ("{photo: A. B.}", "[A. B.]", "wrong-shape", "issue.yaml:12:69", None),
        ("- annonce:", "  annonce:", "no-dash", "issue.yaml:13:3", "- annonce: La lettre paraît le vendredi"),
        ("- ours:", "ours:", "no-dash", "issue.yaml:14:1", "- ours:"),
        ("- article:", "article:", "no-dash", "issue.yaml:4:1", "- article:"),
        ("{photo: A. B.}", "{photo:A. B.}", "missing-space", "issue.yaml:12:75", None),
        ("titre: Le quai", "titre: “Le quai : fin”", "colon-in-text", "issue.yaml:5:21", '    titre: "Le quai : fin"'),
        ("      Un mot.\n\n      Deux.", "    Un mot : deux.", "bad-indent", "issue.yaml:7:5", "      Un mot : deux."),
        ("    titre:", "  titre:", "bad-indent", "issue.yaml:5:3", "    titre: Le quai"),
    ],
)
def test_slips_of_form(old: str, new: str, code: str, place: str, better: str | None) -> None:
    document = _front(FRENCH.replace(old, new))
    assert document.value is None
    first = document.findings[0]
    assert (first.code, str(first.place)) == (code, place)
    if better is not None:
        assert first.suggestion == better
    assert len(document.findings) == 1, [str(each) for each in document.findings]


def test_two_mistakes_of_one_line_have_one_line_to_type() -> None:
    document = _front("objet: x\nsommair: x\nblocs:\n- ours:\n")
    assert [each.code for each in document.findings] == ["unknown-key", "wrong-shape"]
    assert {each.suggestion for each in document.findings} == {"sommaire: [x]"}
    both = _front(
        "objet: x\nblocs:\n- article:\n    tirte: T\n    texte: b\n    acces: payent\n- illustartion: {fichir: a}\n"
    )
    assert both.findings[-1].suggestion == "- illustration: {fichier: a}"


@pytest.mark.parametrize(
    ("typed", "character", "better"),
    [
        ('https://x.example/?a="b"', '“"”', "https://x.example/?a=%22b%22"),
        ("https://x.example/le port", "“ ”", "https://x.example/le%20port"),
        ("x.example/a", "https://", "https://x.example/a"),
    ],
)
def test_an_address_names_the_character_that_it_cannot_hold(typed: str, character: str, better: str) -> None:
    text = "objet: x\nblocs:\n- article:\n    titre: T\n    texte: b\n    lien: {}\n".format
    (finding,) = _front(text(typed)).findings
    assert (finding.code, finding.place.line, finding.suggestion) == ("bad-url", 6, f"    lien: {better}")
    assert character in finding.message
    assert _front(text(better)).findings == ()


def test_a_very_long_line_is_shown_around_its_column() -> None:
    (finding,) = _front("- " * 60_000).findings
    assert len(str(finding)) < 500
    _place, excerpt, caret = str(finding).split("\n")
    assert excerpt[len(caret) - 1] == (finding.excerpt or "")[finding.place.column - 1]
    long = "a" * 5_000
    (finding,) = _front(f"objet: {long} b : {long}\nblocs:\n- ours:\n").findings
    _place, excerpt, caret, *_better = str(finding).split("\n")
    assert (excerpt[len(caret) - 1], len(excerpt) < 200) == (":", True)
    assert len(json.dumps(finding.as_json())) < 5_000


def test_blocks_without_dashes_or_names() -> None:
    assert [each.code for each in _front("objet: x\nblocs:\n  ours:\n  annonce: A\n").findings] == ["no-dash"] * 2
    (nameless,) = _front("objet: x\nblocs:\n- titre: T\n  texte: b\n").findings
    assert nameless.suggestion == "- article:\n    titre: T"


def test_every_mistake_of_a_value_is_found_beside_those_of_form() -> None:
    text = "title: Non!!\ntext: |\n  Un.\n\n  Deux!!\ntitel: x\n"
    assert [(str(each.place), each.code, each.suggestion) for each in _page(text).findings] == [
        ("page.yaml:1:11", "shouting", "title: Non!"),
        ("page.yaml:5:7", "shouting", "  Deux!"),
        ("page.yaml:6:1", "unknown-key", "title: x"),
    ]


@pytest.mark.parametrize("head", ["title: ", 'title: "', "title: '"])
def test_a_problem_in_a_value_of_one_line_has_its_column(head: str) -> None:
    (finding,) = _page(f"{head}Dé 😀 non!!{head[7:]}\n").findings
    assert finding.place.column == len(head) + len("Dé 😀 non") + 1


def test_places_are_those_of_the_file_on_a_line_that_was_mended() -> None:
    mended, shouting = _page("title: Un : non!!\n").findings
    assert (mended.place.column, shouting.place.column) == (11, 8 + len("Un : non"))


class Wide(BaseModel):
    text: str


_LINES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"], exclude_characters="\ufffe\uffff"))


def _is_seen(text: str) -> bool:
    return any(map(is_visible, text))


def _as_read(text: str) -> str:
    """With accents in their letters, and without what nobody sees: nothing else of a text changes."""
    return recomposed("\n".join(map(without_invisible, text.split("\n"))))


@given(st.lists(_LINES, min_size=1, max_size=6).map("\n".join).filter(_is_seen))
@example("41:14\n# pas un commentaire\n\ttab\n- tiret\n\n  retrait : ici\n---\n'\"")
def test_a_literal_block_keeps_every_text_byte_for_byte(text: str) -> None:
    indented = "".join(f"    {line}\n" for line in text.split("\n"))
    document = read(f"text: |4-\n{indented}", Wide, file="x.yaml")
    assert document.require().text == _as_read(text).rstrip("\n")


_PRINTABLE = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"], include_characters=" "), min_size=1)


@given(_PRINTABLE.filter(lambda text: text.strip() == text))
@example("a: b")
@example("a #b")
@example("'a'")
def test_one_line_is_loaded_exactly_or_remarked_upon(text: str) -> None:
    document = read(f"text: {text}\n", Wide, file="x.yaml")
    if not document.findings and text[0] not in "\"'|>":
        said = _as_read(text)
        assert document.require().text in (said, said.partition("  #")[0].rstrip(), said.partition(" # ")[0].rstrip())
    for finding in document.findings:
        assert finding.place.line <= 2


@given(_PRINTABLE.filter(_is_seen))
def test_between_quotes_every_line_is_read_back(text: str) -> None:
    assert read(f"text: {quoted(text)}\n", Wide, file="x.yaml").require().text == _as_read(text)


_PIECES = ["objet", "titre", "texte", "blocs", "article", "mot", "é", "---", ": ", "- ", " #", "\n", "\n  ", "\n    "]
_PIECES += list(":-|>[]{},#&*!%@`?\\\"'\t")
_YAMLISH = st.lists(st.sampled_from(_PIECES), max_size=40).map("".join)


@settings(max_examples=300, deadline=None)
@given(st.one_of(_YAMLISH, st.text(max_size=80)))
def test_reading_never_raises_and_every_finding_has_a_place_in_the_file(text: str) -> None:
    document = _front(text)
    lines = document.source.text.split("\n")
    assert document.findings
    for finding in document.findings:
        assert 1 <= finding.place.line <= len(lines) + text.count("\r")
        assert finding.place.column >= 1
        str(finding)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_loading_arbitrary_bytes_never_raises(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "issue.yaml"
    path.write_bytes(content)
    assert load(path, Front, root=tmp_path).findings


def test_keys_of_messages_where_the_file_does_not_tell() -> None:
    assert "subject" in " ".join(each.message for each in read("x: y\n", Front, file="f", keys="en").findings)
    assert "objet" in " ".join(each.message for each in read("x: y\n", Front, file="f", keys="fr").findings)


def test_dates_of_blocks() -> None:
    text = "objet: x\nblocs:\n- a_surveiller:\n    titre: T\n    texte: b\n    échéance: 2026-12-15\n"
    assert getattr(_front(text).require().blocks[0], "due") == date(2026, 12, 15)  # noqa: B009


@pytest.mark.parametrize("word", ["true", "False", "null", "~", "non", "no", "off", "on", "None", "nil", "N/A"])
def test_a_word_of_yaml_where_a_text_stands_is_told_for_it_would_be_printed(word: str) -> None:
    document = _front(f"objet: {word}\nblocs:\n- annonce: {word}\n- ours:\n")
    assert document.value is not None
    assert [(each.severity, each.code, str(each.place), each.suggestion) for each in document.findings] == [
        ("warning", "yaml-word", "issue.yaml:1:8", f'objet: "{word}"'),
        ("warning", "yaml-word", "issue.yaml:3:12", f'- annonce: "{word}"'),
    ]
    quoted_word = _front(f'objet: "{word}"\nblocs:\n- ours:\n')
    assert (quoted_word.value is not None, quoted_word.findings) == (True, ())


@pytest.mark.parametrize("words", ["Non", "On", "non merci", "N/A ?"])
def test_a_headline_or_a_sentence_that_has_such_a_word_is_said_nothing_of(words: str) -> None:
    document = _front(f"objet: {words}\nblocs:\n- annonce: {words}\n- ours:\n")
    assert (document.value is not None, document.findings) == (True, ())


def test_true_stays_a_value_where_one_is_expected() -> None:
    quotation = "citations: [{minutage: '16:27', texte: Un mot, verifie: true}]"
    replay = f"{{emission: É, diffusion: 2026-11-27, lien: 'https://example.org/', {quotation}}}"
    document = _front(f"objet: x\nblocs:\n- reecoute: {replay}\n")
    assert "yaml-word" not in {each.code for each in document.findings}


@pytest.mark.parametrize(
    ("written", "better"),
    [
        ('- citation: ""', "- citation: …"),
        ("- edito: Un mot.", "- edito: {titre: …, texte: Un mot.}"),
        ("- edito: Un mot, deux.  # à revoir", '- edito: {titre: …, texte: "Un mot, deux."}  # à revoir'),
        ("- encadre: 'Un : mot'", "- encadre: {rubrique: …, titre: …, texte: 'Un : mot'}"),
        ("- chiffre: 12", "- chiffre: {nombre: 12, texte: …}"),
        ("- chiffre:", "    nombre: …"),
        ("- edito: |\n    Un mot.", "- edito:\n    titre: …\n    texte: |\n…"),
        ('- breves: ""', None),
    ],
)
def test_a_block_whose_text_stands_alone_is_shown_with_the_keys_it_needs(written: str, better: str | None) -> None:
    findings = read(f"objet: A\nblocs:\n{written}\n", Front, file="issue.yaml").findings
    assert [(each.code, each.suggestion) for each in findings] == [("missing-key", better)]


@pytest.mark.parametrize(
    ("item", "better"),
    [
        ("- breves:\n    - Le pont : il ferme.", '    - {titre: "Le pont", texte: "il ferme."}'),
        ("- breves:\n    - Autre : il ferme.", '    - {titre: "Autre", texte: "il ferme."}'),
        ("- exclusivites:\n    - Deux : trois", '    - "Deux : trois"'),
    ],
)
def test_an_item_with_a_colon_is_a_sentence(item: str, better: str) -> None:
    (found,) = read(f"objet: A\nblocs:\n{item}\n", Front, file="issue.yaml").findings
    assert (found.code, found.place.line, found.suggestion) == ("colon-in-text", 4, better)
