"""Does the readers' public address answer, and does a one-click reach the pages (RFC 8058)?

What is asked holds a token that is none, so nothing can be changed by it. Only public_url is asked, as it is written:
no redirect is followed, since RFC 8058 (section 3.1) has none.
"""

from __future__ import annotations

from contextlib import suppress
from http.client import HTTPException, HTTPSConnection
from socket import SHUT_RDWR, socket
from ssl import SSLCertVerificationError, cert_time_to_seconds
from threading import Timer

from markupsafe import escape

from composer import clock
from composer.doctor.faults import Fault, Looked
from composer.doctor.lookups import NotAnswered
from composer.locale import gettext as _
from composer.locale.os_errors import connection_reason
from composer.newsroom.model import Newsroom
from composer.newsroom.public_paths import LEAVE
from composer.schedule.pictures import public_connection

#: Seconds for each step of a request, and for the whole of it; octets of an answer that are read.
_SECONDS, _WHOLE, _READ = 8.0, 20.0, 200_000

#: Days before the end of a certificate at which something that renews it has failed.
FEW_DAYS = 10

#: The shape of an unsubscribe token, and none: its proof is no reader's.
_NO_TOKEN = "A" * 32

_ONE_CLICK = b"List-Unsubscribe=One-Click"


def look_at_public_address(newsroom: Newsroom) -> Looked:
    """Ask the page of a link that leads out, and post a one-click to it. Raises ``NotAnswered`` where this host cannot
    reach that address at all, which does not say that readers cannot.
    """
    url = newsroom.settings.public_url.rstrip("/")
    for method, body in (("GET", None), ("POST", _ONE_CLICK)):
        try:
            status, ours, days = _answer(newsroom, method, body)
        except SSLCertVerificationError as error:
            says = _("{url}: its certificate is refused: {why}. Renew it at the reverse proxy (deploy/nginx.conf)")
            return _looked("public-certificate", says.format(url=url, why=error.verify_message))
        except (OSError, HTTPException, UnicodeError) as error:
            why = connection_reason(error)
            raise NotAnswered(
                _("{url} does not answer this host ({why}), which may not reach it: open it elsewhere").format(
                    url=url, why=why
                )
            ) from None
        if not ours:
            says = _(
                "{method} {url}{path} is answered {status} by something that is not the readers’ pages: let the "
                "reverse proxy pass {path} on as it is, without a redirect, a login or a challenge (deploy/nginx.conf)"
            )
            said = says.format(method=method, url=url, path=LEAVE, status=status)
            code = "one-click" if method == "POST" else "public-address"
            return _looked(code, said)
        if days is not None and days < FEW_DAYS and method == "GET":
            says = _("{url}: its certificate ends in {days} days: renew it at the reverse proxy")
            return _looked("public-certificate", says.format(url=url, days=days))
    return Looked(_("{url} answers, and takes a one-click (RFC 8058)").format(url=url))


def days_left(not_after: str) -> int:
    """Whole days until the ``notAfter`` of a certificate, as the ssl module gives it."""
    return int((cert_time_to_seconds(not_after) - clock.now().timestamp()) // 86_400)


def _answer(newsroom: Newsroom, method: str, body: bytes | None) -> tuple[int, bool, int | None]:
    """The status, whether the pages answered, and the days that the certificate has left."""
    connection, path = public_connection(newsroom.settings.public_url, _SECONDS)
    headers = {"Connection": "close", "Content-Type": "application/x-www-form-urlencoded"}
    held: list[socket] = []
    watch = Timer(_WHOLE, lambda: _hang_up([*held, *([connection.sock] if connection.sock else [])]))
    watch.start()
    try:
        connection.connect()
        held.append(connection.sock)
        connection.request(method, f"{path}{LEAVE}{_NO_TOKEN}", body, headers)
        days = None
        if isinstance(connection, HTTPSConnection) and connection.sock is not None:
            certificate = connection.sock.getpeercert() or {}
            days = days_left(str(certificate["notAfter"])) if "notAfter" in certificate else None
        answer = connection.getresponse()
        page = answer.read(_READ).decode("utf-8", "replace")
        named = str(escape(newsroom.settings.name)) in page
        ours = answer.status == 404 and answer.getheader("Referrer-Policy") == "no-referrer" and named
        return answer.status, ours or answer.status == 429, days
    finally:
        watch.cancel()
        connection.close()


def _hang_up(sockets: list[socket]) -> None:
    """End what is under way on them: an answer may come an octet at a time, each within its time."""
    for each in sockets:
        with suppress(OSError):
            each.shutdown(SHUT_RDWR)


def _looked(code: str, says: str) -> Looked:
    return Looked("", (Fault(code, says, "one-click"),))
