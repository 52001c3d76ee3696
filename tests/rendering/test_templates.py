"""Templates are edited by designers: what they override, and what they are told."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from jinja2.defaults import DEFAULT_NAMESPACE
from jinja2.filters import FILTERS
from jinja2.tests import TESTS

from composer.errors import Refused
from composer.issue.blocks import BLOCK_TYPES
from composer.issue.blocks.notice import ResolvedNotice
from composer.issue.blocks.quote import ResolvedQuote
from composer.rendering import render
from composer.rendering.letter import LetterTemplate
from composer.rendering.templates import shipped
from tests.rendering.support.every_block import everything
from tests.rendering.support.sample_editions import edition, newsroom, paragraph, words

NOTICE = ResolvedNotice(words("Un mot"))


def _override(root: Path, name: str, content: str) -> None:
    path = root / "templates" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def test_a_newsroom_overrides_one_file(tmp_path: Path) -> None:
    _override(tmp_path, "blocks/notice.mjml.j2", "<mj-text><p>Maison : {{ spans(block.text) }}</p></mj-text>")
    made = render(edition(NOTICE, ResolvedQuote((paragraph("Et le reste."),))), newsroom(tmp_path))
    assert "Maison : Un mot" in made.html
    assert "Et le reste." in made.html
    assert "Maison" not in made.text


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("<mj-text>\n{{ block.nothing }}</mj-text>", r"notice\.mjml\.j2, line 2.*nothing"),
        ("<mj-text>\n\n{% if %}</mj-text>", r"notice\.mjml\.j2, line 3"),
        ("<mj-text>{{ block.text + 1 }}</mj-text>", r"notice\.mjml\.j2, line 1"),
        ("<mj-text>{{ 1 // 0 }}</mj-text>", r"notice\.mjml\.j2, line 1"),
        ("{% include 'nowhere.j2' %}", r"nowhere\.j2"),
        ("<mj-text><p>sans fin</mj-text>", r"notice\.mjml\.j2.*not well-formed"),
        ("<mj-hero></mj-hero>", r"notice\.mjml\.j2.*mj-hero"),
    ],
)
def test_a_mistake_is_told_with_its_template_and_its_block(content: str, why: str, tmp_path: Path) -> None:
    _override(tmp_path, "blocks/notice.mjml.j2", content)
    with pytest.raises(Refused, match=why) as refused:
        render(edition(ResolvedQuote((paragraph("Avant."),)), NOTICE), newsroom(tmp_path))
    assert "block 2 (notice)" in str(refused.value)
    assert "Traceback" not in str(refused.value)


def test_a_mistake_in_a_text_twin_is_told(tmp_path: Path) -> None:
    _override(tmp_path, "blocks/notice.txt.j2", "{{ nothing }}")
    with pytest.raises(Refused, match=r"notice\.txt\.j2, line 1, at block 1 \(notice\)"):
        render(edition(NOTICE), newsroom(tmp_path))


def test_what_mrml_refuses_is_told(tmp_path: Path) -> None:
    _override(tmp_path, "letter.mjml.j2", "<mjml><mj-body><mj-title>x</mj-title></mj-body></mjml>")
    _override(tmp_path, "style.css.j2", "")
    with pytest.raises(Refused, match=r"letter\.mjml\.j2"):
        render(edition(), newsroom(tmp_path))


def test_every_block_has_its_two_templates() -> None:
    names = {path.name for path in (shipped() / "blocks").iterdir()}
    assert names == {f"{each.resolved.template}{end}" for each in BLOCK_TYPES for end in (".mjml.j2", ".txt.j2")}


def test_the_edition_of_everything_holds_every_block(tmp_path: Path) -> None:
    """The golden letter, the sizes, the pictures and the hostile files are made of it."""
    missing = {each.resolved for each in BLOCK_TYPES} - {type(block) for block in everything(tmp_path).blocks}
    assert missing == set(), "add one to everything() in tests/rendering/support/sample_editions.py"


def test_a_letter_without_a_masthead_still_says_who_and_how_to_leave(tmp_path: Path) -> None:
    made = render(edition(), newsroom(tmp_path))
    for part in (made.html, made.text):
        for said in ("Éditions de la Marée", "Solène Kervadec", "Hébergeur Exemple", "Se désabonner", "CPPAP"):
            assert said in part
        assert made.slots["unsubscribe"] in part


def test_without_a_subscription_page_nobody_is_sent_there(tmp_path: Path) -> None:
    whole = edition()
    plain = whole.publication.model_copy(update={"subscribe_url": None})
    made = render(edition(publication=plain), newsroom(tmp_path))
    assert "transféré" not in made.html + made.text


def test_a_template_changed_on_the_disk_is_read_again(tmp_path: Path) -> None:
    made = []
    for number, content in enumerate(("<mj-text><p>Avant.</p></mj-text>", "<mj-text><p>Après.</p></mj-text>")):
        _override(tmp_path, "blocks/notice.mjml.j2", content)
        os.utime(tmp_path / "templates" / "blocks" / "notice.mjml.j2", (number, number))
        made.append(render(edition(NOTICE), newsroom(tmp_path)).html)
    assert ("Avant." in made[0], "Après." in made[1]) == (True, True)


def _names_of_the_page() -> dict[str, set[str]]:
    """What ``templates/README.md`` says that a template of the HTML, or of the text, may call or read."""
    page = (shipped() / "README.md").read_text(encoding="utf-8").partition("## To include")[0]
    found: dict[str, set[str]] = {"HTML": set(), "text": set()}
    for first, *parts in re.findall(r"^\| (`.*?) \| (yes)? ?\| (yes)? ?\| \S", page, re.MULTILINE):
        for part, said in zip(found, parts, strict=True):
            found[part] |= set(re.findall(r"`(\w+)", first)) if said else set()
    return found


def test_the_page_of_names_says_what_a_template_may_call_and_read(tmp_path: Path) -> None:
    template = LetterTemplate(edition(NOTICE), newsroom(tmp_path))
    # what `LetterTemplate` adds to these for one block, and for the letter's own two templates
    known = {
        "HTML": {*template.for_mjml, "block", "sections", "stacked", "unsubscribe_url", "paid_copy_url"},
        "text": {*template.for_text, "block", "blocks", "unsubscribe_url", "paid_copy_url"},
    }
    jinja = template.jinja
    ours = (jinja.globals.keys() - DEFAULT_NAMESPACE) | (jinja.filters.keys() - FILTERS)
    ours |= jinja.tests.keys() - TESTS
    said = _names_of_the_page()
    for part, names in known.items():
        assert said[part] == names | ours, f"{part}: {sorted(said[part] ^ (names | ours))}: see templates/README.md"


def test_every_piece_that_templates_include_is_in_the_page() -> None:
    page = (shipped() / "README.md").read_text(encoding="utf-8").partition("## To include")[2]
    said = {
        f"{name}.{end}.j2"
        for name, *parts in re.findall(r"^\| `(\w+)` \| (yes)? ?\| (yes)? ?\|", page, re.MULTILINE)
        for part, end in zip(parts, ("mjml", "txt"), strict=True)
        if part
    }
    included = {
        name
        for path in (shipped() / "blocks").iterdir()
        for name in re.findall(r'include "([\w.]+)"', path.read_text(encoding="utf-8"))
    }
    assert included <= said
    assert [name for name in said if not (shipped() / name).exists()] == []
