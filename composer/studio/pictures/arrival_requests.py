"""Pictures over HTTP: the bytes of one file in, what was found in words; and the picture itself, to be looked at.

As for acts, ``Access`` has let the request through. The content type is one that no form of another site can send.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from anyio.to_thread import run_sync
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from composer import locale
from composer.locale import gettext as _
from composer.newsroom import load_newsroom
from composer.rendering.media import MOST_BYTES
from composer.studio.act import NotAllowed, Right, StudioUser
from composer.studio.act_requests import act_answer, refusal
from composer.studio.issue_list import issue_file
from composer.studio.pictures.arriving import arrived, too_heavy
from composer.studio.pictures.told import told_of
from composer.studio.pictures.waiting import WAITING

_TYPE = "application/octet-stream"


class ArrivalRequests:
    """The endpoints of the newsroom at ``root``, for ``user``."""

    def __init__(self, root: Path, user: StudioUser) -> None:
        self._root, self._user = root, user

    def routes(self) -> list[Route]:
        where = "/arrival/{publication}/{name}"
        return [
            Route(where, self.arrive, methods=["POST"]),
            Route(f"{where}/{{picture}}", self.shown, methods=["GET"]),
        ]

    async def arrive(self, request: Request) -> Response:
        """Look at the file that the body is; it then waits. Its name is the query's ``file``, and is only shown."""
        if request.headers.get("content-type", "").strip().lower() != _TYPE:
            return refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, _("a picture is sent as application/octet-stream"))
        name = request.query_params.get("file", "")
        body = bytearray()
        try:
            async for chunk in request.stream():
                body += chunk
                if len(body) > MOST_BYTES:
                    declared = request.headers.get("content-length", "")
                    size = int(declared) if declared.isascii() and declared.isdigit() else len(body)
                    return refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, str(too_heavy(name, size)))
        except ClientDisconnect:
            return Response()
        return await run_sync(self._looked_at, request.path_params, name, bytes(body))

    def _looked_at(self, where: Mapping[str, str], name: str, body: bytes) -> Response:
        def look() -> Mapping[str, Any]:
            newsroom = load_newsroom(self._root)
            locale.use(newsroom.settings.language)
            path = issue_file(self._root, where["publication"], where["name"])
            if Right.WRITE not in self._user.rights:
                raise NotAllowed(_("you may read this issue, and not write in it"))
            picture = arrived(name, body)
            WAITING.hold(picture)
            return told_of(picture, newsroom, path)

        return act_answer(look)

    def shown(self, request: Request) -> Response:
        """A picture that waits, as it would be kept."""
        picture = WAITING.of(str(request.path_params["picture"]))
        if picture is None:
            raise HTTPException(404)
        return Response(picture.content, media_type=picture.made.medium.type)
