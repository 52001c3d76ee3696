"""What the database keeps for publications that the newsroom has no more: a file of config/publications was renamed, or
deleted. Nothing of theirs leaves, and no schedule shows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date as Date

from sqlalchemy import Connection, func, select

from composer.locale import gettext as _
from composer.locale import ngettext
from composer.newsroom.model import Newsroom
from composer.newsroom.unread import unread_publications
from composer.schedule.notifications import STANDING, Notification
from composer.schedule.tables import occurrences
from composer.subscribers.tables import subscriptions


@dataclass(frozen=True)
class WaitsForGone:
    """Letters of ``publication`` that are held, or that were asked for, by their dates."""

    publication: str
    dates: tuple[Date, ...]

    @property
    def sentence(self) -> str:
        """What becomes of them, and what to do."""
        told = _(
            "there is no config/publications/{publication}.yaml any more: what was held or asked for of it ({dates}) "
            "does not leave. Where the file was renamed, give it that name back, or send the issue under its new "
            "publication"
        )
        return told.format(publication=self.publication, dates=", ".join(map(str, self.dates)))


def waiting_for_gone(connection: Connection, newsroom: Newsroom) -> list[WaitsForGone]:
    """Of each publication that is gone, in the order of their names."""
    rows = connection.execute(
        select(occurrences.c.publication, occurrences.c.due_date)
        .where(occurrences.c.state.in_(("held", "planned")))
        .order_by(occurrences.c.publication, occurrences.c.due_date)
    )
    found: dict[str, list[Date]] = {}
    for publication, date in rows:
        if not _known(newsroom, publication):
            found.setdefault(publication, []).append(date)
    return [WaitsForGone(publication, tuple(dates)) for publication, dates in found.items()]


def gone_notices(connection: Connection, newsroom: Newsroom) -> Iterator[Notification]:
    """One for each publication that is gone and of which a letter waits."""
    for each in waiting_for_gone(connection, newsroom):
        subject = _("“{publication}” is no publication any more, and a letter of it waits")
        what = f"{STANDING}gone:{each.publication}"
        text = f"{each.sentence[:1].upper()}{each.sentence[1:]}."
        yield Notification(what, "configuration", subject.format(publication=each.publication), text)


def readers_of_gone(connection: Connection, newsroom: Newsroom) -> Mapping[str, int]:
    """Number of active subscriptions by publication, of those that are gone."""
    active = select(subscriptions.c.publication, func.count()).where(subscriptions.c.status == "active")
    counts: dict[str, int] = dict(map(tuple, connection.execute(active.group_by(subscriptions.c.publication))))
    return {name: count for name, count in sorted(counts.items()) if not _known(newsroom, name)}


def readers_of_gone_words(publication: str, count: int) -> str:
    """That these readers get no letter, and what to do."""
    told = ngettext(
        "{n} reader of “{publication}”, of which there is no config/publications/{publication}.yaml, is written to by "
        "nobody; where the file was renamed, give it that name back, or take its list along: docs/running.md, “To "
        "another letter”",
        "{n} readers of “{publication}”, of which there is no config/publications/{publication}.yaml, are written to "
        "by nobody; where the file was renamed, give it that name back, or take its list along: docs/running.md, “To "
        "another letter”",
        count,
    )
    return told.format(n=count, publication=publication)


def _known(newsroom: Newsroom, publication: str) -> bool:
    return publication in newsroom.publications or publication in unread_publications(newsroom)
