"""HTTP endpoints for readers and their mailbox providers: unsubscribe, letters to read, pictures, health check."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import anyio
from sqlalchemy import Engine, select
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from composer.archive.pages import SEARCH
from composer.archive.site import SITE
from composer.database import read_only
from composer.errors import OutsideWorld
from composer.issue.online import ONLINE
from composer.newsroom.model import Newsroom
from composer.public.body import read_body
from composer.public.guard import guarded, too_many
from composer.public.joining import Doors
from composer.public.networks import NetworkLimits
from composer.public.pages import HEADERS, LetterPage, letter_page, page
from composer.public.searching import search_endpoint
from composer.public.site_files import SiteFiles
from composer.subscribers import unsubscribe
from composer.subscribers.tables import subscriptions

#: Threads that wait for the database at once, fewer than its pool has connections: a database that is locked keeps no
#: thread from those that read pictures.
DATABASE_CALLS = 12

T = TypeVar("T")

#: What the pages' statements touch. docs/running.md grants the same on PostgreSQL.
READS = {
    "subscriptions": {"id", "publication", "language", "status"},
    "signups": {"token_hash", "state", "letters", "language", "expires_at"},
    "requests": {"id"},
}
UPDATES = {"subscriptions": {"status", "unsubscribed_at", "unsubscribed_by"}}
INSERTS = {"requests"}

_MEDIUM = re.compile(r"[0-9a-f]{32}\.(?:png|jpg|jpeg|gif|webp|ics)")
_TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "ics": "text/calendar",
}


def app(engine: Engine, newsroom: Newsroom, read_token: Callable[[str], int | None]) -> ASGIApp:
    """``GET``/``POST /u/{token}``, ``GET /media/{name}``, ``GET /healthz``, the doors (``public.joining``), and the
    archive's site, below ``/a/`` and ``/about/``; any other method is 405.

    ``POST /u/{token}`` is both the page's button and the one-click of RFC 8058. The token alone decides: there is no
    cookie, no Origin check, no redirect, and the body does not matter. It answers 200 once the unsubscribe is
    committed, and again 200 for the second one. Without a valid token: 404, and nothing is changed. ``read_token``
    returns the subscription of a valid token, None for any other (``composer.subscribers.token_reader``).
    """

    limits = NetworkLimits(newsroom.settings.trusted_proxies)
    at_once = anyio.CapacityLimiter(DATABASE_CALLS)

    async def unsubscribe_page(request: Request) -> Response:
        subscription_id = read_token(request.path_params["token"])
        posted = request.method == "POST"
        if posted and subscription_id is None and not limits.admits(limits.requesting(request.scope)):
            return too_many()
        request.state.kept = posted and subscription_id is not None
        found = None
        if subscription_id is not None:
            found = await _aside(at_once, _look_up, engine, newsroom, subscription_id)
        if subscription_id is None or found is None:
            return page("unknown", newsroom, letter_page(newsroom, None, None), 404)
        about, active = found
        if not posted:
            return page("leave" if active else "left", newsroom, about)
        body = await read_body(request)
        if body is None:
            return PlainTextResponse("Content Too Large", 413)
        await _aside(at_once, _leave, engine, subscription_id, "page" if body == b"from=page" else "one-click")
        return page("left", newsroom, about)

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

    site = SiteFiles(newsroom.root / SITE, newsroom.settings.public_url)

    async def healthz(request: Request) -> Response:
        await _aside(at_once, _look_up, engine, newsroom, 0)
        return PlainTextResponse("ok", headers={"Cache-Control": "no-store"})

    async def outside(request: Request, error: Exception) -> Response:
        leaving = request.url.path.startswith("/u/")
        response = page("later", newsroom, letter_page(newsroom, None, None), 503, leaving=leaving)
        response.headers["Retry-After"] = "60"
        return response

    async def plain(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return PlainTextResponse(error.detail, error.status_code, error.headers)

    built = Starlette(
        routes=[
            Route("/u/{token}", unsubscribe_page, methods=["GET", "POST"]),
            *Doors(engine, newsroom, limits, partial(_aside, at_once)).routes(),
            Route("/media/{name}", medium),
            Route("/healthz", healthz),
            Route(f"/{SEARCH}", search_endpoint(newsroom)),
            Route(f"/{ONLINE}/{{path:path}}", site),
            *(Route(path, site) for path in (f"/{ONLINE}", "/about/{path:path}", "/robots.txt", "/sitemap.xml")),
        ],
        exception_handlers={OutsideWorld: outside, HTTPException: plain},
    )
    built.router.redirect_slashes = False
    return guarded(built, limits, HEADERS)


async def _aside(limiter: anyio.CapacityLimiter, function: Callable[..., T], *arguments: object) -> T:
    """Call it in a thread; at most as many at once as the limiter has tokens, and the others wait."""
    return await anyio.to_thread.run_sync(function, *arguments, limiter=limiter)


def _look_up(engine: Engine, newsroom: Newsroom, subscription_id: int) -> tuple[LetterPage, bool] | None:
    with read_only(engine).connect() as connection:
        row = connection.execute(
            select(subscriptions.c.publication, subscriptions.c.language, subscriptions.c.status).where(
                subscriptions.c.id == subscription_id
            )
        ).one_or_none()
    if row is None:
        return None
    return letter_page(newsroom, newsroom.publications.get(row.publication), row.language), row.status == "active"


def _leave(engine: Engine, subscription_id: int, by: str) -> None:
    with engine.begin() as connection:
        unsubscribe(connection, subscription_id, by)
