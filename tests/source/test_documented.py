"""Every code that a finding may have is explained in both languages, and no other."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from composer.source.document import Source
from composer.source.finding import Finding, Place, Severity
from tests.support import finding_codes

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_code_of_the_source_has_its_entry_and_no_entry_is_of_none(language: str) -> None:
    known, made = finding_codes.documented(language), finding_codes.found()
    missing = {code: place for code, place in made.items() if code not in known}
    assert missing == {}, "add an entry to docs/findings.md and docs/remarques.md, at the same place in both"
    assert sorted(known.keys() - made.keys()) == []


def test_the_two_pages_promise_the_same_in_the_same_order() -> None:
    english, french = finding_codes.documented("en"), finding_codes.documented("fr")
    assert list(english.items()) == list(french.items())
    assert all(each <= {"error", "warning", "note"} and each for each in english.values())


@pytest.mark.parametrize(("page", "key"), [("findings.md", "ignore"), ("remarques.md", "ignorer")])
def test_what_can_be_ignored_says_how_and_nothing_else_does(page: str, key: str) -> None:
    for entry in (DOCS / page).read_text(encoding="utf-8").split("\n### ")[1:]:
        code = entry.split("`")[1]
        passed = finding_codes.documented("en")[code] != {"error"}
        assert (f"`{key}: [{code}]`" in entry) is passed, code


SOURCE = """
def near(source, right):
    code, why = "first", "…"
    if right:
        code, why = "second", "…"
    return source.finding(code, why)

def given():
    yield "third", 1
    yield from others()

def others():
    return "fourth", 2

def through(source):
    for code, _number in given():
        passed_on(source, "…", code)

def passed_on(source, why, code):
    source.finding(code, why)

class Missing(Exception):
    code = "fifth"

def caught(source, error):
    source.finding(error.code, "…")
    source.finding(code="sixth" if error else "seventh", message="…")
"""


def test_the_scan_follows_a_code_wherever_it_was_written() -> None:
    words = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")
    assert _scan(SOURCE).codes.keys() == set(words)


def test_a_code_that_is_computed_is_an_error_of_the_scan() -> None:
    scan = _scan("def made(source, name):\n    return Finding(f'unknown-{name}', name)\n")
    assert scan.codes == {}
    assert len(scan.unfollowed) == 1


def _scan(text: str) -> finding_codes.Scan:
    path = finding_codes.COMPOSER / "source" / "document.py"
    document = finding_codes.Module(path, ast.parse(path.read_text(encoding="utf-8")))
    scan = finding_codes.Scan([document, finding_codes.Module(finding_codes.COMPOSER / "made_up.py", ast.parse(text))])
    scan.run()
    return scan


def test_a_finding_of_the_program_is_remembered_and_one_of_a_test_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source("issues/letter/2026-12-04.yaml", "subject: x\n")
    with finding_codes.remembered(monkeypatch) as made:
        source.finding("made-by-a-test", "…")
        Finding("made-by-a-test", Severity.ERROR, Place("x", 1, 1), "…")
        exec(compile("source.finding('by-the-program', '…')", "composer/issue/checks.py", "exec"))
    assert made == {("by-the-program", "error")}
