"""A page of the studio, from its template, in the language of the thread."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from composer import locale
from composer.locale import gettext
from composer.rendering.templates import shipped


@lru_cache(maxsize=1)
def _jinja() -> Environment:
    folder = FileSystemLoader(shipped() / "studio")
    return Environment(loader=folder, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def page(template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """The template of ``templates/studio`` with ``context``, and ``_`` to translate; ``status`` is HTTP's."""
    words: dict[str, Callable[..., str]] = {"_": gettext}
    filled = _jinja().get_template(template).render(context | words, language=locale.language())
    return HTMLResponse(filled, status)
