"""What stands for an address in the database: an HMAC of it, under a key that the database does not hold.

A forgotten reader is known by it alone. A plain digest could be guessed from the database: a machine tries some million
addresses a second. The key is of its own and never changes, for the HMACs of the forgotten cannot be made again. The
database holds its fingerprint, and each use compares: rows under two keys would be two lists that know nothing of each
other.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from functools import cache, partial
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, Engine, delete, insert, select

from composer.database import open_database
from composer.errors import Refused
from composer.locale import gettext as _
from composer.newsroom.environment import ADDRESS_KEY, ADDRESS_KEY_FILE, address_key, address_key_place
from composer.subscribers.address import Address
from composer.subscribers.tables import fingerprints
from composer.subscribers.tokens import fingerprint

#: The name of the key in the table of fingerprints.
_NAME = "addresses"


def open_keyed(url: str, root: Path) -> Engine:
    """``open_database``, with the address key of the newsroom at ``root``: it is read when an address is first looked
    for, so that what looks for none works without it.

    Raises as ``open_database``.
    """
    return with_key(open_database(url, root), root)


def with_key(engine: Engine, root: Path) -> Engine:
    """``engine``, which reads the address key of the newsroom at ``root`` when an address is first looked for."""
    engine.update_execution_options(address_key=cache(partial(address_key, root)))
    return engine


def address_keys(connection: Connection) -> Callable[[Address], str]:
    """What makes the ``address_key`` of an address in this database, 64 hexadecimal digits.

    Raises ``Refused``, saying what to do, where the key is not there or is another database's; it is asked for once,
    before a list is read, and again where another one was made meanwhile. The engine is one of ``open_keyed``.
    """
    find = connection.get_execution_options()["address_key"]
    key, stored = find(), stored_fingerprint(connection)
    if key is not None and stored != fingerprint(key):
        find.cache_clear()  # ``replace_lost`` made another one since this process read it
        key = find()
    if key is None:
        raise Refused(
            _(
                "the address key is not here: without it nobody who was forgotten or suppressed is recognised. Put it "
                "back in {file}, or give it in {variable}, as it was kept with the secrets or as another host of this "
                "newsroom has it. Where it is lost everywhere:\n    filigrane secret new --addresses"
            ).format(file=ADDRESS_KEY_FILE, variable=ADDRESS_KEY)
        )
    if stored != fingerprint(key):
        raise Refused(
            _(
                "the address key in {place} is not the one of this database: with it nobody who was forgotten or "
                "suppressed would be recognised. Put the right one in its place, as it was kept with the secrets or as "
                "another host of this newsroom has it, or name the right database in FILIGRANE_DATABASE_URL"
            ).format(place=address_key_place())
        )
    return partial(key_under, key)


def stored_fingerprint(connection: Connection) -> str | None:
    """The fingerprint of the key under which this database's addresses are."""
    query = select(fingerprints.c.fingerprint).where(fingerprints.c.name == _NAME)
    return connection.execute(query).scalar_one_or_none()


def write_fingerprint(connection: Connection, mark: str) -> None:
    """Say that every address of this database is under the key of the fingerprint ``mark``."""
    connection.execute(delete(fingerprints).where(fingerprints.c.name == _NAME))
    connection.execute(insert(fingerprints).values(name=_NAME, fingerprint=mark))


def require_address_key(engine: Engine) -> None:
    """Raise as ``address_keys``: for what starts now and needs the key later."""
    with engine.connect() as connection:
        address_keys(connection)


def key_under(key: bytes, address: Address) -> str:
    """The ``address_key`` of ``address`` under the address key ``key``, whichever database has it."""
    # The message is what stood in the database before there was a key: the migration knows no more of the forgotten.
    return hmac.digest(key, sha256(address.folded.encode()).hexdigest().encode(), sha256).hex()
