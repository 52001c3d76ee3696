"""A paying reader's copy of a letter, behind the link in that letter; or why it does not open.

The token alone decides, and whether its reader pays is asked at each request. Nothing is changed here, whatever the
method. To a token that no key of ours signed, the answer is that to any unknown address.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import Engine
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from composer.archive.copy_reader import AskedCopy, asked_copy
from composer.archive.pages import shelf_path
from composer.archive.paid_copies import read_copy
from composer.archive.site import SITE
from composer.database import read_only
from composer.issue.online import online_name, online_path
from composer.newsroom.model import Newsroom
from composer.newsroom.public_paths import COPY, absolute
from composer.public.joining import page_language
from composer.public.pages import letter_page, nowhere, page
from composer.public.site_files import policy_in
from composer.public.waiting import InThread
from composer.subscribers.tokens import CopyClaim, TokenReader

#: Why a copy does not open.
ClosedReason = Literal["late", "ended", "absent"]

#: The status that says so.
_SHUT: dict[ClosedReason, int] = {"late": 410, "ended": 403, "absent": 404}


@dataclass(frozen=True)
class _Found:
    """``content``: the page, where it opens. ``free``: the path at which the free edition stands, if it does."""

    asked: AskedCopy
    content: bytes | None
    free: str


class PaidCopyPage:
    """The endpoint; 404 unless a publication has ``paid_copies``.

    ``aside`` calls what asks the database in a thread. Of ``read_token`` only what reads copies' tokens is kept.
    """

    def __init__(self, engine: Engine, newsroom: Newsroom, aside: InThread[object], read_token: TokenReader) -> None:
        self._engine = engine
        self._newsroom = newsroom
        self._aside = aside
        self._read_token = read_token.copy
        self._open = {name for name, each in newsroom.publications.items() if each.archive and each.archive.paid_copies}

    def routes(self) -> list[Route]:
        """The route, for the application."""
        return [Route(f"{COPY}{{token}}", self._read, methods=["GET"])] if self._open else []

    async def _read(self, request: Request) -> Response:
        claim = self._read_token(request.path_params["token"])
        found = None if claim is None else await self._aside(self._find, claim)
        assert found is None or isinstance(found, _Found)
        if found is None:
            return nowhere(self._newsroom, 404, page_language(request))
        if found.asked.late:
            return self._shut("late", found)
        if not found.asked.pays:
            return self._shut("ended", found)
        if found.content is None:
            return self._shut("absent", found)
        headers = {
            "Content-Security-Policy": policy_in(found.content),
            "Cache-Control": "no-store",
            "Content-Language": found.asked.language,
            "X-Robots-Tag": "noindex, nofollow, noarchive",
        }
        return Response(found.content, 200, headers, "text/html; charset=utf-8")

    def _find(self, claim: CopyClaim) -> _Found | None:
        with read_only(self._engine).connect() as connection:
            asked = asked_copy(connection, claim)
        if asked is None or asked.key.publication not in self._open:
            return None
        opens = asked.pays and not asked.late
        content = read_copy(self._newsroom.root, asked.mailing_id, asked.language) if opens else None
        return _Found(asked, content, "" if content else _free_edition(self._newsroom, asked))

    def _shut(self, why: ClosedReason, found: _Found) -> Response:
        publication = self._newsroom.publications[found.asked.key.publication]
        about = letter_page(self._newsroom, publication.in_language(found.asked.language), found.asked.language)
        free = absolute(self._newsroom, f"/{found.free}") if found.free else ""
        return page("copy", self._newsroom, about, _SHUT[why], why=why, free=free, write_to=publication.reply_to)


def _free_edition(newsroom: Newsroom, asked: AskedCopy) -> str:
    """The path of the free edition's page where it stands, else that of all letters; empty where neither does."""
    name, publication = online_name(asked.key), asked.key.publication
    paths = [
        online_path(publication, name, asked.language),
        online_path(publication, name),
        shelf_path(newsroom, publication, asked.language),
    ]
    site: Path = newsroom.root / SITE
    return next((path for path in paths if (site / path / "index.html").is_file()), "")
