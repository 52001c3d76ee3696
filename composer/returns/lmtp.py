"""Take messages by LMTP (RFC 2033), from a mail server on this machine. A recipient is answered 250 once its act is
committed, 4xx where that could not be done: the mail server keeps the message and comes back.

Only for domains of return paths. Within these all is taken, and what carries no token of ours changes nothing: were it
refused, the mail server would answer the sender, a stranger to it. The same goes for what is too long to be read.
"""

from __future__ import annotations

import asyncio
import logging
import stat
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import AnyStr

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError

from composer.approval.messages import return_domain
from composer.database import read_only
from composer.delivery.tables import mailings
from composer.errors import FiligraneError, OutsideWorld
from composer.locale import gettext as _
from composer.locale.os_errors import os_reason
from composer.newsroom.model import Newsroom
from composer.returns.judge_process import MESSAGE_LIMIT
from composer.returns.receiving import ReceivedMessage, Receiver

#: Connections at once, recipients of a message, and seconds of silence after which a connection is closed.
CONNECTIONS, RECIPIENTS, LMTP_SILENCE = 8, 20, 300.0
#: Bytes of a line.
_LINE = 65_536
#: Permissions of the socket: the account and its group, which the mail server belongs to.
_SOCKET_MODE = 0o660

_TAKEN, _NOT_READ, _LATER = "250 2.0.0 taken", "250 2.0.0 taken, too long to be read", "451 4.3.0 not now"


class ReturnsHandler:
    """What aiosmtpd asks: is the address one of ours, and what follows of the message?"""

    def __init__(self, receiver: Receiver, domains: Collection[str], tell: Callable[[str], None]) -> None:
        self._receiver, self._domains, self._tell = receiver, frozenset(domains), tell
        self._one = asyncio.Lock()

    async def handle_RCPT(  # the name that aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.rpartition("@")[2].lower() not in self._domains:
            return "550 5.7.1 nothing but what came back is taken here"
        if len(envelope.rcpt_tos) >= RECIPIENTS:
            return "452 4.5.3 too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        return "\r\n".join([await self._taken(address, envelope) for address in envelope.rcpt_tos])

    async def handle_exception(self, error: Exception) -> str:
        return _LATER

    async def _taken(self, address: str, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        head = f"Return-Path: <{envelope.mail_from or ''}>\r\nDelivered-To: {address}\r\n"
        content = head.encode("utf-8", "replace") + envelope.content
        local = address.rpartition("@")[0]
        try:
            async with self._one:
                found: ReceivedMessage = await asyncio.to_thread(self._receiver.receive, content, local)
        except (FiligraneError, SQLAlchemyError, OSError):
            return _LATER
        if found.identity is not None or found.claims:
            self._tell(found.line)
        return _TAKEN


class _Session(LMTP):
    """A connection. ``open_ones`` are those there are."""

    line_length_limit = _LINE

    def __init__(self, handler: ReturnsHandler, open_ones: set[object], loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            handler,
            loop=loop,
            data_size_limit=MESSAGE_LIMIT,
            hostname="localhost",
            ident="Filigrane",
            timeout=LMTP_SILENCE,
        )
        self._open_ones, self._refused = open_ones, False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._refused = len(self._open_ones) >= CONNECTIONS
        if self._refused:
            assert isinstance(transport, asyncio.WriteTransport)
            transport.write(b"421 4.3.2 too many connections\r\n")
            transport.close()
            return
        self._open_ones.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._open_ones.discard(self)
        if not self._refused:
            super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        if not self._refused:
            super().data_received(data)

    def eof_received(self) -> bool | None:
        return None if self._refused else super().eof_received()

    async def smtp_LHLO(self, arg: str) -> None:
        """Without SIZE (RFC 1870): the mail server would answer the sender of a message that is longer."""
        limit, self.data_size_limit = self.data_size_limit, None
        await super().smtp_LHLO(arg)
        self.data_size_limit = limit

    async def push(self, status: AnyStr) -> None:
        """Send a reply; one a recipient for a message that was too long, and taken for that reason."""
        if isinstance(status, str) and status.startswith(("552 Error: Too much", "500 Line too long")):
            assert self.envelope is not None
            await super().push("\r\n".join([_NOT_READ] * len(self.envelope.rcpt_tos)))
        else:
            await super().push(status)


def return_domains(newsroom: Newsroom, engine: Engine) -> frozenset[str]:
    """The domains of return paths: those of the publications, and those of earlier mailings."""
    with read_only(engine).connect() as connection:
        before = connection.execute(select(mailings.c.return_domain).distinct()).scalars().all()
    now = (return_domain(newsroom, name) for name in newsroom.publications)
    return frozenset(domain.lower() for domain in (*now, *filter(None, before)))


@asynccontextmanager
async def listening_by_lmtp(handler: ReturnsHandler, address: str, root: Path) -> AsyncIterator[asyncio.Server]:
    """Listen at ``address`` (``Returns.lmtp``) until the end of the context; connections end with it.

    Raises ``OutsideWorld`` where the address cannot be taken.
    """
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # it logs addresses
    loop, open_ones = asyncio.get_running_loop(), set[object]()

    def session() -> _Session:
        return _Session(handler, open_ones, loop)

    host, colon, port = address.rpartition(":")
    path = None if colon else root / address
    try:
        if path is None:
            server = await loop.create_server(session, host.strip("[]"), int(port))
        else:
            _make_way(path)
            server = await loop.create_unix_server(session, path)
            path.chmod(_SOCKET_MODE)
    except OSError as error:
        message = _("{address} cannot be listened on: {why}").format(address=address, why=os_reason(error))
        raise OutsideWorld(message) from error
    try:
        yield server
    finally:
        server.close()
        for each in list(open_ones):
            transport = getattr(each, "transport", None)
            if transport is not None:
                transport.close()


def _make_way(path: Path) -> None:
    """Remove a socket that an earlier process left; anything else stays, and binding says so."""
    try:
        if stat.S_ISSOCK(path.lstat().st_mode):
            path.unlink()
    except FileNotFoundError:
        return
