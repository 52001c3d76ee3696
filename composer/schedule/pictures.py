"""Publish an issue's pictures, and its events for calendars, where readers' programs will request them, and check that
they are served before it is sent.

A message cannot be called back, so an issue with a picture that is not served is held. The only address requested is
public_url, as it is written: no redirect is followed and no proxy of the environment is used, so that nothing else can
answer for it.
"""

from __future__ import annotations

import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from time import monotonic
from urllib.parse import urlsplit

from composer.approval.model import Seal
from composer.approval.verify import publish_media
from composer.errors import OutsideWorld
from composer.locale import gettext as _
from composer.locale.os_errors import connection_reason
from composer.newsroom.model import Newsroom
from composer.source.vocabulary import key_name

#: Seconds for one picture, and for all pictures of an issue: another issue that falls due meanwhile waits for them.
#: The first picture that is not served ends the check.
SECONDS, WHOLE = 10.0, 60.0


class PictureUnreachable(OutsideWorld):
    """A picture was published, but readers could not load it. ``reason`` is the code under which the issue is held."""

    reason = "media-unreachable"


class PublicAddressChanged(PictureUnreachable):
    """What is approved names another ``public_url`` than the present one: only another approval mends that."""

    reason = "public-url-changed"


def publish(seal: Seal, newsroom: Newsroom) -> None:
    """Publish the pictures of ``seal``, and request each at its public address (unless ``verify_pictures`` is off).

    Raises ``OutsideWorld`` where the disk refuses, ``PictureUnreachable`` where a picture is not served.
    """
    publish_media(seal, newsroom)
    settings = newsroom.settings
    if not settings.verify_pictures:
        return
    address, ends = settings.public_url.rstrip("/"), monotonic() + WHOLE
    for name in sorted(seal.media):
        if not any(f"{address}/media/{name}" in edition.html for edition in seal.editions.values()):
            message = _(
                "public_url changed after the approval of {issue}: its pictures have the old one. Approve it again: "
                "filigrane approve {issue} --by NAME"
            )
            raise PublicAddressChanged(message.format(issue=seal.key))
        if (why := _unseen(settings.public_url, name, ends)) is not None:
            raise PictureUnreachable(
                _(
                    "the pictures of {issue} cannot be seen at {url}: {why}. Start the readers’ pages (filigrane run, "
                    "or filigrane web) and let {url} lead to them; where only this host cannot reach its own public "
                    "address, write “{key}: false” in config/newsroom.yaml. Where public_url itself is wrong, mend it "
                    "and approve {issue} again: what is approved names the old address"
                ).format(
                    issue=seal.key,
                    url=address,
                    why=why,
                    key=key_name("verify_pictures", settings.keys),
                )
            )


def public_connection(public_url: str, seconds: float) -> tuple[HTTPConnection, str]:
    """A connection to the host of ``public_url``, not yet open, with ``seconds`` for each step, and the path that all
    others there begin with. Raises ``UnicodeError`` for a name that is none.
    """
    address = urlsplit(public_url)
    host, path = (address.hostname or "").encode("idna").decode(), address.path.rstrip("/")
    if address.scheme == "https":
        context = ssl.create_default_context()
        return HTTPSConnection(host, address.port, timeout=seconds, context=context), path
    return HTTPConnection(host, address.port, timeout=seconds), path


def _unseen(public_url: str, name: str, ends: float) -> str | None:
    """Why the picture ``name`` is not served at ``public_url`` before ``ends`` (monotonic); None where it is."""
    seconds = min(SECONDS, ends - monotonic())
    if seconds <= 0:
        return _("its pictures together took longer than {seconds:.0f} s").format(seconds=WHOLE)
    try:
        connection, path = public_connection(public_url, seconds)
    except UnicodeError as error:
        return str(error)
    try:
        connection.request("GET", f"{path}/media/{name}", headers={"Connection": "close"})
        answer = connection.getresponse()
        kind = answer.getheader("Content-Type", "")
        if answer.status != 200:
            return _("it answers {status} {reason}").format(status=answer.status, reason=answer.reason)
        if name.endswith(".ics"):
            if not kind.startswith("text/calendar") or not answer.read(1):
                return _("it answers with something that is no calendar ({kind})").format(kind=kind or "?")
        elif not kind.startswith("image/") or not answer.read(1):
            return _("it answers with something that is no picture ({kind})").format(kind=kind or "?")
    except TimeoutError:
        return _("no answer within {seconds:.0f} s").format(seconds=seconds)
    except (OSError, HTTPException, UnicodeError) as error:
        return connection_reason(error)
    finally:
        connection.close()
    return None
