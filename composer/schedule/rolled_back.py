"""The notification that the database lost commits. It can be made and sent without reading the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, select

from composer import clock
from composer.delivery.state import MailingState
from composer.delivery.tables import PERHAPS_OLD, mailings, rollbacks
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.schedule.notifications import STANDING, Notification


def rolled_back_notice(
    number: int | None, paused: Sequence[int] = (), recorded: int = 0, doubts: int = 0, rescued: Path | None = None
) -> Notification:
    """About the loss ``number`` of ``composer.delivery.tables.rollbacks``; None where it cannot be recorded yet.

    ``rescued``: the newest copy of a database that was taken away (``newest_rescued``)."""
    text = _(
        "The database has fewer commits than its workers made, or is a copy: a server took over that was behind, an "
        "older copy was put in its place, or the newsroom was copied or moved. Nothing is sent: what was under way is "
        "paused, and what falls due now is held."
    )
    if number is not None:
        noted = _("The workers that live record again what they remember: so far {replies}, and {doubts}.")
        replies = ngettext("{n} reply", "{n} replies", recorded).format(n=recorded)
        unknown = ngettext(
            "{n} reader of whom nobody knows, who stays in doubt",
            "{n} readers of whom nobody knows, who stay in doubt",
            doubts,
        ).format(n=doubts)
        text += "\n\n" + noted.format(replies=replies, doubts=unknown)
    else:
        text += "\n\n" + _("It cannot be written to at present: that is tried again.")
    if rescued is not None:
        text += "\n\n" + _(
            "{file} is what a worker still had open when the database was taken away: unless it was put back already, "
            "it knows more than this one. Stop every process of Filigrane, put it in the place of the database "
            "(docs/running.md says how), then start again."
        ).format(file=rescued)
    if not paused:
        text += "\n\n" + _(
            "Make sure that nothing sends from the old server, or from the newsroom that was copied: two at once send "
            "everything twice."
        )
        text += "\n\n" + _(
            "A copy holds all that falls due, until you say that it is the newsroom now: filigrane db here."
        )
        text += "\n\n" + _(
            "To see what is paused, and what is held: filigrane mailings, filigrane calendar. Each says what to type."
        )
    if paused:
        text += "\n\n" + _(
            "Make sure that nothing sends from the old server, or from the newsroom that was copied: two at once "
            "defeat every check. Compare with the relay’s log, then, for each mailing:"
        )
        text += "".join(f"\n    filigrane mailings resume {mailing}" for mailing in paused)
        text += "\n\n" + _(
            "A copy holds all that falls due, until you say that it is the newsroom now: filigrane db here."
        )
    return Notification(
        f"{STANDING}restored:{number or 0}",
        "restored",
        _("the database went back, or is a copy: the sending is paused"),
        text,
    )


def copy_words() -> str:
    """What is said of a copy of which no person has said that it is the newsroom now."""
    return _(
        "this database is a copy: what falls due is held, for where it was copied from may be sending the same; once "
        "nothing sends from there: filigrane db here"
    )


def newest_rescued(root: Path, within: timedelta = timedelta(days=1)) -> Path | None:
    """The newest ``var/rescued-<time>.db`` of the newsroom at ``root``, if it was written ``within`` that time."""
    written = {}
    for path in (root / "var").glob("rescued-*.db"):
        with suppress(OSError):
            written[path.stat().st_mtime] = path.relative_to(root)
    last = max(written, default=0.0)
    return written[last] if clock.now().timestamp() - last < within.total_seconds() else None


def rolled_back_notices(connection: Connection, root: Path) -> Iterator[Notification]:
    """One for each loss that still holds a mailing back."""
    held = select(mailings.c.id, mailings.c.rollback_id).where(
        mailings.c.state == MailingState.PAUSED, mailings.c.rollback_id > PERHAPS_OLD
    )
    by_loss: dict[int, list[int]] = {}
    for mailing, number in connection.execute(held.order_by(mailings.c.id)):
        by_loss.setdefault(number, []).append(mailing)
    for row in connection.execute(select(rollbacks).where(rollbacks.c.id.in_(by_loss)).order_by(rollbacks.c.id)):
        yield rolled_back_notice(row.id, by_loss[row.id], row.recorded, row.doubts, newest_rescued(root))
