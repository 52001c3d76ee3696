"""The editions of a mailing as it keeps them, and which version of its edition a delivery gets.

A delivery is not rewritten when its mailing is amended. The claim, through which every message goes out, gives it the
newest version, unless a message of an older one may be out (``pinned``); the last look refuses what was claimed before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Case, ColumnElement, Connection, and_, case, insert, select

from composer.delivery.ledger.messages import MailingTemplates, MessageInputs, build_message
from composer.delivery.tables import deliveries, mailing_editions, mailings
from composer.message import Template


def freeze(
    connection: Connection,
    mailing_id: int,
    version: int,
    seal: str,
    templates: Mapping[tuple[str, str], Template],
    press: MailingTemplates,
    secret: bytes,
) -> dict[tuple[str, str], int]:
    """Keep ``templates``, of the approval whose digest is ``seal``; the id of each, by audience and language.

    One letter of each edition is made to nobody, signature and all: what would fail for every reader fails here, for
    none. Raises ``Refused`` then.
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
        trial = replace(press, templates={edition_id: template})
        build_message(trial, MessageInputs(mailing_id, edition_id, 0, 0, "nobody@example.invalid"), secret)
        editions[audience, language] = edition_id
    return editions


def newest(connection: Connection, mailing_ids: Iterable[int]) -> dict[int, int]:
    """Of each edition that was corrected, among those of ``mailing_ids``, the version that is sent now."""
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
    """The edition of a delivery that is claimed now; ``corrected`` is what ``newest`` gave, not empty."""
    latest = case(dict(corrected), value=deliveries.c.edition_id, else_=deliveries.c.edition_id)
    return case((deliveries.c.pinned, deliveries.c.edition_id), else_=latest)


def outdated() -> ColumnElement[bool]:
    """Whether a delivery in hand was corrected since it was claimed."""
    held = select(mailing_editions.c.version).where(mailing_editions.c.id == deliveries.c.edition_id)
    sent = select(mailings.c.version).where(mailings.c.id == deliveries.c.mailing_id)
    return and_(~deliveries.c.pinned, held.scalar_subquery() < sent.scalar_subquery())
