"""Acts over HTTP: JSON in, JSON out, and a reason in words wherever nothing is done.

``Access`` has let the request through: it holds the token, and a POST says that it comes from the studio's own page.
The content type is demanded as well: no page of another site can send it without asking first.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from anyio.to_thread import run_sync
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from composer import locale
from composer.errors import FiligraneError, Refused
from composer.issue.block import AUDIENCES
from composer.issue.inline import plain
from composer.issue.revision.model import Stale
from composer.issue.revision.wire import spans_of
from composer.locale import gettext as _
from composer.newsroom import load_newsroom
from composer.newsroom.model import Newsroom
from composer.source.opening import FileMissing
from composer.studio.act import NotAllowed, StudioUser, Writing
from composer.studio.acts import ACTS, READINGS
from composer.studio.frames import state_of
from composer.studio.issue_list import issue_file
from composer.studio.proof import Proofs
from composer.studio.saving.keeper import Keeper


class ActRequests:
    """The endpoints of the newsroom at ``root``, for ``user``; ``keeper`` saves its files, ``proofs`` draws them."""

    def __init__(self, root: Path, user: StudioUser, keeper: Keeper, proofs: Proofs) -> None:
        self._root, self._user, self._keeper, self._proofs = root, user, keeper, proofs

    def routes(self) -> list[Route]:
        reads = (Route(f"/{name}/{{publication}}/{{name}}", self.read, methods=["GET"]) for name in READINGS)
        return [*reads, *(Route(f"/{act}/{{publication}}/{{name}}", self.act, methods=["POST"]) for act in ACTS)]

    def read(self, request: Request) -> Response:
        """What the address names, of the issue: a sentence of its letter, the elements of a text, its blocks."""

        def read() -> Mapping[str, Any]:
            newsroom = load_newsroom(self._root)
            locale.use(newsroom.settings.language)
            path = issue_file(self._root, **request.path_params)
            return READINGS[request.url.path.split("/")[1]](Writing(newsroom, path, self._keeper), request.query_params)

        return act_answer(read)

    async def act(self, request: Request) -> Response:
        """Do the act that the address names, as the body says it."""
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, _("an act is sent as application/json"))
        name, body = request.url.path.split("/")[1], bytearray()
        try:
            async for chunk in request.stream():
                body += chunk
                if len(body) > ACTS[name].most:
                    return refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _("this is too long to be one act"))
        except ClientDisconnect:
            return Response()
        try:
            said = json.loads(bytes(body))
        except (ValueError, RecursionError):
            return refusal(HTTPStatus.BAD_REQUEST, _("this is not JSON"))
        if not isinstance(said, dict):
            return refusal(HTTPStatus.BAD_REQUEST, _("an act is a JSON object"))
        return await run_sync(self._done, name, request.path_params, said)

    def _done(self, name: str, where: Mapping[str, str], said: Mapping[str, Any]) -> Response:
        def do() -> Mapping[str, Any]:
            newsroom = load_newsroom(self._root)
            locale.use(newsroom.settings.language)
            path = issue_file(self._root, where["publication"], where["name"])
            done = ACTS[name].by(self._user, Writing(newsroom, path, self._keeper), said)
            return {**done, **self._drawn(path, newsroom, said)}

        return act_answer(do, said)

    def _drawn(self, path: Path, newsroom: Newsroom, said: Mapping[str, Any]) -> Mapping[str, Any]:
        """Of an act on a letter that is shown (``audience``), what it is now: its frame is drawn before the page is."""
        if (audience := said.get("audience")) not in AUDIENCES:
            return {}
        letter = self._proofs.sketch(path, audience, newsroom)
        return {"states": {audience: state_of(letter)}} if letter else {}


def act_answer(do: Callable[[], Mapping[str, Any]], said: Mapping[str, Any] | None = None) -> Response:
    """What ``do`` returns, or why it refused: 409 with both versions in plain words, 403, 404, 422; 503 where the disk
    failed."""
    try:
        return JSONResponse(do())
    except Stale as error:
        if said is None:
            return refusal(HTTPStatus.NOT_FOUND, str(error))
        told = {"mine": _mine(said), "theirs": error.now, "why": str(error)} | ({"at": error.at} if error.at else {})
        return JSONResponse(told, HTTPStatus.CONFLICT)
    except NotAllowed as error:
        return refusal(HTTPStatus.FORBIDDEN, str(error))
    except FileMissing as error:
        return refusal(HTTPStatus.NOT_FOUND, str(error))
    except Refused as error:
        return refusal(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
    except FiligraneError as error:
        return refusal(HTTPStatus.SERVICE_UNAVAILABLE, str(error))


def _mine(said: Mapping[str, Any]) -> str:
    """The words that were not written."""
    try:
        return plain(spans_of(said.get("wanted", [])))
    except Refused:
        return ""


def refusal(status: HTTPStatus, why: str) -> Response:
    """The answer to what is not done, with the reason in words."""
    return JSONResponse({"why": why}, status)
