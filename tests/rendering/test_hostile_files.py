"""Hostile words as an editor would type or paste them: in the file, through YAML, Markdown, MJML, to both parts.

Each comes out as words or as a finding with its place; never as markup, never as another exception.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from composer.errors import Mistakes
from composer.issue import compose, load_issue
from composer.message import build
from composer.message.trial import trial_values
from composer.newsroom import load_newsroom
from composer.rendering import Rendering, render
from tests.message.test_build import LETTER

ROOT = Path(__file__).resolve().parents[2]
ISSUES = ("issues/vendredi/2026-11-27.yaml", "issues/samedi/2026-11-28.yaml")
#: What is printed of the configuration: nameplates, standing texts, people, legal notices, advertisers' copy.
CONFIGURATION = ("config/publications", "config/sponsors")

FRAGMENTS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</td></tr></table><h1>",
    "<mj-include path='/etc/passwd'/>",
    "</mj-text></mj-column></mj-section>",
    "{{ publication.legal }} {% raw %}",
    "%%UNSUBSCRIBE%% *|MERGE|*",
    "]]> <![CDATA[ x",
    "<!--[if mso]><p><![endif]-->",
    "--> <!--",
    "[cliquez](javascript:alert(1))",
    "<javascript:alert(1)>",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    '[x](https://exemple.example/"onmouseover="alert(1))',
    "![x](https://tracker.example/p.gif)",
    "\"><img src='https://tracker.example/p.gif'>",
    "' onload='x",
    "&lt;b&gt; &#60;script&#62; &nbsp",
    "אבג (שלום) \u202e123",
    "👩🏽\u200d🚒🏳️\u200d🌈",
    "\x00\x07\x1b[31m \x85 \u2028",
    "\ud800 \ufffe",
    "<b>" * 10_000,
    "[" * 10_000,
    "**a " * 10_000,
    "> " * 10_000,
    "- " * 10_000,
    "<mj-section>" * 10_000,
)
#: What Markdown makes, wherever an editor may write it.
MARKDOWN = {"p", "a", "strong", "em", "code", "br", "ul", "ol", "li", "blockquote", "h3", "h4"}
LINKS = re.compile(r"https?://|mailto:|tel:|#")

Place = tuple[str | int, ...]


class Leaf(NamedTuple):
    """A text in one of the example's files: the file, and the way to it."""

    file: str
    place: Place


def leaves(value: Any, place: Place = ()) -> Iterator[Place]:
    match value:
        case dict():
            for key, below in value.items():
                yield from leaves(below, (*place, key))
        case list():
            for number, below in enumerate(value):
                yield from leaves(below, (*place, number))
        case str():
            yield place


def poisoned(value: Any, place: Place, words: str) -> Any:
    """``value`` with ``words`` after the text that stands at ``place``."""
    if not place:
        return f"{value.rstrip()} {words}"
    changed: Any = dict(value) if isinstance(value, dict) else list(value)
    changed[place[0]] = poisoned(value[place[0]], place[1:], words)
    return changed


def written(value: Any) -> str:
    """``value`` as YAML; what YAML itself cannot hold is put in as it would be pasted."""
    text = yaml.dump(value, Dumper=Literal, allow_unicode=True, sort_keys=False, width=10**9)
    return str(text)


class Literal(yaml.SafeDumper):
    """Texts of several lines as literal blocks, the only form that bodies may have."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else '"')


Literal.add_representer(str, _text)


class House:
    """A copy of the example in which one file at a time is poisoned."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in ("config", "issues"):
            shutil.copytree(ROOT / folder, root / folder)
        paths = [root / name for name in ISSUES]
        paths += [path for folder in CONFIGURATION for path in sorted((root / folder).glob("*.yaml"))]
        self.files: dict[str, Any] = {
            path.relative_to(root).as_posix(): yaml.load(path.read_text("utf-8"), yaml.BaseLoader) for path in paths
        }
        self.leaves = [Leaf(file, place) for file, value in self.files.items() for place in leaves(value)]
        self.innocent = [made for name in ISSUES for made in self.letters(name)]
        pages = [lxml_html.document_fromstring(made.html) for made in self.innocent]
        self.tags = {str(element.tag) for page in pages for element in page.iter() if isinstance(element.tag, str)}
        self.attributes = {str(name) for page in pages for element in page.iter() for name in element.attrib}
        self.comments = {comment.text for page in pages for comment in page.iter(lxml_html.etree.Comment)}

    def letters(self, name: str) -> list[Rendering]:
        newsroom = load_newsroom(self.root)
        issue = load_issue(self.root / name, newsroom).require()
        return [render(compose(issue, newsroom, audience), newsroom) for audience in ("free", "paid")]

    def with_poison(self, leaf: Leaf, words: str) -> list[Rendering]:
        """The letters that show ``leaf`` with ``words`` in it, for all readers. Raises what the loader refuses."""
        path = self.root / leaf.file
        path.write_text(written(poisoned(self.files[leaf.file], leaf.place, words)), "utf-8", "surrogatepass")
        try:
            names = [leaf.file] if leaf.file in ISSUES else ISSUES
            return [made for name in names for made in self.letters(name)]
        finally:
            path.write_text(written(self.files[leaf.file]), "utf-8")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("newsroom") / "house")


def assert_harmless(made: Rendering, house: House) -> None:
    """No tag, attribute, comment or address that our templates and Markdown do not make."""
    page = lxml_html.document_fromstring(made.html)
    for element in page.iter():
        if not isinstance(element.tag, str):
            assert element.text in house.comments
            continue
        assert element.tag in house.tags | MARKDOWN
        assert {*element.attrib} <= house.attributes | {"start"}
        if element.tag == "a":
            assert LINKS.match(element.get("href", "")), element.get("href")
        for picture in (element.get("src"), element.get("srcset")):
            assert picture is None or re.match(r"https://[^/]+/media/[0-9a-f]{32}\.", picture), picture
    assert "<mj-" not in made.html
    assert page.xpath("count(//h1)") == 1
    for part in (made.html, made.text):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]", part)
        assert made.slots["unsubscribe"] in part
    fields = {"subject": made.subject, "html": made.html, "text": made.text, "sentinel": made.slots["unsubscribe"]}
    message = build(**LETTER | fields).fill(trial_values("lea@example.org", LETTER["date"]))
    assert message_from_bytes(message, policy=policy.default)["Subject"] == made.subject


def assert_named(mistakes: Mistakes, house: House) -> None:
    """Findings with a code and a line. What is wrong with an advertiser's copy is placed where the issue prints it."""
    assert mistakes.findings
    for finding in mistakes.findings:
        assert finding.code
        assert finding.message
        assert finding.place.file in house.files
        assert finding.place.line


@pytest.mark.slow
@given(leaf=st.integers(0, 10_000), words=st.sampled_from(FRAGMENTS))
@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
def test_any_text_of_any_file(house: House, leaf: int, words: str) -> None:
    letters, named = outcome(lambda: house.with_poison(house.leaves[leaf % len(house.leaves)], words))
    if named is not None:
        assert_named(named, house)
    for made in letters:
        assert_harmless(made, house)


@pytest.mark.slow
@pytest.mark.parametrize("words", FRAGMENTS, ids=lambda words: repr(words[:24]))
def test_every_prose_of_an_issue_at_once(house: House, words: str) -> None:
    file = ISSUES[1]
    value = house.files[file]
    for place in leaves(value):
        if place[-1] in ("titre", "texte", "chapo", "legende", "alt", "objet", "apercu"):
            value = poisoned(value, place, words)
    path = house.root / file
    path.write_text(written(value), "utf-8", "surrogatepass")
    letters, named = outcome(lambda: house.letters(file))
    path.write_text(written(house.files[file]), "utf-8")
    if named is not None:
        assert_named(named, house)
    for made in letters:
        assert_harmless(made, house)


def outcome(work: Callable[[], list[Rendering]]) -> tuple[list[Rendering], Mistakes | None]:
    """The letters, or the findings that there are instead."""
    try:
        return work(), None
    except Mistakes as mistakes:
        return [], mistakes
