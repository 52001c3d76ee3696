"""Another address key in place of one that is lost: the HMACs of known addresses are made anew.

Forgotten readers, and suppressed addresses of no reader, are known by an HMAC under the lost key alone. Their
rows stay, for the counts of past mailings, and no address leads to them any more.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    String,
    Table,
    exists,
    func,
    insert,
    select,
    union,
    update,
)

from composer.database import advisory_lock
from composer.errors import Refused
from composer.locale import gettext as _
from composer.newsroom.environment import address_key, address_key_place
from composer.newsroom.making_keys import address_key_or_new
from composer.subscribers.address import stored_address
from composer.subscribers.address_key import key_under, stored_fingerprint, write_fingerprint
from composer.subscribers.tables import subscribers, suppressions
from composer.subscribers.tokens import fingerprint

#: Rows read at once.
_BATCH = 10_000

#: The key of each reader with a known address, with the one that it becomes.
_becoming = Table(
    "becoming",
    MetaData(),
    Column("old", String(64), primary_key=True),
    Column("new", String(64), nullable=False),
    prefixes=["TEMPORARY"],
)


def require_lost(engine: Engine, root: Path) -> None:
    """Raise ``Refused`` where the newsroom at ``root`` has an address key, this database's or another one."""
    key = address_key(root)
    if key is None:
        return
    with engine.connect() as connection:
        same = stored_fingerprint(connection) == fingerprint(key)
    ours = _("the address key in {place} is the one of this database: nothing is lost, and nothing was written")
    other = _(
        "the address key in {place} is not the one of this database: put the right one in its place, or take this one "
        "away first where the right one is lost; nothing was written"
    )
    raise Refused((ours if same else other).format(place=address_key_place()))


def unrecognisable(connection: Connection) -> int:
    """How many addresses are known by their keys alone: of the forgotten, and suppressed ones that are no reader's."""
    known = exists().where(subscribers.c.address_key == suppressions.c.address_key, subscribers.c.email.is_not(None))
    both = union(
        select(subscribers.c.address_key).where(subscribers.c.email.is_(None)),
        select(suppressions.c.address_key).where(~known),
    )
    return connection.execute(select(func.count()).select_from(both.subquery())).scalar_one()


def replace_lost(engine: Engine, root: Path) -> int:
    """Make a new address key (``making_keys``), and by it the keys of all readers with a known address; how many rows.

    In one transaction. A new key that no commit followed stays in its file, and ``require_lost`` names it: to delete it
    here could delete the one that a commit followed.
    """
    with engine.begin() as connection:
        advisory_lock(connection, "adding subscribers")
        key = address_key_or_new(root)
        _becoming.create(connection)
        last: int | None = 0
        columns = subscribers.c.id, subscribers.c.address_key, subscribers.c.email
        some = select(*columns).where(subscribers.c.email.is_not(None)).order_by(subscribers.c.id).limit(_BATCH)
        while last is not None:
            found = connection.execute(some.where(subscribers.c.id > last)).all()
            rows = [{"old": row.address_key, "new": key_under(key, stored_address(row.email))} for row in found]
            if rows:
                connection.execute(insert(_becoming), rows)
            last = found[-1].id if found else None
        number = 0
        for table in (subscribers, suppressions):
            new = select(_becoming.c.new).where(_becoming.c.old == table.c.address_key).scalar_subquery()
            known = table.c.address_key.in_(select(_becoming.c.old))
            number += connection.execute(update(table).where(known).values(address_key=new)).rowcount
        _becoming.drop(connection)
        write_fingerprint(connection, fingerprint(key))
    return number
