"""To how many readers a mailing would go, said before it is opened, and why there would be none.

A mailing without readers is not opened: it would be done at once, and its issue could not be sent again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from babel import Locale
from babel.numbers import format_decimal
from sqlalchemy import Connection, func, select

from composer.clock import now
from composer.delivery.ledger.allowlist import allowed
from composer.errors import Refused
from composer.locale import gettext as _
from composer.locale import language, ngettext
from composer.newsroom.model import Newsroom
from composer.source.vocabulary import key_name
from composer.subscribers.recipients import recipients
from composer.subscribers.tables import subscribers, subscriptions


class NoReaders(Refused):
    """The mailing would have no delivery."""


@dataclass(frozen=True)
class ReaderCount:
    """Readers of a mailing opened now: ``groups`` by audience (free, paid) and language, ``subscribed`` without
    ``only_to``. ``rehearsal``: ``only_to`` is set."""

    groups: Mapping[tuple[str, str], int]
    subscribed: int
    rehearsal: bool

    @property
    def total(self) -> int:
        return sum(self.groups.values())

    def by(self, part: int) -> dict[str, int]:
        """By audience (``part`` 0) or by language (1), the largest group first."""
        found: dict[str, int] = {}
        for group, number in self.groups.items():
            found[group[part]] = found.get(group[part], 0) + number
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    def as_json(self) -> dict[str, object]:
        return {
            "total": self.total,
            "subscribed": self.subscribed,
            "rehearsal": self.rehearsal,
            "audiences": self.by(0),
            "languages": self.by(1),
        }


def count_readers(
    connection: Connection, newsroom: Newsroom, publication: str, languages: Collection[str] = ()
) -> ReaderCount:
    """Count the readers of a mailing opened now. ``languages`` are those of the issue's editions: readers of any other
    language get, and count as, the publication's own; without ``languages``, each counts as the reader's."""
    own = newsroom.publications[publication].language
    people = recipients(publication, now()).order_by(None).subquery()
    grouped = select(people.c.audience, people.c.language, func.count()).group_by(people.c.audience, people.c.language)
    only_to = newsroom.settings.only_to
    chosen = grouped.where(allowed(only_to, people.c.email)) if only_to else grouped
    groups: dict[tuple[str, str], int] = {}
    for audience, spoken, number in connection.execute(chosen):
        group = audience, spoken if spoken and (not languages or spoken in languages) else own
        groups[group] = groups.get(group, 0) + number
    subscribed = sum(groups.values())
    if only_to:
        subscribed = connection.execute(select(func.count()).select_from(people)).scalar_one()
    return ReaderCount(groups, subscribed, bool(only_to))


def readers_words(count: ReaderCount) -> str:
    """The number of readers by audience and language; of a rehearsal, how many of them it would reach."""
    if count.rehearsal:
        return rehearsal_words(count.total, count.subscribed)
    audiences = {"free": _("free {n}"), "paid": _("paid {n}")}
    parts = [", ".join(audiences[name].format(n=_figure(number)) for name, number in count.by(0).items())]
    if len(spoken := count.by(1)) > 1:
        names = Locale.parse(language()).languages
        parts.append(", ".join(f"{names.get(code, code)} {_figure(number)}" for code, number in spoken.items()))
    said = ngettext("{n} reader", "{n} readers", count.total).format(n=_figure(count.total))
    return f"{said} ({' – '.join(parts)})" if count.total else said


def rehearsal_words(number: int, subscribed: int) -> str:
    """That it is a rehearsal: to ``number`` of ``subscribed``."""
    told = ngettext("rehearsal: {n} of {all} readers", "rehearsal: {n} of the {all} readers", number)
    return told.format(n=_figure(number), all=_figure(subscribed))


def _figure(number: int) -> str:
    return format_decimal(number, locale=language())


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
