"""The frozen editions of a mailing, and which version of its edition a delivery gets.

Amending a mailing does not rewrite its deliveries. A claim assigns the newest version, unless a message of an older one
may be out (``pinned``); ``claims.mark`` refuses what was claimed before the amendment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Case, ColumnElement, Connection, and_, case, insert, select

from composer.delivery.ledger.messages import MailingTemplates, MessageInputs, build_message
from composer.delivery.state import State
from composer.delivery.tables import deliveries, mailing_editions, mailings
from composer.message import Template


def freeze(
    connection: Connection,
    mailing_id: int,
    version: int,
    seal: str,
    templates: Mapping[tuple[str, str], Template],
    common: MailingTemplates,
    secret: bytes,
) -> dict[tuple[str, str], int]:
    """Store ``templates`` of the approval with digest ``seal``; return the id of each, by audience and language.

    Builds and signs one message of each edition to an invalid address, so that an error that would hit every reader is
    found before any message is sent. Raises ``Refused`` then.
    """
    editions: dict[tuple[str, str], int] = {}
    for (audience, language), template in templates.items():
        row = insert(mailing_editions).values(
            mailing_id=mailing_id,
            audience=audience,
            language=language,
            version=version,
            seal=seal,
            template=template.dumps(),
        )
        edition_id: int = connection.execute(row.returning(mailing_editions.c.id)).scalar_one()
        trial = replace(common, templates={edition_id: template})
        build_message(trial, MessageInputs(mailing_id, edition_id, 0, 0, "nobody@example.invalid"), secret)
        editions[audience, language] = edition_id
    return editions


def newest(connection: Connection, mailing_ids: Iterable[int]) -> dict[int, int]:
    """For each corrected edition of ``mailing_ids``: the id of its newest version, by the id of the older one."""
    kept = select(
        mailing_editions.c.id, mailing_editions.c.mailing_id, mailing_editions.c.audience, mailing_editions.c.language
    )
    rows = connection.execute(
        kept.where(mailing_editions.c.mailing_id.in_(list(mailing_ids))).order_by(mailing_editions.c.version)
    ).all()
    last = {(row.mailing_id, row.audience, row.language): row.id for row in rows}
    current = {row.id: last[row.mailing_id, row.audience, row.language] for row in rows}
    return {edition: latest for edition, latest in current.items() if edition != latest}


def to_send(corrected: Mapping[int, int]) -> Case[Any]:
    """SQL: the edition of a delivery claimed now; ``corrected`` is the result of ``newest``, not empty."""
    latest = case(dict(corrected), value=deliveries.c.edition_id, else_=deliveries.c.edition_id)
    return case((deliveries.c.pinned, deliveries.c.edition_id), else_=latest)


def outdated() -> ColumnElement[bool]:
    """SQL condition: the mailing was amended since the delivery was claimed, and the delivery is not pinned."""
    held = select(mailing_editions.c.version).where(mailing_editions.c.id == deliveries.c.edition_id)
    sent = select(mailings.c.version).where(mailings.c.id == deliveries.c.mailing_id)
    return and_(~deliveries.c.pinned, held.scalar_subquery() < sent.scalar_subquery())


def unsent(becomes: State) -> Case[Any]:
    """SQL: the state of a delivery that does not leave: ``becomes``. Of one that was to be sent a second time
    (``pinned``), what is known of the message before: accepted where that reply still stands in the row, else in doubt.
    """
    taken = and_(deliveries.c.reply_code >= 200, deliveries.c.reply_code < 300)
    return case(
        (~deliveries.c.pinned, becomes.value),
        (taken, State.ACCEPTED.value),
        else_=State.IN_DOUBT.value,
    )
