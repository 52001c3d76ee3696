"""Telling somebody, by email, that an issue is held or missed."""

from __future__ import annotations

import asyncio
from datetime import datetime
from email.utils import format_datetime
from functools import partial
from secrets import token_hex
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

from composer.delivery.session import send_now
from composer.delivery.staging import allows
from composer.delivery.state import State
from composer.errors import OutsideWorld
from composer.locale import gettext as _
from composer.locale import language
from composer.message import Envelope, Message
from composer.message.address import ascii_address
from composer.message.headers import field, mailbox
from composer.message.quoted import quoted_printable
from composer.newsroom.environment import smtp_password
from composer.newsroom.model import Newsroom
from composer.schedule.calendar import Due, last_departure
from composer.schedule.decision import Hold
from composer.schedule.issues import issue_due
from composer.schedule.occurrences import Occurrence


def alert(newsroom: Newsroom, now: datetime, subject: str, text: str) -> None:
    """Send ``text`` to each address of ``alerts:``, from the first publication's. Returns once one was accepted.

    Where nobody is to be told, the log is all there is. Raises ``Refused`` or ``OutsideWorld`` where none was accepted.
    """
    sender = ascii_address(next(iter(newsroom.publications.values())).from_)
    head = mailbox("From", "Filigrane", sender) + field("Subject", f"[Filigrane] {subject}")
    head += f"Date: {format_datetime(now)}\r\nAuto-Submitted: auto-generated\r\n"  # RFC 3834: nobody replies to it
    head += "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
    head += "Content-Transfer-Encoding: quoted-printable\r\n"
    body = b"".join(piece for piece in quoted_printable(text, {}) if isinstance(piece, bytes)) + b"\r\n"
    messages = []
    for address in map(ascii_address, filter(partial(allows, newsroom.settings.only_to), newsroom.settings.alerts)):
        own = f"To: <{address}>\r\nMessage-ID: <alert-{token_hex(12)}@{sender.rpartition('@')[2]}>\r\n"
        messages.append(Message(Envelope(sender, address), (own + head + "\r\n").encode() + body))
    if not messages:
        return
    outcomes = asyncio.run(send_now(newsroom.settings.relays[0], smtp_password(), messages))
    if not any(outcome.state is State.ACCEPTED for outcome in outcomes):
        raise OutsideWorld(_("the relay refused the alert: {why}").format(why=outcomes[0].reply))


def explain(newsroom: Newsroom, occurrence: Occurrence, sentence: str) -> tuple[str, str]:
    """Subject and text of the alert about ``occurrence``; ``sentence`` says why."""
    publication, zone = newsroom.publications[occurrence.publication], ZoneInfo(newsroom.settings.timezone)
    due = Due(occurrence.due_at, occurrence.due_date)

    def hour(instant: datetime) -> str:
        return format_time(instant.astimezone(zone), "short", locale=language())

    facts = {
        "title": publication.title,
        "date": format_date(occurrence.due_date, "full", locale=language()),
        "hour": hour(due.at),
        "why": sentence,
        "file": _file(newsroom, occurrence),
        "limit": hour(last_departure(publication.schedule, zone, due)),
    }
    if occurrence.state == "held":
        subject = _("{title}, {date}: held, nothing was sent")
        text = _(
            "{title} was due on {date} at {hour}. It is held: nothing was sent.\n\n{why}.\n\n"
            "It leaves by itself as soon as that is put right, until {limit}; after that, only by hand."
        )
    else:
        subject = _("{title}, {date}: not sent")
        text = _(
            "{title} was due on {date} at {hour}. It was not sent, and will not be sent by itself any more."
            "\n\n{why}.\n\n"
            "To send it all the same, once it is approved: filigrane send {file}"
        )
    return subject.format(**facts), text.format(**facts)


def _file(newsroom: Newsroom, occurrence: Occurrence) -> str:
    path = issue_due(newsroom, occurrence.publication, occurrence.due_date)
    if isinstance(path, Hold):
        return f"issues/{occurrence.publication}/{occurrence.due_date}.yaml"
    return path.relative_to(newsroom.root).as_posix()
