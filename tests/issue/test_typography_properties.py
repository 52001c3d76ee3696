"""What holds of house typography whatever is typed: see each test's name."""

from __future__ import annotations

import re
from itertools import chain

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from composer.issue.inline import Break, Code, Emphasis, Link, Span, Strong, Text, plain
from composer.issue.typography import PROFILES, Ruleset, set_spans, set_text
from composer.issue.typography.language import typography_language
from composer.issue.typography.protected import fixed
from composer.newsroom.model import Typography

WORDS = (
    "mot", "M.", "Mme", "n°", "N°", "J.", "XXe", "siècle", "km", "%", "€", "10", "2018", "000", "1", "500", "l", "h",
    "30", "http://e.example/a?b", "a@b.example", "10:30", "7h30", ":)", "{{ x }}", "%%", "C++", "le", "the", "of",
    "Elle", "X", "image.png", "&amp;", "\\", "/", "*", "e.example/x", "8", "D", "p", "o",
    "l'", "arbre", "qu’", "Ω", "min", "p.", "01", "99", "+33", "°", "s", "(", ")", "mot,mot", "– mot", "mot –",
)  # fmt: skip
MARKS = (*":;!?«»“”‘’'\"´…-–—.,()[]{}%€$°/\\@&", "...", "....", "--", "::", "\n", " ,", " .", "( ", " )", '" ', ' "')
SPACES = (" ", "\u00a0", "\u202f", "\u2009", "  ", "\t")

texts = st.lists(st.sampled_from((*WORDS, *MARKS, *SPACES)), max_size=14).map("".join) | st.text(max_size=30)

_text = texts.filter(bool).map(Text)


def _marked(inner: st.SearchStrategy[Span]) -> st.SearchStrategy[Span]:
    children = st.lists(inner, min_size=1, max_size=4).map(lambda each: tuple(each))
    link = children.map(lambda each: Link("https://e.example/?a;b", each))
    return children.map(Strong) | children.map(Emphasis) | link


_leaves: st.SearchStrategy[Span] = _text | st.just(Break()) | st.just(Code("a : b"))
sentences = st.lists(st.recursive(_leaves, _marked, max_leaves=6), max_size=4).map(lambda each: tuple(each))

HANDS = {
    "french": Ruleset(PROFILES["french"]),
    "english": Ruleset(PROFILES["english"], "en"),
    "glued": Ruleset(
        Typography(
            colon="none",
            high_marks="none",
            guillemets="none",
            percent="none",
            currency="none",
            thousands="dot",
            quotes="curly",
            dashes="em-dash",
        ).over(PROFILES["french"])
    ),
    "narrow": Ruleset(
        Typography(thin_space="nnbsp", thousands="none").over(PROFILES["french"]), "fr", ("Yahoo!", "mot:")
    ),
    "kept": Ruleset(
        Typography(
            thousands="keep", percent="keep", currency="keep", quotes="keep", units="keep", abbreviations="keep"
        ).over(PROFILES["french"])
    ),
    "off": Ruleset(None),
}
every_hand = pytest.mark.parametrize("hand", HANDS.values(), ids=HANDS)


@every_hand
@given(texts)
def test_setting_twice_is_setting_once(hand: Ruleset, text: str) -> None:
    once = set_text(text, hand)
    assert set_text(once, hand) == once


@every_hand
@given(texts)
def test_letters_and_digits_are_untouched(hand: Ruleset, text: str) -> None:
    def letters(words: str) -> list[str]:
        return [letter for letter in words if letter.isalnum()]

    assert letters(set_text(text, hand)) == letters(text)


@every_hand
@given(texts)
def test_only_spaces_quotes_dots_and_dashes_change(hand: Ruleset, text: str) -> None:
    free = r"[ \u00a0\u202f\u2007\u2009'´‘’\"“”«».…,\-–—]"
    assert re.sub(free, "", set_text(text, hand)) == re.sub(free, "", text)


@every_hand
@given(texts)
def test_a_text_hardly_grows(hand: Ruleset, text: str) -> None:
    """One space at most beside each mark or number: no header overflows of its typography."""
    assert len(set_text(text, hand)) <= len(text) + 2 * len(re.findall(r"[^\w\s]|\d+", text))


@every_hand
@given(texts)
def test_what_is_protected_comes_through_byte_for_byte(hand: Ruleset, text: str) -> None:
    mask = fixed(text, (), hand.names)
    kept = [text[match.start() : match.end()] for match in re.finditer("1+", "".join("01"[each] for each in mask))]
    position = 0
    result = set_text(text, hand)
    for span in kept:
        position = result.find(span, position)
        assert position >= 0, (span, result)
        position += len(span)


def stripped(text: str, hand: Ruleset) -> str:
    """``text`` with plain spaces only, outside what is protected."""
    kept = fixed(text, (), hand.names)
    return "".join(
        " " if letter in "\u00a0\u202f\u2007\u2009" and not fast else letter
        for letter, fast in zip(text, kept, strict=True)
    )


@pytest.mark.parametrize("name", [name for name in HANDS if name != "off"])
@given(text=texts)
@example(text="mot;'10")
@example(text="´10km")
@example(text="10km‘mot")
@example(text="*}) -!")
def test_a_profile_and_its_strip_are_inverse_up_to_the_profile(name: str, text: str) -> None:
    """Taking the no-break spaces out and setting again comes back to the same; and typing them changes nothing."""
    hand = HANDS[name]
    if typography_language(text) in (None, hand.language):
        assert set_text(stripped(set_text(text, hand), hand), hand) == set_text(text, hand)
        assert set_text(stripped(text, hand), hand) == set_text(text, hand)


@given(texts)
def test_no_rule_puts_a_narrow_space_in_a_header(text: str) -> None:
    hand = HANDS["narrow"].for_headers
    result = set_text(text, hand)
    if typography_language(text) in (None, "fr"):
        kept = "".join(letter for letter, fast in zip(text, fixed(text, (), hand.names), strict=True) if fast)
        assert result.count("\u202f") == kept.count("\u202f")


@pytest.mark.slow
@every_hand
@given(sentences)
def test_a_tree_keeps_its_form(hand: Ruleset, tree: tuple[Span, ...]) -> None:
    def form(nodes: tuple[Span, ...]) -> list[object]:
        return list(chain.from_iterable(_form(node) for node in nodes))

    def _form(node: Span) -> list[object]:
        match node:
            case Text():
                return ["text"]
            case Code(text):
                return ["code", text]
            case Break():
                return ["break"]
            case Strong(children):
                return ["strong", form(children)]
            case Emphasis(children):
                return ["emphasis", form(children)]
            case Link(url, children):
                return ["link", url, form(children)]

    once = set_spans(tree, hand)
    assert form(once) == form(tree)
    assert set_spans(once, hand) == once


@given(texts)
@example("«mot»: suite")
def test_a_sentence_cut_in_nodes_is_set_as_the_sentence(text: str) -> None:
    hand = HANDS["french"]
    cut = len(text) // 2
    tree: tuple[Span, ...] = (Text(text[:cut]), Strong((Text(text[cut:]),)))
    assert plain(set_spans(tree, hand)) == set_text(text, hand)
