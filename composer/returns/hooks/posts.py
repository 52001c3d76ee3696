"""Reports as rows: added by the pages, taken out by the daemon."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from secrets import token_hex

from sqlalchemy import ColumnElement, Connection, delete, exists, func, insert, or_, select, update

from composer.database import db_now, insert_or_ignore
from composer.returns.hooks.tables import hook_posts, hook_tokens

#: Bytes of a body. Amazon SNS takes 256 KiB; what operators report of one letter is a few.
LONGEST_POST = 256 * 1024
#: Rows that wait at most: beyond, the pages say that it is too much now, and operators come back.
MOST_POSTS = 2_000
#: Seconds for which a row waits that cannot be checked, between two tries and in all.
TRIED_AGAIN, TRIED_FOR = 300.0, 3 * 86400.0
#: Seconds for which a used token is remembered: four days, above ``TRIED_FOR`` and the minutes in which it is believed.
_REMEMBERED = 4 * 86400.0


@dataclass(frozen=True)
class HookPost:
    """A row. ``at``: when it came, by the database's clock; ``late``: it waited as long as a row may."""

    id: str
    provider: str
    body: bytes
    at: datetime
    late: bool


def add_post(connection: Connection, provider: str, body: bytes) -> bool:
    """Add a report; False, and nothing is added, where ``MOST_POSTS`` wait already."""
    waiting = connection.execute(select(func.count(hook_posts.c.id))).scalar_one()
    if waiting >= MOST_POSTS:
        return False
    # Inline: nothing is read back, for the pages may read nothing but the rows' ids.
    connection.execute(insert(hook_posts).inline().values(id=token_hex(16), provider=provider, body=body))
    return True


def any_post(connection: Connection) -> bool:
    """Whether one may be read now."""
    return connection.execute(select(exists(select(hook_posts.c.id).where(_is_due())))).scalar_one()


def due_posts(connection: Connection, most: int) -> list[HookPost]:
    """Up to ``most`` that may be read now, the oldest first."""
    late = hook_posts.c.at < db_now(-TRIED_FOR)
    found = select(hook_posts.c.id, hook_posts.c.provider, hook_posts.c.body, hook_posts.c.at, late.label("late"))
    rows = connection.execute(found.where(_is_due()).order_by(hook_posts.c.at, hook_posts.c.id).limit(most))
    return [HookPost(row.id, row.provider, row.body, row.at, bool(row.late)) for row in rows]


def take_post(connection: Connection, post: HookPost) -> bool:
    """Take the row out; False where another process did."""
    return connection.execute(delete(hook_posts).where(hook_posts.c.id == post.id)).rowcount == 1


def put_off_post(connection: Connection, post: HookPost) -> None:
    """Let the row wait: it cannot be checked now."""
    this = update(hook_posts).where(hook_posts.c.id == post.id)
    connection.execute(this.values(not_before=db_now(TRIED_AGAIN)))


def use_token(connection: Connection, provider: str, token: str) -> bool:
    """Whether this is the first use of an operator's token; remember it."""
    connection.execute(delete(hook_tokens).where(hook_tokens.c.at < db_now(-_REMEMBERED)))
    digest = sha256(f"{provider}\0{token}".encode()).hexdigest()
    row = insert_or_ignore(connection, hook_tokens).values(digest=digest).returning(hook_tokens.c.digest)
    return connection.execute(row).first() is not None


def _is_due() -> ColumnElement[bool]:
    return or_(hook_posts.c.not_before.is_(None), hook_posts.c.not_before <= db_now())
