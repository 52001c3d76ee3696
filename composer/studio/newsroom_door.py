"""The way to the newsroom's pages: what they need of the ledger is loaded when they are first asked for, and not when
the studio starts."""

from __future__ import annotations

from pathlib import Path

from anyio.to_thread import run_sync
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from composer.studio.act import StudioUser


class NewsroomDoor:
    """An ASGI application: the pages of the newsroom at ``root``, for ``user``."""

    def __init__(self, root: Path, user: StudioUser) -> None:
        self._root, self._user = root, user
        self._pages: Router | None = None

    def routes(self) -> list[Route]:
        return [Route("/newsroom", self), Route("/newsroom/{rest:path}", self)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._pages is None:
            self._pages = await run_sync(self._loaded)
        await self._pages(scope, receive, send)

    def _loaded(self) -> Router:
        from composer.studio.newsroom_pages import NewsroomPages  # imports the database: half a second

        return Router(NewsroomPages(self._root, self._user).routes(), redirect_slashes=False)
