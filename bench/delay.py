"""A distant relay: ``python -m bench.delay PORT MILLISECONDS`` prints a port behind which PORT is that far away.

Each byte is passed on so many milliseconds after it came, in both directions; nothing else is slower.
"""

from __future__ import annotations

import asyncio
import sys
from functools import partial


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    loop = asyncio.get_running_loop()
    while data := await reader.read(2**18):
        loop.call_later(delay, writer.write, data)
    loop.call_later(delay, writer.close)


async def serve(near: asyncio.StreamReader, back: asyncio.StreamWriter, port: int, delay: float) -> None:
    far, there = await asyncio.open_connection("127.0.0.1", port)
    try:
        await asyncio.gather(carry(near, there, delay), carry(far, back, delay))
    except ConnectionError:
        back.close()
        there.close()


async def main(port: int, milliseconds: float) -> None:
    talk = partial(serve, port=port, delay=milliseconds / 1000)
    server = await asyncio.start_server(talk, "127.0.0.1", 0, limit=2**20)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
