"""Those who come all at once, and the servers beside which ours is measured, as processes of their own.

``python -m bench.crowd click PORT`` reads paths from standard input; ``sign-up PORT SECONDS MARK``; ``stranger`` and
``bare`` print their port. ``bench.rush`` begins them.
"""

from __future__ import annotations

import asyncio
import json
import resource
import socket
import sys
import time
from collections import Counter
from contextlib import suppress
from itertools import count

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

AT_ONCE = 200
RATE = 1000  #: sign-ups a second
ONE_CLICK = b"List-Unsubscribe=One-Click"


async def post(port: int, head: str, body: bytes) -> int:
    """The status of one answer over a connection of its own; 0 where none came."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        length = f"Host: lettre.example.org\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(f"POST {head}{length}".encode() + body)
        answer = await asyncio.wait_for(reader.read(), 60)
        writer.close()
        return int(answer[9:12] or 0)
    except (OSError, TimeoutError):
        return 0


async def click(port: int, paths: list[str]) -> None:
    """Post to each path, ``AT_ONCE`` at a time; print statuses and seconds."""
    left, statuses, seconds = iter(paths), Counter[int](), list[float]()

    async def one_of_them() -> None:
        for path in left:
            begin = time.perf_counter()
            statuses[await post(port, f"{path} HTTP/1.1\r\n", ONE_CLICK)] += 1
            seconds.append(time.perf_counter() - begin)

    begin = time.perf_counter()
    await asyncio.gather(*(one_of_them() for _ in range(AT_ONCE)))
    spent = time.perf_counter() - begin
    print(json.dumps({"statuses": statuses, "seconds": seconds, "spent": spent}), flush=True)


async def sign_up(port: int, seconds: float, mark: str) -> None:
    """``RATE`` sign-ups a second, whatever is answered; print a line of statuses at the end."""
    statuses, numbers = Counter[int](), count()
    ends = time.monotonic() + seconds

    async def one() -> None:
        number = next(numbers)
        said = {"email": f"stranger{number}@flood.example", "letters": ["vendredi"], "form": mark}
        network = f"{1 + number // 65536 % 200}.{number // 256 % 256}.{number % 256}.7"
        head = f"/join.json HTTP/1.1\r\nContent-Type: application/json\r\nX-Forwarded-For: {network}\r\n"
        statuses[await post(port, head, json.dumps(said).encode())] += 1

    asked: set[asyncio.Task[None]] = set()
    print("flooding", flush=True)
    due = time.monotonic()
    while due < ends:
        for _ in range(10):
            if len(asked) < 2000:
                asked.add(task := asyncio.create_task(one()))
                task.add_done_callback(asked.discard)
            else:
                statuses[-1] += 1  # not even asked: too many wait
        due += 10 / RATE
        await asyncio.sleep(max(0.0, due - time.monotonic()))
    await asyncio.gather(*asked)
    print(json.dumps(statuses), flush=True)


async def stranger() -> None:
    """A server that reads a request and answers 429."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def bare() -> None:
    """An application that reads the body and answers 200."""

    async def page(request: Request) -> Response:
        await request.body()
        return Response(b"x" * 3000, media_type="text/html")

    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
        print(listener.getsockname()[1], flush=True)
        built = Starlette(routes=[Route("/u/{token}", page, methods=["POST"])])
        uvicorn.Server(uvicorn.Config(built, log_level="error", access_log=False)).run(sockets=[listener])


if __name__ == "__main__":
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    match sys.argv[1:]:
        case ["click", port]:
            asyncio.run(click(int(port), sys.stdin.read().split()))
        case ["sign-up", port, seconds, mark]:
            asyncio.run(sign_up(int(port), float(seconds), mark))
        case ["stranger"]:
            asyncio.run(stranger())
        case ["bare"]:
            bare()
