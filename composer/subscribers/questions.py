"""What is asked before a list is imported: each question with every answer, as it is typed."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from composer.errors import Refused
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.subscribers.csv_columns import Located
from composer.subscribers.smells import sense_of_name
from composer.subscribers.standing import Stance
from composer.subscribers.values import fold


@dataclass(frozen=True)
class Suspect:
    """What must be said before the list is imported. ``option``: the likeliest answer, as it is typed; ``lines``: the
    question and every answer. ``column`` and ``field`` where it is about a column.
    """

    option: str
    lines: tuple[str, ...]
    column: str = ""
    field: str = ""


class UnreadColumns(Refused):
    """A list holds what may say that readers left or until when they paid, and is not read; nothing was imported."""

    def __init__(self, file: str, suspects: Sequence[Suspect]) -> None:
        columns = sum(bool(one.column) for one in suspects)
        if not columns:
            first = _("{file}: it is not clear which readers may be written to; nothing was imported.")
        elif all(one.field == "paid_until" for one in suspects):
            first = ngettext(
                "{file}: {count} column is not understood and may say until when readers paid; nothing was imported.",
                "{file}: {count} columns are not understood and may say until when readers paid; nothing was imported.",
                columns,
            )
        else:
            first = ngettext(
                "{file}: {count} column is not understood and may say which readers left; nothing was imported.",
                "{file}: {count} columns are not understood and may say which readers left; nothing was imported.",
                columns,
            )
        lines = [first.format(file=file, count=columns)]
        for suspect in suspects:
            lines += suspect.lines
        super().__init__("\n".join(lines))
        self.suspects = tuple(suspects)


def option(column: str, field: str | None = None) -> str:
    """The shell-quoted option that maps ``column`` to ``field``, or that ignores it where no field is given."""
    if field is None and ("," in column or "=" in column):
        return shlex.join(["--ignore", column])  # --map would be split there
    return shlex.join(["--map", f"{field}={column}" if field else f"{column}=ignore"])


def about_column(located: Located, at: int, field: str, words: Sequence[str], also: tuple[str, ...] = ()) -> Suspect:
    """Ask what a column is, likeliest ``field``. ``also``: fields that are answers beside the usual ones."""
    name, seen = located.label(at), f" ({', '.join(words)})" if words else ""
    lines = [_("“{column}”{seen}: say what it is, with one of these:").format(column=located.shown(at), seen=seen)]
    answers = {
        "status": _("  {option}   active, unsubscribed..."),
        "hard_bounced": _("  {option}   any text: this mailbox is closed, no letter is ever sent there"),
        "opted_out": _("  {option}   yes, or a date: this reader left"),
        "opted_in": _("  {option}   no: this reader left; nothing: never asked for this letter"),
        "opted_out_reason": _("  {option}   any text: this reader left"),
        "complained": _("  {option}   yes: this reader reported a letter as spam, no letter is ever sent there"),
        "paid_until": _("  {option}   a date: this reader has paid until then"),
        "lists": _("  {option}   nothing: never asked for this letter; any text: asked for it"),
        "paid": _("  {option}   yes: reads the paid edition"),
    }
    always = ("opted_out",) if field == "paid_until" else ("opted_out", "opted_in", "opted_out_reason")
    other = {"out": ("opted_in",), "in": ("opted_out", "opted_out_reason"), None: ()}[sense_of_name(fold(name))]
    for one in dict.fromkeys((*always, *also) if field == "?" else (field, *always, *also)):
        if one in other and one != field:
            continue
        lines.append(answers[one].format(option=option(name, one)))
    if field == "lists":
        told = _("  {option}   the letters, by their identifiers: rows of others only are refused")
        lines.append(told.format(option=option(name, "publication")))
    lines.append(_("  {option}   it says nothing of this").format(option=option(name)))
    return Suspect(option(name, field), tuple(lines), name, field)


def about_words(located: Located, at: int, words: Sequence[str]) -> Suspect:
    """Ask of a column that is called a status and holds none."""
    name = located.label(at)
    lines = (
        _("“{column}” ({seen}): none of these words says whether a reader may be written to; say what it is:").format(
            column=located.shown(at), seen=", ".join(words)
        ),
        _("  {option}   it says nothing of this").format(option=option(name)),
        _("  or write in its cells what they mean: active, unsubscribed, pending, undeliverable, complained"),
    )
    return Suspect(option(name), lines, name, "status")


def about_bounce(line: int, word: str) -> Suspect:
    """Ask what "bounced" means in a list of a platform that is not known."""
    return Suspect(
        "--bounced everywhere",
        (
            _("line {line}, “{word}”: say whether for good, with one of these:").format(line=line, word=word),
            _("  --bounced everywhere   these mailboxes are closed: no letter is ever sent there"),
            _("  --bounced letter   out of this letter only"),
        ),
    )


def about_name(file: str, standing: Stance, *, of_column: bool = False) -> Suspect:
    """Ask what the rows of a file are, where its name, or that of its column of addresses, says that their readers
    left."""
    state = STATES[standing]
    about = (
        _("the name of the column of addresses, “{file}”: say what all its rows are, with one of these:")
        if of_column
        else _("the name of the file, “{file}”: say what all its rows are, with one of these:")
    )
    return Suspect(
        f"--state {state}",
        (
            about.format(file=file),
            _("  --state unsubscribed   they left this letter"),
            _("  --state bounced   their mailboxes are closed: no letter is ever sent there"),
            _("  --state complained   they reported a letter as spam: no letter is ever sent there"),
            _("  --state unconfirmed   they never asked for this letter, or never confirmed"),
            _("  --state active   the name says nothing: they may be written to"),
        ),
    )


#: Stance → the word of ``--state``.
STATES = {
    Stance.IN: "active",
    Stance.LEFT: "unsubscribed",
    Stance.BOUNCED: "bounced",
    Stance.COMPLAINED: "complained",
    Stance.UNPROVEN: "unconfirmed",
}
