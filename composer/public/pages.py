"""The public pages: HTML without scripts, in the publication's language, type and colours."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Any

import structlog
from jinja2 import Environment
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from composer.archive.statements import statement_links
from composer.locale import translate
from composer.newsroom.model import Billing, Newsroom, Publication, Theme
from composer.newsroom.palette import palette
from composer.newsroom.public_paths import absolute, front_door
from composer.rendering.overrides import has_overrides
from composer.rendering.templates import jinja_for, shipped

_log = structlog.get_logger()

#: On every answer that has no value of its own. The URL of a page holds a token, which must get into no Referer header
#: and no search index.
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'",
}


@dataclass(frozen=True)
class LetterPage:
    """The publication a page is about: its title, or the newsroom's name where the publication is unknown."""

    title: str
    language: str
    theme: Theme


def letter_page(newsroom: Newsroom, publication: Publication | None, language: str | None) -> LetterPage:
    """``language`` is the subscription's; the publication's where it has none."""
    if publication is None:
        return LetterPage(newsroom.settings.name, language or newsroom.settings.language, Theme())
    return LetterPage(publication.title, language or publication.language, publication.theme)


def page(
    name: str, newsroom: Newsroom, about: LetterPage, status: int = 200, *, framed_by: Iterable[str] = (), **values: Any
) -> HTMLResponse:
    """Render ``templates/public/<name>.html.j2``; the shipped one where the newsroom's fails, so that a reader can
    leave all the same. The log says why, once.

    ``values`` are what the template prints beside the common names. ``framed_by``: sites that may show it in a frame.
    """
    language = about.language if about.language in ("fr", "en") else newsroom.settings.language
    values |= {"framed": bool(tuple(framed_by))}
    overridden = has_overrides(newsroom.root, shipped())
    try:
        html, style = _written(_environment(newsroom.root, overridden), name, newsroom, about, language, values)
    except Exception as error:  # reason: a newsroom's template may raise anything; ours is raised again
        if not overridden:
            raise
        template_not_used(name, str(error) or type(error).__name__)
        html, style = _written(_shipped(), name, newsroom, about, language, values)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    frames = " ".join(framed_by) or "'none'"
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; "
        f"frame-ancestors {frames}"
    )
    return HTMLResponse(
        html,
        status,
        {"Content-Security-Policy": policy, "Cache-Control": "no-store", "Content-Language": language},
    )


def contracts(publications: Iterable[Publication]) -> list[tuple[str, Billing]]:
    """Title and biller's doors of each that is paid for and says where a contract is ended."""
    return [(each.title, each.billing) for each in publications if each.billing is not None]


def nowhere(newsroom: Newsroom, status: int, language: str | None) -> HTMLResponse:
    """The page of an address that leads to nothing: it says where to write, and where to join if that is open."""
    door = front_door(newsroom)
    again = absolute(newsroom, door) if door else ""
    return page("nowhere", newsroom, letter_page(newsroom, None, language), status, again=again)


def unknown(newsroom: Newsroom) -> HTMLResponse:
    """The page of a link that is no reader's."""
    return page("unknown", newsroom, letter_page(newsroom, None, None), 404)


def kept(render: Callable[..., HTMLResponse]) -> Callable[..., Response]:
    """``render``, for a page that says the same to every visitor: rendered once a second for each of its arguments, and
    answered from memory in between, so that a flood of wrong addresses takes little from the sender beside it."""

    @lru_cache(maxsize=16)
    def rendered(_second: int, *arguments: object) -> HTMLResponse:
        return render(*arguments)

    def answer(*arguments: object) -> Response:
        made = rendered(int(monotonic()), *arguments)
        return Response(made.body, made.status_code, made.headers)

    return answer


def _written(
    jinja: Environment, name: str, newsroom: Newsroom, about: LetterPage, language: str, values: dict[str, Any]
) -> tuple[str, str]:
    """The page and its style sheet."""
    style = jinja.get_template("public/style.css.j2").render(colours=palette(about.theme))
    html = jinja.get_template(f"public/{name}.html.j2").render(
        _=partial(translate, language=language),
        language=language,
        title=about.title,
        replies=[(each.title, each.reply_to or each.from_) for each in newsroom.publications.values()],
        newsroom=newsroom.settings.name,
        statements=[(heading, absolute(newsroom, f"/{path}")) for heading, path in statement_links(newsroom)[language]],
        style=Markup(style),  # noqa: S704 # reason: colours are #rrggbb, nothing else goes into it
        **values,
    )
    return html, style


@lru_cache(maxsize=4)
def _environment(root: Path, overridden: bool) -> Environment:
    return jinja_for(root, autoescape=True)


@lru_cache(maxsize=1)
def _shipped() -> Environment:
    return jinja_for(shipped().parent, autoescape=True)


@lru_cache(maxsize=64)  # reason: once a process, not once a visit
def template_not_used(name: str, why: str) -> None:
    """Log that the newsroom's template of a page failed, and that the shipped one is used."""
    _log.warning("page-template-not-used", page=name, why=why)
