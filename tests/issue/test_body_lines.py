"""The lines of a text as they were meant: odd spaces after a mark, two colons for three."""

from __future__ import annotations

import pytest

from composer.issue.blocks import body
from composer.issue.blocks.quote import Quote
from composer.issue.body import Citation, Crosshead, Paragraph, Points
from composer.issue.body_lines import ODD_SPACES, plain_spaces
from composer.issue.typography.ruleset import PROFILES, Ruleset
from composer.issue.typography.sentences import body_of
from composer.source.finding import Severity
from tests.issue.support.markdown_tree import codes

SPACES = "\u00a0\u202f\u2003\u2009\u3000"


@pytest.mark.parametrize("space", SPACES)
def test_an_odd_space_after_a_mark_is_a_space(space: str) -> None:
    text = f"Un.\n\n##{space}Deux\n\n-{space}trois\n-{space}{space}quatre\n\n>{space}cinq\n"
    found = body(text)
    assert [type(element) for element in found] == [Paragraph, Crosshead, Points, Citation]
    assert (found.problems, found.source) == ((), text)
    assert body(text.replace(space, " ")).elements == found.elements


@pytest.mark.parametrize("space", SPACES)
def test_a_line_of_odd_spaces_is_empty(space: str) -> None:
    assert len(body(f"Un.\n{space} {space}\nDeux.\n").elements) == 2
    assert len(body(f"Un.\n\n{space}## Deux\n").elements) == 2


@pytest.mark.parametrize(
    "line", ["-\u00a05 °C ce matin.", "—\u00a0Oui.", "1.\u00a0Les faits", "*\u00a0Hors taxes", "a\u00a0b"]
)
def test_a_no_break_space_that_belongs_to_the_words_stays(line: str) -> None:
    assert plain_spaces(line) == line
    (paragraph,) = body(line)
    assert isinstance(paragraph, Paragraph)


def test_no_line_changes_its_length() -> None:
    for line in ("##\u00a0\u00a0a\u00a0b", "\u2003-\u202fa", "\u00a0\u00a0", ">\u3000a"):
        assert len(plain_spaces(line)) == len(line)
    assert all(plain_spaces(f"##{space}a") == "## a" for space in SPACES)
    assert "\u2009" in ODD_SPACES or "\u2000-\u200a" in ODD_SPACES


def test_typography_reads_the_same_lines() -> None:
    first, second = body_of("##\u00a0Un titre\n\n-\u00a0un point")
    assert ["".join(leaf.text for leaf in each.leaves) for each in (first, second)] == ["Un titre", "un point"]
    assert Ruleset(PROFILES["french"]).language == "fr"


@pytest.mark.parametrize(("opening", "closing"), [("::", "::"), ("::", ":::"), (":::", "::")])
@pytest.mark.parametrize("name", ["citation", "quote"])
def test_two_colons_open_and_close_a_box_and_are_said_where_they_stand(opening: str, closing: str, name: str) -> None:
    found = body(f"Un.\n\n{opening}{name} Anne\nDeux.\n{closing}\n\nTrois.\n")
    assert [type(element) for element in found] == [Paragraph, Quote, Paragraph]
    lines = [line for line, mark in ((2, opening), (4, closing)) if mark == "::"]
    assert [(each.code, each.line, each.severity) for each in found.problems] == [
        ("box-colons", line, Severity.WARNING) for line in lines
    ]
    assert all(each.suggestion in (f":::{name} Anne", ":::") for each in found.problems)


def test_a_misspelt_box_with_two_colons_is_a_misspelt_box() -> None:
    assert codes(body("::citaton Anne\nDeux.\n:::\n")) == ["box-colons", "unknown-key"]
    (found,) = body("::à surveiller Le pont\nDeux.\n:::\n").problems
    assert (found.code, found.suggestion) == ("unknown-key", ":::a_surveiller Le pont")


@pytest.mark.parametrize("line", ["::std::vector est un type.", "::1 est l’hôte local.", ":: deux", "a :: b"])
def test_other_colons_are_words(line: str) -> None:
    assert body(line).problems == ()


def test_a_list_that_jumps_is_said() -> None:
    found = body("1. un\n2. deux\n10. dix\n")
    assert [(each.code, each.line, each.severity, each.suggestion) for each in found.problems] == [
        ("list-number", 2, Severity.WARNING, "3. dix")
    ]
    assert body("1. un\n1. deux\n1. trois\n").problems == ()
    assert body("1. un\n2. deux\n3. trois\n").problems == ()
    assert codes(body("1. un\n1. deux\n3. trois\n")) == ["list-number"]
