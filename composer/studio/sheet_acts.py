"""What can be done about a date of the sheet: links to the pages that ask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from composer.approval.changes import Standing
from composer.locale import gettext as _
from composer.schedule.calendar_words import due_name
from composer.schedule.upcoming import Upcoming
from composer.studio.under_way import MailingLine

#: States in which an issue may leave when a person says, and of which nothing has left.
_SENDABLE = frozenset(("sealed", "planned", "off-schedule", "second", "held", "missed", "rehearsed"))


@dataclass(frozen=True)
class SheetAct:
    """``first``: what is to be done next. ``about``: what it is done to, where the link is heard alone."""

    label: str
    address: str
    about: str
    first: bool = False


def acts_on(
    entry: Upcoming, line: MailingLine | None, standing: Standing | None, *, ledger: bool
) -> Sequence[SheetAct]:
    """Those that could be done to the issue of ``entry``, or to its mailing. ``standing`` is its approval, if any;
    ``ledger``: this machine has its ledger, without which nothing is sent, skipped or stopped."""
    return list(_acts(entry, line, standing, ledger))


def orders_on(line: MailingLine, name: str) -> Iterator[SheetAct]:
    """What can be ordered of a mailing of the issue ``name``; nothing once it is over."""
    if line.open:
        going = ("resume", _("Go on")) if line.paused else ("pause", _("Stop for now"))
        for order, label in (going, ("cancel", _("End for good"))):
            yield SheetAct(label, f"/newsroom/{order}/{line.id}", name, first=line.paused and order == "resume")


def _acts(entry: Upcoming, line: MailingLine | None, standing: Standing | None, ledger: bool) -> Iterator[SheetAct]:
    name = due_name(entry)
    if line is not None:
        yield from orders_on(line, name)
    if line is not None and entry.state != "rehearsed":
        return  # it left, or is leaving: nothing else is done to it here
    if entry.issue is None:
        if entry.state == "no-file":
            yield SheetAct(_("Begin it"), f"/newsroom/new/{entry.publication}?date={entry.date}", name)
        elif entry.state in ("held", "missed") and ledger:
            yield SheetAct(_("Begin it"), f"/newsroom/new/{entry.publication}?date={entry.date}", name)
            yield SheetAct(_("Skip"), f"/newsroom/skip/{name}", name)
        return
    valid = standing is not None and standing.reason is None
    if not valid:
        yield SheetAct(_("Approve"), f"/newsroom/approve/{name}", name, first=True)
    for code, file in entry.translations.items():
        translated = file.removeprefix("issues/").removesuffix(".yaml")
        yield SheetAct(_("Approve ({language})").format(language=code), f"/newsroom/approve/{translated}", name)
    yield SheetAct(_("Test letter"), f"/newsroom/test/{name}", name)
    if entry.mailing is None and ledger and valid and entry.state in _SENDABLE:
        yield SheetAct(_("Send at…"), f"/newsroom/send-at/{name}", name)
    if entry.mailing is None and ledger and (entry.state in ("held", "missed", "planned") or entry.reason == "past"):
        yield SheetAct(_("Skip"), f"/newsroom/skip/{name}", name)
    if standing is not None:
        yield SheetAct(_("Take the approval back"), f"/newsroom/unapprove/{name}", name)
