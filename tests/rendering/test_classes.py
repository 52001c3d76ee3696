"""The classes of a letter: each has its rule, and by night a colour where its rule gives it one."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from composer.newsroom.model import Theme
from composer.rendering.letter import LetterTemplate
from tests.rendering.support.every_block import everything
from tests.rendering.support.sample_editions import newsroom, publication

THEMES = pytest.mark.parametrize("theme", ["daily", "magazine"])
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_CLASS = re.compile(r"\.([a-z][\w-]*)")


def _letter(theme: str, folder: Path) -> tuple[LetterTemplate, str]:
    """The templates of a letter of everything, and what they make."""
    whole = replace(everything(folder), publication=publication(theme=Theme.model_validate({"name": theme})))
    template = LetterTemplate(whole, newsroom(folder))
    return template, template.document(template.blocks(), "https://maree.example/u/x")


def _painted(body: str) -> set[str]:
    """What a rule paints: ``color``, ``background-color``, ``border-color`` (of any side)."""
    declared = dict(part.split(":", 1) for part in body.replace(" ", "").split(";") if part)
    kinds = {re.sub("^border.*", "border-color", name) for name, value in declared.items() if value != "0"}
    return kinds & {"color", "background-color", "border-color"}


def _dark(made: str) -> dict[str, set[str]]:
    """Class → what the dark paints on it."""
    (sheet,) = re.findall(r"@media \(prefers-color-scheme: dark\) \{((?:[^{}]*\{[^{}]*\})*)", made)
    found: dict[str, set[str]] = {}
    for selectors, body in _RULE.findall(sheet):
        for selector in selectors.split(","):
            for name in _CLASS.findall(selector.split()[-1]):
                found.setdefault(name, set()).update(_painted(body))
    return found


@THEMES
def test_every_class_has_a_rule(theme: str, tmp_path: Path) -> None:
    template, made = _letter(theme, tmp_path)
    used = {name for names in re.findall(r'class="([^"]*)"', made) for name in names.split()}
    sheets = template.css() + "".join(re.findall(r"<mj-style>(.*?)</mj-style>", made, re.DOTALL))
    ruled = {name for selectors, _body in _RULE.findall(sheets) for name in _CLASS.findall(selectors)}
    missing = sorted(used - ruled)
    assert len(used) > 40
    assert missing == [], (
        f"{', '.join(missing)}: no rule; give the class one in templates/style.css.j2 (what every client shows) or in "
        "head.css.j2 (telephones, the dark), or take it out of the template"
    )


@THEMES
def test_what_a_rule_paints_is_painted_in_the_dark(theme: str, tmp_path: Path) -> None:
    template, made = _letter(theme, tmp_path)
    dark = _dark(made)
    missing = [
        f".{name}: {kind}"
        for selectors, body in _RULE.findall(template.css())
        for name in _CLASS.findall(selectors)
        for kind in sorted(_painted(body) - dark.get(name, set()))
    ]
    assert dark
    assert missing == [], (
        f"{', '.join(missing)}: painted by day in templates/style.css.j2, and not by night; add the class to the line "
        "of its colour in templates/head.css.j2 (`text` for colours, `ground` for backgrounds and borders)"
    )
