"""The pages of readers' choices: one asks for a link, which is mailed; the other stands behind it.

Whether an address is known is not looked for here. Each act is a row of ``composer.subscribers.requests`` and uses the
link's token up; the page that answers holds the next one, of which the database is told the hash.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from secrets import token_urlsafe
from typing import Any, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from composer import clock
from composer.database import read_only
from composer.errors import Refused
from composer.locale.dates import dated
from composer.newsroom.model import Newsroom, Publication
from composer.newsroom.public_paths import CHOICES, absolute, open_letters
from composer.public.body import read_body
from composer.public.form import FORM_LETTERS, TRAP, TROUBLES, read_fields
from composer.public.guard import too_many
from composer.public.joining import page_language, sent_from_here
from composer.public.networks import NetworkLimits, TokenBucket
from composer.public.pages import contracts, letter_page, nowhere, page
from composer.public.waiting import InThread, PageWait
from composer.subscribers import read_address
from composer.subscribers.choices import ReaderChoices, choices_of, pause_ends
from composer.subscribers.requests import (
    ChoiceAct,
    ChoiceRequest,
    LinkRequest,
    ask_for_link,
    ask_to_choose,
    is_waiting,
)
from composer.subscribers.signups import token_hash

_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")


@dataclass(frozen=True)
class _Offered:
    """A letter on the page."""

    id: str
    title: str
    tagline: str | None
    received: bool
    paid: bool


class ChoicePages:
    """The endpoints; 404 unless ``choices`` is configured. ``aside`` calls what asks the database in a thread."""

    def __init__(self, engine: Engine, newsroom: Newsroom, limits: NetworkLimits, aside: InThread[object]) -> None:
        self._engine = engine
        self._newsroom = newsroom
        self._limits = limits
        self._aside = aside
        self._all = TokenBucket()
        self._waiting = PageWait()

    def routes(self) -> list[Route]:
        """The routes, for the application."""
        if not self._newsroom.settings.choices:
            return []
        return [
            Route(CHOICES, self._ask, methods=["GET", "POST"]),
            Route(f"{CHOICES}/{{token}}", self._choose, methods=["GET", "POST"]),
        ]

    async def _ask(self, request: Request) -> Response:
        language = page_language(request) or self._newsroom.settings.language
        if request.method != "POST":
            return self._said("ask", language)
        if not sent_from_here(request, self._newsroom):
            return self._said("ask", language, 403)
        if not (self._admits(request) and self._all.admits()):
            return too_many()
        fields = await _fields(request)
        if isinstance(fields, Response):
            return fields
        typed = fields.get("email", [""])[0][:320]
        try:
            email = read_address(typed).email
        except Refused:
            shown = "".join(filter(str.isprintable, typed))
            return self._said("ask", language, 422, trouble=TROUBLES["address"], email=shown)
        trapped = bool(fields.get(TRAP, [""])[0])
        if not trapped and not await self._aside(_ask_for_link, self._engine, LinkRequest(email, language)):
            return self._later(language)
        return self._said("joined", language, email=email)

    async def _choose(self, request: Request) -> Response:
        token, posted = request.path_params["token"], request.method == "POST"
        if posted and not self._admits(request):
            return too_many()
        found = await self._found(token)
        if found is None:
            return nowhere(self._newsroom, 404, page_language(request))
        if not posted:
            return self._page(found, token)
        fields = await _fields(request)
        if isinstance(fields, Response):
            return fields
        act = fields.get("act", [""])[0]
        if act not in get_args(ChoiceAct):
            return self._page(found, token, 422)
        typed = fields.get("email", [""])[0][:320]
        if act == "move" and not _is_address(typed):
            shown = "".join(filter(str.isprintable, typed))
            return self._page(found, token, 422, trouble=TROUBLES["address"], email=shown)
        if act == "forget" and fields.get("sure", [""])[0] != "yes":
            return self._page(found, token, 422, unsure=True)
        following = token_urlsafe(24)
        asked = await self._aside(_ask_to_choose, self._engine, self._request(token, following, act, fields))
        if asked is None:
            return self._later(found.language)
        if not await self._waiting.until(lambda: self._answered(asked)):
            return self._said("taken", found.language)
        now = await self._found(following)
        if now is None:  # used by another page meanwhile
            return nowhere(self._newsroom, 409, found.language)
        if act == "forget":
            return self._said("forgotten", found.language)
        return self._page(now, following, done=act)

    def _request(self, token: str, following: str, act: str, fields: dict[str, list[str]]) -> ChoiceRequest:
        known = self._newsroom.publications
        letters = tuple(dict.fromkeys(each for each in fields.get("letters", []) if each in known))
        spoken = fields.get("language", [""])[0]
        pause = fields.get("pause", [""])[0] == "month"
        email = fields.get("email", [""])[0][:320] if act == "move" else ""
        return ChoiceRequest(token, token_hash(following), act, letters, pause, spoken[:8], email)

    def _page(self, found: ReaderChoices, token: str, status: int = 200, *, done: str = "", **said: Any) -> Response:
        received = {each.publication for each in found.letters}
        paid = {each.publication for each in found.letters if each.tier == "paid"}
        names = [each for each in self._newsroom.publications if each in received or each in self._open()]
        spoken = [self._newsroom.publications[each].in_language(found.language) for each in names]
        letters = [
            _Offered(name, each.title, each.tagline, name in received, name in paid)
            for name, each in zip(names, spoken, strict=True)
        ]
        paused = [each.paused_until for each in found.letters if each.paused_until and each.paused_until > clock.now()]
        ends = max(paused) if paused else pause_ends(clock.now(), self._newsroom.settings.timezone)
        own = {each.language for each in found.letters}
        return self._said(
            "choices",
            found.language,
            status,
            way=urlsplit(absolute(self._newsroom, f"{CHOICES}/{token}")).path,
            letters=letters,
            paused=bool(paused),
            until=self._day(ends, found.language),
            languages=_spoken([self._newsroom.publications[each] for each in names]),
            chosen=(own.pop() or "own") if len(own) == 1 else "",
            contracts=contracts(each for name, each in zip(names, spoken, strict=True) if name in received),
            done=done,
            **({"unsure": False} | said),
        )

    def _open(self) -> tuple[str, ...]:
        return open_letters(self._newsroom)[:FORM_LETTERS]

    def _day(self, at: datetime, language: str) -> str:
        return dated(at.astimezone(ZoneInfo(self._newsroom.settings.timezone)), "d MMMM y", language)

    def _admits(self, request: Request) -> bool:
        return self._limits.admits(self._limits.requesting(request.scope))

    async def _answered(self, asked: object) -> bool:
        return not await self._aside(_is_waiting, self._engine, asked)

    async def _found(self, token: str) -> ReaderChoices | None:
        if not _TOKEN.fullmatch(token):
            return None
        found = await self._aside(_choices, self._engine, token)
        assert found is None or isinstance(found, ReaderChoices)
        return found

    def _said(self, name: str, language: str, status: int = 200, **values: Any) -> Response:
        about = letter_page(self._newsroom, None, language)
        return page(name, self._newsroom, about, status, **({"trap": TRAP, "email": "", "trouble": ""} | values))

    def _later(self, language: str) -> Response:
        answer = self._said("later", language, 503, leaving=False)
        answer.headers["Retry-After"] = "60"
        return answer


async def _fields(request: Request) -> dict[str, list[str]] | Response:
    """The fields of a posted form, or the answer to what is none."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return PlainTextResponse("Unsupported Media Type", 415)
    body = await read_body(request)
    if body is None:
        return PlainTextResponse("Content Too Large", 413)
    fields = read_fields(body)
    return PlainTextResponse("Bad Request", 400) if fields is None else fields


def _is_address(typed: str) -> bool:
    try:
        return bool(read_address(typed))
    except Refused:
        return False


def _spoken(publications: list[Publication]) -> list[str]:
    """Languages in which one of these letters may be had; none where each has one alone."""
    if not any(each.translations for each in publications):
        return []
    return sorted({language for each in publications for language in (each.language, *each.translations)})


def _ask_for_link(engine: Engine, asked: LinkRequest) -> bool:
    with engine.begin() as connection:
        return ask_for_link(connection, asked)


def _ask_to_choose(engine: Engine, asked: ChoiceRequest) -> str | None:
    with engine.begin() as connection:
        return ask_to_choose(connection, asked)


def _choices(engine: Engine, token: str) -> ReaderChoices | None:
    with read_only(engine).connect() as connection:
        return choices_of(connection, token)


def _is_waiting(engine: Engine, asked: str) -> bool:
    with read_only(engine).connect() as connection:
        return is_waiting(connection, asked)
