"""Where operators of relays report bounces: the body is written down as it came, and the daemon reads it.

The last part of the path is the secret; the pages know its digest. Without it an answer is that of any unknown address.
2xx says that the report is kept; any other answer, that the operator is to come again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from composer.database import DatabaseUnavailable
from composer.newsroom.public_paths import HOOKS
from composer.public.body import read_body
from composer.public.guard import too_many
from composer.public.networks import NetworkLimits, TokenBucket
from composer.public.together import Together
from composer.public.waiting import InThread
from composer.returns.hooks.doors import hook_digest
from composer.returns.hooks.posts import LONGEST_POST, add_post

#: Reports a second of all operators, and how many at once after a silence: a mailing of a million brings some tens.
HOOK_RATE, HOOK_BURST = 100.0, 1000.0

#: An operator and a body.
_Post = tuple[str, bytes]

_log = structlog.get_logger()


class HookDoor:
    """The endpoint; none where no door is open. ``digests``: digest of a door's secret → its operator. ``aside`` calls
    what asks the database in a thread."""

    def __init__(
        self, engine: Engine, limits: NetworkLimits, aside: InThread[object], digests: Mapping[str, str]
    ) -> None:
        self._limits = limits
        self._digests = digests
        self._bucket = TokenBucket(HOOK_RATE, HOOK_BURST)
        self._adding: Together[_Post, bool] = Together(aside, partial(_add, engine))

    def routes(self) -> list[Route]:
        """The route, for the application."""
        return [Route(f"{HOOKS}{{provider}}/{{secret}}", self._post, methods=["POST"])] if self._digests else []

    async def _post(self, request: Request) -> Response:
        provider, secret = request.path_params["provider"], request.path_params["secret"]
        if self._digests.get(hook_digest(secret)) != provider:
            if not self._limits.admits(self._limits.requesting(request.scope)):
                return too_many()
            return PlainTextResponse("Not Found", 404)
        if not self._bucket.admits():
            return too_many()
        body = await read_body(request, LONGEST_POST)
        if body is None:
            return PlainTextResponse("Content Too Large", 413)
        try:
            kept = await self._adding.find((provider, body))
        except (SQLAlchemyError, DatabaseUnavailable) as error:  # its text holds the statement's values: an address
            _log.error("hook-not-kept", provider=provider, why=type(error).__name__)
            kept = False
        if not kept:
            return PlainTextResponse("Service Unavailable", 503, {"Retry-After": "60"})
        return PlainTextResponse("ok", headers={"Cache-Control": "no-store"})


def _add(engine: Engine, posts: Sequence[_Post]) -> Mapping[_Post, bool]:
    """Write them down, in one transaction; the same report twice in one moment is one row."""
    with engine.begin() as connection:
        return {post: add_post(connection, *post) for post in dict.fromkeys(posts)}
