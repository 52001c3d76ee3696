"""``filigrane check --explain CODE``: print a code's entry of the page of all codes, ``docs/findings.md``."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import click

from composer import locale
from composer.cli.say import say
from composer.errors import WrongUsage
from composer.locale import gettext as _
from composer.source.vocabulary import nearest_word

#: Language → its page, the same codes in each.
PAGES = {"en": "findings.md", "fr": "remarques.md"}

_ENTRY = re.compile(r"^### `([a-z0-9-]+)`\n\n(.*?)(?=\n##|\Z)", re.DOTALL | re.MULTILINE)


def page() -> Path:
    """The page in the current language: in the package where it is installed, in the checkout otherwise."""
    package = Path(__file__).parents[1]
    installed = package / "docs"
    return (installed if installed.is_dir() else package.parent / "docs") / PAGES[locale.language()]


def entries() -> dict[str, str]:
    """Code → its entry, as Markdown, in the current language."""
    return _entries(page())


@cache
def _entries(page: Path) -> dict[str, str]:
    return {code: text.strip() for code, text in _ENTRY.findall(page.read_text(encoding="utf-8"))}


def explain(ctx: click.Context, _parameter: click.Parameter, code: str | None) -> None:
    """The option's callback: print the entry of ``code`` and exit. Raises ``WrongUsage`` for an unknown code."""
    if code is None or ctx.resilient_parsing:
        return
    known = entries()
    wanted = code.strip().strip("[]").lower()
    if wanted not in known:
        near = nearest_word(wanted, known)
        message = _("no finding has the code “{code}”").format(code=code)
        message += _("; did you mean {better}?").format(better=near) if near else ""
        raise WrongUsage(f"{message}\n{_listed()}")
    say(f"{wanted}\n\n{known[wanted]}")
    ctx.exit()


def pointer(code: str) -> str:
    """The line under findings, one of which has ``code``, that says how to look a code up."""
    message = _("what a code between brackets means, and how to mend or ignore it: filigrane check --explain {code}")
    return f"{message.format(code=code)}\n{_listed()}"


def _listed() -> str:
    return _("all of them: {page}").format(page=page())
