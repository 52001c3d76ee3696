"""Amend a running mailing: pause it, and resume it with the issue as corrected and approved again."""

from __future__ import annotations

from sqlalchemy import Engine

from composer.approval.model import Unsealed
from composer.approval.translations import whole_verdict
from composer.database import read_only
from composer.delivery import amendment
from composer.delivery.control import pause
from composer.delivery.ledger.mailings import find
from composer.delivery.state import MailingState
from composer.errors import Refused
from composer.issue import issue_path
from composer.issue.model import IssueKey
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.schedule.pictures import publish


def amend_now(mailing_id: int, newsroom: Newsroom, engine: Engine, secret: bytes) -> int:
    """Pause the mailing; where its issue was corrected and approved again, resume with that. Returns its reader count.

    Raises ``Refused`` where it was not approved again yet (the mailing stays paused; the message says what to do) or
    where nothing is left to correct; ``OutsideWorld`` where its pictures cannot be published or are not served.
    """
    with read_only(engine).connect() as connection:
        mailing = find(connection, mailing_id)
    if (why := amendment.over(mailing_id, mailing.state)) is not None:
        raise Refused(why)
    if mailing.state != MailingState.PAUSED:
        pause(engine, mailing_id)
    path = issue_path(newsroom, IssueKey(mailing.publication, mailing.date, mailing.slug))
    found = whole_verdict(path, newsroom)
    if isinstance(found, Unsealed) or found.seal.digest == mailing.seal:
        why = found.sentence if isinstance(found, Unsealed) else amendment.unchanged(mailing_id)
        raise Refused(
            _(
                "{why}.\nMailing {id} is paused. Mend {file}, and say so under its `corrections` to those who have the "
                "first edition; approve it (filigrane approve {file} --by NAME); then: filigrane mailings amend {id}\n"
                "To go on as it was: filigrane mailings resume {id}"
            ).format(why=why, id=mailing_id, file=path.relative_to(newsroom.root).as_posix())
        )
    publish(found.seal, newsroom)
    with engine.begin() as connection:
        return amendment.amend(connection, mailing_id, seal=found.seal, newsroom=newsroom, secret=secret)
