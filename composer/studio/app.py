"""The studio: a live preview of an issue in the browser. It answers this machine alone, and the holder of its token.

``access`` says which requests are let through; the previewed message can run no script.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route, request_response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from composer.clock import now
from composer.errors import FiligraneError, Mistakes, Refused
from composer.issue.block import Audience
from composer.locale import gettext, ngettext
from composer.rendering.templates import shipped
from composer.source.finding import Severity
from composer.studio.access import STYLE, Access, arrives, cookie_name
from composer.studio.act import StudioUser
from composer.studio.act_requests import ActRequests
from composer.studio.choices import block_choices, element_choices
from composer.studio.frames import frames
from composer.studio.history_pages import HistoryPages
from composer.studio.inbox_rows import inbox_rows
from composer.studio.issue_list import address, entries, issue_file
from composer.studio.letter import framed, policy
from composer.studio.live_reload import Changes
from composer.studio.measures import block_rows, length_line, link_rows, share_given_away
from composer.studio.newsroom_door import NewsroomDoor
from composer.studio.page import page
from composer.studio.pictures.arrival_requests import ArrivalRequests
from composer.studio.print_page import on_paper
from composer.studio.proof import Proof, ProofLetter, Proofs, standing_shown
from composer.studio.remarks import remark
from composer.studio.saving.keeper import Keeper
from composer.studio.view_options import ViewOptions, toolbar

#: Bytes of HTML at which the weight is shown as too much, and as much: Gmail clips a message near 102 KB.
WEIGHT, WEIGHTY = 100_000, 80_000

#: The files that the pages need, by address: no other is served.
SERVED = frozenset(
    {
        STYLE,
        "/studio.js",
        *(f"/{name}.js" for name in ("drafts", "letter_style", "origins", "redraw", "remarks", "turns")),
        "/newsroom.css",
        "/newsroom.js",
        *("/pictures.css", *(f"/pictures/{name}.js" for name in ("arrivals", "dialog", "dropping", "pictures"))),
        *(f"/writing/{name}.js" for name in ("bar", "desk", "differing", "history", "passages", "requests")),
        *(f"/writing/{name}.js" for name in ("schema", "sentence", "structure")),
        *(f"/prosemirror/{name}.js" for name in ("orderedmap", "rope-sequence", "w3c-keyname")),
        *(f"/prosemirror/prosemirror-{name}.js" for name in ("commands", "history", "keymap", "model")),
        *(f"/prosemirror/prosemirror-{name}.js" for name in ("state", "transform", "view")),
    }
)

_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # under no-referrer, browsers say that a form's origin is null
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


def app(newsroom_root: Path, token: str, user: StudioUser, issue_path: Path | None = None) -> Starlette:
    """The studio of the newsroom at ``newsroom_root``, for ``user``, who enters by ``/?key=`` and ``token``.

    Its first page is the issue at ``issue_path``, or the list.
    """
    root = newsroom_root.resolve()
    keeper, proofs = Keeper(root), Proofs(root)
    studio = _Studio(root, token, keeper, proofs, issue_path)
    return Starlette(
        routes=[
            Route("/", studio.home),
            Route("/issues", studio.issues),
            Route("/issue/{publication}/{name}", studio.issue),
            Route("/letter/{publication}/{name}", studio.letter),
            Route("/print/{publication}/{name}", studio.printed),
            Route("/media/{name}", studio.media),
            Route("/changes", studio.changes),
            *ActRequests(root, user, keeper, proofs).routes(),
            *ArrivalRequests(root, user).routes(),
            *HistoryPages(root, keeper).routes(),
            *NewsroomDoor(root, user).routes(),
            Route("/{folder}/{name}", studio.file),
            Route("/{name}", studio.file),
        ],
        middleware=[
            Middleware(_Headers),
            Middleware(Access, token=token, closed=request_response(studio.closed)),
        ],
        exception_handlers={404: studio.nowhere},
        lifespan=studio.lifespan,
    )


class _Headers:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)


class _Studio:
    """The endpoints. Those that compose are plain functions: Starlette runs each in a thread, with its own language."""

    def __init__(self, root: Path, token: str, keeper: Keeper, proofs: Proofs, issue_path: Path | None) -> None:
        self._root, self._token, self._keeper = root, token, keeper
        self._first = address(issue_path) if issue_path else "/issues"
        self._proofs = proofs
        self._changes = Changes(root)

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        watching = asyncio.create_task(self._changes.watch())
        with self._keeper:
            yield
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching

    def home(self, request: Request) -> Response:
        """The first page. A browser that arrives gets its cookie from a page that leads on, not from a redirect: after
        a link on another site, SameSite=Strict would keep the cookie out of the redirected request."""
        if not arrives(request.scope):
            return RedirectResponse(self._first)
        self._speak()
        entered = page("entering.html.j2", name="Filigrane", first=self._first)
        name = cookie_name(request.scope["server"][1])
        entered.set_cookie(name, self._token, httponly=True, samesite="strict")
        return entered

    def closed(self, request: Request) -> Response:
        """The answer to a request that is not let through: it says nothing of the newsroom, not even its name."""
        self._speak()
        wrong = arrives(request.scope)
        return page("closed.html.j2", HTTPStatus.FORBIDDEN, name="Filigrane", wrong=wrong)

    def _speak(self) -> None:
        """Set the newsroom's language for this thread, where it can be read."""
        with suppress(FiligraneError):
            self._proofs.newsroom()

    def issues(self, _request: Request) -> Response:
        try:
            newsroom = self._proofs.newsroom()
        except FiligraneError as error:
            findings = error.findings if isinstance(error, Mistakes) else ()
            trouble = None if findings else str(error)
            return page(
                "issues.html.j2",
                name="Filigrane",
                shelves=[],
                zone=None,
                **_troubles(Proof(None, False, findings, trouble)),
            )
        errors = [finding for finding in newsroom.findings if finding.severity is Severity.ERROR]
        coming, past = entries(newsroom, now().astimezone(ZoneInfo(newsroom.settings.timezone)).date())
        shelves = [(gettext("To come"), coming), (gettext("Past"), past)]
        shown: dict[str, Any] = {"name": newsroom.settings.name, "shelves": shelves, "zone": newsroom.settings.timezone}
        return page("issues.html.j2", **shown, **_troubles(Proof(findings=errors)))

    def issue(self, request: Request) -> Response:
        path, look = self._path(request), ViewOptions.read(request.query_params)
        proof = self._proofs.of(path, look.first)
        letter = proof.letter
        shown: dict[str, Any] = {"letter": None, "frames": [None, None]}
        if letter is not None:
            letters: dict[Audience, ProofLetter] = {look.first: letter}
            if look.audience == "both" and (paid := self._proofs.of(path, "paid").letter) is not None:
                letters["paid"] = paid
            edition, weight = letter.edition, len(letter.rendering.html.encode())
            shown = {
                "letter": letter,
                "sender": edition.publication.from_name or edition.publication.title,
                "departs": edition.publication.schedule.at.strftime("%H:%M"),
                "frames": [*frames(look, request.url.path.replace("/issue/", "/letter/", 1), letters), None],
                "zone": letter.newsroom.settings.timezone,
                "weight": weight,
                "kilobytes": -(-weight // 1000),
                "most": WEIGHT,
                "heavy": WEIGHTY,
                "reading": ngettext("{n} min to read", "{n} min to read", edition.minutes).format(n=edition.minutes),
                "share": share_given_away(letter.editions),
                "length": length_line(edition),
                "blocks": block_rows(letter),
                "links": link_rows(letter.rendering),
                "rows": inbox_rows(letter.rendering.subject, letter.rendering.preheader),
                "print": request.url.path.replace("/issue/", "/print/", 1) + f"?audience={look.first}",
            }
        return page(
            "issue.html.j2",
            name="{publication}/{name}.yaml".format(**request.path_params),
            settings="config/publications/{publication}.yaml".format(**request.path_params),
            history=request.url.path.replace("/issue/", "/history/", 1),
            missing=self._is_missing(path),
            standing=standing_shown(path, self._proofs),
            waits=self._keeper.waits_for(path),
            look=look,
            groups=toolbar(look, request.url.path),
            fresh=proof.fresh,
            element_choices=element_choices(),
            block_choices=block_choices(),
            **shown,
            **_troubles(proof),
        )

    def _is_missing(self, path: Path) -> bool:
        """Whether words saved here are no longer in the file; where that cannot be read, its page says why."""
        try:
            return bool(self._keeper.missing(path))
        except FiligraneError:
            return False

    def letter(self, request: Request) -> Response:
        return self._drawn(request, framed)

    def printed(self, request: Request) -> Response:
        return self._drawn(request, lambda letter, _look: on_paper(letter))

    def _drawn(self, request: Request, draw: Callable[[ProofLetter, ViewOptions], str]) -> Response:
        """A page that ``draw`` makes of the letter asked for: it runs no script."""
        look = ViewOptions.read(request.query_params)
        letter = self._proofs.letter(self._path(request), look.first)
        if letter is None:
            raise HTTPException(404)
        try:
            html = draw(letter, look)
        except Refused as error:
            raise HTTPException(404, str(error)) from error
        return HTMLResponse(html, headers={"content-security-policy": policy(look)})

    def media(self, request: Request) -> Response:
        medium = self._proofs.medium(request.path_params["name"])
        if medium is None:
            raise HTTPException(404)
        return Response(medium.content, media_type=medium.type)

    async def changes(self, _request: Request) -> Response:
        return StreamingResponse(self._changes.events(), media_type="text/event-stream")

    def file(self, request: Request) -> Response:
        name = request.url.path
        if name not in SERVED:
            raise HTTPException(404)
        kind = "text/css" if name.endswith(".css") else "text/javascript"
        return FileResponse(shipped() / "studio" / name.removeprefix("/"), media_type=kind)

    def nowhere(self, _request: Request, error: Exception) -> Response:
        """The page where there is none, in the newsroom's language."""
        self._speak()
        detail = error.detail if isinstance(error, HTTPException) else ""
        told = gettext("there is no such page here") if detail in ("", HTTPStatus.NOT_FOUND.phrase) else detail
        return page("nowhere.html.j2", HTTPStatus.NOT_FOUND, name="Filigrane", trouble=told)

    def _path(self, request: Request) -> Path:
        """The issue asked for. A missing one that was shown keeps its page: a save may move the file for a moment."""
        publication, name = str(request.path_params["publication"]), str(request.path_params["name"])
        try:
            return issue_file(self._root, publication, name)
        except Refused as error:
            gone = self._root / "issues" / publication / f"{name}.yaml"
            if self._proofs.showed(gone):
                return gone
            raise HTTPException(404, str(error)) from error


def _troubles(proof: Proof) -> dict[str, Any]:
    """What the column of findings needs, errors first."""
    remarks = [remark(finding, proof.source) for finding in proof.findings]
    told = len(remarks) + bool(proof.trouble)
    return {
        "trouble": proof.trouble,
        "remarks": sorted(remarks, key=lambda each: not each.error),
        "count": ngettext("{n} remark", "{n} remarks", told).format(n=told),
        "not_looked_at": proof.unlooked,
    }
