"""Opens connections to a relay: address, greeting, EHLO, TLS, password. With ``password`` and ``unreachable`` the only
modules that know aiosmtplib, which does the negotiating.

A host may have several addresses, of which one is out of order: it accepts connections without a greeting, or refuses
ours alone (no reverse name for its IPv6, say). Then the next one is tried (RFC 5321 5.1).
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Collection
from dataclasses import dataclass
from typing import cast

import aiosmtplib

from composer.delivery.smtp.password import authenticate
from composer.delivery.smtp.reach import RelayAddress, reach, relay_addresses
from composer.delivery.smtp.reply import scrub
from composer.delivery.smtp.reply_table import ReplyMeaning, look_up
from composer.delivery.smtp.unreachable import why_unreachable
from composer.delivery.smtp.wire import printed
from composer.locale import gettext as _
from composer.newsroom.environment import FIRST_PASSWORD
from composer.newsroom.model import Relay

_ADDRESSES = 3  #: addresses of a host that are tried for one connection
_NO_EHLO = range(500, 505)  #: to EHLO: the relay does not know it, and may know HELO (RFC 5321 3.2, 4.1.4)


class RelayUnreachable(Exception):
    """No session: refused connection, certificate, name, password. The text holds no address.

    ``ours``: the relay answered and refuses our configuration; connecting again would change nothing.
    """

    def __init__(self, why: str, *, ours: bool = False) -> None:
        self.ours = ours
        super().__init__(why)


@dataclass(frozen=True)
class Greeted:
    """An open connection to a relay that waits for MAIL. ``failed``: why, for each address that was tried before."""

    transport: asyncio.Transport
    extensions: Collection[str]
    failed: dict[RelayAddress, str]


async def shake_hands(
    relay: Relay, password: str | None, seconds: float, tls: ssl.SSLContext | None, last: Collection[RelayAddress] = ()
) -> Greeted:
    """Connect to ``relay``, with ``seconds`` for each step; addresses in ``last`` are tried after the others.

    Raises ``RelayUnreachable``, with the trouble of the first address that was tried.
    """
    if relay.user is not None and password is None:
        variable = relay.password_variable or FIRST_PASSWORD
        raise RelayUnreachable(
            _("the relay {name} wants a password: put it in {variable}").format(name=relay.key, variable=variable)
        )
    first: RelayUnreachable | None = None
    failed: dict[RelayAddress, str] = {}
    try:
        found = await relay_addresses(relay.host, relay.port, seconds)
    except OSError as error:
        raise _unreachable(relay, error) from error
    left = sorted(found, key=lambda address: address in last)[:_ADDRESSES]
    while left:
        try:
            plug, address = await reach(left, seconds)
        except OSError as error:
            raise first or _unreachable(relay, error) from error
        left.remove(address)
        client = _client(relay, tls, seconds)
        try:
            await client.connect(sock=plug)
            await _introduced(client, relay, password)
        except (aiosmtplib.SMTPException, OSError) as error:
            client.close()
            first = first or _unreachable(relay, error)
            if isinstance(error, aiosmtplib.SMTPAuthenticationError):
                break  # the other addresses would be told the same password
            failed[address] = why_unreachable(error)
        except asyncio.CancelledError:
            if client.transport is None:  # it had not taken the socket over
                plug.close()
            client.close()
            raise
        else:
            transport = cast(asyncio.Transport, client.transport)
            return Greeted(transport, frozenset(client.esmtp_extensions), failed)
    assert first is not None
    raise first


def _client(relay: Relay, tls: ssl.SSLContext | None, seconds: float) -> aiosmtplib.SMTP:
    return aiosmtplib.SMTP(  # a new object for every connection: reconnecting one has hung
        hostname=relay.host,
        local_hostname=relay.ehlo,
        timeout=seconds,
        use_tls=relay.security == "tls",
        start_tls=False,
        tls_context=tls if relay.security != "none" else None,
    )


async def _introduced(client: aiosmtplib.SMTP, relay: Relay, password: str | None) -> None:
    await _hello(client)
    if relay.security == "starttls":
        await client.starttls()
        await _hello(client)
    if relay.user is not None:
        await authenticate(client, relay.user, password or "")
    if not client.is_connected:
        raise aiosmtplib.SMTPServerDisconnected("after its last reply")


async def _hello(client: aiosmtplib.SMTP) -> None:
    try:
        await client.ehlo()
    except aiosmtplib.SMTPHeloError as error:
        if error.code not in _NO_EHLO or not client.is_connected:
            raise
        await client.helo()


def _unreachable(relay: Relay, error: Exception) -> RelayUnreachable:
    why = _("{server}: {why}").format(server=f"{relay.host}:{relay.port}", why=why_unreachable(error, relay.security))
    return RelayUnreachable(scrub(why), ours=_about_us(error))


def _about_us(error: Exception) -> bool:
    """Whether the relay refused our configuration for good: the password, or our IP address or host name."""
    if not isinstance(error, aiosmtplib.SMTPResponseException) or error.code < 500:
        return False
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return True
    words = printed(error.message.encode("utf-8", "surrogateescape"))
    status = re.match(r"5\.\d+\.\d+", words)
    row = look_up(error.code, status[0] if status else None, words)
    return row is not None and row.means is ReplyMeaning.CONFIGURATION
