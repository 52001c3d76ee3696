"""A sentence on its way to the browser and back; whatever else the browser may send is refused in words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.issue.inline import Break, Code, Emphasis, Link, Strong, Text
from composer.issue.markdown import inline
from composer.issue.revision.letters import lettered, tightened
from composer.issue.revision.model import Unwritable
from composer.issue.revision.wire import MOST_CHARACTERS, MOST_NODES, json_of, spans_of

STRONG, EM = {"type": "strong"}, {"type": "em"}


def link(href: object) -> dict[str, Any]:
    return {"type": "link", "attrs": {"href": href}}


def test_a_sentence_travels_as_prosemirror_writes_a_fragment() -> None:
    spans = inline("Un **mot *fort*** et [un *lien*](https://example.org/) puis `du code`\\\nici").spans
    assert json_of(spans) == [
        {"type": "text", "text": "Un "},
        {"type": "text", "text": "mot ", "marks": [STRONG]},
        {"type": "text", "text": "fort", "marks": [STRONG, EM]},
        {"type": "text", "text": " et "},
        {"type": "text", "text": "un ", "marks": [link("https://example.org/")]},
        {"type": "text", "text": "lien", "marks": [EM, link("https://example.org/")]},
        {"type": "text", "text": " puis "},
        {"type": "code", "text": "du code"},
        {"type": "break"},
        {"type": "text", "text": "ici"},
    ]
    assert spans_of(json_of(spans)) == spans


def test_marks_that_cross_become_a_tree() -> None:
    nodes = [
        {"type": "text", "text": "a", "marks": [STRONG]},
        {"type": "text", "text": "b", "marks": [EM, STRONG]},
        {"type": "text", "text": "c", "marks": [EM]},
        {"type": "code", "text": "d"},
        {"type": "break"},
        {"type": "text", "text": "e", "marks": [link("#lot-3")]},
    ]
    assert spans_of(nodes) == (
        Strong((Text("a"), Emphasis((Text("b"),)))),
        Emphasis((Text("c"),)),
        Code("d"),
        Break(),
        Link("#lot-3", (Text("e"),)),
    )


def test_what_a_keyboard_or_a_paste_leaves_unseen_is_not_kept() -> None:
    assert spans_of([{"type": "text", "text": "e\u0301te\u0301\u200b mou\u00ad"}]) == (Text("été mou"),)
    assert spans_of([{"type": "text", "text": "\u200b"}, {"type": "code", "text": ""}]) == ()


@pytest.mark.parametrize(
    "given_",
    [
        None,
        "mots",
        {"type": "text", "text": "mots"},
        [None],
        ["mots"],
        [{}],
        [{"type": "text", "text": 1}],
        [{"type": ["text"], "text": "a"}],
        [{"type": "image", "text": "a"}],
        [{"type": "paragraph", "content": []}],
        [{"type": "text", "text": "a", "attrs": {}}],
        [{"type": "break", "text": "a"}],
        [{"type": "text", "text": "a", "marks": {}}],
        [{"type": "text", "text": "a", "marks": [{"type": "underline"}]}],
        [{"type": "text", "text": "a", "marks": [STRONG, STRONG]}],
        [{"type": "text", "text": "a", "marks": [link("https://a.example/"), link("https://b.example/")]}],
        [{"type": "text", "text": "a", "marks": [{"type": "strong", "attrs": {}}]}],
        [{"type": "text", "text": "a", "marks": [{"type": "link", "attrs": {"href": "https://a.example/", "x": 1}}]}],
        [{"type": "text", "text": "a", "marks": [{"type": "link"}]}],
        [{"type": "text", "text": "a", "marks": [link(None)]}],
        [{"type": "text", "text": "a"}] * (MOST_NODES + 1),
    ],
)
def test_anything_else_is_refused_in_words(given_: object) -> None:
    with pytest.raises(Unwritable, match="is none of them"):
        spans_of(given_)


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        " java\tscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "//example.org",
        "/chemin",
        "",
        "https://",
        "https://example.org/\x00",
        "https://a b.example/",
        "file:///etc/passwd",
        "h" * 1_000_000,
    ],
)
def test_a_link_leads_where_the_grammar_lets_one_lead(href: str) -> None:
    with pytest.raises(Unwritable, match="is not an address a letter may link to"):
        spans_of([{"type": "text", "text": "ici", "marks": [link(href)]}])


@pytest.mark.parametrize("control", ["\x00", "\x1b", "\x85", "\u2028", "\ud800"])
def test_control_characters_are_refused_by_their_number(control: str) -> None:
    with pytest.raises(Unwritable, match=f"{ord(control):04X}"):
        spans_of([{"type": "text", "text": f"a{control}b"}])


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
@pytest.mark.parametrize("kind", ["text", "code"])
def test_a_line_end_within_words_is_refused(kind: str, end: str) -> None:
    with pytest.raises(Unwritable, match="Shift and Enter"):
        spans_of([{"type": kind, "text": f"a{end}b"}])


def test_a_sentence_as_long_as_a_book_is_refused() -> None:
    for nodes in (
        [{"type": "text", "text": "a" * 1_000_000}],
        [{"type": "text", "text": "a" * (MOST_CHARACTERS // 2 + 1)}] * 2,
        [{"type": "text", "text": "a", "marks": [link(f"https://example.org/{'a' * 600}")]}] * 50,
    ):
        with pytest.raises(Unwritable, match="more than 20000 characters"):
            spans_of(nodes)


SENTENCES = st.lists(
    st.sampled_from(["un ", "mot", "**gras**", " *ici* ", "[a](https://a.example/)", "`x`", "\\\n", "***b***", "é."]),
    max_size=12,
).map("".join)


@given(SENTENCES)
def test_nothing_is_lost_on_the_way(written: str) -> None:
    spans = inline(written).spans
    assert tightened(lettered(spans_of(json_of(spans)))) == tightened(lettered(spans))
