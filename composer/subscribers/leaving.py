"""Detect what a list may say of opt-outs or of ends of payment, and is not read: the operator is asked.

Columns are told by their name or their values; a file by its name; "bounced" may mean for good or for a day.

Ignoring an opt-out means mailing a person against their will (GDPR, articles 7.3 and 21), so the import stops and asks
the operator. Cells are checked as they are read: at most ``_DISTINCT`` different values of a column are kept.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from composer.errors import Refused
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.subscribers import smells
from composer.subscribers.consent_words import is_gone, is_some_date, says_inactive
from composer.subscribers.csv_columns import Located
from composer.subscribers.instants import DateOrder, read_instant
from composer.subscribers.standing import Stance
from composer.subscribers.values import NO, YES, answer_key, fold, is_empty, is_yes_or_no

#: Column names of common exports that match, or hold yes and no, and are not about email consent.
_HARMLESS = (
    "taxexempt complimentaryplan preferdigests isbestseller marketingcontactstatus leadstatus delinquent "
    "bouncecount numberofbounces bouncescore sendthissubscriberhtmlemails didthissubscribermanuallyconfirm "
    "numeroabonne noabonne nabonne numerodabonne idabonne codeabonne donotmodifycontact private prive privat "
    "privado privato"
)
#: Names of columns in which "x" or "no" is a tag or a note, and no answer.
_FREE_TEXT = re.compile("tags?|labels?|notes?|etiquettes?|groupes?$|groups?$|motscles")
#: Names of columns that hold names of people, places or things.
_OF_PEOPLE = re.compile("name$|^(?:pre)?nom|nom$|ville|city|company|societe|organi[sz]ation|title$|titre|sujet|subject")
#: Names of columns about other channels than email.
_OTHER_CHANNEL = re.compile("sms|phone|fax|docall|donotcall|notcall|whatsapp|trade$|push")
#: Columns that accompany a consent (its IP address, source, URL, last change) and are not the consent itself.
_PROOF = re.compile(
    r"(?:optin|optout|consent|confirm)[a-z]*(?:ip|source|timestamp|url|text|version|method)$|(?:changed|updated)(?:at|on)?$"
)
#: Columns with a time in the future that do not say when a payment ends.
_OTHER_FUTURE = re.compile("birth|naissance|anniv|next|prochain|event|scheduled")
#: Names of columns that say on which lists a row is.
_LISTS = (
    "list",
    "lists",
    "liste",
    "listes",
    "listesdediffusion",
    "newsletters",
    "lettres",
    "publications",
    "abonnements",
)
#: Field → the names of columns in which yes and no are no value of it, and what they are likeliest to be.
_ANSWERED = {"publication": (("newsletter", "lettre", "publication"), "opted_in"), "tier": (("abonnement",), "?")}
_DISTINCT = 50
_UTC = ZoneInfo("UTC")


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


def _about_column(name: str, field: str, words: Sequence[str], *, paid: bool = False) -> Suspect:
    seen = f" ({', '.join(words)})" if words else ""
    lines = [_("“{column}”{seen}: say what it is, with one of these:").format(column=name, seen=seen)]
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
    always = (*always, "paid") if paid else always
    for one in dict.fromkeys((field, *always) if field != "?" else always):
        lines.append(answers[one].format(option=option(name, one)))
    lines.append(_("  {option}   it says nothing of this").format(option=option(name)))
    return Suspect(option(name, field), tuple(lines), name, field)


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


def heading(cells: Sequence[str], located: Located) -> str | None:
    """The title of rows that left, bounced or complained, where a line holds nothing but one; else None."""
    filled = [(at, cell.strip()) for at, cell in enumerate(cells) if cell.strip()]
    if len(filled) != 1 or (filled[0][0] and filled[0][0] not in located.single.values()):
        return None
    title = filled[0][1]
    is_one = len(title) <= 60 and "@" not in title
    return title if is_one and (smells.standing_of_title(title) or smells.tells_of_leaving(title)) else None


def about_name(file: str, standing: Stance) -> Suspect:
    """Ask what the rows of a file are, where its name says that their readers left."""
    state = STATES[standing]
    return Suspect(
        f"--state {state}",
        (
            _("the name of the file, “{file}”: say what all its rows are, with one of these:").format(file=file),
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


class Watch:
    """Collects, row by row, the values of the columns that are not read, and the other questions to ask."""

    def __init__(self, located: Located, now: datetime, order: DateOrder = "dmy") -> None:
        asked = [at for at in located.ignored if at not in located.dropped]
        self._located, self._now, self._order = located, now, order
        names = {at: fold(located.header[at]) for at in asked}
        harmless = _HARMLESS.split()
        self._names = {
            at: name
            for at, name in names.items()
            if name not in harmless and not _PROOF.search(name) and not _of_another_channel(name)
        }
        #: Columns read as the letter or the tier in which yes and no mean something else.
        self._answers = {
            at: answer
            for field, (words, answer) in _ANSWERED.items()
            if (at := located.single.get(field)) is not None
            and at not in located.by_hand
            and fold(located.header[at]) in words
        }
        self._named = {at for at, name in self._names.items() if any(smell.search(name) for smell in smells.SMELLS)}
        self._ends = {at for at, name in self._names.items() if at not in self._named and smells.END.search(name)}
        watched = [*self._names, *self._answers]
        self._values: dict[int, dict[str, None]] = {at: {} for at in watched}
        #: Columns with more different values than are kept: only what tells of leaving is still looked for.
        self._many: set[int] = set()
        self._gone: dict[int, str] = {}
        self._dates: dict[int, str] = {}
        self.others: list[Suspect] = []

    def see(self, cells: Sequence[str]) -> None:
        for at in self._many:
            if at not in self._gone and self._tells(at, cells[at]):
                self._gone[at] = cells[at].strip()
        many = []
        for at, seen in self._values.items():
            cell = cells[at]
            if cell in seen or (at in self._answers and len(seen) > _DISTINCT):
                continue
            seen[cell] = None
            if at not in self._gone and self._tells(at, cell):
                self._gone[at] = cell.strip()
            if at not in self._dates and self._is_to_come(at, cell):
                self._dates[at] = cell.strip()
            if len(seen) > _DISTINCT and at not in self._answers:
                many.append(at)
        for at in many:
            del self._values[at]
            self._many.add(at)

    def judge(self, file: str) -> None:
        """Raise ``UnreadColumns`` where a column may hold opt-outs or ends of payment, by its name or the values seen
        so far, or where another question was met."""
        suspects: list[Suspect] = []
        for at, name in self._names.items():
            told = [cell.strip() for cell in self._values.get(at, ()) if not is_empty(cell)]
            answers = bool(told) and all(map(is_yes_or_no, told)) and not _FREE_TEXT.match(name)
            label = self._located.label(at)
            states = smells.are_states(told)
            if name in _LISTS and self._located.platform is None and len(self._values.get(at, ("", ""))) > 1:
                suspects.append(_about_column(label, "lists", told[:3]))
                continue
            if at not in self._named and at not in self._gone and not answers and not states:
                if at in self._dates or (at in self._ends and self._may_be_dates(told)):
                    suspects.append(
                        _about_column(label, "paid_until", [self._dates[at]] if at in self._dates else told[:1])
                    )
                continue
            words = told[:3] if answers or states else [_short(self._gone[at])] if at in self._gone else []
            field = "status" if states and at not in self._named else _likely(name, told, answers, at in self._gone)
            suspects.append(_about_column(label, field, words, paid=field == "?"))
        for at, field in self._answers.items():
            told = [cell.strip() for cell in self._values.get(at, ()) if not is_empty(cell)]
            paid, states = field == "?", bool(told) and all(says_inactive(cell) is not None for cell in told)
            if states or (told and all(answer_key(cell) in YES | NO or is_some_date(cell) for cell in told)):
                likely = "status" if states else field
                suspects.append(_about_column(self._located.label(at), likely, told[:3], paid=paid))
        suspects += self.others
        if suspects:
            raise UnreadColumns(file, suspects)

    def _tells(self, at: int, cell: str) -> bool:
        """Whether ``cell`` tells of leaving; in a column of names it may be one (Stop, Parti)."""
        of_people = at in self._names and _OF_PEOPLE.search(self._names[at])
        return is_gone(cell) if of_people else smells.tells_of_leaving(cell)

    def _is_to_come(self, at: int, cell: str) -> bool:
        """Whether ``cell`` is a date in the future, in a column that may say until when a reader paid."""
        if not cell[:1].isdigit() or len(cell) > 40 or at not in self._names or _OTHER_FUTURE.search(self._names[at]):
            return False
        try:
            return read_instant(cell, _UTC, end=False, order=self._order) > self._now
        except Refused:
            return False

    def _may_be_dates(self, told: Sequence[str]) -> bool:
        """In whatever spelling: 31 déc. 2026, 45657, 31/12/26."""
        return not told or any(letter.isdigit() for cell in told for letter in cell)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59].rstrip()}…"


def _of_another_channel(name: str) -> bool:
    return _OTHER_CHANNEL.search(name) is not None and "mail" not in name and "courriel" not in name


def _likely(name: str, told: Sequence[str], answers: bool, gone: bool) -> str:
    """The field that a column is likeliest to be, by its folded name and its values; ``?`` where yes and no could mean
    either: an example that is typed as it stands must let in no unsubscribed reader.
    """
    if smells.BOUNCE.search(name):
        return "hard_bounced"
    if smells.COMPLAINT.search(name):
        return "complained"
    out = smells.OUT.search(name) is not None
    if "stat" in name and not out and not answers and not all(cell.isdigit() for cell in told):
        return "status"
    if out:
        return "opted_out_reason" if smells.REASON_COLUMN.search(name) else "opted_out"
    if smells.IN.search(name):
        return "opted_in"
    if gone:
        return "status" if smells.OTHERS.search(name) else "opted_out"
    return "status" if "stat" in name and not told else "?"
