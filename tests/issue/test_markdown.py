"""Markdown to the typed tree: what a sentence and a text may hold, and what is said of the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.issue.blocks import ASurveiller, EnFiligrane, Figure, Insight, Links, Quote
from composer.issue.body import Body, Citation, Crosshead, Paragraph, Paywall, Points
from composer.issue.inline import Break, Code, Emphasis, Inline, Link, Strong, Text, plain
from composer.issue.markdown import body, inline
from composer.source.finding import Problem, Severity


def codes(value: Inline | Body) -> list[str]:
    return [problem.code for problem in value.problems]


def place(value: Inline | Body, code: str) -> tuple[int, int]:
    found = next(problem for problem in value.problems if problem.code == code)
    return found.line, found.column


def of(value: Body, kind: type) -> list[object]:
    return [element for element in value if isinstance(element, kind)]


def spans_in(value: object) -> Iterator[object]:
    yield value
    if isinstance(value, tuple):
        for each in value:
            yield from spans_in(each)
    elif is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            yield from spans_in(getattr(value, each.name))


# Sentences


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
    assert codes(found) == ["stray-asterisks", "stray-asterisks"]
    assert place(found, "stray-asterisks") == (0, 9)
    assert found.problems[0].severity is Severity.WARNING
    assert not inline(r"\*\* voulu").problems


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


def test_a_picture_in_the_text_is_pointed_to_its_box() -> None:
    found = inline("avant ![la carte](carte.png) après")
    assert found.plain == "avant la carte après"
    assert ":::figure carte.png" in found.problems[0].message
    assert place(found, "markdown-image") == (0, 6)


@pytest.mark.parametrize("written", ["<b>gras</b>", "<!-- note -->", '<a href="x">y</a>', "<br/>", "<script>"])
def test_html_stays_the_text_that_was_typed(written: str) -> None:
    found = inline(f"du {written} ici")
    assert found.plain == f"du {written} ici"
    assert place(found, "html") == (0, 3)
    assert found.problems[0].severity is Severity.WARNING


@pytest.mark.parametrize(
    "written", ["1 < 2 et 3 > 2", "<3", "{{ x }} {% if %}", "%%CELL%%", "a|b|c", "R&D &amp; co", "x_y_z", "~~non~~"]
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


# Texts


def test_the_elements_of_a_text_know_their_lines() -> None:
    found = body("Un.\n\n## Deux\n\n- **Lead :** trois\n- quatre\n\n> cinq\n>\n> six\n\n===\n\nSept.\n")
    assert [type(element) for element in found] == [Paragraph, Crosshead, Points, Citation, Paywall, Paragraph]
    assert found.lines == (0, 2, 4, 7, 11, 13)
    assert not found.problems


@pytest.mark.parametrize(
    "written",
    [
        "- **Lead :** texte",
        "- **Lead\u00a0:** texte",
        "- **Lead.** texte",
        "- **Lead** • texte",
        "- **Lead •** texte",
        "- **Lead** : texte",
        "- **Lead**: texte",
        "- **Lead** – texte",
        "* **Lead :** texte",
    ],
)
def test_a_lead_is_stored_without_the_mark_that_ends_it(written: str) -> None:
    (points,) = body(written)
    assert isinstance(points, Points)
    assert points.items[0].lead == (Text("Lead"),)
    assert points.items[0].spans == (Text("texte"),)


@pytest.mark.parametrize(
    ("written", "lead", "rest"),
    [
        ("- **Et après ?** texte", None, "Et après ? texte"),
        ("- **Deux mots** sans marque", None, "Deux mots sans marque"),
        ("- **Tout en gras.**", None, "Tout en gras."),
        ("- texte **Lead :** texte", None, "texte Lead : texte"),
        ("- **Suite...** texte", None, "Suite... texte"),
        ("- **Lead :** [lien](https://example.org/) fin", "Lead", "lien fin"),
        ("- **Le *mot* :** fin", "Le mot", "fin"),
    ],
)
def test_what_is_a_lead_and_what_is_only_bold(written: str, lead: str | None, rest: str) -> None:
    (points,) = body(written)
    assert isinstance(points, Points)
    (point,) = points.items
    assert (plain(point.lead) if point.lead else None, plain(point.spans)) == (lead, rest)


@pytest.mark.parametrize("written", ["# Titre", "### Titre", "###### Titre", "##Titre"])
def test_the_only_crosshead_has_two_hashes(written: str) -> None:
    found = body(f"Avant.\n\n{written}\n\nAprès.")
    assert place(found, "crosshead") == (2, 0)
    assert found.problems[0].suggestion == "## Titre"


@pytest.mark.parametrize(
    ("written", "code", "line"),
    [
        ("- a\n  - b", "nesting", 1),
        ("> a\n> > b", "nesting", 1),
        ("> - a", "nesting", 0),
        ("- a\n\n  suite", "point", 2),
        ("- a\n  ## b", "crosshead", 1),
        ("a\n\n```\ncode\n```", "code-block", 2),
        ("a\n\n---\n\nb", "rule", 2),
        ("a\n***\nb", "rule", 1),
        ("2026. Une année de plus", "list-number", 0),
        ("• un point collé", "bullet", 0),
        ("##", "crosshead", 0),
    ],
)
def test_what_has_no_place_in_a_letter(written: str, code: str, line: int) -> None:
    found = body(written)
    assert codes(found) == [code]
    assert found.problems[0].line == line
    words = re.findall(r"\w+", written)
    assert re.findall(r"\w+", _words(found)) == words


def test_a_sentence_that_begins_with_a_year_is_given_its_escape() -> None:
    found = body("Oui.\n\n2026. Une année")
    assert found.problems[0].suggestion == "2026\\. Une année"
    assert not body("2026\\. Une année").problems
    assert not body("1. un\n2. deux").problems


def test_a_mistake_deep_in_a_text_is_placed_to_the_letter() -> None:
    found = body("Un.\n\nDeux lignes\net [là](ici) fin.\n\n- **Lead :** voir\n  [x](y)\n\n> et [z](k)")
    places = [(problem.line, problem.column) for problem in found.problems]
    assert places == [(3, 3), (6, 2), (8, 5)]


def test_a_setext_underline_is_no_heading() -> None:
    """CommonMark makes a heading of a paragraph over ===, and the cut would be gone."""
    found = body("Libre\n===\nPayant")
    assert [type(element) for element in found] == [Paragraph, Paywall, Paragraph]
    assert not [element for element in body("Libre\n---\nencore") if isinstance(element, Crosshead)]


# The paywall


@pytest.mark.parametrize(
    "written",
    [
        "====",
        "==",
        " ===",
        "    ===",
        "\t===",
        "- ===",
        "> ===",
        "=== abonnés",
        "= = =",
        "\u200b===",
        "===\u200b",
        "\ufeff===",
        "\u00a0===",
        "1. ===",
    ],
)
def test_almost_a_paywall_is_a_mistake_and_never_text(written: str) -> None:
    found = body(f"Libre.\n\n{written}\n\nPayant.")
    assert codes(found) == ["paywall"]
    assert found.problems[0].line == 2
    before = list(found)[: next(n for n, e in enumerate(found) if isinstance(e, Paywall))]
    assert "Payant" not in repr(before)


@pytest.mark.parametrize(
    "breaks", ["\n", "\r\n", "\r", "\u2028", "\u2029", "\x85", "\x0b", "\x0c"], ids=lambda breaks: repr(breaks)
)
def test_no_line_break_hides_the_paywall(breaks: str) -> None:
    found = body(breaks.join(["Libre", "===", "Payant"]))
    assert [type(element) for element in found] == [Paragraph, Paywall, Paragraph]


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("Libre\n\n===\n\nPayant\n\n===\n\nFin", 6),
        (":::en_filigrane Titre\nTexte\n===\nsuite\n:::", 2),
        ("```\ncode\n===\n```", 2),
        ("- a\n  ===\n- b", 1),
    ],
)
def test_a_paywall_out_of_place(written: str, line: int) -> None:
    found = body(written)
    assert ("paywall", line) in [(problem.code, problem.line) for problem in found.problems]
    assert len(of(found, Paywall)) <= 1


def test_equal_signs_in_a_sentence_are_text() -> None:
    assert not body("si a == b === c alors\nx = y").problems
    assert codes(body("Texte.\n\n===", directives=False)) == ["paywall"]


# Boxes


def test_a_box_is_the_block_of_the_same_name() -> None:
    found = body(
        "Avant.\n\n"
        ":::a_surveiller La notification du *lot 3*\n:due: 2026-12-15\n:names: Orphéon, Microlab\n:id: lot-3\n"
        "Le recours **expire**.\n:::\n\n"
        ":::en_filigrane Derrière\nTexte.\n:::\n"
        ":::insight L'Europe\n:label: La bonne échelle\nTexte.\n:::\n"
        ":::figure carte.png\n:alt: Une carte\n:ai: o3 Pro\n:by: P. G.\nLégende\n:::\n"
        ":::quote Inès Valmont\n:source: [Le Samedi](https://example.org/)\nDes mots.\n:::\n"
        ":::links À lire\n- [un](https://example.org/1)\n- lot-3\n:::\n"
    )
    assert not found.problems
    watch, behind, insight, figure, quote, links = [each for each in found if not isinstance(each, Paragraph)]
    assert isinstance(watch, ASurveiller)
    assert (watch.due, watch.names, watch.id) == (date(2026, 12, 15), ("Orphéon", "Microlab"), "lot-3")
    assert watch.title.plain == "La notification du lot 3"
    assert isinstance(behind, EnFiligrane)
    assert isinstance(insight, Insight)
    assert insight.label == "La bonne échelle"
    assert isinstance(figure, Figure)
    assert (figure.src, figure.credit.ai, figure.credit.by) == ("carte.png", "o3 Pro", "P. G.")
    assert figure.caption is not None
    assert isinstance(quote, Quote)
    assert quote.author == "Inès Valmont"
    assert isinstance(links, Links)
    assert [item.source for item in links.items] == ["[un](https://example.org/1)", "lot-3"]
    assert found.lines == (0, 2, 9, 12, 16, 22, 26)


def test_a_box_may_be_written_in_french() -> None:
    found = body(":::illustration carte.png\n:description: Une carte\n:ia: o3 Pro\n:légende: Le lieu\n:::")
    (figure,) = found
    assert isinstance(figure, Figure)
    assert not found.problems
    watch = body(":::à_surveiller Titre\n:échéance: 2026-12-15\n:public: payant\nTexte.\n:::")
    (box,) = watch
    assert isinstance(box, ASurveiller)
    assert box.audience == "paid"


@pytest.mark.parametrize(
    ("written", "code", "line", "column", "words"),
    [
        (":::figur carte.png\n:::", "unknown-key", 0, 3, "figure"),
        (":::en_filigrane T\n:titel: x\nTexte.\n:::", "unknown-key", 1, 1, "audience"),
        (":::figure a.png\n:alt: x\n:fotograf: y\n:::", "unknown-key", 2, 1, "photo"),
        (":::a_surveiller T\n:due: demain\nTexte.\n:::", "bad-value", 1, 6, "2026-12-15"),
        (":::a_surveiller T\n:due:\nTexte.\n:::", "empty-value", 1, 1, ":due: value"),
        (":::a_surveiller T\n:due: 2026-12-01\n:due: 2026-12-02\nTexte.\n:::", "duplicate-key", 2, 1, "twice"),
        (":::figure a.png\n:alt: x\n:::", "missing-key", 0, 0, ":photo:"),
        (":::figure a.png\n:photo: x\n:::", "missing-key", 0, 0, ":alt:"),
        (":::a_surveiller\nTexte.\n:::", "missing-key", 0, 0, "title"),
        (":::a_surveiller T\n:::", "missing-key", 0, 0, "text"),
        (":::insight T\nTexte.\n:::", "missing-key", 0, 0, ":label:"),
        (":::links\nun lien\n:::", "link-item", 1, 0, "hyphen"),
        (":::links\n:::", "items-or-latest", 0, 0, "items"),
        ("Avant.\n\n:::en_filigrane T\nTexte.\n", "unclosed-box", 2, 0, ":::"),
        ("Avant.\n\n:::\n", "stray-close", 2, 0, "take it out"),
        ("- a\n  :::figure x\n", "misplaced-box", 1, 2, "beginning"),
        (":::\u00a0\u00a0", "stray-close", 0, 0, "closes"),
        (":::en_filigrane T\nUn [lien](ici).\n:::", "bad-link", 1, 3, "https"),
        (":::en_filigrane Un [lien](ici)\nTexte.\n:::", "bad-link", 0, 19, "https"),
        (":::en_filigrane T\n## Inter\n:::", "crosshead", 1, 0, "box"),
        (":::figure a.png\n:alt: x\n:photo: y\n:caption: a\nb\n:::", "duplicate-key", 4, 0, "caption"),
    ],
)
def test_what_is_wrong_with_a_box_is_said_at_its_place(
    written: str, code: str, line: int, column: int, words: str
) -> None:
    found = body(written)
    assert [(each.code, each.line, each.column) for each in found.problems] == [(code, line, column)]
    assert words in found.problems[0].message + (found.problems[0].suggestion or "")


def test_a_box_in_a_box_is_one_mistake() -> None:
    found = body(":::en_filigrane A\nTexte.\n:::a_surveiller B\nTexte.\n:::\n:::\n\nFin.")
    assert [(problem.code, problem.line) for problem in found.problems] == [("nested-box", 2)]
    assert len(found.elements) == 3


def test_no_box_where_there_is_none() -> None:
    assert codes(body("Texte.\n\n:::figure a.png", directives=False)) == ["nested-box"]


# Whatever is typed


def _words(value: Body) -> str:
    return " ".join(each.text for each in spans_in(value.elements) if isinstance(each, (Text, Code)))


MARKUP = st.text(
    st.sampled_from(list("ab é*_`[](){}<>!#:=-+.1 \n\t\\\"'«»|~&;/\u00a0\u200b\u2028\r")) | st.characters(),
    max_size=200,
)


@given(MARKUP)
def test_no_text_makes_the_parsers_raise(written: str) -> None:
    for found in (inline(written), body(written), body(written, directives=False)):
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


@given(MARKUP)
def test_without_problems_no_word_is_lost(written: str) -> None:
    found = body(written)
    if found.problems or ":::" in written or "===" in written or re.search(r"\]\(|<|^\s*\d+[.)]", written, re.M):
        return
    expected = re.findall(r"[a-zé]+", written)
    assert "".join(re.findall(r"[a-zé]+", _words(found))) == "".join(expected)


@given(
    st.lists(st.sampled_from(["Libre.", "===", "secret", "====", " ===", "- x", "> y", "", ":::", "```"]), max_size=12)
)
def test_what_follows_a_paywall_line_is_never_before_the_cut(lines: list[str]) -> None:
    found = body("\n".join(lines))
    if "===" not in lines or found.problems:
        return
    wall = next(n for n, element in enumerate(found) if isinstance(element, Paywall))
    written = "\n".join(lines[: lines.index("===")])
    assert _words(Body("", found.elements[:wall])).count("secret") == written.count("secret")


DEEP = 10_000


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
