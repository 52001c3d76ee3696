"""Whether a mailing would have a reader at all. One without readers is not opened: it would be done at once, and its
issue could not be sent again."""

from __future__ import annotations

from sqlalchemy import Connection, select

from composer.clock import now
from composer.delivery.ledger.allowlist import allowed
from composer.errors import Refused
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.source.vocabulary import key_name
from composer.subscribers.recipients import recipients
from composer.subscribers.tables import subscribers, subscriptions


class NoReaders(Refused):
    """The mailing would have no delivery."""


def missing(connection: Connection, newsroom: Newsroom, publication: str) -> str | None:
    """Why a mailing of ``publication`` opened now would have no delivery, and what to type; None if it has one.

    Three causes are told apart: ``only_to`` allows none of the readers, all of them have left or are suppressed, or
    there is no subscription at all in this database.
    """
    readers = recipients(publication, now()).order_by(None)
    only_to = newsroom.settings.only_to
    chosen = readers.where(allowed(only_to, subscribers.c.email)) if only_to else readers
    if connection.execute(chosen.limit(1)).first() is not None:
        return None
    facts = {"publication": publication, "database": _database(connection)}
    if only_to and connection.execute(readers.limit(1)).first() is not None:
        return _(
            "this is a rehearsal, and “{key}” in config/newsroom.yaml allows none of the readers of {publication}. "
            "Write a reader’s address there, or subscribe one that it allows (filigrane subscribers add ADDRESS "
            "--publication {publication}); take “{key}” out to write to every reader"
        ).format(key=key_name("only_to", newsroom.settings.keys), **facts)
    of_publication = select(subscriptions.c.id).where(subscriptions.c.publication == publication)
    if connection.execute(of_publication.limit(1)).first() is not None:
        return _(
            "every reader of {publication} has left, or may not be written to any more (database {database}). "
            "To see them: filigrane subscribers export --publication {publication}"
        ).format(**facts)
    return _(
        "{publication} has no reader in the database {database}. Was the list not imported? Type: filigrane "
        "subscribers import FILE --publication {publication}. Is the list in another database? "
        "Then set FILIGRANE_DATABASE_URL, or “{key}” in config/newsroom.yaml, as it was when the list was imported"
    ).format(key=key_name("database", newsroom.settings.keys), **facts)


def _database(connection: Connection) -> str:
    """The database's file, or its host and name."""
    url = connection.engine.url
    return "/".join(part for part in (url.host, url.database) if part)
