"""Amending a mailing: deliveries that were not sent yet get the corrected editions, the others keep theirs.

``ledger.editions`` does it: a claim takes the newest version, and ``claims.mark`` refuses what was claimed before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select, update

from composer.approval.messages import messages
from composer.database import db_now
from composer.delivery.control import queue_again
from composer.delivery.ledger.editions import freeze
from composer.delivery.ledger.labels import state_word
from composer.delivery.ledger.mailings import find, unclaim_mailing
from composer.delivery.ledger.messages import MailingTemplates, signer
from composer.delivery.state import LIVE, MailingState, State
from composer.delivery.tables import deliveries, mailing_editions, mailings
from composer.errors import Refused
from composer.issue.model import IssueKey
from composer.locale import gettext as _
from composer.newsroom.environment import dkim_key
from composer.newsroom.model import Newsroom

if TYPE_CHECKING:
    from composer.approval.model import Seal

#: Deliveries in these states get the corrected edition; one in flight gets it only if the relay refuses it.
_WAITING = (State.QUEUED, State.CLAIMED, State.DEFERRED)


def amend(connection: Connection, mailing_id: int, *, seal: Seal, newsroom: Newsroom, secret: bytes) -> int:
    """Switch to the editions of ``seal``, in the caller's transaction; return how many deliveries get them.

    Date, return path and signature stay as the mailing fixed them. Raises ``Refused``, and the caller then rolls back,
    if the mailing is over, if ``seal`` is already being sent or belongs to another issue, if it lacks an edition that
    readers wait for, or if no delivery waits.
    """
    mailing = find(connection, mailing_id)
    if seal.key != (key := IssueKey(mailing.publication, mailing.date, mailing.slug)):
        raise Refused(_("mailing {id} is {issue}, and not {other}").format(id=mailing_id, issue=key, other=seal.key))
    turned = (
        update(mailings)
        .where(
            mailings.c.id == mailing_id,
            mailings.c.state.in_((*LIVE, MailingState.PAUSED)),
            mailings.c.seal != seal.digest,
        )
        .values(
            state=queue_again(),
            reason=None,
            rollback_id=None,
            seal=seal.digest,
            subject=seal.subject,
            version=mailings.c.version + 1,
            amended_at=db_now(),
        )
        .returning(mailings.c.version)
    )
    version = connection.execute(turned).scalar_one_or_none()
    if version is None:
        raise Refused(over(mailing_id, mailing.state) or unchanged(mailing_id))
    unclaim_mailing(connection, mailing_id)
    waiting = _waiting(connection, mailing_id)
    if not waiting:
        raise Refused(
            _("nobody waits for mailing {id} any more: a correction would reach no one").format(id=mailing_id)
        )
    held = select(mailing_editions.c.audience, mailing_editions.c.language).where(
        mailing_editions.c.mailing_id == mailing_id, mailing_editions.c.version == version - 1
    )
    for audience, language in connection.execute(held):
        if (audience, language) not in seal.editions:
            missing = _(
                "what is approved now has no edition {audience}/{language}, which readers of mailing {id} wait for"
            )
            raise Refused(missing.format(audience=audience, language=language, id=mailing_id))
    templates = messages(seal, newsroom, mailing.publication, key, mailing.dated)
    signs = signer(mailing.dkim_domain, mailing.dkim_selector, dkim_key(newsroom))
    freeze(
        connection,
        mailing_id,
        version,
        seal.digest,
        templates,
        MailingTemplates(mailing.return_domain, signs, {}),
        secret,
    )
    return waiting


def over(mailing_id: int, state: str) -> str | None:
    """Why a mailing in ``state`` cannot be amended; None if it can."""
    if state in (*LIVE, MailingState.PAUSED):
        return None
    return _("mailing {id} is {state}: there is nothing left to correct").format(id=mailing_id, state=state_word(state))


def unchanged(mailing_id: int) -> str:
    """Message for a mailing that already sends the approved editions."""
    return _("what is approved is what mailing {id} sends already").format(id=mailing_id)


def _waiting(connection: Connection, mailing_id: int) -> int:
    """Number of the mailing's deliveries that still wait and are not pinned to the older edition."""
    rows = select(func.count()).where(
        deliveries.c.mailing_id == mailing_id, deliveries.c.state.in_(_WAITING), ~deliveries.c.pinned
    )
    return connection.execute(rows).scalar_one()
