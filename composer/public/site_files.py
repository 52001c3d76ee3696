"""The files of the archive's site, as the daemon left them: answered from memory while the disk holds the same.

A name is looked up folder by folder below the site's, without following a link, and is nothing but small letters,
digits, dots and hyphens: nothing else of the disk can be asked for.
"""

from __future__ import annotations

import os
import re
import stat
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from hashlib import sha256
from pathlib import Path
from time import monotonic

import anyio
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

#: Seconds for which a file in memory is answered without a look at the disk.
UNCHECKED = 1.0

#: Bytes kept in memory, over all files; a longer file than ``_LONGEST`` is none of the site's.
_KEPT, _LONGEST = 16 * 1024 * 1024, 8 * 1024 * 1024

#: Threads that read the disk at once, fewer than there are, so that pictures have some.
_READERS = 8

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*(?:\.[a-z0-9_-]+)*", re.IGNORECASE)
_POLICY = re.compile(rb'http-equiv="Content-Security-Policy" content="([^"]*)"')

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    "rss.xml": "application/rss+xml; charset=utf-8",
    "atom.xml": "application/atom+xml; charset=utf-8",
    "feed.json": "application/feed+json",
    ".xml": "application/xml; charset=utf-8",
    ".json": "application/json",
}


@dataclass(frozen=True)
class KeptFile:
    """A file of the site: what answers it, whole (``head`` and ``content``) or not at all, where it is known (304)."""

    content: bytes
    head: list[tuple[bytes, bytes]]
    tag: str
    changed: float
    state: tuple[int, int, int]


class SiteFiles:
    """Serves the folder ``site``. ``public_url`` is where a folder asked for without its last slash is sent to."""

    def __init__(self, site: Path, public_url: str) -> None:
        self._site = site
        self._public_url = public_url.rstrip("/")
        self._kept: OrderedDict[str, tuple[float, KeptFile]] = OrderedDict()
        self._bytes = 0
        self._readers = anyio.CapacityLimiter(_READERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application. A method other than GET and HEAD is 405, a name that is no file of the site 404."""
        if scope["method"] not in ("GET", "HEAD"):
            await PlainTextResponse("Method Not Allowed", 405, {"Allow": "GET, HEAD"})(scope, receive, send)
            return
        path = scope["path"]
        file = await self._file(path)
        if file is None:
            await (await self._absent(path))(scope, receive, send)
            return
        status, content = 200, file.content
        if len(scope["headers"]) > 2 and _is_known(Request(scope).headers, file):
            status, content = 304, b""
        await send({"type": "http.response.start", "status": status, "headers": list(file.head)})
        await send({"type": "http.response.body", "body": content if scope["method"] == "GET" else b""})

    async def has(self, path: str) -> bool:
        """Whether a file of the site answers ``path``."""
        return await self._file(path) is not None

    async def _file(self, path: str) -> KeptFile | None:
        found = self._kept.get(path)
        if found is not None and monotonic() < found[0]:
            return found[1]
        known = found[1] if found is not None else None
        file = await anyio.to_thread.run_sync(self._read, path, known, limiter=self._readers)
        if (now := self._kept.pop(path, None)) is not None:
            self._bytes -= len(now[1].content)
        if file is not None:
            self._kept[path] = (monotonic() + UNCHECKED, file)
            self._bytes += len(file.content)
            while self._bytes > _KEPT:
                _path, (_until, left) = self._kept.popitem(last=False)
                self._bytes -= len(left.content)
        return file

    def _read(self, path: str, known: KeptFile | None) -> KeptFile | None:
        """The file that answers ``path``; ``known`` where it is still that one."""
        if (descriptor := self._open(path)) is None:
            return None
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode) or state.st_size > _LONGEST:
            os.close(descriptor)
            return None
        with os.fdopen(descriptor, "rb") as stream:
            now = (state.st_mtime_ns, state.st_size, state.st_ino)
            if known is not None and known.state == now:
                return known
            name = path.rpartition("/")[2] or "index.html"
            return _kept_file(name, stream.read(), state.st_mtime, now)

    def _open(self, path: str) -> int | None:
        parts = path.removeprefix("/").split("/")
        if parts[-1] == "":
            parts[-1] = "index.html"
        if not all(_NAME.fullmatch(part) for part in parts):
            return None
        how = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            folder = os.open(self._site, how | os.O_DIRECTORY)
            for position, part in enumerate(parts, 1):
                kind = os.O_NONBLOCK | os.O_NOCTTY if position == len(parts) else os.O_DIRECTORY
                try:
                    below = os.open(part, how | kind, dir_fd=folder)
                finally:
                    os.close(folder)
                folder = below
        except OSError:
            return None
        return folder

    async def _absent(self, path: str) -> Response:
        """A folder's name without its slash leads to it; else the page that says so, where there is one."""
        if not path.endswith("/") and await self._file(f"{path}/") is not None:
            return RedirectResponse(f"{self._public_url}{path}/", 308, {"Cache-Control": "public, max-age=300"})
        said = await self._file("/404.html")
        if said is None:
            raise HTTPException(404)
        head = {"Content-Security-Policy": policy_in(said.content), "Cache-Control": "no-store"}
        return Response(said.content, 404, head, "text/html; charset=utf-8")


def _kept_file(name: str, content: bytes, changed: float, state: tuple[int, int, int]) -> KeptFile:
    tag = f'"{sha256(content).hexdigest()[:32]}"'
    kind = next((value for end, value in _TYPES.items() if name.endswith(end)), "application/octet-stream")
    head: Mapping[str, str] = {
        "content-type": kind,
        "content-length": str(len(content)),
        "etag": tag,
        "last-modified": formatdate(changed, usegmt=True),
        "cache-control": "public, max-age=300",
        "content-security-policy": policy_in(content) if kind.startswith("text/html") else "default-src 'none'",
        "x-robots-tag": "all",
    }
    return KeptFile(content, [(key.encode(), value.encode()) for key, value in head.items()], tag, changed, state)


def policy_in(content: bytes) -> str:
    """What the page itself says its policy is, and who may frame it, which a page cannot say."""
    found = _POLICY.search(content, 0, 2000)
    said = found[1].decode("ascii", "replace").replace("&#39;", "'") if found else "default-src 'none'"
    return f"{said}; frame-ancestors 'none'"


def _is_known(headers: Mapping[str, str], file: KeptFile) -> bool:
    """Whether the client has the file already (RFC 9110, section 13.1)."""
    if (tags := headers.get("if-none-match")) is not None:
        return tags.strip() == "*" or any(each.strip().removeprefix("W/") == file.tag for each in tags.split(","))
    if (since := headers.get("if-modified-since")) is None:
        return False
    try:
        return int(file.changed) <= parsedate_to_datetime(since).timestamp()
    except (TypeError, ValueError, OverflowError):
        return False
