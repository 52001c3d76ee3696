"""Answers of readers to the newsroom's address, counted for each letter. Their words are not read.

A reader counts once a letter, however often they write. A row holds a keyed digest in place of the reader: the table
does not say by itself which reader wrote to a newsroom.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection
from hashlib import sha256

from sqlalchemy import Connection, func, select

from composer.database import insert_or_ignore
from composer.delivery.tables import mailings
from composer.returns.identity import Identity
from composer.returns.tables import answers


def count_answer(connection: Connection, identity: Identity, key: bytes) -> bool:
    """Count an answer to the letter of ``identity``; whether it is the reader's first one to that letter."""
    known = select(mailings.c.id).where(mailings.c.id == identity.mailing)
    if connection.execute(known).first() is None:
        return False
    packed = identity.subscriber.to_bytes(5) + identity.mailing.to_bytes(3)
    digest = hmac.digest(key, b"filigrane answer\0" + packed, sha256)[:16].hex()
    row = insert_or_ignore(connection, answers).values(mailing_id=identity.mailing, digest=digest)
    return connection.execute(row.returning(answers.c.digest)).first() is not None


def answers_to(connection: Connection, mailing_ids: Collection[int]) -> dict[int, int]:
    """The number of readers' answers to each of the mailings; none where none is known to have."""
    counted = (
        select(answers.c.mailing_id, func.count().label("readers"))
        .where(answers.c.mailing_id.in_(list(mailing_ids)))
        .group_by(answers.c.mailing_id)
    )
    return {row.mailing_id: row.readers for row in connection.execute(counted)}
