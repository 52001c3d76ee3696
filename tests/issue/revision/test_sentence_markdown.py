"""A sentence written in the grammar reads back as itself, with no escape too many."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.issue.inline import Break, Code, Emphasis, Link, Span, Spans, Strong, Text
from composer.issue.markdown import inline
from composer.issue.revision.letters import lettered, tightened
from composer.issue.revision.model import Unwritable
from composer.issue.revision.sentence_markdown import in_field, in_paragraph, markdown_of


@pytest.mark.parametrize(
    "written",
    [
        "Un **mot *fort*** et [un lien](https://example.org/) puis `du code`",
        "l'**Europe** et *elle*",
        "une ligne\\\npuis une autre",
        "2 * 3 = 6, a_b_c, #mot, x < y",
        "<https://example.org/a> et <redaction@example.org>",
        "[la page](https://example.org/a_(b))",
        "``un ` seul``",
        "`` `cité` ``",
        "**[gras](#lot-3) encore**",
    ],
)
def test_what_is_written_plainly_stays_so(written: str) -> None:
    assert markdown_of(inline(written).spans) == written
    assert markdown_of(inline(written).spans, in_field) == written


@pytest.mark.parametrize(
    ("words", "paragraph", "field"),
    [
        ("- un", r"\- un", "- un"),
        ("# un", r"\# un", "# un"),
        ("> un", r"\> un", "> un"),
        ("1. un", r"1\. un", "1. un"),
        ("1986. Une année", r"1986\. Une année", "1986. Une année"),
        (":::encadre", r"\:::encadre", ":::encadre"),
        ("```", r"\```", "```"),
        ("*un*", r"\*un*", r"\*un*"),
        ("[un](deux)", r"\[un](deux)", r"\[un](deux)"),
        ("![un](deux.png)", r"!\[un](deux.png)", r"!\[un](deux.png)"),
        (r"\*", r"\\*", r"\\*"),
        ("https://example.org/", "https://example.org/", r"https\://example.org/"),
        ("<b>un</b>", "<b>un</b>", "<b>un</b>"),
        ("2 * 3 * 4", "2 * 3 * 4", "2 * 3 * 4"),
    ],
)
def test_an_escape_stands_where_the_words_would_be_something_else(words: str, paragraph: str, field: str) -> None:
    assert markdown_of((Text(words),)) == paragraph
    assert markdown_of((Text(words),), in_field) == field


@pytest.mark.parametrize("drawn", ["===", "====", ":::", "---", "***", "~~~", "________"])
def test_a_line_that_draws_something_in_a_body_is_words_when_words_are_meant(drawn: str) -> None:
    assert in_paragraph(markdown_of((Text(drawn),))) == (Text(drawn),)


def test_spaces_go_out_of_marks_and_off_the_ends() -> None:
    spans = (Text(" Un"), Strong((Text(" mot\u00a0"),)), Text("ici "), Break(), Strong((Text(" "),)))
    assert markdown_of(spans) == "Un **mot**\u00a0ici"


def test_marks_that_markdown_cannot_end_there_are_refused_by_the_letters_concerned() -> None:
    with pytest.raises(Unwritable, match=r"between “\.” and “E”"):
        markdown_of((Strong((Text("Non."),)), Text("Et")))
    with pytest.raises(Unwritable, match="one against the other"):
        markdown_of((Strong((Text("a"), Emphasis((Text("b"),)))), Emphasis((Text("c"),))))


@pytest.mark.parametrize("nothing", [(), (Text(""),), (Text(" \u00a0"),), (Break(), Text(" "))])
def test_a_sentence_without_words_is_refused(nothing: Spans) -> None:
    with pytest.raises(Unwritable, match="nothing would be left"):
        markdown_of(nothing)


WORDS = st.text(st.sampled_from("ab é.1*_`[]()<>#-+=:!\\~|\u00a0«»'\""), min_size=1, max_size=12)
LEAVES: st.SearchStrategy[Span] = st.one_of(
    WORDS.map(Text), WORDS.filter(str.strip).map(Code), st.just(Break()), st.just(Text("mot "))
)
SPANS: st.SearchStrategy[Spans] = st.recursive(
    st.lists(LEAVES, max_size=3).map(tuple),
    lambda below: st.lists(
        st.one_of(
            LEAVES,
            below.map(Strong),
            below.map(Emphasis),
            below.map(lambda children: Link("https://example.org/a_b(c)", children)),
        ),
        max_size=4,
    ).map(tuple),
    max_leaves=8,
)


@given(SPANS)
def test_whatever_is_written_reads_back_as_itself(spans: Spans) -> None:
    for read in (in_paragraph, in_field):
        try:
            written = markdown_of(spans, read)
        except Unwritable:
            continue
        assert tightened(lettered(read(written) or ())) == tightened(lettered(spans))


@given(st.text(st.sampled_from("ab é.1*_`[]()<>#-+=:!\\~|'\""), min_size=1, max_size=40))
def test_words_without_marks_can_always_be_written(words: str) -> None:
    if words.strip():
        assert tightened(lettered(in_paragraph(markdown_of((Text(words),))) or ())) == tightened(
            lettered((Text(words),))
        )
