"""A real SMTP server on loopback that keeps what it accepts, and refuses a few readers as real ones do."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

#: How the server answers RCPT, by what the local part begins with.
BUSY_READER, UNKNOWN_READER = "patience-", "inconnu-"


class Mailbox:
    """Writes each accepted message to ``folder``/<recipient>/<number>.eml."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.accepted: Counter[str] = Counter()
        self._asked: Counter[str] = Counter()

    async def handle_RCPT(  # the name that aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self._asked[address] += 1
        if address.startswith(UNKNOWN_READER):
            return "550 5.1.1 No such mailbox here"
        if address.startswith(BUSY_READER) and self._asked[address] % 2 == 1:
            return "450 4.2.1 This mailbox is busy, try again later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Recipient ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        for address in envelope.rcpt_tos:
            self.accepted[address] += 1
            folder = self.folder / address
            folder.mkdir(parents=True, exist_ok=True)
            number = sum(1 for _ in folder.iterdir()) + 1
            received = b"Return-Path: <%s>\r\n" % (envelope.mail_from or "").encode()
            (folder / f"{number}.eml").write_bytes(received + envelope.content)
        return "250 2.0.0 Kept"


@asynccontextmanager
async def listening(mailbox: Mailbox) -> AsyncIterator[int]:
    """The server, listening on 127.0.0.1; yields the port that the system chose."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(mailbox, hostname="demo.example", ident="Filigrane demonstration", loop=loop), "127.0.0.1", 0
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()
