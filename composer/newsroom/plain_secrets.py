"""Secrets in ``config/newsroom.yaml``, which git keeps for ever and gives to every clone.

None of them stops the newsroom: it worked so far. Neither finding quotes the line.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from composer.locale import gettext as _
from composer.newsroom.model import Settings
from composer.newsroom.values import LOOPBACK
from composer.source.document import Source
from composer.source.finding import Finding, Severity

#: The code of an error that keeps nothing from running.
PASSWORD_IN_FILE = "password-in-file"  # noqa: S105 # reason: a code


def plain_secrets(settings: Settings, source: Source) -> Iterator[Finding]:
    """A finding for each secret that stands in ``source``."""
    if _has_password(settings.database):
        message = _(
            "the password of the database stands in a file that git keeps: change it, give the address in "
            "FILIGRANE_DATABASE_URL, and take it out of here"
        )
        yield Finding("password-in-file", Severity.ERROR, source.place(("database",)), message)
    for key, url in (("webhook", settings.webhook), ("ping", settings.ping)):
        if url is not None and _is_bearer(url):
            message = _(
                "whoever reads this address can use it, and git keeps it: better given in {variable}, which goes first"
            ).format(variable=f"FILIGRANE_{key.upper()}")
            yield Finding("secret-in-file", Severity.WARNING, source.place((key,)), message)


def _has_password(database: str) -> bool:
    try:
        return bool(urlsplit(database).password)
    except ValueError:  # what opens the database reports it
        return False


def _is_bearer(url: str) -> bool:
    """True where the address itself is what permits its use: it says more than a host, and of another machine."""
    parts = urlsplit(url)
    return parts.hostname not in LOOPBACK and bool(parts.path.strip("/") or parts.query or parts.password)
