"""Opening a mailing: the sealed issue's editions as frozen messages, and one delivery a reader, in one transaction.

If two processes try, UNIQUE(publication, date, slug, rehearsal) lets only one open it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, case, func, insert, literal, select, update

from composer.approval.messages import messages, return_domain
from composer.database import alongside, db_now, insert_or_ignore
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
    alongside(connection, OPENING)
    dkim = newsroom.settings.dkim
    row = insert_or_ignore(connection, mailings).values(
        publication=publication_id,
        date=key.date,
        slug=key.slug,
        **_rehearsal(connection, newsroom, publication_id, key, dated),
        subject=seal.subject,
        seal=seal.digest,
        state=MailingState.SENDING,
        dated=dated,
        dkim_domain=dkim.domain if dkim else None,
        dkim_selector=dkim.selector if dkim else None,
        secret_fingerprint=fingerprint(secret),
        return_domain=return_domain(newsroom, publication_id),
        expires_at=db_now(newsroom.publications[publication_id].expires.total_seconds()),
    )
    mailing_id: int | None = connection.execute(row.returning(mailings.c.id)).scalar_one_or_none()
    if mailing_id is None:
        return None
    signs = signer(dkim.domain, dkim.selector, dkim_key(newsroom)) if dkim else None
    if signs is not None:
        signed = update(mailings).where(mailings.c.id == mailing_id)
        connection.execute(signed.values(dkim_fingerprint=signs.fingerprint))
    templates = messages(seal, newsroom, publication_id, key, dated)
    common = MailingTemplates(return_domain(newsroom, publication_id), signs, {})
    editions = freeze(connection, mailing_id, 1, seal.digest, templates, common, secret)
    original = key.language or newsroom.publications[publication_id].language
    _enqueue(connection, mailing_id, publication_id, editions, original, dated, newsroom)
    theirs = select(deliveries.c.id).where(deliveries.c.mailing_id == mailing_id)
    if connection.execute(theirs.limit(1)).first() is None:
        gone = _("the last reader of {publication} left just now").format(publication=publication_id)
        raise readers.NoReaders(readers.missing(connection, newsroom, publication_id) or gone)
    if (canaries := newsroom.publications[publication_id].canary) is not None:
        canary.choose(connection, mailing_id, canaries)
    return mailing_id


def _rehearsal(
    connection: Connection, newsroom: Newsroom, publication_id: str, key: IssueKey, dated: datetime
) -> dict[str, object]:
    """Under ``only_to``: the number of the issue's next rehearsal, and how many readers the publication has."""
    if not newsroom.settings.only_to:
        return {"rehearsal": 0}
    same = (mailings.c.publication == publication_id, mailings.c.date == key.date, mailings.c.slug == key.slug)
    last = connection.execute(select(func.max(mailings.c.rehearsal)).where(*same)).scalar_one()
    people = recipients(publication_id, dated).order_by(None).subquery()
    subscribed = connection.execute(select(func.count()).select_from(people)).scalar_one()
    return {"rehearsal": (last or 0) + 1, "readers": subscribed}


def _enqueue(
    connection: Connection,
    mailing_id: int,
    publication_id: str,
    editions: Mapping[tuple[str, str], int],
    original: str,
    dated: datetime,
    newsroom: Newsroom,
) -> None:
    people = recipients(publication_id, dated).subquery("people")
    known = domains(groups(newsroom))
    rows = select(
        literal(mailing_id),
        _edition(editions, original, people.c.audience, people.c.language),
        people.c.subscriber_id,
        people.c.subscription_id,
        people.c.email,
        func.coalesce(known.c.provider, ""),
        literal(State.QUEUED.value),
        literal(0),
        literal(0),
    ).select_from(people.outerjoin(known, known.c.domain == domain_of(people.c.email)))
    if only_to := newsroom.settings.only_to:
        rows = rows.where(allowed(only_to, people.c.email))
    into = ["mailing_id", "edition_id", "subscriber_id", "subscription_id", "email", "provider"]
    into += ["state", "attempt", "deferrals"]
    connection.execute(insert(deliveries).from_select(into, rows.order_by(people.c.subscriber_id)))


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
