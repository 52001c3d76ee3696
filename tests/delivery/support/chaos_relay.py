"""A relay with a bad day: ``python -m tests.delivery.support.chaos_relay LOG SEED`` refuses, hangs up and falls
silent by plan.

What happens to a message is drawn from the seed, the reader and how often that reader was tried, so that it does not
depend on the order of things. A message is kept at the moment its line is in LOG; LOG also says of each kept or dropped
message whose reply was withheld: nobody but this file can know what became of it.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import sys
from collections import Counter

_MESSAGE_ID = re.compile(rb"^Message-ID: <([^>]+)>\r$", re.MULTILINE)
ORDINARY = {b"EHLO": b"250-rough.example\r\n250 PIPELINING", b"MAIL": b"250 2.1.0 ok", b"RCPT": b"250 2.1.5 ok"}

#: Step → what happens there, in how many of a thousand messages.
TROUBLE = {
    "MAIL": {"421 4.3.2 going down": 2, "drop": 2},
    "RCPT": {"550 5.2.1 disabled": 20, "450 4.2.1 busy": 20, "421 4.3.2 going down": 2, "drop": 2},
    "DATA": {"451 4.3.0 later": 5, "drop": 2},
    "BODY": {"drop": 3},
    "DOT": {"554 5.6.0 no": 3, "451 4.3.0 later": 5, "keep drop": 1, "drop": 1, "keep stall": 1},
}


class Rough:
    """``told`` writes a line to the log at once."""

    def __init__(self, log: str, seed: int) -> None:
        self._file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._seed = seed
        self._tried: Counter[bytes] = Counter()

    def told(self, word: str, reader: bytes, message_id: bytes = b"-") -> None:
        os.write(self._file, word.encode() + b" " + reader + b" " + message_id + b"\n")

    def plan(self, reader: bytes, attempt: int) -> dict[str, str]:
        """What goes wrong at each step; the same for the same seed, reader and attempt."""
        chance = random.Random(f"{self._seed} {reader!r} {attempt}")
        found = {}
        for step, happenings in TROUBLE.items():
            drawn = chance.randrange(1000)
            for happening, share in happenings.items():
                if 0 <= drawn < share:
                    found[step] = happening
                drawn -= share
        return found

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the sender was killed, or we hung up on it
        finally:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        whose, plan = b"", dict[str, str]()
        writer.write(b"220 rough.example\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"MAIL":  # the reader is named one command later: what happens here is anybody's
                self._tried[b"MAIL"] += 1
                plan = {"MAIL": self.plan(b"MAIL", self._tried[b"MAIL"]).get("MAIL", "")}
                whose = b""
            elif verb == b"RCPT" and not plan.get("MAIL"):
                whose = line.split(b"<")[1].split(b">")[0]
                self._tried[whose] += 1
                plan = {**self.plan(whose, self._tried[whose]), "MAIL": ""}
            trouble = plan.get(verb.decode("ascii", "replace"), "")
            if verb == b"QUIT":
                writer.write(b"221 bye\r\n")
                return
            if trouble == "drop":
                return
            if verb == b"DATA" and (not whose or plan.get("RCPT")):
                writer.write(b"554 5.5.1 no valid recipients\r\n")
            elif trouble:
                writer.write(trouble.encode() + b"\r\n")
                if trouble.startswith("421"):
                    return
            elif verb == b"DATA":
                writer.write(b"354 go on\r\n")
                if not await self._message(reader, writer, whose, plan):
                    return
            else:
                writer.write(ORDINARY.get(verb, b"250 2.0.0 ok") + b"\r\n")

    async def _message(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, whose: bytes, plan: dict[str, str]
    ) -> bool:
        """Whether the conversation goes on."""
        if plan.get("BODY"):
            await reader.readexactly(100)
            return False
        body = await reader.readuntil(b"\r\n.\r\n")
        found = _MESSAGE_ID.search(body)
        assert found is not None
        end = plan.get("DOT", "")
        if end[:1] in ("4", "5"):
            writer.write(end.encode() + b"\r\n")
            return True
        if end != "drop":
            self.told("kept", whose, found[1])
        if end:
            self.told("unsaid", whose, found[1])
            if end.endswith("stall"):
                await reader.read()
            return False
        await asyncio.sleep(0.001)  # somebody may be killed now
        writer.write(b"250 2.0.0 kept\r\n")
        return True


async def main(log: str, seed: int) -> None:
    server = await asyncio.start_server(Rough(log, seed).talk, "127.0.0.1", 0, limit=2**22)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
