"""The body of a request, bounded."""

from __future__ import annotations

from starlette.requests import ClientDisconnect, Request

#: Bytes of a POST; List-Unsubscribe=One-Click is 26, or some 200 as multipart/form-data.
LONGEST_BODY = 16 * 1024


async def read_body(request: Request, longest: int = LONGEST_BODY) -> bytes | None:
    """The whole body; ``None`` where it is longer than ``longest`` bytes, which is not read to its end."""
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > longest:
                return None
    except ClientDisconnect:
        return None
    return body
