"""Inline Markdown: what a sentence may hold, and what is said of the rest."""

from __future__ import annotations

import pytest

from composer.issue.inline import Break, Code, Emphasis, Link, Strong, Text, plain
from composer.issue.markdown import inline
from composer.source.finding import Severity
from tests.issue.support.markdown_tree import codes, place, spans_in


def test_a_sentence_is_a_tree_of_spans() -> None:
    found = inline("Un **mot *fort*** et [un lien](https://example.org/) puis `du code`")
    assert found.spans == (
        Text("Un "),
        Strong((Text("mot "), Emphasis((Text("fort"),)))),
        Text(" et "),
        Link("https://example.org/", (Text("un lien"),)),
        Text(" puis "),
        Code("du code"),
    )
    assert not found.problems


@pytest.mark.parametrize(
    ("written", "marked"),
    [
        ("l'**Europe**", "Europe"),
        ("l’**Europe**", "Europe"),
        ("qu’*elle* dit", "elle"),
        ("« **cité** »", "cité"),
        ("«\u00a0**cité**\u00a0»", "cité"),
        ("**« cité »**, dit-il", "« cité »"),
        ("*« Non »*.", "« Non »"),
        ("(**entre parenthèses**)", "entre parenthèses"),
        ("**Lead\u00a0:** suite", "Lead\u00a0:"),
        ("d’_ici_ là", "ici"),
        ("**100 %** de plus", "100 %"),
        ("**…et puis**", "…et puis"),
        ("aujourd’hui *même* !", "même"),
    ],
)
def test_emphasis_stands_next_to_french_punctuation(written: str, marked: str) -> None:
    found = inline(written)
    assert [plain(span.children) for span in found.spans if isinstance(span, (Strong, Emphasis))] == [marked]
    assert not found.problems


def test_asterisks_that_mark_nothing_are_a_warning_at_their_place() -> None:
    found = inline("ceci est ** gras ** pour moi, 2 * 3 = 6")
    assert found.plain == "ceci est ** gras ** pour moi, 2 * 3 = 6"
    assert codes(found) == ["stray-asterisks"]
    assert place(found, "stray-asterisks") == (0, 9)
    assert found.problems[0].severity is Severity.WARNING
    assert not inline(r"\*\* voulu").problems


@pytest.mark.parametrize(
    ("typed", "better"),
    [
        ("Un ** mot ** ici", "Un **mot** ici"),
        ("**Un mot **ici", "**Un mot** ici"),
        ("Un** mot**, ici", "Un **mot**, ici"),
        ("**Un mot.**Ici", "**Un mot.** Ici"),
    ],
)
def test_two_asterisks_with_a_space_inside_are_one_mistake_with_its_mending(typed: str, better: str) -> None:
    (found,) = inline(typed).problems
    assert (found.code, found.suggestion) == ("stray-asterisks", better)
    assert not inline(better).problems


@pytest.mark.parametrize(
    "url", ["https://example.org/a?b=c&d=é", "http://example.org", "mailto:a@example.org", "#lot-3"]
)
def test_links_that_a_letter_may_hold(url: str) -> None:
    (link,) = inline(f"[mots]({url})").spans
    assert isinstance(link, Link)


@pytest.mark.parametrize("url", ["tel:+33100000000", "tel:01-00-00"])
def test_a_telephone_is_a_link(url: str) -> None:
    assert inline(f"[appeler]({url})").spans == (Link(url, (Text("appeler"),)),)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "javascript&colon;alert(1)",
        "&#106;avascript:alert(1)",
        "java%0ascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "//example.org/x",
        "/ailleurs",
        "page.html",
        "../x",
        "https://",
        "#",
        "#Avec Espace",
        "mailto:personne",
        "ftp://example.org",
    ],
)
def test_links_that_it_may_not(url: str) -> None:
    for written in (f"avant [mots]({url})", f"avant [mots](<{url}>)", f"avant <{url}>"):
        found = inline(written)
        assert not [each for each in spans_in(found.spans) if isinstance(each, Link)]
        assert "mots" in found.plain or written.startswith("avant <")
    bad = inline(f"avant [mots](<{url}>)")
    assert place(bad, "bad-link") == (0, 6)


def test_a_link_without_its_scheme_is_given_one() -> None:
    found = inline("voir [là](www.example.org/x)")
    assert found.problems[0].suggestion == "voir [là](https://www.example.org/x)"
    assert "mailto:a@example.org" in inline("[a](a@example.org)").problems[0].message


def test_a_picture_in_the_text_is_pointed_to_a_line_of_its_own() -> None:
    found = inline("avant ![la carte](carte.png) après")
    assert found.plain == "avant la carte après"
    assert "![…](carte.png)" in found.problems[0].message
    assert place(found, "markdown-image") == (0, 6)


@pytest.mark.parametrize("written", ["<b>gras</b>", "<!-- note -->", '<a href="x">y</a>', "<br/>", "<script>"])
def test_html_stays_the_text_that_was_typed(written: str) -> None:
    found = inline(f"du {written} ici")
    assert found.plain == f"du {written} ici"
    assert place(found, "html") == (0, 3)
    assert found.problems[0].severity is Severity.WARNING


@pytest.mark.parametrize(
    "written", ["1 < 2 et 3 > 2", "<3", "{x}, { y }", "100 %% sûr", "a|b|c", "R&D; co", "x_y_z", "a ~~ b"]
)
def test_everything_else_is_text(written: str) -> None:
    found = inline(written)
    assert found.spans == (Text(written),)
    assert not found.problems


def test_a_sentence_is_one_paragraph() -> None:
    assert inline("une ligne\nla suite\n").plain == "une ligne la suite"
    assert place(inline("une ligne\n\nune autre"), "one-paragraph") == (1, 0)
    assert place(inline("amorce\n===\nsecret"), "paywall") == (1, 0)


def test_a_line_break_that_was_asked_for() -> None:
    assert inline("a\\\nb").spans == (Text("a"), Break(), Text("b"))
    assert inline("a  \nb").spans == (Text("a"), Break(), Text("b"))


def test_a_title_beside_an_address_is_said() -> None:
    (problem,) = inline('Un [mot](https://example.org "le pont") ici.').problems
    assert (problem.code, problem.suggestion) == ("broken-link", "Un [mot](https://example.org) ici.")
