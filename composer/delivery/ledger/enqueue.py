"""Opening a mailing: the sealed issue's editions as frozen messages, and one delivery a reader, in one transaction.

If two processes try, UNIQUE(publication, date, slug, rehearsal) lets only one open it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, insert, literal, select, update

from composer.approval.messages import messages, return_domain
from composer.database import UTCDateTime, alongside, db_now, insert_or_ignore
from composer.delivery.ledger import canary, readers
from composer.delivery.ledger.allowlist import allowed
from composer.delivery.ledger.editions import freeze
from composer.delivery.ledger.erasure import OPENING
from composer.delivery.ledger.messages import MailingTemplates, signer
from composer.delivery.providers import domain_of, domains, groups
from composer.delivery.state import MailingState, State
from composer.delivery.tables import deliveries, mailings
from composer.errors import Refused
from composer.locale import gettext as _
from composer.newsroom.environment import dkim_key
from composer.newsroom.model import Newsroom
from composer.subscribers.recipients import recipients
from composer.subscribers.tables import subscribers
from composer.subscribers.tokens import fingerprint

if TYPE_CHECKING:
    from composer.approval.model import Seal
    from composer.issue.model import IssueKey


def open_mailing(
    connection: Connection,
    *,
    seal: Seal,
    newsroom: Newsroom,
    publication_id: str,
    key: IssueKey,
    dated: datetime,
    secret: bytes,
) -> int | None:
    """Open the mailing of ``key`` in the caller's transaction; return its id, or None if it was opened before.

    Under ``only_to`` it is the issue's next rehearsal; the real one can still be opened afterwards, and is sent to the
    readers of the rehearsal too.
    ``dated`` (aware) becomes every message's Date, and the instant at which paid subscriptions must be valid. Raises
    ``Refused`` if no message can be made of the seal or the signing key is missing, ``NoReaders`` if there would be no
    delivery; the caller then rolls back.
    """
    numbered = _rehearsal(connection, newsroom, publication_id, key, dated)
    opened = insert_mailing(connection, seal, newsroom, key, dated, secret, numbered)
    if opened is None:
        return None
    mailing_id, common = opened
    templates = messages(seal, newsroom, publication_id, key, dated)
    editions = freeze(connection, mailing_id, 1, seal.digest, templates, common, secret)
    people = recipients(publication_id, dated)
    if newsroom.settings.only_to:
        people = people.where(allowed(newsroom.settings.only_to, subscribers.c.email))
    enqueue(connection, mailing_id, people, editions, key, newsroom)
    theirs = select(deliveries.c.id).where(deliveries.c.mailing_id == mailing_id)
    if connection.execute(theirs.limit(1)).first() is None:
        gone = _("the last reader of {publication} left just now").format(publication=publication_id)
        raise readers.NoReaders(readers.missing(connection, newsroom, publication_id) or gone)
    if (canaries := newsroom.publications[publication_id].canary) is not None:
        canary.choose(connection, mailing_id, canaries)
    return mailing_id


def insert_mailing(
    connection: Connection,
    seal: Seal,
    newsroom: Newsroom,
    key: IssueKey,
    dated: datetime,
    secret: bytes,
    numbered: Mapping[str, object],
) -> tuple[int, MailingTemplates] | None:
    """Insert the row of a mailing; its id and what its messages share, or None where there is one with that number.

    ``numbered``: the column ``rehearsal``, and ``readers`` where that is not NULL. Raises as ``open_mailing``.
    """
    alongside(connection, OPENING)
    dkim, name = newsroom.settings.dkim, key.publication
    row = insert_or_ignore(connection, mailings).values(
        publication=name,
        date=key.date,
        slug=key.slug,
        **numbered,
        subject=seal.subject,
        seal=seal.digest,
        state=MailingState.SENDING,
        dated=dated,
        dkim_domain=dkim.domain if dkim else None,
        dkim_selector=dkim.selector if dkim else None,
        secret_fingerprint=fingerprint(secret),
        return_domain=return_domain(newsroom, name),
        expires_at=db_now(newsroom.publications[name].expires.total_seconds()),
    )
    mailing_id: int | None = connection.execute(row.returning(mailings.c.id)).scalar_one_or_none()
    if mailing_id is None:
        return None
    signs = signer(dkim.domain, dkim.selector, dkim_key(newsroom)) if dkim else None
    if signs is not None:
        signed = update(mailings).where(mailings.c.id == mailing_id)
        connection.execute(signed.values(dkim_fingerprint=signs.fingerprint))
    return mailing_id, MailingTemplates(return_domain(newsroom, name), signs, {})


def _rehearsal(
    connection: Connection, newsroom: Newsroom, publication_id: str, key: IssueKey, dated: datetime
) -> dict[str, object]:
    """Under ``only_to``: the number of the issue's next rehearsal, and how many readers the publication has."""
    if not newsroom.settings.only_to:
        return {"rehearsal": 0}
    same = (mailings.c.publication == publication_id, mailings.c.date == key.date, mailings.c.slug == key.slug)
    # Below 0 are those of a welcome path.
    numbers = select(func.max(mailings.c.rehearsal)).where(*same, mailings.c.rehearsal >= 0)
    last = connection.execute(numbers).scalar_one()
    people = recipients(publication_id, dated).order_by(None).subquery()
    subscribed = connection.execute(select(func.count()).select_from(people)).scalar_one()
    return {"rehearsal": (last or 0) + 1, "readers": subscribed}


def enqueue(
    connection: Connection,
    mailing_id: int,
    people: Select[Any],
    editions: Mapping[tuple[str, str], int],
    key: IssueKey,
    newsroom: Newsroom,
    dated: datetime | None = None,
) -> None:
    """Queue a delivery for each of ``people``, a selection like ``recipients``; ``dated``: the Date header of these.

    ``editions``: ids by audience and language.
    """
    original = key.language or newsroom.publications[key.publication].language
    chosen = people.subquery("people")
    known = domains(groups(newsroom))
    rows = select(
        literal(mailing_id),
        _edition(editions, original, chosen.c.audience, chosen.c.language),
        chosen.c.subscriber_id,
        chosen.c.subscription_id,
        chosen.c.email,
        func.coalesce(known.c.provider, ""),
        literal(State.QUEUED.value),
        literal(0),
        literal(0),
        literal(dated, UTCDateTime),
    ).select_from(chosen.outerjoin(known, known.c.domain == domain_of(chosen.c.email)))
    into = ["mailing_id", "edition_id", "subscriber_id", "subscription_id", "email", "provider"]
    into += ["state", "attempt", "deferrals", "dated"]
    connection.execute(insert(deliveries).from_select(into, rows.order_by(chosen.c.subscriber_id)))


def _edition(
    editions: Mapping[tuple[str, str], int], original: str, audience: ColumnElement[str], language: ColumnElement[str]
) -> ColumnElement[int]:
    """SQL: the id of a reader's edition: of the audience, in the reader's language if sealed, else in the original.

    Paid readers get the free edition if there is no paid one; free readers never get a paid edition.
    """
    languages = {sealed for _, sealed in editions}
    if original not in languages:
        original = min(languages)
    whens = []
    for wanted in ("free", "paid"):
        for spoken in sorted(languages, key=lambda spoken: spoken == original):  # the original last, as the default
            chosen = editions.get((wanted, spoken)) or editions.get(("free", spoken))
            if chosen is None:
                continue
            condition = audience == wanted
            whens.append((condition if spoken == original else condition & (language == spoken), chosen))
        if (wanted, original) not in editions and ("free", original) not in editions:
            raise Refused(_("the seal has no edition for free readers in {language}").format(language=original))
    return case(*whens)
