"""The newsroom's pages: its sheet, and the acts that it leads to. Each act is a page that asks and a form that does.

Nothing here needs a script. ``Access`` has let the request through: a form that is sent says that it comes from the
studio's own page, and holds the token. Keys and passwords are read by the act that needs one, and not kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from anyio.to_thread import run_sync
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from composer import locale
from composer.database import read_only
from composer.errors import FiligraneError, OutsideWorld, Refused, WrongUsage
from composer.issue.files import date_and_name, key_of
from composer.issue.model import IssueKey
from composer.locale import gettext as _
from composer.newsroom import load_newsroom
from composer.newsroom.model import Newsroom
from composer.newsroom.unread import publication_named, unread_publications
from composer.schedule.ledger_here import LedgerHere, ledger_here
from composer.source.opening import FileMissing
from composer.studio.act import NotAllowed, StudioUser
from composer.studio.issue_acts import ISSUE_ACTS, NEW
from composer.studio.issue_list import issue_file
from composer.studio.mailing_acts import MAILING_ACTS
from composer.studio.newsroom_act import ActPlace, ActQuestion, NewsroomAct, SeenOtherwise
from composer.studio.page import page
from composer.studio.sheet import Sheets
from composer.studio.under_way import UnderWay

#: Bytes of a form.
MOST_TYPED = 20_000

_NUMBER = re.compile(r"[1-9][0-9]{0,9}")


class NewsroomPages:
    """The endpoints of the newsroom at ``root``, for ``user``."""

    def __init__(self, root: Path, user: StudioUser) -> None:
        self._root, self._user = root, user
        self._sheets, self._under_way = Sheets(root), UnderWay()
        self._language = locale.language()

    def routes(self) -> list[Route]:
        acts = [
            *((f"/newsroom/{name}/{{publication}}/{{name}}", act) for name, act in ISSUE_ACTS.items()),
            *((f"/newsroom/{name}/{{mailing}}", act) for name, act in MAILING_ACTS.items()),
            ("/newsroom/new/{publication}", NEW),
        ]
        return [
            Route("/newsroom", self.sheet),
            Route("/newsroom/mailings", self.mailings),
            *(Route(path, self._asking(act), methods=["GET"]) for path, act in acts),
            *(Route(path, self._doing(act), methods=["POST"]) for path, act in acts),
        ]

    def sheet(self, _request: Request) -> Response:
        """Six weeks, by publication."""
        with self._opened() as (newsroom, here):
            try:
                shown = self._sheets.of(newsroom, here)
            except OutsideWorld as error:  # it answered, and answers no more
                here = LedgerHere(None, str(error))
                shown = self._sheets.of(newsroom, here)
            settings = newsroom.settings
            return page("newsroom.html.j2", name=settings.name, sheet=shown, zone=settings.timezone, ledger=here.engine)

    def mailings(self, _request: Request) -> Response:
        """How far the mailings are that are being sent, for a page that is open; 204 where nothing is known of any."""
        with self._opened() as (newsroom, here):
            if here.engine is None:
                return Response(status_code=HTTPStatus.NO_CONTENT)
            with read_only(here.engine).connect() as connection:
                return JSONResponse(self._under_way.look(connection, newsroom))

    def _asking(self, act: NewsroomAct) -> Callable[[Request], Response]:
        def ask(request: Request) -> Response:
            with self._opened() as (newsroom, here):
                return self._ask(act, lambda: self._place(request, newsroom, here))

        return ask

    def _doing(self, act: NewsroomAct) -> Callable[[Request], Any]:
        async def do(request: Request) -> Response:
            if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
                return _answer(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
            body = bytearray()
            try:
                async for chunk in request.stream():
                    body += chunk
                    if len(body) > MOST_TYPED:
                        return _answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            except ClientDisconnect:
                return Response()
            return await run_sync(self._do, act, request, _typed(bytes(body)))

        return do

    def _do(self, act: NewsroomAct, request: Request, said: Mapping[str, str]) -> Response:
        with self._opened() as (newsroom, here):

            def place() -> ActPlace:
                return self._place(request, newsroom, here)

            try:
                done = act.by(self._user, place(), said)
            except (SeenOtherwise, Refused, WrongUsage, OutsideWorld) as error:
                return self._ask(act, place, error, said)
            return page("newsroom_done.html.j2", name=newsroom.settings.name, done=done)

    def _ask(
        self,
        act: NewsroomAct,
        place: Callable[[], ActPlace],
        why: FiligraneError | None = None,
        said: Mapping[str, str] | None = None,
    ) -> Response:
        """The question; with ``why`` nothing was done, and what was typed. Where there is none, the reason alone."""
        question: ActQuestion | None = None
        try:
            there = place()
            question = act.asked(self._user, there)
        except FiligraneError as error:
            why = why or error
        if why is not None and isinstance(why, FileMissing):
            raise HTTPException(HTTPStatus.NOT_FOUND, str(why)) from why
        status = HTTPStatus.OK if why is None else _status(why)
        shown = {
            "name": "Filigrane",
            "question": question,
            "why": None if why is None else why.shown(),
            "said": said or {},
        }
        return page("newsroom_act.html.j2", status, **shown)

    def _place(self, request: Request, newsroom: Newsroom, here: LedgerHere) -> ActPlace:
        """What the address names. Raises ``FileMissing`` for what is no name of anything here."""
        given = request.path_params
        if "mailing" in given:
            if not _NUMBER.fullmatch(given["mailing"]):
                raise FileMissing(_("there is no such mailing"))
            return ActPlace(newsroom, here, self._sheets.counts, mailing=int(given["mailing"]))
        if given["publication"] in unread_publications(newsroom):
            publication_named(newsroom, given["publication"])  # raises what is wrong with its file
        if "name" not in given:
            if given["publication"] not in newsroom.publications:
                raise FileMissing(_("there is no publication “{name}”").format(name=given["publication"]))
            date = request.query_params.get("date", "")
            date = date if date_and_name(date) is not None else ""
            return ActPlace(newsroom, here, self._sheets.counts, given["publication"], date=date)
        try:
            path = issue_file(self._root, given["publication"], given["name"])
            key = key_of(path, newsroom)
            return ActPlace(newsroom, here, self._sheets.counts, key.publication, key, path)
        except FileMissing:
            dated = date_and_name(given["name"])
            if "/skip/" not in request.url.path or dated is None or given["publication"] not in newsroom.publications:
                raise
            key = IssueKey(given["publication"], *dated)  # what is due may be skipped without ever having had a file
            return ActPlace(newsroom, here, self._sheets.counts, key.publication, key)

    @contextmanager
    def _opened(self) -> Iterator[tuple[Newsroom, LedgerHere]]:
        """The newsroom and its ledger, for one request; its language is set for this thread."""
        locale.use(self._language)  # where the configuration cannot be read, as when it could
        try:
            newsroom = load_newsroom(self._root)
        except FiligraneError as error:
            raise HTTPException(HTTPStatus.NOT_FOUND, str(error)) from error
        self._language = newsroom.settings.language
        locale.use(self._language)
        try:
            here = ledger_here(newsroom)
        except FiligraneError as error:  # of another version
            here = LedgerHere(None, str(error))
        try:
            yield newsroom, here
        finally:
            if here.engine is not None:
                here.engine.dispose()


_FORM = "application/x-www-form-urlencoded"


def _typed(body: bytes) -> dict[str, str]:
    """The fields of a form, the last of each name; of one that is none, nothing."""
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=20))
    except ValueError:
        return {}


def _status(error: FiligraneError) -> HTTPStatus:
    if isinstance(error, SeenOtherwise):
        return HTTPStatus.CONFLICT
    if isinstance(error, NotAllowed):
        return HTTPStatus.FORBIDDEN
    return HTTPStatus.SERVICE_UNAVAILABLE if isinstance(error, OutsideWorld) else HTTPStatus.UNPROCESSABLE_ENTITY


def _answer(status: HTTPStatus) -> Response:
    return page("nowhere.html.j2", status, name="Filigrane", trouble=_("this is no form of the studio’s"))
