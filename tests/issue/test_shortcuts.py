"""Our short ways around Markdown's parser lead to the same place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from markdown_it.token import Token

from composer.issue import block_markdown, inline_markdown

_WRITTEN = st.lists(
    st.sampled_from(
        [
            *(
                "mot",
                "l’eau",
                "12",
                "3.",
                "3)",
                "&amp;",
                "x_y",
                "(a)",
                "« b »",
                "::",
                "===",
                "\u00a0",
                "\u2028",
                "\ufeff",
            ),
            *(" ", "  ", "\t", "\n", "\n\n", "*", "**", "_", "`", "~~~", "```", "#", "## ", ">", "- ", "+ ", "---"),
            *("\\", "![", "[", "](", ")", "<", "<b>", "\0", "https://a.example"),
        ]
    ),
    max_size=12,
).map("".join)


@given(_WRITTEN)
def test_a_sentence_without_marks_is_its_words(content: str) -> None:
    assert inline_markdown.sentence(content) == inline_markdown._parsed(content)


def _seen(tokens: list[Token]) -> list[tuple[object, ...]]:
    return [(token.type, token.nesting, token.content, token.map) for token in tokens]


@given(_WRITTEN)
def test_paragraphs_are_what_markdown_makes_of_them(text: str) -> None:
    assert _seen([*block_markdown._tokens(text.split("\n"))]) == _seen(block_markdown._MARKDOWN.parse(text))
