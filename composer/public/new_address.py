"""The page behind the two links of a change of address, with one button: it happens once both have been pressed."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from sqlalchemy import Engine
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from composer.database import read_only
from composer.newsroom.model import Newsroom
from composer.newsroom.public_paths import ADDRESS, absolute
from composer.public.body import read_body
from composer.public.guard import too_many
from composer.public.networks import NetworkLimits
from composer.public.pages import letter_page, nowhere, page
from composer.public.waiting import InThread, PageWait
from composer.subscribers.moving import AddressLink, address_link
from composer.subscribers.requests import ask_to_confirm_address, is_waiting

_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")


class AddressPage:
    """The endpoint; 404 unless ``choices`` is configured. ``aside`` calls what asks the database in a thread."""

    def __init__(self, engine: Engine, newsroom: Newsroom, limits: NetworkLimits, aside: InThread[object]) -> None:
        self._engine = engine
        self._newsroom = newsroom
        self._limits = limits
        self._aside = aside
        self._waiting = PageWait()

    def routes(self) -> list[Route]:
        """The route, for the application."""
        if not self._newsroom.settings.choices:
            return []
        return [Route(f"{ADDRESS}{{token}}", self._confirm, methods=["GET", "POST"])]

    async def _confirm(self, request: Request) -> Response:
        token, posted = request.path_params["token"], request.method == "POST"
        if posted and not self._limits.admits(self._limits.requesting(request.scope)):
            return too_many()
        found = await self._found(token)
        if found is None:
            return nowhere(self._newsroom, 404, None)
        state = found.state
        if posted and state == "mailed":
            if await read_body(request) is None:
                return PlainTextResponse("Content Too Large", 413)
            asked = await self._aside(_ask, self._engine, token)
            answered = await self._waiting.until(lambda: self._answered(asked))
            now = await self._found(token)
            state = "recorded" if not answered or now is None else now.state
        about = letter_page(self._newsroom, None, found.language)
        way = urlsplit(absolute(self._newsroom, ADDRESS)).path + token
        return page("address", self._newsroom, about, state=state, purpose=found.purpose, way=way)

    async def _answered(self, asked: object) -> bool:
        return not await self._aside(_is_waiting, self._engine, asked)

    async def _found(self, token: str) -> AddressLink | None:
        if not _TOKEN.fullmatch(token):
            return None
        found = await self._aside(_link, self._engine, token)
        assert found is None or isinstance(found, AddressLink)
        return found


def _ask(engine: Engine, token: str) -> str:
    with engine.begin() as connection:
        return ask_to_confirm_address(connection, token)


def _link(engine: Engine, token: str) -> AddressLink | None:
    with read_only(engine).connect() as connection:
        return address_link(connection, token)


def _is_waiting(engine: Engine, asked: str) -> bool:
    with read_only(engine).connect() as connection:
        return is_waiting(connection, asked)
