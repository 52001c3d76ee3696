"""A relay that only counts: ``python -m tests.delivery.support.counting_relay LOG [SECONDS]`` prints its port and
accepts everything.

A message is accepted at the moment its recipient and Message-ID are appended to LOG, before the 250 is written.
SECONDS is the longest of the random delays before and after that moment; whoever is killed meanwhile cannot know.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import sys

_MESSAGE_ID = re.compile(rb"^Message-ID: <([^>]+)>\r$", re.MULTILINE)


class Counting:
    """Where messages go: one line each, appended."""

    def __init__(self, path: str, longest: float) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._longest = longest
        self._chance = random.Random()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the sender was killed: that is what this is for
        finally:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        recipient = b""
        writer.write(b"220 sink.example\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                body = await reader.readuntil(b"\r\n.\r\n")
                await self._wait()
                found = _MESSAGE_ID.search(body)
                assert found is not None
                os.write(self._file, recipient + b" " + found[1] + b"\n")
                await self._wait()
                writer.write(b"250 2.0.0 kept\r\n")
            elif verb == b"QUIT":
                writer.write(b"221 bye\r\n")
                return
            else:
                if verb == b"RCPT":
                    recipient = line.split(b"<")[1].split(b">")[0]
                writer.write(b"250 ok\r\n")

    async def _wait(self) -> None:
        if self._longest:
            await asyncio.sleep(self._chance.uniform(0, self._longest))


async def main(path: str, longest: float) -> None:
    sink = Counting(path, longest)
    server = await asyncio.start_server(sink.talk, "127.0.0.1", 0, limit=2**22)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 0.0))
