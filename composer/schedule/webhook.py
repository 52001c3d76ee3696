"""HTTP calls: the webhook for notifications, the ping after each tick, and what is fetched from a relay's operator.

The newsroom chooses the address, but not what its name resolves to. So nothing but a public address is called (or this
machine, where it is plainly named), and exactly the one that was checked; certificates are verified, no redirect is
followed, no proxy of the environment is used, and both connecting and what follows end after ``SECONDS``.
"""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from ipaddress import ip_address
from threading import Timer
from urllib.parse import urlsplit

from composer.errors import OutsideWorld
from composer.locale import gettext as _
from composer.locale.os_errors import connection_reason
from composer.newsroom.values import LOOPBACK

#: Seconds for connecting, and as many for the rest of the call; the look-up of the name comes on top.
SECONDS = 10.0


#: Bytes of an answer that is read: a certificate is two thousand.
MOST_FETCHED = 64 * 1024


def fetch_bounded(url: str, tls: ssl.SSLContext | None = None) -> bytes:
    """What is at ``url``, ``MOST_FETCHED`` bytes at most. Raises ``OutsideWorld`` for more, and for all but a 2xx."""
    content = _call(url, None, tls, MOST_FETCHED + 1)
    if len(content) > MOST_FETCHED:
        raise _failed(url, _("it answers more than {most} bytes").format(most=MOST_FETCHED))
    return content


def call_out(url: str, payload: Mapping[str, object] | None = None, tls: ssl.SSLContext | None = None) -> None:
    """GET ``url``, or POST ``payload`` to it as JSON. Raises ``OutsideWorld`` for anything but a 2xx.

    Certificates are verified against ``tls``, or the system's authorities.
    """
    _call(url, payload, tls, 0)


def _call(url: str, payload: Mapping[str, object] | None, tls: ssl.SSLContext | None, most: int) -> bytes:
    """Call, and return the first ``most`` bytes of the answer."""
    address = urlsplit(url)
    try:
        host = (address.hostname or "").encode("idna").decode()
        port = address.port or (443 if address.scheme == "https" else 80)
        sock = socket.create_connection((_public(host, port), port), SECONDS)
    except (OSError, UnicodeError, ValueError) as error:
        raise _failed(url, connection_reason(error)) from error
    connection = HTTPConnection(host, port)
    connection.sock = sock
    watch = Timer(SECONDS, _cut, (sock,))  # a server that sends a byte now and then outlives any time-out of a read
    watch.start()
    try:
        if address.scheme == "https":
            context = tls or ssl.create_default_context()
            # The deadline must reach the socket that the handshake detaches from ``sock``.
            connection.sock = context.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
            watch.cancel()
            watch = Timer(SECONDS, _cut, (connection.sock,))
            watch.start()
            connection.sock.do_handshake()
        return _exchange(connection, address.path or "/", address.query, payload, most)
    except (OSError, HTTPException, ValueError) as error:
        raise _failed(url, connection_reason(error)) from error
    finally:
        watch.cancel()
        connection.close()


def _exchange(
    connection: HTTPConnection, path: str, query: str, payload: Mapping[str, object] | None, most: int
) -> bytes:
    target = f"{path}?{query}" if query else path
    headers = {"Connection": "close", "User-Agent": "filigrane"}
    if payload is None:
        connection.request("GET", target, headers=headers)
    else:
        body = json.dumps(payload, ensure_ascii=False).encode()
        connection.request("POST", target, body, headers | {"Content-Type": "application/json; charset=utf-8"})
    answer = connection.getresponse()
    if not 200 <= answer.status < 300:
        raise HTTPException(_("it answers {status} {reason}").format(status=answer.status, reason=answer.reason))
    return answer.read(most) if most else b""


def _public(host: str, port: int) -> str:
    """The address of ``host`` to connect to. Raises ``OSError`` where it has none that may be called."""
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if host in LOOPBACK:
        found = [address for address in found if ip_address(address.partition("%")[0]).is_loopback]
        if not found:
            raise OSError(_("{host} does not lead to this machine").format(host=host))
        return found[0]
    for address in found:
        bare = ip_address(address.partition("%")[0])
        mapped = getattr(bare, "ipv4_mapped", None) or bare
        if not mapped.is_global or mapped.is_multicast:
            raise OSError(_("{host} is an address of a private network").format(host=host))
    return found[0]


def _cut(sock: socket.socket) -> None:
    with suppress(OSError):  # closed already
        sock.shutdown(socket.SHUT_RDWR)


def _failed(url: str, why: str) -> OutsideWorld:
    # The path and the query of such addresses hold their secret: only the host is named.
    return OutsideWorld(_("{host} could not be called: {why}").format(host=urlsplit(url).hostname, why=why))
