"""Move staged rows into the subscribers' tables by set-based SQL: no row is read in Python here.

Outcomes of a row: ``added``, ``updated``, ``unchanged``; ``left`` (unsubscribed according to the list); ``banned``
(bounced or complained according to it: suppressed for every letter); ``opted-out`` (unsubscribed here before: an import
never subscribes a reader again), ``suppressed`` (here before), ``unproven`` (no proof of consent: changes nothing),
``held`` (a refused row of the same address may say that its reader left), ``duplicate``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    case,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    update,
)

from composer.database import advisory_lock, db_now, insert_or_ignore
from composer.subscribers.record import DETAILS, OF_PERSON, OF_SUBSCRIPTION, Detail
from composer.subscribers.staging_tables import refused_keys, rows
from composer.subscribers.standing import Stance
from composer.subscribers.tables import consents, subscribers, subscriptions, suppressions

_standing = rows.c.standing
_LEAVES = _standing >= int(Stance.LEFT)
_BANNED = _standing >= int(Stance.SUPPRESSED)


def classify(connection: Connection, publication: str) -> None:
    """Set each staged row's outcome, by comparison with the subscribers as they are now."""
    undecided = rows.c.outcome == "added"
    _mark_suppressed(connection, undecided)
    connection.execute(update(rows).where(undecided, _BANNED).values(outcome="banned"))
    _mark_opted_out(connection, publication, undecided)
    connection.execute(update(rows).where(undecided, _LEAVES).values(outcome="left"))
    connection.execute(update(rows).where(undecided, _standing == int(Stance.UNPROVEN)).values(outcome="unproven"))
    line = (
        select(func.min(refused_keys.c.line)).where(refused_keys.c.address_key == rows.c.address_key).scalar_subquery()
    )
    refused = exists().where(refused_keys.c.address_key == rows.c.address_key)
    connection.execute(update(rows).where(undecided, refused).values(outcome="held", twin=line))
    for outcome, condition in (
        ("updated", _says_something_new(publication)),
        ("unchanged", _is_here(publication)),
    ):
        connection.execute(update(rows).where(undecided, condition).values(outcome=outcome))


def lapsed(connection: Connection, publication: str) -> int:
    """Number of rows that say paid and not until when, of readers whose own payment has ended: that end stays."""
    query = (
        select(func.count())
        .select_from(rows)
        .join(subscribers, subscribers.c.address_key == rows.c.address_key)
        .join(subscriptions, subscriptions.c.subscriber_id == subscribers.c.id)
        .where(
            subscriptions.c.publication == publication,
            rows.c.outcome.in_(("updated", "unchanged")),
            rows.c.tier == "paid",
            rows.c.paid_until.is_(None),
            subscriptions.c.paid_until < db_now(),
        )
    )
    return connection.execute(query).scalar_one()


def still_written_to(connection: Connection, publication: str) -> int:
    """Number of readers of this letter whom a refused row may say to have left, and no other row does: they stay."""
    key = refused_keys.c.address_key
    said = exists().where(rows.c.address_key == key, rows.c.outcome.in_(("left", "banned")))
    query = (
        select(func.count(key.distinct()))
        .select_from(refused_keys)
        .join(subscribers, subscribers.c.address_key == key)
        .join(subscriptions, subscriptions.c.subscriber_id == subscribers.c.id)
        .where(subscriptions.c.publication == publication, subscriptions.c.status == "active", ~said)
    )
    return connection.execute(query).scalar_one()


def counted(connection: Connection) -> Mapping[str, int]:
    """Number of staged rows by outcome."""
    found = connection.execute(select(rows.c.outcome, func.count()).group_by(rows.c.outcome)).all()
    return {str(row[0]): row[1] for row in found}


def merge(
    connection: Connection, publication: str, detail: str, keys: ColumnElement[bool], found: Mapping[str, int]
) -> None:
    """Apply the outcomes of ``classify`` to the rows within ``keys``, in the caller's transaction.

    Outcomes are corrected first for readers added, unsubscribed or suppressed since. ``detail`` is stored with each
    consent. ``found``, from ``counted``, covers the whole list: statements for absent outcomes are skipped.
    """
    advisory_lock(connection, "adding subscribers")
    open_still = and_(keys, rows.c.outcome.in_(("added", "updated", "unchanged", "left")))
    _mark_opted_out(connection, publication, open_still)
    _mark_suppressed(connection, open_still)
    came_meanwhile = and_(keys, rows.c.outcome == "added", _is_here(publication))
    connection.execute(update(rows).where(came_meanwhile).values(outcome="unchanged"))
    if "updated" in found:
        _renew(connection, publication, keys)
    _renew_people(connection, keys)
    incoming = and_(keys, rows.c.outcome.in_(("added", "left", "banned")))
    unknown = ~exists().where(subscribers.c.address_key == rows.c.address_key)
    connection.execute(
        # Inserted in key order, so that the unique index on keys is written page by page.
        insert(subscribers).from_select(
            ["email", "address_key", *OF_PERSON, "created_at"],
            select(rows.c.email, rows.c.address_key, *_stored(OF_PERSON), db_now())
            .where(incoming, unknown)
            .order_by(rows.c.address_key),
        )
    )
    _analyse(connection, subscribers)
    began = func.coalesce(rows.c.subscribed_at, db_now())
    theirs = subscriptions.c.subscriber_id == subscribers.c.id
    connection.execute(
        insert(subscriptions).from_select(
            ["subscriber_id", "publication", "status", *OF_SUBSCRIPTION, "created_at"],
            _staged(subscribers.c.id, literal(publication), literal("active"), *_stored(OF_SUBSCRIPTION), began).where(
                incoming, ~exists().where(theirs, subscriptions.c.publication == publication)
            ),
        )
    )
    _analyse(connection, subscriptions)
    connection.execute(
        insert(consents).from_select(
            ["subscription_id", "source", "at", "detail"],
            _staged(subscriptions.c.id, rows.c.source, began, literal(detail))
            .join(subscriptions)
            .where(_to(publication), keys, rows.c.outcome == "added"),
        )
    )
    if "left" in found or "banned" in found:
        connection.execute(
            update(subscriptions)
            .where(
                _to(publication),
                subscriptions.c.status == "active",
                subscriptions.c.subscriber_id.in_(_staged(subscribers.c.id).where(keys, _LEAVES)),
            )
            .values(status="unsubscribed", unsubscribed_at=db_now(), unsubscribed_by="import")
        )
    if "banned" in found:
        _suppress(connection, detail, keys)


def _suppress(connection: Connection, detail: str, keys: ColumnElement[bool]) -> None:
    """Suppress, for every letter, the addresses that bounced or complained according to the list."""
    reason = case(
        (_standing == int(Stance.COMPLAINED), "complaint"),
        (_standing == int(Stance.BOUNCED), "hard-bounce"),
        else_="manual",
    )
    connection.execute(
        insert_or_ignore(connection, suppressions).from_select(
            ["address_key", "reason", "detail", "at"],
            select(rows.c.address_key, reason, literal(detail), db_now()).where(keys, rows.c.outcome == "banned"),
        )
    )


def _analyse(connection: Connection, table: Table) -> None:
    """Update PostgreSQL's planner statistics, which do not yet cover the rows written by this transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"ANALYZE {table.name}"))


def _to(publication: str) -> ColumnElement[bool]:
    """``subscriptions.publication == publication``, written as ``publication || ''`` so that no index is used.

    Without statistics SQLite assumes ten subscriptions per publication, and would start a join from all of them.
    """
    return subscriptions.c.publication.concat("") == publication


def _mark_opted_out(connection: Connection, publication: str, which: ColumnElement[bool]) -> None:
    left = (
        select(subscribers.c.address_key)
        .join_from(subscribers, subscriptions)
        .where(subscriptions.c.publication == publication, subscriptions.c.status == "unsubscribed")
    )
    connection.execute(update(rows).where(which, rows.c.address_key.in_(left)).values(outcome="opted-out"))


def _mark_suppressed(connection: Connection, which: ColumnElement[bool]) -> None:
    addresses = select(suppressions.c.address_key)
    connection.execute(update(rows).where(which, rows.c.address_key.in_(addresses)).values(outcome="suppressed"))


def _is_here(publication: str) -> ColumnElement[bool]:
    return exists().where(
        subscribers.c.address_key == rows.c.address_key,
        subscriptions.c.subscriber_id == subscribers.c.id,
        subscriptions.c.publication == publication,
    )


def _renew(connection: Connection, publication: str, keys: ColumnElement[bool]) -> None:
    connection.execute(
        update(subscriptions)
        .where(
            keys,
            rows.c.outcome == "updated",
            rows.c.address_key == subscribers.c.address_key,
            subscriptions.c.subscriber_id == subscribers.c.id,
            _to(publication),
        )
        .values({name: func.coalesce(rows.c[name], subscriptions.c[name]) for name in OF_SUBSCRIPTION})
    )


def _renew_people(connection: Connection, keys: ColumnElement[bool]) -> None:
    connection.execute(
        update(subscribers)
        .where(
            keys,
            rows.c.outcome.in_(("updated", "added")),
            rows.c.address_key == subscribers.c.address_key,
            or_(*(rows.c[name].is_not(None) for name in OF_PERSON)),
        )
        .values({name: func.coalesce(rows.c[name], subscribers.c[name]) for name in OF_PERSON})
    )


def _says_something_new(publication: str) -> ColumnElement[bool]:
    tables = {"subscribers": subscribers, "subscriptions": subscriptions}
    fresh = [(rows.c[name], tables[detail.table].c[name]) for name, detail in DETAILS.items()]
    return exists().where(
        subscribers.c.address_key == rows.c.address_key,
        subscriptions.c.subscriber_id == subscribers.c.id,
        subscriptions.c.publication == publication,
        or_(*(and_(said.is_not(None), said.is_distinct_from(known)) for said, known in fresh)),
    )


def _stored(details: Mapping[str, Detail]) -> list[ColumnElement[Any]]:
    return [detail.stored(rows.c[name]) for name, detail in details.items()]


def _staged(*columns: ColumnElement[Any]) -> Select[Any]:
    return select(*columns).join_from(rows, subscribers, subscribers.c.address_key == rows.c.address_key)
