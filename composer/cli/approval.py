"""approve, unapprove: an issue frozen for sending (« bon à tirer »)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from sqlalchemy import Row
from sqlalchemy.exc import SQLAlchemyError

from composer.approval import freeze
from composer.approval.history import past_issues
from composer.approval.model import Seal
from composer.cli.audience import outlook_lines
from composer.cli.configuration import load_newsroom
from composer.cli.git_offer import say_to_push
from composer.cli.issue import issue_named
from composer.cli.say import say
from composer.database import exists, open_database, read_only
from composer.delivery.ledger.labels import state_word
from composer.delivery.ledger.mailings import find
from composer.delivery.state import NOT_OVER, MailingState
from composer.errors import FiligraneError
from composer.issue import key_of
from composer.issue.model import IssueKey
from composer.locale import gettext as _
from composer.newsroom.environment import database_url
from composer.newsroom.model import Newsroom
from composer.schedule.occurrences import mailing_of


@click.command()
@click.argument("issue", metavar="ISSUE")
@click.option("--by", required=True, metavar="NAME", help="Who approves; written in the seal.")
@click.pass_obj
def approve(folder: Path, issue: str, by: str) -> None:
    """Approve ISSUE: freeze its editions, so that these bytes are what is sent at the hour.

    ISSUE is a file, or publication/date. Refused while the issue has errors. Changing the issue, its pictures or its
    advertisement afterwards makes another approval necessary; changing a template does not.
    """
    newsroom = load_newsroom(folder)
    path = issue_named(newsroom, issue)
    seal = freeze.approve(path, newsroom, by, past_issues(newsroom, key_of(path, newsroom)))
    say(_("{issue} is approved by {by}: “{subject}”").format(issue=seal.key, by=seal.by, subject=seal.subject))
    under_way = _sent(newsroom, seal)
    say("\n".join(outlook_lines(newsroom, seal.key) if under_way is None else [under_way]), err=bool(under_way))
    say_to_push(newsroom.root)


def _sent(newsroom: Newsroom, seal: Seal) -> str | None:
    """What this approval does not change: a mailing of the issue that was opened before it. None without a database."""
    mailing = _mailing_of(newsroom, seal.key)
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


def _mailing_of(newsroom: Newsroom, key: IssueKey) -> Row[Any] | str | None:
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


@click.command()
@click.argument("issue", metavar="ISSUE")
@click.pass_obj
def unapprove(folder: Path, issue: str) -> None:
    """Take back the approval of ISSUE. What is being sent already goes on: see filigrane mailings."""
    newsroom = load_newsroom(folder)
    path = issue_named(newsroom, issue)
    freeze.unapprove(path)
    say(_("{file} is not approved any more").format(file=path.name))
    say_to_push(newsroom.root)
    mailing = _mailing_of(newsroom, key_of(path, newsroom))
    if isinstance(mailing, str):
        say(mailing, err=True)
    elif mailing is not None and mailing.state in NOT_OVER:
        goes_on = _(
            "mailing {id} of this issue is {state}: that stays as it is; to end it for good: "
            "filigrane mailings cancel {id}"
        )
        say(goes_on.format(id=mailing.id, state=state_word(mailing.state)), err=True)
