"""Access to the studio: a random token, which the command prints and the browser then keeps as a cookie.

Any page of the web can make a browser on this machine send requests here, and any program of this machine can send its
own. So each request, GET included, must name this machine and this port as its host (against DNS rebinding), must come
from the studio's own pages where the browser says where it comes from (Origin, Sec-Fetch-Site), and must hold the
token. What changes something is a POST, and a POST that does not say its origin is refused.
"""

from __future__ import annotations

from hmac import compare_digest
from http.cookies import CookieError, SimpleCookie
from secrets import token_urlsafe
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

#: The parameter of the printed address that holds the token.
KEY_PARAMETER = "key"
#: What the page that says so needs, where no token is held.
STYLE = "/studio.css"
_READING = frozenset({"GET", "HEAD"})


def new_token() -> str:
    """A token of 256 bits, in the letters of an address."""
    return token_urlsafe(32)


def cookie_name(port: int) -> str:
    """The cookie's name; cookies are shared by all ports of a host, and two studios may be open."""
    return f"filigrane-studio-{port}"


class Access:
    """Let through the requests of a browser that was given ``token``, and lead every other one to ``closed``."""

    def __init__(self, app: ASGIApp, token: str, closed: ASGIApp) -> None:
        self._app, self._token, self._closed = app, token.encode(), closed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or (scope["type"] == "http" and self._open(scope)):
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._closed(scope, receive, send)
        else:  # a websocket: nothing here speaks it
            await send({"type": "websocket.close", "code": 1008})

    def _open(self, scope: Scope) -> bool:
        headers, port = Headers(scope=scope), scope["server"][1]
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0] not in (f"127.0.0.1:{port}", f"localhost:{port}"):
            return False
        origins = headers.getlist("origin")
        if any(origin != f"http://{hosts[0]}" for origin in origins):
            return False
        if scope["method"] not in _READING and not origins:
            return False
        if scope["path"] == STYLE:  # for the page that says that the studio is closed; it holds nothing of the newsroom
            return True
        if arrives(scope) and scope["method"] in _READING:  # from a terminal, or from any page that shows it
            return self._is_token(parse_qs(scope["query_string"].decode("latin-1"))[KEY_PARAMETER][-1])
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return False
        return any(self._is_token(value) for value in _cookies(headers, cookie_name(port)))

    def _is_token(self, given: str) -> bool:
        return compare_digest(given.encode(), self._token)


def arrives(scope: Scope) -> bool:
    """Whether the printed address is asked for, whichever token it holds."""
    return scope["path"] == "/" and KEY_PARAMETER in parse_qs(scope["query_string"].decode("latin-1"))


def _cookies(headers: Headers, name: str) -> list[str]:
    """The values of the cookie ``name``; of a header that is none, nothing."""
    found = []
    for header in headers.getlist("cookie"):
        try:
            morsel = SimpleCookie(header).get(name)
        except CookieError:
            continue
        if morsel is not None:
            found.append(morsel.value)
    return found
