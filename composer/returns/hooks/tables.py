"""The tables of what was posted: bodies until they are read, and tokens that act once."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary, String, Table

from composer.database import UTCDateTime, db_now, metadata

#: A report as it came. The pages add rows and count them. ``not_before``: it could not be checked yet, and waits.
hook_posts = Table(
    "hook_posts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("provider", String(16), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("not_before", UTCDateTime, nullable=True),
    Column("at", UTCDateTime, nullable=False, default=db_now(), index=True),
)

#: SHA-256 of a token that was used. A signature of Mailgun's is on a token and a time, not on what is reported.
hook_tokens = Table(
    "hook_tokens",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("at", UTCDateTime, nullable=False, default=db_now(), index=True),
)
