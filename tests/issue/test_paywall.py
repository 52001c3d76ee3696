"""Whatever looks like the paywall is one, or is named: a paid text that leaks cannot be taken back."""

from __future__ import annotations

import re
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.issue import blocks, paywall
from composer.issue.body import Paragraph, Paywall
from composer.issue.inline import plain

NEARLY = (
    *("====", "==", " ===", "    ===", "- ===", "• ===", "– ===", "1. ===", "> ===", "=== suite", "= = ="),
    *("## ===", "#===", "\\===", "`===`", "_===_", "**===**", "« === »", "(===)", '"==="', "| === |", "—===—", ".==="),
    *("＝＝＝", "═══", "&#61;&#61;&#61;", "=\u00a0=\u00a0=", "=\u200b=\u200b=", "<!-- === -->", "a === SECRET"),
)

FOREIGN = (
    *("--more--", "<!-- more -->", "<!--more-->", "<!--More Lire la suite-->", "<!-- wp:more -->", "[paywall]"),
    *("<!-- wp:jetpack/paywall /-->", "{{ paywall }}", "{{< paywall >}}", "{% paywall %}", "[/restrict]", "[suite]"),
    *("<!--members-only-->", "<!--kg-card-begin: paywall-->", "[members level=2]", "<paywall/>", "--- paywall ---"),
    *("paywall", "**paywall**", "*** suite ***", ":::paywall", "[abonnés]", "— Réservé aux abonnés —", "+++", "✂️"),
    *("%%paywall%%", "%% suite %%", "§ suite §", "(paywall)", "« Paywall »", "=-=-=", "–––––", "– – –", "———", "§§§"),
    *("─────", "━ ━ ━", "~-~-~", "-*-*-", "-- >8 --", "¶¶¶", "=" + "-" * 100),
)


def free(text: str) -> str:
    """What stands before the first cut, as words."""
    words = []
    for element in blocks.body(text):
        if isinstance(element, Paywall):
            break
        if isinstance(element, Paragraph):
            words.append(plain(element.spans))
    return " ".join(words)


@pytest.mark.parametrize("line", NEARLY)
def test_almost_a_paywall_is_named_and_cuts(line: str) -> None:
    text = f"Libre.\n\n{line}\n\nSECRET"
    assert "paywall" in {problem.code for problem in blocks.body(text).problems}, line
    assert "SECRET" not in free(text)
    assert "Libre" in free(text)


@pytest.mark.parametrize("line", ["2 + 2 = 4", "a = b = c", "`a === b` dit l’informaticien", "un tiret — puis = et ="])
def test_equal_signs_in_prose_are_prose(line: str) -> None:
    body = blocks.body(f"Libre.\n\n{line}")
    assert body.problems == ()
    assert not any(isinstance(element, Paywall) for element in body)


@given(st.text(" \t\u00a0\u200b-*>#_.«»()|\"'`—–•", max_size=6), st.text(" \u00a0\u200b-*>#_.«»()|\"'`—–•", max_size=6))
def test_no_decoration_hides_a_paywall(before: str, after: str) -> None:
    line = f"{before}==={after}"
    if "\n" in line or re.search(r"[^\W_]", line):
        return
    assert "SECRET" not in free(f"Libre.\n\n{line}\n\nSECRET")


def test_every_sign_drawn_as_an_equal_sign_is_looked_at() -> None:
    signs = {chr(code) for code in range(sys.maxunicode + 1) if "=" in unicodedata.normalize("NFKC", chr(code))}
    for sign in signs | set("═꞊᐀゠⩵⩶≡≣"):
        assert paywall._SIGN.search(sign), f"U+{ord(sign):04X}"


@pytest.mark.parametrize("line", FOREIGN)
def test_the_cut_of_another_product_is_named_and_cuts(line: str) -> None:
    (problem,) = blocks.body(f"Libre.\n\n{line}\n\nSECRET").problems
    assert (problem.code, problem.line, problem.suggestion) == ("paywall", 2, "===")
    assert free(f"Libre.\n\n{line}\n\nSECRET") == "Libre."


@pytest.mark.parametrize(
    "line",
    [
        *("[suite](https://example.org)", "Suite", "Premium", "— Suite des travaux lundi —", "**Suite**", "## Suite"),
        *("— Plus rien, dit-il.", "<https://example.org>", "Le mot --more-- est à WordPress", "[photo]", "- suite"),
        *("---", "* * *", "___", "—", "– –", "…", "[…]", "•••", "€€€", "!!!", "| a | b |", "– Bien, dit-il. –", "§ 3"),
    ],
)
def test_a_word_of_theirs_in_prose_is_prose(line: str) -> None:
    assert "paywall" not in {problem.code for problem in blocks.body(f"Libre.\n\n{line}").problems}


@pytest.mark.parametrize("line", ["———", "––––", "─────", "%%%%%", "§§§", "— — —"])
def test_a_line_drawn_across_the_text_says_what_to_type_for_a_pause(line: str) -> None:
    (problem,) = blocks.body(f"Libre.\n\n{line}\n\nSECRET").problems
    assert problem.code == "paywall"
    assert "===" in problem.message
    assert "## crosshead" in problem.message
