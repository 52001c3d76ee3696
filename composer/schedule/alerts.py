"""Email alerts: an issue is held or missed, or the sending has trouble."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from functools import partial
from secrets import token_hex
from time import monotonic
from zoneinfo import ZoneInfo

from composer.delivery.ledger.allowlist import allows
from composer.delivery.smtp.session import Timeouts, send_now
from composer.delivery.state import State
from composer.errors import OutsideWorld
from composer.locale import gettext as _
from composer.message import Envelope, Message
from composer.message.address import ascii_address
from composer.message.headers import field, mailbox
from composer.message.quoted import quoted_printable
from composer.newsroom.environment import relay_password
from composer.newsroom.model import Newsroom
from composer.schedule.calendar import last_departure
from composer.schedule.decision import ASKS, Hold
from composer.schedule.issues import issue_due
from composer.schedule.occurrences import Occurrence
from composer.schedule.wording import day, day_and_hour, hour

#: Shorter than the minutes of RFC 5321 (4.5.3.2): the next alert waits for this one.
TIMEOUTS = Timeouts(connect=10, command=10, data=10, body=10, dot=20, second=10)

#: Seconds for one alert over all relays together; what is left is divided equally between the relays not tried yet.
SECONDS = 60.0


def alert(newsroom: Newsroom, now: datetime, subject: str, text: str, also: Sequence[str] = ()) -> None:
    """Send ``text`` to each address of ``alerts:`` and ``also``; return once a relay accepted it for one of them.

    The sender is the first publication's address. The first relay is tried last, because the alert may be that it is
    stuck. A silent relay is given up after its part of ``SECONDS``. Without any address nothing is sent: only the log
    has the event. Must not be called from a running event loop. Raises ``Refused`` or ``OutsideWorld`` where none was
    accepted.
    """
    recipients = dict.fromkeys((*newsroom.settings.alerts, *also))
    if not recipients:
        return
    froms = [publication.from_ for publication in newsroom.publications.values()]
    sender = ascii_address(next(iter(froms or recipients)))  # no publication could be read: the first recipient
    head = mailbox("From", "Filigrane", sender) + field("Subject", f"[Filigrane] {subject}")
    head += f"Date: {format_datetime(now)}\r\nAuto-Submitted: auto-generated\r\n"  # RFC 3834: no automatic reply
    head += "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
    head += "Content-Transfer-Encoding: quoted-printable\r\n"
    body = b"".join(piece for piece in quoted_printable(text, {}) if isinstance(piece, bytes)) + b"\r\n"
    messages = []
    for address in map(ascii_address, filter(partial(allows, newsroom.settings.only_to), recipients)):
        own = f"To: <{address}>\r\nMessage-ID: <alert-{token_hex(12)}@{sender.rpartition('@')[2]}>\r\n"
        messages.append(Message(Envelope(sender, address), (own + head + "\r\n").encode() + body))
    if not messages:
        return
    first, *others = newsroom.settings.relays
    trouble: OutsideWorld | None = None
    ends, order = monotonic() + SECONDS, (*others, first)
    for left, relay in zip(range(len(order), 0, -1), order, strict=True):
        share = (ends - monotonic()) / left
        sending = send_now(relay, relay_password(newsroom.settings, relay), messages, TIMEOUTS)
        try:
            outcomes = asyncio.run(asyncio.wait_for(sending, share))
        except TimeoutError:
            trouble = trouble or OutsideWorld(_("the relay did not take it within {n:.0f} s").format(n=share))
            continue
        except OutsideWorld as error:
            trouble = trouble or error
            continue
        if any(outcome.state is State.ACCEPTED for outcome in outcomes):
            return
        trouble = trouble or OutsideWorld(_("the relay refused the alert: {why}").format(why=outcomes[0]))
    assert trouble is not None  # there is a relay
    raise trouble


def explain(newsroom: Newsroom, occurrence: Occurrence, sentence: str) -> tuple[str, str]:
    """Subject and text of the alert about ``occurrence``; ``sentence`` says why."""
    publication, zone = newsroom.publications[occurrence.publication], ZoneInfo(newsroom.settings.timezone)
    due = occurrence.due(publication.schedule, zone)
    until = last_departure(publication.schedule, zone, due)
    same_day = until.astimezone(zone).date() == due.at.astimezone(zone).date()
    facts = {
        "title": publication.title,
        "date": day(due.at.astimezone(zone).date()),
        "hour": hour(due.at, newsroom),
        "why": sentence,
        "file": _file(newsroom, occurrence),
        "issue": f"{occurrence.publication}/{_stem(occurrence)}",
        "limit": hour(until, newsroom) if same_day else day_and_hour(until, newsroom),
    }
    if occurrence.state == "held" and occurrence.reason in ASKS:
        subject = _("{title}, {date}: held, it asks")
        text = _(
            "{title} was due on {date} at {hour}. It is held: nothing was sent.\n\n{why}.\n\n"
            "It does not leave by itself. Look whether its readers have had it (the relay’s log knows), then type\n\n"
            "    filigrane send {file}\n\nif they have not, or\n\n    filigrane skip {issue}\n\nif they have."
        )
    elif occurrence.state == "held":
        subject = _("{title}, {date}: held, nothing was sent")
        text = _(
            "{title} was due on {date} at {hour}. It is held: nothing was sent.\n\n{why}.\n\n"
            "It leaves by itself as soon as that is put right, until {limit}; after that, only by hand."
        )
    elif occurrence.reason in ASKS:
        subject = _("{title}, {date}: nobody decided")
        text = _(
            "{title} was due on {date} at {hour}, and will not be sent by itself any more.\n\n{why}.\n\n"
            "If its readers have not had it: filigrane send {file}"
        )
    else:
        subject = _("{title}, {date}: not sent")
        text = _(
            "{title} was due on {date} at {hour}. It was not sent, and will not be sent by itself any more."
            "\n\n{why}.\n\n"
            "To send it all the same, once it is approved: filigrane send {file}"
        )
    return subject.format(**facts | {"date": day(occurrence.due_date)}), text.format(**facts)


def _file(newsroom: Newsroom, occurrence: Occurrence) -> str:
    path = issue_due(newsroom, occurrence.publication, occurrence.due_date, occurrence.slug)
    if isinstance(path, Hold):
        return f"issues/{occurrence.publication}/{_stem(occurrence)}.yaml"
    return path.relative_to(newsroom.root).as_posix()


def _stem(occurrence: Occurrence) -> str:
    return f"{occurrence.due_date}-{occurrence.slug}" if occurrence.slug else str(occurrence.due_date)
