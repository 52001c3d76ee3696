"""The pages in which a house presents itself: a reader who is asked for an address may read them first.

They stand beside the letters that are read online, as the daemon wrote them; where none is, they are made here.
"""

from __future__ import annotations

from functools import partial

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.types import Receive, Scope, Send

from composer.archive.pages import PageTemplates
from composer.archive.statements import statement_links, statement_pages
from composer.errors import Refused
from composer.newsroom.model import Newsroom
from composer.newsroom.public_paths import absolute, front_door
from composer.public.pages import kept, template_not_used
from composer.public.site_files import SiteFiles, policy_in


class StatementPages:
    """An ASGI application for ``/about/``. ``site`` answers what stands there, and what is no statement."""

    def __init__(self, newsroom: Newsroom, site: SiteFiles) -> None:
        self._newsroom = newsroom
        self._site = site
        links = statement_links(newsroom)
        self._paths = {f"/{path}" for those in links.values() for _heading, path in those}
        self._page = kept(partial(_made, newsroom))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if Request(scope).method not in ("GET", "HEAD") or await self._site.has(path):
            await self._site(scope, receive, send)
        elif path in self._paths:
            await self._page(path.removeprefix("/"))(scope, receive, send)
        elif f"{path}/" in self._paths:
            await RedirectResponse(absolute(self._newsroom, f"{path}/"), 308)(scope, receive, send)
        else:
            await self._site(scope, receive, send)


def _made(newsroom: Newsroom, path: str) -> HTMLResponse:
    try:
        content = _rendered(newsroom, path, shipped_only=False)
    except Refused as error:  # a template of the newsroom's own
        template_not_used("statement", str(error))
        content = _rendered(newsroom, path, shipped_only=True)
    said = {"Content-Security-Policy": policy_in(content), "Cache-Control": "no-store", "X-Robots-Tag": "all"}
    return HTMLResponse(content, 200, said)


def _rendered(newsroom: Newsroom, path: str, *, shipped_only: bool) -> bytes:
    pages = PageTemplates(newsroom, statement_links(newsroom), searchable=False, shipped_only=shipped_only)
    above = (front_door(newsroom) or "").removeprefix("/")
    return statement_pages(newsroom, pages, above)[path]()
