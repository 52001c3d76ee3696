"""HTTP endpoints for readers and their mailbox providers: unsubscribe, letters to read, pictures, health check."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import TypeVar

import anyio
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from composer.archive.pages import SEARCH
from composer.archive.site import SITE
from composer.errors import OutsideWorld
from composer.issue.online import ONLINE
from composer.newsroom.model import Newsroom
from composer.newsroom.public_paths import LEAVE, absolute, front_door
from composer.public.about import StatementPages
from composer.public.choosing import ChoicePages
from composer.public.guard import guarded, plain_path
from composer.public.hook_door import HookDoor
from composer.public.joining import Doors, page_language
from composer.public.leaving import WayOut, look_up_readers
from composer.public.networks import NetworkLimits, TokenBucket
from composer.public.new_address import AddressPage
from composer.public.pages import HEADERS, kept, letter_page, nowhere, page
from composer.public.paid_copy import PaidCopyPage
from composer.public.searching import search_endpoint
from composer.public.site_files import SiteFiles
from composer.subscribers.tokens import TokenReader

#: Threads that wait for the database at once, fewer than its pool has connections: a database that is locked keeps no
#: thread from those that read pictures.
DATABASE_CALLS = 12

T = TypeVar("T")

#: What the pages' statements touch, beside ``choices_of``, ``address_link`` and ``asked_copy``. docs/running.md grants
#: the same on PostgreSQL.
READS = {
    "subscriptions": {"id", "publication", "language", "status", "unsubscribed_at", "unsubscribed_by"},
    "signups": {"token_hash", "state", "letters", "language", "expires_at"},
    "requests": {"id"},
    "hook_posts": {"id"},
}
UPDATES = {"subscriptions": {"status", "unsubscribed_at", "unsubscribed_by"}}
INSERTS = {"requests", "hook_posts"}

_MEDIUM = re.compile(r"[0-9a-f]{32}\.(?:png|jpg|jpeg|gif|webp|ics)")
_TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "ics": "text/calendar",
}


def app(
    engine: Engine,
    newsroom: Newsroom,
    read_token: TokenReader,
    hook_digests: Mapping[str, str] = MappingProxyType({}),
    signup_limit: TokenBucket | None = None,
) -> ASGIApp:
    """``GET``/``POST /u/{token}`` and below it (``public.leaving``), ``GET /media/{name}``, ``GET /healthz``, the doors
    (``public.joining``), readers' choices (``public.choosing``), paid copies (``public.paid_copy``), reports of relays'
    operators (``public.hook_door``), and the archive's site, below ``/a/`` and ``/about/``; any other method is 405.
    ``/`` leads to what strangers may see.

    ``POST /u/{token}`` is both the page's button and the one-click of RFC 8058. The token alone decides: there is no
    cookie, no Origin check, no redirect, and the body does not matter. It answers 200 once the unsubscribe is
    committed, and again 200 for the second one. Without a valid token: 404, and nothing is changed. ``read_token``
    reads what a token says (``composer.subscribers.token_reader``); ``hook_digests``: ``HookDoor``.
    ``signup_limit``: that of all sign-ups together, where the server refuses by it too
    (``public.guard.early_refusals``).
    """
    limits = NetworkLimits(newsroom.settings.trusted_proxies)
    at_once = anyio.CapacityLimiter(DATABASE_CALLS)
    leads_nowhere = kept(partial(nowhere, newsroom))

    async def medium(request: Request) -> Response:
        name = request.path_params["name"]
        path = newsroom.root / "var" / "media" / name
        # A name that matches has one dot and no slash, so it stays in the folder; a symbolic link could lead out.
        if not _MEDIUM.fullmatch(name) or path.is_symlink() or not path.is_file():
            return PlainTextResponse("Not Found", 404)
        headers = {
            "Cache-Control": "public, max-age=31536000, immutable",
            "Content-Security-Policy": "default-src 'none'",
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        return FileResponse(path, headers=headers, media_type=_TYPES[name.rpartition(".")[2]])

    aside = partial(_aside, at_once)
    site = SiteFiles(newsroom.root / SITE, newsroom.settings.public_url)

    async def healthz(request: Request) -> Response:
        await _aside(at_once, look_up_readers, engine, [0])
        return PlainTextResponse("ok", headers={"Cache-Control": "no-store"})

    async def front(request: Request) -> Response:
        way = f"/{ONLINE}/" if await site.has(f"/{ONLINE}/") else front_door(newsroom)
        if way is None:
            raise HTTPException(404)
        return RedirectResponse(absolute(newsroom, way), 302, {"Cache-Control": "no-store"})

    async def outside(request: Request, error: Exception) -> Response:
        leaving = plain_path(request.url.path).count("/") == 2 and request.url.path.startswith(LEAVE)
        response = page("later", newsroom, letter_page(newsroom, None, None), 503, leaving=leaving)
        response.headers["Retry-After"] = "60"
        return response

    async def plain(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        people = request.method in ("GET", "HEAD") and not request.url.path.startswith("/media/")
        if error.status_code == 404 and people:
            return leads_nowhere(404, page_language(request))
        return PlainTextResponse(error.detail, error.status_code, error.headers)

    built = Starlette(
        routes=[
            *WayOut(engine, newsroom, limits, aside, read_token).routes(),
            *Doors(engine, newsroom, limits, aside, signup_limit).routes(),
            *ChoicePages(engine, newsroom, limits, aside).routes(),
            *AddressPage(engine, newsroom, limits, aside).routes(),
            *PaidCopyPage(engine, newsroom, aside, read_token).routes(),
            *HookDoor(engine, limits, aside, hook_digests).routes(),
            Route("/", front),
            Route("/media/{name}", medium),
            Route("/healthz", healthz),
            Route(f"/{SEARCH}", search_endpoint(newsroom)),
            Route(f"/{ONLINE}/{{path:path}}", site),
            *(Route(path, site) for path in (f"/{ONLINE}", "/robots.txt", "/sitemap.xml")),
            Route("/about/{path:path}", StatementPages(newsroom, site)),
        ],
        exception_handlers={OutsideWorld: outside, HTTPException: plain},
    )
    built.router.redirect_slashes = False
    return guarded(built, limits, HEADERS)


async def _aside(limiter: anyio.CapacityLimiter, function: Callable[..., T], *arguments: object) -> T:
    """Call it in a thread; at most as many at once as the limiter has tokens, and the others wait."""
    return await anyio.to_thread.run_sync(function, *arguments, limiter=limiter)
