"""Reminders before the due time: an issue that is not ready is reported while there is still time to mend it.

At each instant of ``remind`` the issue is checked once, by the first process that ticks. Where all is well nothing is
sent. Of several instants that passed without a tick, only the last one counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from composer.approval.history import past_issues
from composer.approval.model import Sealed
from composer.database import DatabaseUnavailable, read_only
from composer.delivery.ledger import canary, readers
from composer.errors import FiligraneError
from composer.issue import load_issue
from composer.issue.blocks.sponsor import SponsorSlot
from composer.issue.model import Issue
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.newsroom.model import Newsroom, Schedule
from composer.newsroom.sponsor import Booking, Sponsor
from composer.newsroom.unread import unread_sentence, unread_sponsors
from composer.proofreading import review
from composer.schedule.calendar import Due, next_due
from composer.schedule.decision import Hold
from composer.schedule.issues import issue_due, key_due, look
from composer.schedule.notifications import Notification, settled, told
from composer.schedule.occurrences import mailing_of, occurrences_of
from composer.schedule.wording import day, hour
from composer.source.finding import Finding, Severity

#: Findings that a reminder shows; ``filigrane check`` shows all.
_SHOWN = 10

_log = structlog.get_logger()


def reminder_due(schedule: Schedule, zone: ZoneInfo, now: datetime) -> tuple[Due, timedelta] | None:
    """The next due date, and the lead time of its latest reminder that is past; None where none is."""
    due = next_due(schedule, zone, now)
    if due is None:
        return None
    come = [before for before in schedule.remind if due.at - before <= now]
    return (due, min(come)) if come else None


def reminders(now: datetime, newsroom: Newsroom, engine: Engine) -> Iterator[Notification]:
    """Yield the reminders to send at ``now``. Where nothing is wrong, the reminder is settled and not looked at again.

    An unexpected error about one publication is logged, and the others are checked.
    """
    for name in newsroom.publications:
        try:
            notice = _reminder(now, newsroom, engine, name)
        except (DatabaseUnavailable, SQLAlchemyError, MemoryError):
            raise
        except Exception:  # noqa: BLE001 # reason: a defect of ours on one publication must not silence the others
            _log.exception("issue-failed", publication=name)
            continue
        if notice is not None:
            yield notice


def _reminder(now: datetime, newsroom: Newsroom, engine: Engine, name: str) -> Notification | None:
    publication = newsroom.publications[name]
    found = reminder_due(publication.schedule, ZoneInfo(newsroom.settings.timezone), now)
    if found is None:
        return None
    due, before = found
    what = f"reminder:{name}:{due.date}:{before.total_seconds():.0f}"
    if told(engine, [what]):
        return None
    with read_only(engine).begin() as connection:
        rows = occurrences_of(connection, name)  # one of that date: skipped by hand, or asked for at another time
        decided = any(row.due_date == due.date and not row.slug and not row.by_a_wrong_clock(now) for row in rows)
        decided = decided or mailing_of(connection, key_due(newsroom, name, due.date)) is not None
        silent = readers.missing(connection, newsroom, name)
        if silent is None and publication.canary:
            silent = canary.missing(connection, name, publication.canary)
        count = None if decided else readers.count_readers(connection, newsroom, name)
    troubles = () if decided else tuple(_troubles(newsroom, name, due))
    if silent and not decided:
        troubles += (f"• {silent}.",)
    if troubles and count is not None:
        subject, text = _words(newsroom, name, due, count, troubles)
        return Notification(what, "reminder", subject, text, publication=name, date=due.date, to=publication.editors)
    with engine.begin() as connection:
        settled(connection, what)
    return None


def _words(
    newsroom: Newsroom, name: str, due: Due, count: readers.ReaderCount, troubles: tuple[str, ...]
) -> tuple[str, str]:
    facts = {
        "title": newsroom.publications[name].title,
        "date": day(due.date),
        "hour": hour(due.at, newsroom),
        "issue": f"{name}/{due.date}",
        "readers": readers.readers_words(count),
    }
    subject = _("{title}, {date}: not ready yet").format(**facts)
    first = _("{title} leaves on {date} at {hour}; {readers}. As things stand:").format(**facts)
    last = _("To see everything: filigrane check {issue}").format(**facts)
    return subject, "\n\n".join((first, *troubles, last))


def _troubles(newsroom: Newsroom, name: str, due: Due) -> Iterator[str]:
    """Yield what keeps the issue from being ready, a paragraph each.

    Findings are listed only while the issue is not approved as it stands: those of an approved one were seen by its
    approver.
    """
    found = look(newsroom, name, due.date)
    if not isinstance(found, Sealed):
        yield f"• {found.sentence}."
    path = issue_due(newsroom, name, due.date)
    issue: Issue | None = None
    if not isinstance(path, Hold):
        try:
            document = load_issue(path, newsroom)
            issue = document.value
            findings = [] if isinstance(found, Sealed) else list(review(document, newsroom, past_issues).findings)
        except FiligraneError:
            findings = []  # what keeps it from being read is said above
        except Exception:  # noqa: BLE001 # reason: a defect of ours must not silence the rest of the reminder
            _log.exception("issue-failed", publication=name, due=due.date.isoformat())
            findings = []
            yield "• " + _("an unexpected error; the log of `filigrane run` holds it") + "."
        if not isinstance(found, Sealed):
            yield from _findings(findings)
    yield from _copy(newsroom, name, due, issue)


def _findings(findings: list[Finding]) -> Iterator[str]:
    grave = [finding for finding in findings if finding.severity is not Severity.NOTE]
    grave.sort(key=lambda finding: (finding.severity is not Severity.ERROR, finding.place))
    for finding in grave[:_SHOWN]:
        yield f"• {finding.brief()}"
    if more := len(grave[_SHOWN:]):
        yield "• " + ngettext("and {count} more remark", "and {count} more remarks", more).format(count=more)


def _copy(newsroom: Newsroom, name: str, due: Due, issue: Issue | None) -> Iterator[str]:
    """Bookings for this date that the issue would not print, or that have nothing to print."""
    if (lost := unread_sponsors(newsroom)) and newsroom.publications[name].slots:
        yield "• " + _("what was sold is not known: {why}").format(why=unread_sentence(*lost.values())) + "."
    printed = None if issue is None else {block.slot for block in issue.front.blocks if isinstance(block, SponsorSlot)}
    for sponsor, booking in _bookings(newsroom, name, due):
        facts = {"slot": booking.slot, "advertiser": sponsor.advertiser, "creative": booking.creative}
        creative = sponsor.creatives.get(booking.creative)
        slot = newsroom.publications[name].slots.get(booking.slot)
        if creative is None or slot is None:
            missing = _("{advertiser} booked the slot “{slot}” with the creative “{creative}”, and one is not there")
            yield "• " + missing.format(**facts) + "."
        elif slot.form == "full" and not creative.body and creative.image is None:
            yield "• " + _(
                "the slot “{slot}” is sold to {advertiser}, and its creative “{creative}” "
                "has neither text nor picture: the copy is missing"
            ).format(**facts)
        if printed is not None and booking.slot not in printed:
            yield "• " + _("the slot “{slot}” is sold to {advertiser}, and the issue does not print it").format(**facts)


def _bookings(newsroom: Newsroom, name: str, due: Due) -> Iterator[tuple[Sponsor, Booking]]:
    for sponsor in newsroom.sponsors.values():
        for booking in sponsor.bookings:
            if (booking.publication, booking.date) == (name, due.date):
                yield sponsor, booking
