"""Which letters may stand on the web, by the ledger: those that a reader got, and no rehearsal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, false, or_, select, true

from composer.delivery.state import TAKEN, MailingState
from composer.delivery.tables import deliveries, mailing_counts, mailing_editions, mailings
from composer.issue.block import Audience
from composer.issue.key import IssueKey
from composer.issue.online import online_name, online_path
from composer.newsroom.model import Newsroom


@dataclass(frozen=True)
class SentLetter:
    """An edition of a mailing in one language, as it was sent last. ``original``: in the issue's own language.

    ``sent_at`` is its Date header, ``changed_at`` the last amendment.
    """

    mailing_id: int
    edition_id: int
    key: IssueKey
    language: str
    original: bool
    sent_at: datetime
    changed_at: datetime | None

    @property
    def path(self) -> str:
        """The folder of the free edition's page, below ``public_url``."""
        language = None if self.original else self.language
        return online_path(self.key.publication, online_name(self.key), language)


def sent_letters(
    connection: Connection, newsroom: Newsroom, audience: Audience = "free", dated_after: datetime | None = None
) -> list[SentLetter]:
    """Editions of open archives' mailings that a reader got, by publication and date; with ``dated_after``, later ones.

    Canaries are no readers: a letter stopped after them reached only the house. Nor is there one that was cancelled:
    it was taken back from the rest of its readers, and is published to no others. Whether the issue says
    ``online: false`` is not known here.
    """
    since = {name: each.archive.since for name, each in newsroom.publications.items() if each.archive is not None}
    reached = select(deliveries.c.id).where(
        deliveries.c.mailing_id == mailings.c.id, deliveries.c.state.in_(TAKEN), ~deliveries.c.canary
    )
    folded = select(mailing_counts.c.mailing_id).where(
        mailing_counts.c.mailing_id == mailings.c.id,
        mailing_counts.c.state.in_(TAKEN),
        mailing_counts.c.number > 0,
    )
    rows = connection.execute(
        select(
            *(mailings.c.id, mailings.c.publication, mailings.c.date, mailings.c.slug, mailings.c.dated),
            *(mailings.c.amended_at, mailing_editions.c.id.label("edition"), mailing_editions.c.language),
        )
        .join(mailing_editions, mailing_editions.c.mailing_id == mailings.c.id)
        .where(
            mailings.c.rehearsal == 0,
            mailings.c.state != MailingState.CANCELLED,
            mailing_editions.c.audience == audience,
            true() if dated_after is None else mailings.c.dated > dated_after,
            or_(
                false(),
                *(and_(mailings.c.publication == name, mailings.c.date >= first) for name, first in since.items()),
            ),
            or_(reached.exists(), folded.exists()),
        )
        .order_by(mailings.c.publication, mailings.c.date, mailings.c.slug, mailing_editions.c.version)
    ).all()
    newest = {(row.id, row.language): row for row in rows}
    spoken: dict[int, set[str]] = {}
    for mailing, language in newest:
        spoken.setdefault(mailing, set()).add(language)
    found = []
    for row in newest.values():
        own: str = newsroom.publications[row.publication].language
        first = own if own in spoken[row.id] else min(spoken[row.id])
        key = IssueKey(row.publication, row.date, row.slug)
        found.append(
            SentLetter(row.id, row.edition, key, row.language, row.language == first, row.dated, row.amended_at)
        )
    return found


def templates_of(connection: Connection, letters: list[SentLetter]) -> Iterator[tuple[SentLetter, bytes]]:
    """The frozen message of each of ``letters``, as the ledger keeps it."""
    for letter in letters:
        kept = select(mailing_editions.c.template).where(mailing_editions.c.id == letter.edition_id)
        if (template := connection.execute(kept).scalar_one_or_none()) is not None:
            yield letter, template
