"""Our letters under the reference implementation: npm's mjml 4, strict, takes them all and makes the same letter.

mjml-python neither knows an unknown component nor an unknown attribute; this is where a template that only it accepts
is found. The two outputs differ in their indentation, their ids and their conditional comments, so what is compared is
what a reader gets: the words, the links and the pictures, in order.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from jinja2 import Environment, FileSystemLoader
from lxml import html as lxml_html

from composer.issue import compose, load_issue
from composer.issue.blocks import Audience
from composer.issue.edition import Edition
from composer.newsroom import load_newsroom
from composer.newsroom.model import Newsroom
from composer.rendering import mjml
from composer.rendering.letter import LETTER, LetterTemplate
from composer.rendering.templates import environment, forget_templates
from tests.issue.support.construct_files import PAST, constructs
from tests.issue.support.sample_issue import DAY
from tests.issue.support.sample_issue import newsroom as example
from tests.rendering.support.every_block import everything
from tests.rendering.support.sample_editions import newsroom

pytestmark = pytest.mark.node

ROOT = Path(__file__).resolve().parents[2]
COMPILE = ROOT / "tests" / "node" / "compile.mjs"
AUDIENCES: tuple[Audience, ...] = ("free", "paid")


class Shown(NamedTuple):
    """What a reader gets: words on one line, addresses in order, (src, alt, width, height) of each picture in order."""

    title: str
    words: str
    links: list[str | None]
    pictures: list[tuple[str | None, ...]]


def shown(html: str) -> Shown:
    # Around what begins a line of its own, white space shows nothing; elsewhere one blank more or less is a difference.
    document = lxml_html.document_fromstring(
        re.sub(r"</?(?:p|div|t[a-z]+|[uo]?l|li|h\d|br|blockquote)\b", r" \g<0>", html)
    )
    words = document.xpath("//body//text()[not(ancestor::style)]")
    assert isinstance(words, list)
    return Shown(
        str(document.findtext(".//title")),
        " ".join("".join(map(str, words)).split()),
        [link.get("href") for link in document.iter("a")],
        [tuple(image.get(name) for name in ("src", "alt", "width", "height")) for image in document.iter("img")],
    )


def compiled(documents: list[str]) -> list[dict[str, Any]]:
    """What npm's mjml makes of each: {"html", "errors"}. One process for all: starting one takes half a second."""
    lines = "".join(json.dumps({"mjml": document}) + "\n" for document in documents)
    run = subprocess.run(["node", COMPILE], input=lines, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


def document(edition: Edition, house: Newsroom) -> str:
    letter = LetterTemplate(edition, house)
    return letter.document(letter.blocks(), "https://lettres.example.org/u/TOKEN")


def letters(folder: Path) -> Iterator[tuple[str, str]]:
    """Name and MJML: every issue of the example for each audience in each publication's theme, and all our editions."""
    house = load_newsroom(ROOT)
    themes = {name: publication.theme for name, publication in house.publications.items()}
    for path in sorted((ROOT / "issues").glob("*/*.yaml")):
        issue = load_issue(path, house).require()
        for audience in AUDIENCES:
            edition = compose(issue, house, audience)
            for theme in themes:
                dressed = edition.publication.model_copy(update={"theme": themes[theme]})
                name = f"{path.parent.name} {path.stem}, {audience}, in the theme of {theme}"
                yield name, document(replace(edition, publication=dressed), house)
    yield "the golden letter", document(everything(folder), newsroom(folder))
    made = example(folder)
    for construct in constructs():
        path = folder / "issues" / "samedi" / f"{DAY.isoformat()}.yaml"
        path.write_text(construct.text)
        edition = compose(load_issue(path, made).require(), made, "free", PAST)
        yield construct.name, document(edition, made)


@pytest.mark.slow
def test_the_reference_takes_every_letter_and_shows_the_same(tmp_path: Path) -> None:
    named = dict(letters(tmp_path))
    assert len(named) > 20
    for (name, ours), theirs in zip(named.items(), compiled(list(named.values())), strict=True):
        assert theirs["errors"] == [], name
        assert shown(mjml.html(ours, LETTER)) == shown(theirs["html"]), name


@pytest.mark.slow
def test_every_template_is_among_what_the_reference_compiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A component that no letter above uses would not be held."""
    used: set[str] = set()
    read = FileSystemLoader.get_source

    def get_source(self: FileSystemLoader, jinja: Environment, template: str) -> Any:
        used.add(template)
        return read(self, jinja, template)

    monkeypatch.setattr(FileSystemLoader, "get_source", get_source)
    forget_templates()
    assert list(letters(tmp_path))
    assert {name for name in environment(ROOT).list_templates() if name.endswith(".mjml.j2")} <= used


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mistake", "why"),
    [
        ("<mj-text><p>one</p></mj-text><mj-txt>two</mj-txt>", "mj-txt"),
        ('<mj-text colour="#000000">one</mj-text>', "colour"),
        ('<mj-text color="ink">one</mj-text>', "color"),
        ("<mj-section><mj-column></mj-column></mj-section>", "mj-section"),
    ],
)
def test_the_reference_is_strict(mistake: str, why: str) -> None:
    whole = f"<mjml><mj-body><mj-section><mj-column>{mistake}</mj-column></mj-section></mj-body></mjml>"
    (answer,) = compiled([whole])
    assert any(why in error for error in answer["errors"])


def test_the_comparison_sees_what_is_lost() -> None:
    whole = (
        '<body><p>One <a href="https://a.example">two</a> <i>three</i></p><img src="a.png" alt="A" width="640"></body>'
    )
    for lost in ("One ", " <i>three</i>", "https://a.example", "a.png", 'alt="A"', "640"):
        assert shown(whole.replace(lost, "")) != shown(whole), lost
    assert shown(whole.replace("</a> <i>", "</a><i>")) != shown(whole)
    assert shown(whole.replace("<p>", "\n  <p>\n")) == shown(whole)
