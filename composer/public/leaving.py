"""The way out of a letter, and what is offered behind it: to come back, to say why, the other letters of the house."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import itemgetter
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Engine, select
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from composer import clock
from composer.database import read_only
from composer.newsroom.model import Newsroom
from composer.newsroom.public_paths import CHOICES, LEAVE, absolute, join_path, open_letters
from composer.public.body import read_body
from composer.public.form import FORM_LETTERS, read_fields
from composer.public.guard import too_many
from composer.public.networks import NetworkLimits
from composer.public.pages import contracts, kept, letter_page, page, unknown
from composer.public.together import Together
from composer.public.waiting import InThread, PageWait
from composer.subscribers import unsubscribe
from composer.subscribers.reasons import REASONS
from composer.subscribers.requests import MOST_REQUESTS, ask_to_record_return, count_requests, is_waiting, tell_why
from composer.subscribers.returning import come_back, may_return
from composer.subscribers.tables import subscriptions
from composer.subscribers.tokens import TokenReader


@dataclass(frozen=True)
class Leaver:
    """Whose token it is. ``returnable``: left by this page or by one-click, a short while ago."""

    id: int
    publication: str
    language: str | None
    active: bool
    returnable: bool


class WayOut:
    """The endpoints. ``aside`` calls what asks the database in a thread; ``read_token``: ``app``."""

    def __init__(
        self,
        engine: Engine,
        newsroom: Newsroom,
        limits: NetworkLimits,
        aside: InThread[object],
        read_token: TokenReader,
    ) -> None:
        self._engine = engine
        self._newsroom = newsroom
        self._limits = limits
        self._aside = aside
        self._read_token = read_token.leaving
        self._no_reader = kept(partial(unknown, newsroom))
        self._waiting = PageWait()
        self._readers = Together(aside, partial(look_up_readers, engine))
        self._leaving = Together(aside, partial(_leave, engine))

    def routes(self) -> list[Route]:
        """The routes, for the application."""
        return [
            Route(f"{LEAVE}{{token}}", self._leave, methods=["GET", "POST"]),
            Route(f"{LEAVE}{{token}}/back", self._back, methods=["GET", "POST"]),
            Route(f"{LEAVE}{{token}}/why", self._why, methods=["GET", "POST"]),
        ]

    async def _leave(self, request: Request) -> Response:
        subscription_id = self._read_token(request.path_params["token"])
        posted = request.method == "POST"
        if posted and subscription_id is None and not self._admits(request):
            return too_many()
        request.state.kept = posted and subscription_id is not None
        reader = await self._reader(subscription_id)
        if reader is None:
            return self._no_reader()
        if not posted:
            return self._said("leave", reader, request) if reader.active else self._left(reader, request)
        body = await read_body(request)
        if body is None:
            return PlainTextResponse("Content Too Large", 413)
        await self._leaving.find((reader.id, "page" if body == b"from=page" else "one-click"))
        # No second look at the database: many of these come at once.
        left = replace(reader, active=False, returnable=reader.active or reader.returnable)
        return self._left(left, request)

    async def _back(self, request: Request) -> Response:
        posted = request.method == "POST"
        if posted and not self._admits(request):
            return too_many()
        reader = await self._reader(self._read_token(request.path_params["token"]))
        if reader is None:
            return self._no_reader()
        if reader.active:
            return self._said("back", reader, request, how="listed")
        if not posted or not reader.returnable:
            return self._left(reader, request, 409 if posted else 200)
        if await read_body(request) is None:
            return PlainTextResponse("Content Too Large", 413)
        asked = await self._aside(_come_back, self._engine, reader.id)
        if asked is None:
            return self._later(reader)
        if not await self._waiting.until(lambda: self._answered(asked)):
            return self._said("back", reader, request, how="recorded")
        now = await self._reader(reader.id)
        return self._said("back", reader, request, how="back" if now is not None and now.active else "refused")

    async def _answered(self, asked: object) -> bool:
        return not await self._aside(_is_waiting, self._engine, asked)

    async def _why(self, request: Request) -> Response:
        posted = request.method == "POST"
        if posted and not self._admits(request):
            return too_many()
        reader = await self._reader(self._read_token(request.path_params["token"]))
        if reader is None:
            return self._no_reader()
        if reader.active:
            return self._said("back", reader, request, how="listed")
        if not posted or not self._offers(reader):
            return self._left(reader, request, 409 if posted else 200)
        body = await read_body(request)
        if body is None:
            return PlainTextResponse("Content Too Large", 413)
        reason = (read_fields(body) or {}).get("reason", [""])[0]
        if reason not in REASONS:
            return self._left(reader, request, 422, unanswered=True)
        if not await self._aside(_tell_why, self._engine, reader.publication, reason):
            return self._later(reader)
        return self._left(reader, request, answered=True)

    def _admits(self, request: Request) -> bool:
        return self._limits.admits(self._limits.requesting(request.scope))

    async def _reader(self, subscription_id: int | None) -> Leaver | None:
        return None if subscription_id is None else await self._readers.find(subscription_id)

    def _offers(self, reader: Leaver) -> bool:
        """Whether the reader may come back, and is asked why: the publication is still one of ours."""
        return reader.returnable and reader.publication in self._newsroom.publications

    def _left(
        self,
        reader: Leaver,
        request: Request,
        status: int = 200,
        *,
        answered: bool = False,
        unanswered: bool = False,
    ) -> Response:
        offers = self._offers(reader)
        language = letter_page(self._newsroom, None, reader.language).language
        if reader.language is None and (publication := self._newsroom.publications.get(reader.publication)):
            language = publication.language
        others = [each for each in open_letters(self._newsroom) if each != reader.publication][:FORM_LETTERS]
        spoken = f"?language={language}" if language in ("fr", "en") else ""
        return self._said(
            "left",
            reader,
            request,
            status,
            offers=offers,
            reasons=[] if answered or not offers else list(REASONS.items()),
            answered=answered,
            unanswered=unanswered,
            letters=[
                (self._newsroom.publications[each].in_language(language), absolute(self._newsroom, join_path(each)))
                for each in others
            ],
            spoken=spoken,
        )

    def _said(self, name: str, reader: Leaver, request: Request, status: int = 200, **values: Any) -> Response:
        publication = self._newsroom.publications.get(reader.publication)
        about = letter_page(self._newsroom, publication, reader.language)
        way = urlsplit(absolute(self._newsroom, LEAVE)).path + request.path_params["token"]
        open_ = self._newsroom.settings.choices
        asking = absolute(self._newsroom, f"{CHOICES}?language={about.language}") if open_ else ""
        sold = contracts([publication.in_language(about.language)] if publication else [])
        return page(name, self._newsroom, about, status, way=way, choices=asking, contracts=sold, **values)

    def _later(self, reader: Leaver) -> Response:
        about = letter_page(self._newsroom, self._newsroom.publications.get(reader.publication), reader.language)
        answer = page("later", self._newsroom, about, 503, leaving=False)
        answer.headers["Retry-After"] = "60"
        return answer


def look_up_readers(engine: Engine, ids: Sequence[int]) -> Mapping[int, Leaver]:
    """The readers of subscriptions, by id, as far as there are any."""
    columns = subscriptions.c
    wanted = columns.id, columns.publication, columns.language, columns.status, columns.unsubscribed_at
    theirs = select(*wanted, columns.unsubscribed_by).where(columns.id.in_(ids))
    with read_only(engine).connect() as connection:
        rows = connection.execute(theirs).all()
    found, now = {}, clock.now()
    for row in rows:
        left = may_return(row.unsubscribed_by, row.unsubscribed_at, now)
        active = row.status == "active"
        found[row.id] = Leaver(row.id, row.publication, row.language, active, left and not active)
    return found


def _leave(engine: Engine, leaving: Sequence[tuple[int, str]]) -> Mapping[tuple[int, str], None]:
    """End these subscriptions, each by its way. In the order of ids, so that two that do this wait for each other."""
    with engine.begin() as connection:
        for subscription_id, by in sorted(leaving, key=itemgetter(0)):
            unsubscribe(connection, subscription_id, by)
    return {}


def _come_back(engine: Engine, subscription_id: int) -> str | None:
    """The id of the request to record it; empty where it was taken back meanwhile, None where too many wait."""
    with engine.begin() as connection:
        if count_requests(connection) >= MOST_REQUESTS:
            return None
        if not come_back(connection, subscription_id, clock.now()):
            return ""
        return ask_to_record_return(connection, subscription_id)


def _is_waiting(engine: Engine, asked: str) -> bool:
    with read_only(engine).connect() as connection:
        return is_waiting(connection, asked)


def _tell_why(engine: Engine, publication: str, reason: str) -> bool:
    with engine.begin() as connection:
        return tell_why(connection, publication, reason)
