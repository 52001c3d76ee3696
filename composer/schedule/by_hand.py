"""Sending an approved issue off schedule, because somebody asks for it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from composer.approval import Unsealed, verdict
from composer.delivery import open_mailing
from composer.errors import Refused
from composer.issue.model import IssueKey
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.schedule.issues import key_due
from composer.schedule.occurrences import mailed, mailing_of, occurrences_of
from composer.schedule.pictures import publish


def open_now(now: datetime, path: Path, newsroom: Newsroom, engine: Engine, secret: bytes) -> int:
    """Open the mailing of the issue at ``path``; its id. Whether it is due, held or missed does not matter.

    Raises ``Refused`` where it is not approved as it stands, or has a mailing already, ``OutsideWorld`` where its
    pictures cannot be published or seen.
    """
    found = verdict(path, newsroom)
    if isinstance(found, Unsealed):
        raise Refused(found.sentence)
    seal = found.seal
    publish(seal, newsroom)
    with engine.begin() as connection:
        mailing = open_mailing(
            connection,
            seal=seal,
            newsroom=newsroom,
            publication_id=seal.key.publication,
            key=seal.key,
            dated=now,
            secret=secret,
        )
        if mailing is None:
            message = _("{issue} was sent already, or is being sent: filigrane mailings {id}")
            raise Refused(message.format(issue=seal.key, id=mailing_of(connection, seal.key)))
        _settle(connection, newsroom, seal.key, mailing)
    return mailing


def _settle(connection: Connection, newsroom: Newsroom, key: IssueKey, mailing: int) -> None:
    """What was held or missed for want of this issue is mailed."""
    for row in occurrences_of(connection, key.publication):
        if row.due_date == key.date and key_due(newsroom, key.publication, key.date) == key:
            mailed(connection, row.id, mailing)
