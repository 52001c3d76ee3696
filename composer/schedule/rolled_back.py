"""The notification that the database lost commits. It can be made and sent without reading the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select

from composer.delivery.state import MailingState
from composer.delivery.tables import PERHAPS_OLD, mailings, rollbacks
from composer.locale import gettext as _
from composer.schedule.notifications import STANDING, Notification


def rolled_back_notice(
    number: int | None, paused: Sequence[int] = (), recorded: int = 0, doubts: int = 0
) -> Notification:
    """About the loss ``number`` of ``composer.delivery.tables.rollbacks``; None where it cannot be recorded yet."""
    text = _(
        "The database has fewer commits than its workers made: a server took over that was behind, or an older copy "
        "was put in its place. Nothing is sent: what was under way is paused, and what falls due now is held."
    )
    if number is not None:
        noted = _(
            "The workers that live record again what they remember: so far {recorded} replies, and {doubts} readers of "
            "whom nobody knows, who stay in doubt."
        )
        text += "\n\n" + noted.format(recorded=recorded, doubts=doubts)
    else:
        text += "\n\n" + _("It cannot be written to at present: that is tried again.")
    if paused:
        text += "\n\n" + _(
            "Make sure that the old server is off: two at once defeat every check. Compare with the relay’s log, then, "
            "for each mailing:"
        )
        text += "".join(f"\n    filigrane mailings resume {mailing}" for mailing in paused)
    return Notification(
        f"{STANDING}restored:{number or 0}", "restored", _("the database went back: the sending is paused"), text
    )


def rolled_back_notices(connection: Connection) -> Iterator[Notification]:
    """One for each loss that still holds a mailing back."""
    held = select(mailings.c.id, mailings.c.rollback_id).where(
        mailings.c.state == MailingState.PAUSED, mailings.c.rollback_id > PERHAPS_OLD
    )
    by_loss: dict[int, list[int]] = {}
    for mailing, number in connection.execute(held.order_by(mailings.c.id)):
        by_loss.setdefault(number, []).append(mailing)
    for row in connection.execute(select(rollbacks).where(rollbacks.c.id.in_(by_loss)).order_by(rollbacks.c.id)):
        yield rolled_back_notice(row.id, by_loss[row.id], row.recorded, row.doubts)
