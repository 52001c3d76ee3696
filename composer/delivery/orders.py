"""What an operator orders of a mailing, and what is known before and after: for the command line and the studio."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, Engine

from composer.delivery.control import cancel, pause, release, resume
from composer.delivery.ledger.mailings import find
from composer.delivery.ledger.progress import Progress
from composer.delivery.ledger.rollback import after_rollback
from composer.issue.model import IssueKey
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.newsroom.model import Newsroom

Order = Callable[[Engine, int], None]
ORDERS: Mapping[str, Order] = {"pause": pause, "resume": resume, "cancel": cancel, "release": release}


def rolled_back_words(connection: Connection, mailing_id: int) -> str | None:
    """What is known, and what is not, of a mailing that is paused because the database lost commits, or may be an older
    copy: a question before it goes on. None of another one."""
    found = after_rollback(connection, mailing_id)
    if found is None:
        return None
    what = _(
        "mailing {id} is paused: {reason}. Known to have the letter: {accepted}; nobody knows of {unknown}, who "
        "are not written to; {waiting} would be written to now, also those who got it and of whom this database "
        "does not know it"
    )
    numbers = {name: _readers(getattr(found, name)) for name in ("accepted", "unknown", "waiting")}
    return what.format(id=mailing_id, reason=found.reason, **numbers)


def page_goes_words(connection: Connection, mailing_id: int, newsroom: Newsroom) -> str | None:
    """What cancelling means for those who have the letter; None where it cannot be read online."""
    publication = newsroom.publications.get(find(connection, mailing_id).publication)
    if publication is None or publication.archive is None:
        return None
    return _("nor is it read online any more: links to it, in letters that left, lead to no page")


def order_words(found: Progress, order: str) -> str:
    """What ``pause``, ``resume`` or ``cancel`` would do: which letter, how many of its readers have it, and how many
    would be written to or not."""
    words = {
        "pause": _("mailing {id} of {issue} would stop: {done} of {all} are served, {open} wait until it goes on"),
        "resume": _("mailing {id} of {issue} would go on: {done} of {all} are served, {open} would be written to"),
        "cancel": _(
            "mailing {id} of {issue} would end for good: {done} of {all} are served, {open} would never be written to"
        ),
    }
    row = found.mailing
    issue = IssueKey(row.publication, row.date, row.slug)
    counted = {"done": found.served, "all": _readers(found.total), "open": found.open}
    return words[order].format(id=row.id, issue=issue, **counted)


def _readers(count: int) -> str:
    return ngettext("{n} reader", "{n} readers", count).format(n=count)
