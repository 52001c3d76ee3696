"""The pages where readers join: one of each publication, one of the house, a form for a frame; and the confirmation.

Whether an address is known is not looked for here: the same row is written and the same page shown. A
next door is a function like ``_join`` in ``door_routes``, and its act a row of ``composer.subscribers.requests``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial

from sqlalchemy import Engine, select
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from composer.database import db_now, read_only
from composer.newsroom.model import Newsroom
from composer.newsroom.public_paths import CONFIRM, JOIN, JOIN_JSON, absolute, join_path
from composer.public.body import read_body
from composer.public.form import (
    TRAP,
    TROUBLES,
    DoorForm,
    FormTrouble,
    door_form,
    judged,
    origins_of,
    read_fields,
    source_page,
)
from composer.public.guard import too_many
from composer.public.join_json import JsonDoor
from composer.public.networks import NetworkLimits, TokenBucket
from composer.public.pages import LetterPage, letter_page, nowhere, page
from composer.public.together import Together
from composer.public.waiting import InThread, PageWait
from composer.subscribers.requests import JoinRequest, ask_to_confirm, ask_to_join
from composer.subscribers.signups import token_hash
from composer.subscribers.tables import signups

_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")


class Doors:
    """The doors' endpoints. ``aside`` calls what asks the database in a thread."""

    def __init__(
        self,
        engine: Engine,
        newsroom: Newsroom,
        limits: NetworkLimits,
        aside: InThread[object],
        signups: TokenBucket | None = None,
    ) -> None:
        self._engine = engine
        self._newsroom = newsroom
        self._limits = limits
        self._aside = aside
        self._all = signups or TokenBucket()
        self._waiting = PageWait()
        self._asking = Together(aside, partial(_ask, engine))

    def routes(self) -> list[Route]:
        """The routes, for the application."""
        script = JsonDoor(self._newsroom, self._admits, self._asked)
        return [
            Route(JOIN, self._join, methods=["GET", "POST"]),
            Route(JOIN_JSON, script.answer, methods=["GET", "POST", "OPTIONS"]),
            Route(f"{JOIN}/{{publication}}", self._join, methods=["GET", "POST"]),
            Route(f"{JOIN}/{{publication}}/form", self._framed, methods=["GET", "POST"]),
            Route(f"{CONFIRM}{{token}}", self._confirm, methods=["GET", "POST"]),
        ]

    def _admits(self, request: Request) -> bool:
        """Whether a sign-up of this network, and of all together, may be taken now."""
        return self._limits.admits(self._limits.requesting(request.scope)) and self._all.admits()

    async def _asked(self, asked: JoinRequest) -> bool:
        return bool(await self._asking.find(asked))

    async def _framed(self, request: Request) -> Response:
        return await self._join(request, framed=True)

    async def _join(self, request: Request, *, framed: bool = False) -> Response:
        language = page_language(request)
        form = door_form(self._newsroom, request.path_params.get("publication", ""), language)
        if form is None:
            return nowhere(self._newsroom, 404, language)
        sites = origins_of(self._newsroom, form.letters) if framed else []
        request.state.framed = bool(sites)
        if request.method != "POST":
            source = request.headers.get("referer", "") if framed else ""
            return self._form(form, sites, source=source)
        if not sent_from_here(request, self._newsroom):
            return self._form(form, sites, 403, FormTrouble("words", "form"))
        if not self._admits(request):
            return too_many()
        if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return PlainTextResponse("Unsupported Media Type", 415)
        body = await read_body(request)
        if body is None:
            return PlainTextResponse("Content Too Large", 413)
        fields = read_fields(body)
        if fields is None:
            return PlainTextResponse("Bad Request", 400)
        return await self._sent(form, fields, sites, framed=framed)

    async def _sent(self, form: DoorForm, fields: dict[str, list[str]], sites: list[str], *, framed: bool) -> Response:
        """The answer to a form: the page that says to look for a message, or the form again."""

        def said(name: str) -> str:
            return fields.get(name, [""])[0]

        source = said("page") if framed else absolute(self._newsroom, join_path(form.publication))
        asked = judged(
            self._newsroom,
            form,
            email=said("email"),
            letters=fields.get("letters", []),
            mark=said("form"),
            page=source,
            sure=said("sure"),
        )
        if isinstance(asked, FormTrouble):
            typed = "".join(filter(str.isprintable, said("email")[:320]))
            return self._form(form, sites, 422, asked, typed, fields.get("letters", []), source_page(said("page")))
        if not said(TRAP) and not await self._asked(asked):
            return self._later(form)
        return page("joined", self._newsroom, self._about(form), framed_by=sites, email=asked.email)

    def _form(
        self,
        form: DoorForm,
        sites: list[str],
        status: int = 200,
        trouble: FormTrouble | None = None,
        email: str = "",
        chosen: list[str] | None = None,
        source: str = "",
    ) -> Response:
        publications = self._newsroom.publications
        offered = [(name, publications[name].in_language(form.language)) for name in form.letters]
        return page(
            "join",
            self._newsroom,
            self._about(form),
            status,
            framed_by=sites,
            letters=[(name, each.title, each.tagline, chosen is not None and name in chosen) for name, each in offered],
            of_house=not form.publication,
            consent=form.consent,
            mark=form.mark,
            trouble=None if trouble is None else (trouble.field, TROUBLES[trouble.code]),
            email=trouble.meant if trouble is not None and trouble.meant else email,
            sure=email if trouble is not None and trouble.meant else "",
            source=source_page(source),
            trap=TRAP,
        )

    def _about(self, form: DoorForm) -> LetterPage:
        found = self._newsroom.publications.get(form.publication)
        return letter_page(self._newsroom, found and found.in_language(form.language), form.language)

    def _later(self, form: DoorForm) -> Response:
        answer = page("later", self._newsroom, self._about(form), 503, leaving=False)
        answer.headers["Retry-After"] = "60"
        return answer

    async def _confirm(self, request: Request) -> Response:
        token = request.path_params["token"]
        found = None
        if _TOKEN.fullmatch(token):
            found = await self._aside(_pending, self._engine, token)
        if not isinstance(found, tuple):
            if request.method == "POST" and not self._limits.admits(self._limits.requesting(request.scope)):
                return too_many()
            return nowhere(self._newsroom, 404, None)
        state, letters, language = found
        if request.method == "POST" and state == "pending":
            if await read_body(request) is None:
                return PlainTextResponse("Content Too Large", 413)
            await self._aside(_ask_confirm, self._engine, token)
            state = await self._confirmed(token)
        publications = [self._newsroom.publications[each] for each in letters if each in self._newsroom.publications]
        spoken = [each.in_language(language) for each in publications]
        about = letter_page(self._newsroom, spoken[0] if len(spoken) == 1 else None, language)
        name = {"confirmed": "confirmed", "recorded": "recorded"}.get(state, "confirm")
        return page(name, self._newsroom, about, titles=[each.title for each in spoken])

    async def _confirmed(self, token: str) -> str:
        """Wait until the daemon has subscribed the reader: ``confirmed``; ``recorded`` where that takes longer."""

        async def done() -> bool:
            found = await self._aside(_pending, self._engine, token)
            return isinstance(found, tuple) and found[0] == "confirmed"

        return "confirmed" if await self._waiting.until(done) else "recorded"


def page_language(request: Request) -> str | None:
    """The language that the address asks for, where it is one of ours."""
    asked = request.query_params.get("language", "")
    return asked if asked in ("fr", "en") else None


def sent_from_here(request: Request, newsroom: Newsroom) -> bool:
    """Whether a form was sent from a page of ours: as the browser says, where it says anything.

    A page with ``no-referrer`` posts with ``Origin: null``, so that ``Sec-Fetch-Site`` goes first.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin in (None, "null") or origin == "/".join(newsroom.settings.public_url.split("/")[:3])


def _ask(engine: Engine, asked: Sequence[JoinRequest]) -> Mapping[JoinRequest, bool]:
    """Which of these were written down."""
    with engine.begin() as connection:
        return {each: ask_to_join(connection, each) for each in asked}


def _ask_confirm(engine: Engine, token: str) -> None:
    with engine.begin() as connection:
        ask_to_confirm(connection, token)


def _pending(engine: Engine, token: str) -> tuple[str, tuple[str, ...], str] | None:
    """State, letters and language of the sign-up that the token is for; None where there is none, or it is too old."""
    columns = signups.c.state, signups.c.letters, signups.c.language
    theirs = select(*columns).where(signups.c.token_hash == token_hash(token), signups.c.expires_at > db_now())
    with read_only(engine).connect() as connection:
        row = connection.execute(theirs).one_or_none()
    return None if row is None else (row.state, tuple(row.letters.split()), row.language)
