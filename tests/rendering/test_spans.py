"""A sentence as HTML says what the sentence says, whatever is in it."""

from __future__ import annotations

import re
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from composer.issue.inline import Break, Code, Emphasis, Link, Span, Strong, Text, plain
from composer.rendering import mjml, spans
from composer.rendering.plaintext import COLUMNS, Notes, wrap
from composer.rendering.spans import clean, html
from tests.rendering.support.sample_editions import words

_HOSTILE = st.sampled_from(
    [
        "<script>",
        "</p>",
        "{{ x }}",
        "%%U%%",
        "]]>",
        "<!--[if mso]>",
        "-->",
        "&amp;",
        "&#34;",
        '"',
        "'",
        "<mj-text>",
        "«\u00a0é",
    ]
)
_text = st.lists(st.one_of(_HOSTILE, st.text(max_size=12)), max_size=4).map("".join)
_leaf: st.SearchStrategy[Span] = st.one_of(_text.map(Text), _text.map(Code), st.just(Break()))
_urls = st.sampled_from(
    ["https://maree.example/?a=1&b=2", "mailto:a@maree.example", "javascript:alert(1)", "#ici", '"><b>']
)
_spans = st.recursive(
    _leaf,
    lambda inner: st.builds(
        lambda make, children, url: Link(url, children) if make is Link else make(children),
        st.sampled_from([Strong, Emphasis, Link]),
        st.lists(inner, max_size=3).map(tuple),
        _urls,
    ),
    max_leaves=8,
)
sentences = st.lists(_spans, max_size=5).map(tuple)


def _words(text: str) -> str:
    return re.sub(r"[ \n\t\r]+", " ", clean(text))


@given(sentences)
def test_the_words_are_the_sentence(spans: tuple[Span, ...]) -> None:
    made = str(html(spans, {"ici"})).replace("<br/>", " ")
    assert _words(str(lxml_html.fragment_fromstring(f"<p>|{made}|</p>").xpath("string(.)"))) == _words(
        f"|{plain(spans)}|"
    )


@given(sentences)
def test_any_sentence_is_well_formed_and_reaches_the_letter(spans: tuple[Span, ...]) -> None:
    whole = (
        f"<mj-body><mj-section><mj-column><mj-text><p>{html(spans)}</p></mj-text></mj-column></mj-section></mj-body>"
    )
    made = mjml.html(f"<mjml>{mjml.fragment(whole, 'test')}</mjml>", "test")
    text = lxml_html.document_fromstring(made.replace("<br />", " ").replace("<br/>", " ")).xpath("string(.)")
    assert _words(plain(spans)).strip() in _words(str(text))


@given(sentences)
def test_links_lead_only_where_they_may(spans: tuple[Span, ...]) -> None:
    made = lxml_html.fragment_fromstring(f"<p>{html(spans, {'ici'})}</p>")
    assert not made.xpath(".//a//a")
    assert set(made.xpath(".//a/@href")) <= {"https://maree.example/?a=1&b=2", "mailto:a@maree.example", "#ici"}
    assert {element.tag for element in made.iter()} <= {"p", "a", "strong", "em", "code", "br"}


def test_a_link_to_a_block_that_is_not_here_is_words() -> None:
    assert html((Link("#ailleurs", words("ailleurs")),), {"ici"}) == "ailleurs"


@given(sentences)
def test_text_lines_are_short_unless_one_word_is_longer(spans: tuple[Span, ...]) -> None:
    for line in wrap(Notes().words(spans), "- ").split("\n"):
        assert len(line) <= COLUMNS or " " not in line.strip()[2:].strip(), line


def test_notes_are_numbered_in_order_and_once_per_block() -> None:
    notes = Notes()
    one, two = Link("https://a.example/", words("un")), Link("https://b.example/", words("deux"))
    assert notes.words((one, Text(" "), two, Text(" "), one)) == "un [1] deux [2] un [1]"
    assert notes.take() == "[1] https://a.example/\n[2] https://b.example/"
    assert notes.words((two,)) == "deux [3]"
    assert notes.take() == "[3] https://b.example/"


def test_an_address_that_is_its_own_words_has_no_note() -> None:
    notes = Notes()
    assert notes.words((Link("mailto:a@maree.example", words("a@maree.example")),)) == "a@maree.example"
    assert notes.words((Link("mailto:a@maree.example", words("écrivez-nous")),)) == "écrivez-nous <a@maree.example>"
    assert notes.take() == ""


@given(
    # A word of no-break spaces alone is dropped by the standard library at a line's end; no text has one.
    st.lists(st.text("ab-é\u00a0/.", min_size=1, max_size=90).filter(str.strip), max_size=40).map(" ".join),
    st.sampled_from(["", "- ", "    "]),
    st.sampled_from([None, "    "]),
)
def test_lines_break_where_the_standard_library_breaks_them(text: str, first: str, indent: str | None) -> None:
    expected = textwrap.wrap(
        text.strip(),
        COLUMNS,
        initial_indent=first,
        subsequent_indent=" " * len(first) if indent is None else indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    assert wrap(text, first, indent).split("\n") == (expected or [first.rstrip()])


@pytest.mark.parametrize(
    ("typed", "made"),
    [
        ("Il a voté la fin de cette politesse", "Il a voté la fin de cette politesse"),
        ("Le pont qui avait une marche", "Le pont qui avait une\u00a0marche"),
        ("Une minute ?", "Une minute ?"),
        (
            "Une minute, de Notre-Dame à Versailles",
            'Une minute, de <span style="white-space:nowrap">Notre-Dame</span> à Versailles',
        ),
        ("Le demi-mot d’un vice-roi", "Le demi-mot d’un vice-roi"),
        ("À Saint-Rémy-de-Provence-sur-Mer on rit", "À Saint-Rémy-de-Provence-sur-Mer on\u00a0rit"),
        ("<b> & un deux trois", "&lt;b&gt; &amp; un deux\u00a0trois"),
    ],
)
def test_a_title_ends_on_no_widow_and_breaks_no_name(typed: str, made: str) -> None:
    assert spans.title(typed) == made


def test_a_title_holds_its_last_word_inside_emphasis_too() -> None:
    sentence = (Text("On lit encore "), Emphasis((Text("Le Fil de l’eau"),)))
    assert spans.title(sentence) == "On lit encore <em>Le Fil de\u00a0l’eau</em>"


def test_paragraphs_are_what_two_breaks_part() -> None:
    one, two = Text("Un"), Text("Deux")
    assert spans.paragraphs((one, Break(), Break(), two, Break(), one)) == [(one,), (two, Break(), one)]
    assert spans.paragraphs(()) == []


def test_a_person_s_name_is_not_broken_at_its_hyphens() -> None:
    assert spans.name("Jean-Paul <A>") == '<span style="white-space:nowrap">Jean-Paul</span> &lt;A&gt;'
    assert spans.name("Inès Valmont") == "Inès Valmont"
