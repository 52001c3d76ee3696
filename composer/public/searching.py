"""The search of the letters that stand on the web: ``GET /search?q=…&in=publication&page=2``. Nothing of it is kept."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import anyio
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from composer.archive.search import MOST_PAGES, search_letters
from composer.archive.search_page import search_page
from composer.archive.site import INDEX
from composer.errors import OutsideWorld, Refused
from composer.newsroom.model import Newsroom
from composer.public.pages import template_not_used
from composer.public.site_files import policy_in
from composer.public.tally import RareEvent

#: Searches at once: they take processor, and the others wait.
SEARCHES = 2

_log = structlog.get_logger()


def search_endpoint(newsroom: Newsroom) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint; 404 while no publication's letters are on the web."""
    open_ = {name for name, each in newsroom.publications.items() if each.archive is not None}
    limiter, unread = anyio.CapacityLimiter(SEARCHES), RareEvent()

    def found(query: str, within: str | None, number: int) -> bytes:
        result = search_letters(newsroom.root / INDEX, query, {within} if within else open_, number)
        try:
            return search_page(newsroom, query, within, number, result)
        except Refused as error:  # a template of the newsroom's own
            template_not_used("search", str(error))
            return search_page(newsroom, query, within, number, result, shipped=True)

    async def endpoint(request: Request) -> Response:
        if not open_:
            raise HTTPException(404)
        asked = request.query_params
        within, page = asked.get("in"), asked.get("page", "")
        number = min(max(int(page), 1), MOST_PAGES) if re.fullmatch(r"[0-9]{1,3}", page) else 1
        known = within if within in open_ else None
        try:
            content = await anyio.to_thread.run_sync(found, asked.get("q", ""), known, number, limiter=limiter)
        except OutsideWorld as error:
            if times := unread.happened():
                _log.error("search-index-unread", times=times, why=str(error))
            raise
        head = {"Content-Security-Policy": policy_in(content), "Cache-Control": "no-store"}
        return Response(content, 200, head, "text/html; charset=utf-8")

    return endpoint
