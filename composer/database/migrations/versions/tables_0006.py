"""The keys of addresses become HMACs, and the fingerprint of their key is stored.

They were SHA-256 of the addresses: the forgotten could be guessed from the database. The HMAC's message is that
digest, so that no address is needed.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable
from hashlib import sha256

import sqlalchemy as sa
from alembic import context, op

from composer.errors import Refused
from composer.locale import gettext as _

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

#: Rows read at once.
_BATCH = 10_000

#: Every key of before, with the one that it becomes. All are read before one is changed: a key that was changed must
#: not be met again.
_becoming = sa.Table(
    "becoming",
    sa.MetaData(),
    sa.Column("old", sa.String(length=64), primary_key=True),
    sa.Column("new", sa.String(length=64), nullable=False),
    prefixes=["TEMPORARY"],
)


def upgrade() -> None:
    op.create_table(
        "fingerprints",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_fingerprints")),
    )
    find_key: Callable[[], bytes] | None = context.config.attributes.get("address_key")
    if find_key is None:  # the rows come from a backup, with the fingerprint
        return
    key = find_key()
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        op.execute("PRAGMA secure_delete=ON")  # else the old values stay readable in the file's free room
    _becoming.create(connection)
    for table in ("subscribers", "suppressions"):
        last: str | None = ""
        while last is not None:
            some = sa.text(f"SELECT address_key FROM {table} WHERE address_key > :last ORDER BY 1 LIMIT {_BATCH}")  # noqa: S608 # reason: constants
            found = connection.execute(some, {"last": last}).scalars().all()
            _put(connection, ((old, hmac.digest(key, old.encode(), sha256).hex()) for old in found))
            last = found[-1] if found else None
    context.config.attributes["rewritten"] = _rewrite(connection)
    mark = hmac.digest(key, b"filigrane: which key is this", sha256).hex()[:32]
    connection.execute(
        sa.text("INSERT INTO fingerprints (name, fingerprint) VALUES ('addresses', :mark)"), {"mark": mark}
    )


def downgrade() -> None:
    """Raises ``Refused`` where readers were forgotten or addresses of no reader are suppressed: of these the database
    has no address, and from an HMAC no digest can be made.
    """
    connection = op.get_bind()
    _becoming.create(connection)
    last: int | None = 0
    while last is not None:
        some = (
            "SELECT id, address_key, email FROM subscribers WHERE id > :last AND email IS NOT NULL ORDER BY id LIMIT :n"
        )
        found = connection.execute(sa.text(some), {"last": last, "n": _BATCH}).all()
        _put(connection, ((row.address_key, _digest(row.email)) for row in found))
        last = found[-1].id if found else None
    every = "SELECT address_key FROM subscribers UNION SELECT address_key FROM suppressions"
    lost = sa.text(f"SELECT count(*) FROM ({every}) AS every_key WHERE address_key NOT IN (SELECT old FROM becoming)")  # noqa: S608 # reason: constants
    if number := connection.execute(lost).scalar_one():
        message = _(
            "{number} addresses were forgotten or are suppressed, and are known by their HMACs alone: earlier versions "
            "could not recognise them. Go back with the backup that was made before the upgrade"
        )
        raise Refused(message.format(number=number))
    _rewrite(connection)
    op.drop_table("fingerprints")


def _put(connection: sa.Connection, pairs: Iterable[tuple[str, str]]) -> None:
    rows = [{"old": old, "new": new} for old, new in pairs]
    if rows:
        both = "INSERT INTO becoming (old, new) VALUES (:old, :new) ON CONFLICT DO NOTHING"
        connection.execute(sa.text(both), rows)


def _rewrite(connection: sa.Connection) -> int:
    """Put the new keys into both tables; how many rows have one."""
    number = 0
    for table in ("subscribers", "suppressions"):
        new = f"(SELECT new FROM becoming WHERE old = {table}.address_key)"  # noqa: S608 # reason: constants
        number += connection.execute(sa.text(f"UPDATE {table} SET address_key = {new}")).rowcount  # noqa: S608 # reason: the same
    _becoming.drop(connection)
    return number


def _digest(email: str) -> str:
    local, _at, domain = email.rpartition("@")
    return sha256(f"{local.casefold()}@{domain}".encode()).hexdigest()
