"""All that is held about one person (GDPR, article 15), table by table, as plain data.

Rows of every room are looked for, by the names of their tables; ``tests/subscribers/test_held.py`` compares these with
the metadata, so that a table or a column with a person in it cannot be left out.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, FromClause, RowMapping, Select, Table, select

from composer.database import metadata
from composer.subscribers.address import Address
from composer.subscribers.address_key import address_keys
from composer.subscribers.requests import is_same_mailbox
from composer.subscribers.signups import token_hash
from composer.subscribers.tables import requests

#: Table → column by which its rows are one person's, and the table above that it refers to by id; without one it is
#: the address key. ``requests`` is read row by row: it holds addresses as strangers typed them.
HELD_TABLES: dict[str, tuple[str, str]] = {
    "subscribers": ("address_key", ""),
    "subscriptions": ("subscriber_id", "subscribers"),
    "consents": ("subscription_id", "subscriptions"),
    "suppressions": ("address_key", ""),
    "signups": ("address_key", ""),
    "links": ("address_key", ""),
    "requests": ("email", ""),
    "outbox": ("address_key", ""),
    "deliveries": ("subscriber_id", "subscribers"),
    "returned": ("subscriber_id", "subscribers"),
    "welcomed": ("subscriber_id", "subscribers"),
    "run_refusals": ("delivery_id", "deliveries"),
}

#: Columns that are not told, and why.
UNTOLD: dict[str, str] = {
    "signups.token_hash": "leads to the link that confirms",
    "links.token_hash": "leads to the link to the choices",
    "requests.token": "is the link that confirms, or a number of ours",
    "outbox.content": "the message itself, with a link that acts",
    "outbox.worker_id": "a number of a process of ours",
    "deliveries.worker_id": "a number of a process of ours",
    "welcomed.mailing_id": "a number of ours, of a delivery that is told",
}

#: What is told of a row that a person's row refers to, in place of its number.
_TOLD_BY: dict[str, tuple[str, ...]] = {
    "mailings": ("publication", "date", "slug", "subject"),
    "mailing_editions": ("audience", "language", "version"),
}

#: Ids of one query: what SQLite and PostgreSQL both take, with room to spare.
_IDS = 500


def held_about(connection: Connection, address: Address) -> dict[str, list[dict[str, Any]]]:
    """Table → its rows about the person of ``address``, the oldest first; tables without one are left out, so that
    ``{}`` says that nothing is held.

    A row is column → value: text, a number, a boolean, a date, an instant (aware), or ``None``; ``mailing_id`` and
    ``edition_id`` are dictionaries that say which letter. A forgotten person has rows too, without what was erased. One
    transaction, so call it in one. The tables of every room are loaded (``delivery``, ``outbox``, ``returns``):
    ``KeyError`` where they are not. Raises as ``address_keys``.
    """
    key = address_keys(connection)(address)
    held: dict[str, list[dict[str, Any]]] = {}
    ids: dict[str, list[Any]] = {}
    hashes: set[str] = set()
    for name, (by, above) in HELD_TABLES.items():
        table = metadata.tables[name]
        if table is requests:
            rows = _asked(connection, address, {str(one) for one in ids["subscriptions"]}, hashes)
        else:
            rows = _rows(connection, table, table.c[by], ids[above] if above else [key])
        ids[name] = [row[f"{name}.id"] for row in rows if "id" in table.c]
        hashes |= {row[f"{name}.token_hash"] for row in rows if "token_hash" in table.c}
        if rows:
            held[name] = [_told(table, row) for row in rows]
    return held


def _rows(connection: Connection, table: Table, by: Column[Any], values: list[Any]) -> list[RowMapping]:
    """Rows in which ``by`` is one of ``values``, with what they refer to."""
    query, order = _query(table), next(iter(table.primary_key))
    found: list[RowMapping] = []
    for start in range(0, len(values), _IDS):
        some = query.where(by.in_(values[start : start + _IDS])).order_by(order)
        found += connection.execute(some).mappings()
    return found


def _query(table: Table) -> Select[Any]:
    """All columns, labelled ``table.column``, with those of ``_TOLD_BY``."""
    source: FromClause = table
    columns = [column.label(f"{table.name}.{column.name}") for column in table.c]
    for column, other in _referred(table).items():
        source = source.join(other, table.c[column] == other.c.id)
        columns += [other.c[each].label(f"{other.name}.{each}") for each in _TOLD_BY[other.name]]
    query = select(*columns).select_from(source)
    if "mailing_id" in _referred(table):  # deliveries have no index by reader alone: one by mailing and reader
        query = query.where(table.c.mailing_id.in_(select(_referred(table)["mailing_id"].c.id)))
    return query


def _referred(table: Table) -> dict[str, Table]:
    """Column of ``table`` → the table of ``_TOLD_BY`` that it refers to."""
    keys = sorted(table.foreign_keys, key=lambda each: each.parent.name)
    return {each.parent.name: each.column.table for each in keys if each.column.table.name in _TOLD_BY}


def _told(table: Table, row: RowMapping) -> dict[str, Any]:
    """One row as it is told."""
    told = {
        column.name: row[f"{table.name}.{column.name}"]
        for column in table.c
        if f"{table.name}.{column.name}" not in UNTOLD
    }
    for column, other in _referred(table).items():
        told[column] = {each: row[f"{other.name}.{each}"] for each in _TOLD_BY[other.name]}
    return told


def _asked(connection: Connection, address: Address, subscription_ids: set[str], hashes: set[str]) -> list[RowMapping]:
    """What this person asked for at the pages, not taken out yet (for a second): by the address however it was typed,
    by a link of theirs, or for a subscription of theirs."""

    def theirs(row: RowMapping) -> bool:
        token = row["requests.token"] or ""
        by_link = token in subscription_ids if row["requests.kind"] == "back" else token_hash(token) in hashes
        return by_link or is_same_mailbox(row["requests.email"] or "", address)

    return [row for row in connection.execute(_query(requests).order_by(requests.c.at)).mappings() if theirs(row)]
