"""What holds for every request of the public pages: how its path is read, how many are answered, and their headers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from composer.newsroom.public_paths import ADDRESS, CHOICES, CONFIRM, COPY, JOIN, JOIN_JSON, LEAVE
from composer.public.body import LONGEST_BODY
from composer.public.networks import NetworkLimits, TokenBucket

#: Beginnings of the paths of links that people follow.
_FOLLOWED = (LEAVE, f"{JOIN}/", CONFIRM, f"{CHOICES}/", ADDRESS, COPY)

#: The request target in absolute form (RFC 9112, 3.2.2), up to its path.
_ABSOLUTE = re.compile(r"https?://[^/?#]*", re.IGNORECASE)


def guarded(app: ASGIApp, limits: NetworkLimits, headers: Mapping[str, str]) -> ASGIApp:
    """``app`` with ``headers`` on every answer, for requests within ``limits``; any other is 429.

    Pictures are not limited, and posts limit themselves: a valid token always goes through. A refused post is answered
    once its body is read, at most ``LONGEST_BODY`` bytes of it and within the connection's deadline: a connection that
    is closed with bytes unread is reset, and the visitor would see no answer at all (RFC 9112, 9.6).
    """

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        unread = LONGEST_BODY if scope["method"] == "POST" else 0

        async def receive_counted() -> Message:
            nonlocal unread
            message = await receive()
            unread = max(unread - len(message.get("body", b"")), 0) if message.get("more_body") else 0
            return message

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                while unread:
                    await receive_counted()
                given = MutableHeaders(raw=message["headers"])
                framed = scope.get("state", {}).get("framed")
                for name, value in headers.items():
                    if not (framed and name == "X-Frame-Options"):  # it knows no list of sites, as frame-ancestors does
                        given.setdefault(name, value)
                message["headers"] = given.raw
            await send(message)

        path = plain_path(_below(scope))
        scope = {**scope, "path": path, "root_path": ""}
        limited = scope["method"] != "POST" and not path.startswith("/media/")
        if limited and not limits.admits(limits.requesting(scope)):
            await too_many()(scope, receive_counted, send_guarded)
        else:
            await app(scope, receive_counted, send_guarded)

    return answer


def _below(scope: Scope) -> str:
    """The path below that at which a server mounted the application: the site's files are named by it, too."""
    path, mounted = str(scope["path"]), str(scope.get("root_path", "")).rstrip("/")
    return path.removeprefix(mounted) or "/" if path.startswith(f"{mounted}/") else path


def plain_path(path: str) -> str:
    """The path alone of a target in absolute form, without the slash or full stop that mail programs and people add to
    a link."""
    if not path.startswith("/"):
        path = _ABSOLUTE.sub("", path, count=1) or "/"
    if path.startswith(_FOLLOWED):
        first, _slash, rest = path[1:].partition("/")
        return f"/{first}/{rest.rstrip('/.')}".rstrip("/")
    return path


def too_many() -> PlainTextResponse:
    """The answer to a network that asked too often."""
    return PlainTextResponse("Too Many Requests", 429, {"Retry-After": "30", "Connection": "close"})


def early_refusals(signups: TokenBucket, headers: Mapping[str, str]) -> Callable[[bytes], bytes | None]:
    """The answer to the first bytes of a connection that posts a sign-up while none may be taken; None of any other.

    It is made before the request is read: a flood costs the pages little, and leaves its core to the relay beside them.
    Nothing in it differs between visitors.
    """

    def written(kind: str, body: str, more: Mapping[str, str]) -> bytes:
        said = {"Content-Type": kind, "Content-Length": str(len(body)), "Retry-After": "30", "Connection": "close"}
        lines = [f"{name}: {value}" for name, value in {**said, "Cache-Control": "no-store", **more, **headers}.items()]
        return "\r\n".join(["HTTP/1.1 429 Too Many Requests", *lines, "", body]).encode()

    page = written("text/plain; charset=utf-8", "Too Many Requests", {})
    script = written("application/json", '{"error":"too-many"}', {"Access-Control-Allow-Origin": "*", "Vary": "Origin"})
    of_script, of_pages = f"POST {JOIN_JSON} ".encode(), (f"POST {JOIN} ".encode(), f"POST {JOIN}/".encode())

    def answer(begun: bytes) -> bytes | None:
        if not signups.is_empty:
            return None
        return script if begun.startswith(of_script) else page if begun.startswith(of_pages) else None

    return answer
