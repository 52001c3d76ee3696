"""What an operator is told of what came back: readers held, readers who pay, and refusals that are about us.

Each is told once while it lasts, and again where it comes back. No text holds an address: ``filigrane returns list``
prints them.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from composer.database import db_now
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.newsroom.model import Newsroom
from composer.returns.hard_bounces import HELD_HOURS, held_by_provider
from composer.returns.judgement import BounceClass
from composer.returns.mailbox_name import mailbox_digest
from composer.returns.return_act import ReturnAct
from composer.returns.tables import is_group, mailboxes, returned
from composer.schedule.notifications import STANDING, Notification

#: Seconds for which refusals that are about us are told, and readers who pay.
_DAY, _MONTH = 86400.0, 30 * 86400.0


def return_notices(newsroom: Newsroom, connection: Connection) -> Iterator[Notification]:
    """Yield what is to be told now of what came back."""
    yield from _not_read(newsroom, connection)
    yield from _held(connection)
    yield from _about_us(connection)
    yield from _listed(connection)


def _not_read(newsroom: Newsroom, connection: Connection) -> Iterator[Notification]:
    configured = newsroom.settings.returns.mailbox
    if configured is None:
        return
    late = mailboxes.c.mailbox == mailbox_digest(configured), mailboxes.c.read_at < db_now(-_DAY)
    if connection.execute(select(mailboxes.c.uid).where(*late)).first() is not None:
        text = _(
            "The mailbox of what comes back has not been read for a day: bounces and complaints wait in it, and "
            "letters go on to those readers.\n\nWhat is wrong: filigrane doctor\nRead it now: filigrane returns fetch"
        )
        subject = _("The mailbox of what comes back is not read")
        yield Notification(f"{STANDING}returns-not-read", "returns-not-read", subject, text)


def _held(connection: Connection) -> Iterator[Notification]:
    for provider, count in sorted(held_by_provider(connection).items()):
        text = ngettext(
            "{provider} says of {count} reader that the mailbox does not exist: far more than on its other days, so "
            "the letter goes on to it.",
            "{provider} says of {count} readers that their mailboxes do not exist: far more than on its other days, so "
            "letters go on to them.",
            count,
        ).format(provider=provider, count=count)
        follows = _(
            "After {hours} hours it is believed, but of no reader to whom a later letter was accepted. Is it true? "
            "Then: filigrane returns believe {provider}\nTo see which readers: filigrane returns list"
        ).format(hours=HELD_HOURS, provider=provider)
        subject = _("{provider} refuses many readers at once").format(provider=provider)
        yield Notification(f"{STANDING}returns-held:{provider}", "returns-held", subject, f"{text}\n\n{follows}")


def _about_us(connection: Connection) -> Iterator[Notification]:
    counted = (
        select(returned.c.provider, func.count().label("letters"))
        .where(returned.c.bounce_class == BounceClass.POLICY, returned.c.at > db_now(-_DAY))
        .group_by(returned.c.provider)
        .order_by(returned.c.provider)
    )
    rows = connection.execute(counted).all()
    for row in rows:
        if is_group(row.provider):
            text = ngettext(
                "In the last 24 hours {count} letter came back from {provider} for what we are or what we wrote "
                "(policy, signature, volume). No reader is at fault, and none was suppressed.",
                "In the last 24 hours {count} letters came back from {provider} for what we are or what we wrote "
                "(policy, signature, volume). No reader is at fault, and none was suppressed.",
                row.letters,
            ).format(count=row.letters, provider=row.provider)
            yield _policy(row.provider, _("{provider} refuses our letters").format(provider=row.provider), text)
    small = [row.letters for row in rows if not is_group(row.provider)]
    if small:  # one for all: a block list makes hundreds of companies' servers refuse at once
        text = ngettext(
            "In the last 24 hours {count} letter came back from domains of no large provider (number of domains: "
            "{domains}) for what we are or what we wrote (policy, signature, volume). No reader is at fault, and none "
            "was suppressed.",
            "In the last 24 hours {count} letters came back from domains of no large provider (number of domains: "
            "{domains}) for what we are or what we wrote (policy, signature, volume). No reader is at fault, and none "
            "was suppressed.",
            sum(small),
        ).format(count=sum(small), domains=len(small))
        yield _policy("", _("Other domains refuse our letters"), text)


def _policy(provider: str, subject: str, text: str) -> Notification:
    follows = _("The status codes: filigrane returns list\nWhat the sending needs: filigrane doctor")
    what = f"{STANDING}returns-policy:{provider}"
    return Notification(what, "returns-policy", subject, f"{text}\n\n{follows}")


def _listed(connection: Connection) -> Iterator[Notification]:
    recent = returned.c.act == ReturnAct.LISTED, returned.c.at > db_now(-_MONTH)
    readers = select(returned.c.subscriber_id).where(*recent).distinct().order_by(returned.c.subscriber_id)
    for reader in connection.execute(readers.limit(_MOST)).scalars():
        text = _(
            "The mailbox of reader {reader}, who pays, has taken no letter for a month. Letters go on: what was paid "
            "for is owed. Write to them by another way.\n\nWho it is: filigrane returns list"
        ).format(reader=reader)
        subject = _("A paying reader gets no letter")
        yield Notification(f"{STANDING}returns-listed:{reader}", "returns-listed", subject, text)


#: Paying readers that are told of one by one.
_MOST = 20
