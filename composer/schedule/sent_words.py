"""What an approval, or its end, leaves as it is: a mailing of the issue that is under way, or over."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row
from sqlalchemy.exc import SQLAlchemyError

from composer.approval.model import Seal
from composer.database import exists, open_database, read_only
from composer.delivery.ledger.labels import state_word
from composer.delivery.ledger.mailings import find
from composer.delivery.state import NOT_OVER, MailingState
from composer.errors import FiligraneError
from composer.issue.model import IssueKey
from composer.locale import gettext as _
from composer.newsroom.environment import database_url
from composer.newsroom.model import Newsroom
from composer.schedule.occurrences import mailing_of


def sent_before(newsroom: Newsroom, seal: Seal) -> str | None:
    """What this approval does not change: a mailing of the issue that was opened before it. None without a database."""
    mailing = _mailing_here(newsroom, seal.key)
    if isinstance(mailing, str):
        return mailing
    if mailing is None or mailing.seal == seal.digest:
        return None
    if mailing.state in NOT_OVER:
        under_way = _(
            "mailing {id} of this issue is {state}, with the edition approved before; "
            "to go on with this one: filigrane mailings amend {id}"
        )
        return under_way.format(id=mailing.id, state=state_word(mailing.state))
    if mailing.state == MailingState.CANCELLED:
        told = _(
            "mailing {id} of this issue was cancelled: who has it has the edition approved before, and nothing more of "
            "it leaves"
        )
        return told.format(id=mailing.id)
    return _("this issue left already (mailing {id}): its readers have the edition approved before").format(
        id=mailing.id
    )


def goes_on(newsroom: Newsroom, key: IssueKey) -> str | None:
    """What the end of an approval does not stop: a mailing of the issue that is not over; or that it is not known."""
    mailing = _mailing_here(newsroom, key)
    if mailing is None or isinstance(mailing, str):
        return mailing
    if mailing.state not in NOT_OVER:
        return None
    stays = _(
        "mailing {id} of this issue is {state}: that stays as it is; to end it for good: filigrane mailings cancel {id}"
    )
    return stays.format(id=mailing.id, state=state_word(mailing.state))


def _mailing_here(newsroom: Newsroom, key: IssueKey) -> Row[Any] | str | None:
    """The mailing of the issue; None where there is none, or no database; or why that is not known."""
    url = database_url(newsroom)
    if not exists(url, newsroom.root):  # a machine on which issues are only approved
        return None
    try:
        with read_only(open_database(url, newsroom.root)).connect() as connection:
            number = mailing_of(connection, key)
            return None if number is None else find(connection, number)
    except FiligraneError as error:
        return _("whether this issue is being sent already is not known: {why}").format(why=error)
    except SQLAlchemyError:
        return _("the database does not answer: whether this issue is being sent already is not known")
