"""Whatever is typed, the parsers come back with a tree and with remarks."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composer.issue import markdown
from composer.issue.blocks import body
from composer.issue.body import Body, Citation, Paragraph, Paywall, Points
from composer.issue.inline import Emphasis, Inline, Link, Strong
from composer.issue.markdown import inline
from composer.source.finding import Problem
from tests.issue.support.markdown_tree import spans_in, words

MARKUP = st.text(
    st.sampled_from(list("ab é*_`[](){}<>!#:=-+.1 \n\t\\\"'«»|~&;/\u00a0\u200b\u2028\r")) | st.characters(),
    max_size=200,
)


@settings(deadline=None)
@given(MARKUP)
def test_no_text_makes_the_parsers_raise(written: str) -> None:
    for found in (inline(written), body(written), markdown.body(written)):
        lines = len(re.split(r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029\n]", written))
        for problem in found.problems:
            assert isinstance(problem, Problem)
            assert 0 <= problem.line < lines
            assert problem.column >= 0
        for each in spans_in(found.spans if isinstance(found, Inline) else found.elements):
            if isinstance(each, Link):
                assert re.match(r"(https?://|mailto:|tel:|#)", each.url, re.IGNORECASE)
    whole = body(written)
    assert len(whole.lines) == len(whole.elements)
    assert list(whole.lines) == sorted(whole.lines)


@settings(deadline=None)
@given(MARKUP)
def test_without_problems_no_word_is_lost(written: str) -> None:
    found = body(written)
    if found.problems or ":::" in written or "===" in written or re.search(r"\]\(|<|^\s*\d+[.)]", written, re.M):
        return
    expected = re.findall(r"[a-zé]+", written)
    assert "".join(re.findall(r"[a-zé]+", words(found))) == "".join(expected)


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["Libre.", "===", "secret", "====", " ===", "- x", "> y", "", ":::", "```"]), max_size=12)
)
def test_what_follows_a_paywall_line_is_never_before_the_cut(lines: list[str]) -> None:
    found = body("\n".join(lines))
    if "===" not in lines or found.problems:
        return
    wall = next(n for n, element in enumerate(found) if isinstance(element, Paywall))
    written = "\n".join(lines[: lines.index("===")])
    assert words(Body("", found.elements[:wall])).count("secret") == written.count("secret")


DEEP = 10_000


@pytest.mark.slow
@pytest.mark.parametrize(
    "written",
    [
        ">" * DEEP + " fond",
        "> " * DEEP + "fond",
        "- " * DEEP + "fond",
        "1. " * DEEP + "fond",
        "> - " * DEEP + "fond",
        "*" * DEEP + "fond" + "*" * DEEP,
        "*a " * DEEP + "fond" + " b*" * DEEP,
        "**a " * DEEP + "fond" + " b**" * DEEP,
        "*a **b _c " * (DEEP // 3) + "fond",
        "[" * DEEP + "fond" + "]" * DEEP,
        "[" * DEEP + "fond" + "](https://example.org)" * DEEP,
        "![" * DEEP + "fond" + "](x)" * DEEP,
        "[fond](" * DEEP,
        "`" * DEEP + "fond",
        "<" * DEEP + "fond",
        "<https://a " * DEEP + "fond",
        "\\" * DEEP + "fond",
        "** fond " * DEEP,
        "[fond](x) " * DEEP,
        "<b>fond " * DEEP,
        "\n".join("  " * depth + "- fond" for depth in range(300)),
        "\n".join(">" * depth + " fond" for depth in range(1, 300)),
        ":::en_filigrane fond\n" * (DEEP // 4),
        ":::en_filigrane fond\n:::figure x\n:::\n" * (DEEP // 8),
        "===\n" * DEEP + "fond",
        "```\n" * DEEP + "fond",
        "## fond\n" * (DEEP // 4),
        "- fond\n" * (DEEP // 4),
        ":::figure fond\n" + ":alt: x\n" * DEEP,
        "** fond\n" * (DEEP // 4),
    ],
    ids=lambda written: re.sub(r"\W+", "_", repr(written[:12])),
)
def test_depth_is_text_or_a_problem_and_takes_no_time(written: str) -> None:
    """A quadratic parser would not come back from these within the life of the test run."""
    found = body(written)
    sentence = inline(written)
    assert repr(found)
    assert "fond" in repr(found) or found.problems
    assert "fond" in sentence.plain or sentence.problems
    assert _depth(found.elements) < 60


def _depth(value: object) -> int:
    """How deep the tree is: iterative, for a tree that could be too deep."""
    deepest, waiting = 0, [(value, 0)]
    while waiting:
        each, depth = waiting.pop()
        deepest = max(deepest, depth)
        if isinstance(each, tuple):
            waiting += [(child, depth + 1) for child in each]
        elif isinstance(each, (Paragraph, Strong, Emphasis, Link, Points, Citation)):
            waiting += [(getattr(each, field.name), depth + 1) for field in fields(each)]
    return deepest
