"""What the database keeps for publications that the newsroom has no more: a file of config/publications was renamed, or
deleted. Nothing of theirs leaves, and no schedule shows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date as Date

from sqlalchemy import Connection, func, select

from composer.delivery.state import NOT_OVER
from composer.delivery.tables import mailings
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


@dataclass(frozen=True)
class ReadersOfGone:
    """Active subscriptions of ``publication``, ``count`` of them; ``mailings``: the ids of those that are not over."""

    publication: str
    count: int
    mailings: tuple[int, ...]

    @property
    def sentence(self) -> str:
        """That these readers get no new letter, what to do, and what was opened before and is not over."""
        told = ngettext(
            "{n} reader of “{publication}”, of which there is no config/publications/{publication}.yaml, gets no new "
            "letter; where the file was renamed, give it that name back, or take its list along: docs/running.md, “To "
            "another letter”",
            "{n} readers of “{publication}”, of which there is no config/publications/{publication}.yaml, get no new "
            "letter; where the file was renamed, give it that name back, or take its list along: docs/running.md, “To "
            "another letter”",
            self.count,
        ).format(n=self.count, publication=self.publication)
        if not self.mailings:
            return told
        goes_on = ngettext(
            "mailing {ids} of it was opened before, and is not over",
            "mailings {ids} of it were opened before, and are not over",
            len(self.mailings),
        )
        return f"{told}; {goes_on.format(ids=', '.join(map(str, self.mailings)))}"


def readers_of_gone(connection: Connection, newsroom: Newsroom) -> list[ReadersOfGone]:
    """Of each publication that is gone and has active subscriptions, in the order of their names."""
    active = select(subscriptions.c.publication, func.count()).where(subscriptions.c.status == "active")
    counts: dict[str, int] = dict(map(tuple, connection.execute(active.group_by(subscriptions.c.publication))))
    not_over = select(mailings.c.publication, mailings.c.id).where(mailings.c.state.in_(NOT_OVER))
    open_ = connection.execute(not_over.order_by(mailings.c.id)).all()
    return [
        ReadersOfGone(name, count, tuple(id_ for publication, id_ in open_ if publication == name))
        for name, count in sorted(counts.items())
        if not _known(newsroom, name)
    ]


def _known(newsroom: Newsroom, publication: str) -> bool:
    return publication in newsroom.publications or publication in unread_publications(newsroom)
