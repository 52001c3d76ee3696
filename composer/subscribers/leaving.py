"""Detect what a list may say of opt-outs or of ends of payment, and is not read: the operator is asked.

Columns are told by their name or their values; a file by its name; "bounced" may mean for good or for a day.

Ignoring an opt-out means mailing a person against their will (GDPR, articles 7.3 and 21), so the import stops and asks
the operator. Cells are checked as they are read: at most ``_DISTINCT`` different values of a column are kept.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from composer.errors import Refused
from composer.subscribers import smells
from composer.subscribers.consent_days import ConsentDays
from composer.subscribers.consent_words import (
    is_gone,
    is_some_date,
    is_some_day,
    is_way_of_contact,
    read_standing,
    says_inactive,
    tells_of_agreeing,
)
from composer.subscribers.contrasts import PLAIN_ANSWERS, are_codes, are_contrary, are_signs, are_yes_and_no
from composer.subscribers.csv_columns import Located
from composer.subscribers.csv_reader import bare
from composer.subscribers.instants import DateOrder, read_instant, with_century
from composer.subscribers.likely import likeliest, status_beside
from composer.subscribers.merged_cells import MergedCells
from composer.subscribers.other_columns import (
    FREE_TEXT,
    HARMLESS,
    LETTERED,
    OF_PEOPLE,
    OF_PROOF,
    OTHER_DAYS,
    OTHER_FUTURE,
    QUANTITIES,
    has_codes_of_others,
    is_quantity,
    of_another_channel,
)
from composer.subscribers.questions import Suspect, UnreadColumns, about_codes, about_column, about_words
from composer.subscribers.short_names import written_out
from composer.subscribers.standing import Stance
from composer.subscribers.told import tells_beside_a_name, tells_of_leaving
from composer.subscribers.values import NO, YES, answer_key, fold, is_empty, is_yes_or_no

#: Stands for the name of the column of sources, whatever it is: it is read, and looked at only for leavers.
_SOURCE = "source"
#: Names of columns that say on which lists a row is.
_LISTS = re.compile(
    "(?:static|mailing|email|subscribed|contact)?lists?(?:names?|membership|subscribed)?|(?:nom(?:dela)?)?listes?"
    "|listes?(?:de)?(?:envoi|diffusion|denvoi)s?|newsletters|lettres|publications|abonnements|subscriptions|inscrite?a"
    "|(?:subscribed)?(?:topics|audiences?)"
)
#: Field → the names of columns in which yes and no are no value of it, and what they are likeliest to be.
_ANSWERED = {"publication": (("newsletter", "lettre", "publication"), "opted_in"), "tier": (("abonnement",), "?")}
_HOLDS_LETTER = re.compile(r"[^\W\d_]")
#: Characters of a cell that may be a yes or a no; figures and letters alone may be quantities and initials.
_LONGEST_ANSWER = 20
_YES_AND_NO = frozenset(word for word in YES | NO if len(word) > 1)
_BITS = frozenset(("0", "1", "-1"))
#: What a person is to a house, in a column called a status, that says nothing of letters.
_NO_STATUS_WORDS = (
    "client cliente clients prospect prospecte prospects lead leads contact contacts customer customers "
    "supplier vendor fournisseur partenaire partner membre member adherent adherente donateur donatrice "
    "benevole salarie salariee particulier professionnel entreprise association presse marie mariee "
    "celibataire etudiant etudiante retraite retraitee employee company person visiteur visitor"
)
_NO_STATUS = frozenset(_NO_STATUS_WORDS.split())
#: Letters for yes, no, active, inactive, subscribed, unsubscribed, deleted, retired... in several languages.
_LETTERS = frozenset("acdefijnorstuvxy")
#: What a colour meant, written out where it would have been lost.
_COLOUR_WORDS = "vert rouge orange jaune gris noir barre green red yellow grey gray black amber"
_COLOURS = frozenset(_COLOUR_WORDS.split())
_DISTINCT = 50
#: Most cells that a question shows.
_SHOWN = 3
_UTC = ZoneInfo("UTC")
_BETWEEN_TAGS = re.compile("[;,|]|:::")

#: Lists of a platform, and readers of each, of which it is followed which reader is on which.
_FOLLOWED_LISTS, _FOLLOWED_READERS = 20, 100_000


class Watch:
    """Collects, row by row, the values of the columns that are not read, and the other questions to ask."""

    def __init__(self, located: Located, now: datetime, order: DateOrder = "dmy", *, stated: bool = False) -> None:
        asked = [at for at in located.ignored if at not in located.dropped]
        self._located, self._now, self._order = located, now, order
        names = {at: written_out(located.header[at]) for at in asked}
        harmless = {at for at in asked if fold(located.header[at]) in HARMLESS}
        self._names = {
            at: name
            for at, name in names.items()
            if at not in harmless
            and (smells.OUT.search(name) or not OF_PROOF.search(name))
            and not of_another_channel(name)
        }
        #: Of columns about something else, only what tells of leaving: a lead's status “Unsubscribed”.
        self._names |= {
            at: _SOURCE
            for at, name in names.items()
            if at not in self._names and (at in harmless or not any(smell.search(name) for smell in smells.SMELLS))
        }
        #: Columns read as the letter or the tier in which yes and no mean something else.
        self._answers = {
            at: answer
            for field, (words, answer) in _ANSWERED.items()
            if (at := located.single.get(field)) is not None
            and at not in located.by_hand
            and fold(located.header[at]) in words
        }
        #: Columns read by their name, of which no cell may be a word for it (a status Client, a subscriber Payant).
        self._words = {
            at: field
            for field, at in located.several
            if field in ("status", "opted_in", "opted_out") and at not in located.by_hand
        }
        #: Columns read by their name in which a code may stand for anything.
        self._read = [*self._words]
        for field in ("source", "tier"):
            at = located.single.get(field)
            if at is not None and (field == "source" or at not in located.by_hand):
                self._names[at] = _SOURCE
                self._read += [at] if field == "tier" else []
        self._named = {at for at, name in self._names.items() if any(smell.search(name) for smell in smells.SMELLS)}
        self._ends = {at for at, name in self._names.items() if at not in self._named and smells.END.search(name)}
        #: Columns of lists, read by their name: one of several letters is not each of them.
        self._lists = [at for field, at in located.several if field == "lists" and at not in located.by_hand]
        #: Columns that say until when a subscription is, as long as nothing but dates is in them.
        self._subscribed = {at for at in self._named if smells.ends_a_subscription(self._names[at])}
        watched = dict.fromkeys((*self._names, *self._answers, *self._words, *self._lists))
        self._values: dict[int, dict[str, None]] = {at: {} for at in watched}
        #: Columns with more different values than are kept: of these, what tells of leaving, a yes, a no.
        self._many: set[int] = set()
        self._answered: dict[int, dict[bool, str]] = {}
        self._gone: dict[int, list[str]] = {}
        self._dates: dict[int, str] = {}
        #: Columns without a telling name that may hold a day of leaving: those of some readers, and blanks.
        self._days = {
            at: [False, False] for at, name in self._names.items() if name != _SOURCE and not OTHER_DAYS.search(name)
        }
        #: Where a platform writes a row for each list of a reader: list → its addresses; none once they are too many.
        self._email = located.single.get("email", 0)
        self._readers_of: dict[int, dict[str, set[str]]] = {
            at: {} for at, name in self._names.items() if located.platform and _LISTS.fullmatch(name)
        }
        self._consent = ConsentDays(located, stated=stated)
        self._merged = MergedCells(located, stated=stated)
        self._rows = 0
        self.others: list[Suspect] = []

    def see(self, rows: Sequence[Sequence[str]]) -> None:
        """Look at the cells of the next rows, column by column: a cell that comes again says nothing more."""
        self._rows += len(rows)
        self._consent.see(rows)
        self._merged.see(rows)
        self._see_lists(rows)
        for at in (*self._values, *self._many):
            cells = dict.fromkeys([row[at] for row in rows])
            self._see_days(at, cells)
            for cell in cells:
                self._see_cell(at, cell)

    def _see_cell(self, at: int, cell: str) -> None:
        if at in self._many:
            self._note_gone(at, cell)
            self._note_answer(at, cell)
            return
        seen = self._values[at]
        if cell in seen or (at in self._answers and len(seen) > _DISTINCT):
            return
        seen[cell] = None
        self._note_gone(at, cell)
        if at not in self._dates and self._is_to_come(at, cell):
            self._dates[at] = cell.strip()
        if len(seen) > _DISTINCT and at not in self._answers:
            self._many.add(at)
            for known in self._values.pop(at):
                self._note_answer(at, known)

    def _note_gone(self, at: int, cell: str) -> None:
        """Keep the first cells of a column that tell of leaving: one may be harmless and another not."""
        found = self._gone.get(at, [])
        if len(found) < _SHOWN and (shown := cell.strip()) not in found and self._tells(at, cell):
            self._gone[at] = [*found, shown]

    def _note_answer(self, at: int, cell: str) -> None:
        """Keep the first yes and the first no of a column that is not read."""
        found = self._answered.setdefault(at, {})
        if len(found) < 2 and 1 < len(cell) <= _LONGEST_ANSWER and (word := answer_key(cell)) in _YES_AND_NO:
            found.setdefault(word in YES, cell.strip())

    def _see_lists(self, rows: Sequence[Sequence[str]]) -> None:
        for at, readers_of in list(self._readers_of.items()):
            for cells in rows:
                readers = readers_of.setdefault(cells[at].strip(), set())
                readers.add(cells[self._email].strip().casefold())
                if len(readers_of) > _FOLLOWED_LISTS or len(readers) > _FOLLOWED_READERS:
                    del self._readers_of[at]
                    break

    def _all_are_in_one(self, at: int) -> bool:
        """Whether one list in the column has every reader: then no reader is in another list alone."""
        lists = list(self._readers_of.get(at, {}).values())
        return bool(lists) and max(map(len, lists)) == len(set[str]().union(*lists))

    def _see_days(self, at: int, cells: Iterable[str]) -> None:
        """Note whether a column holds a date and a blank; forget it, and an end, that holds anything else."""
        for cell in cells:
            if at not in self._days:
                break
            if is_empty(cell):
                self._days[at][1] = True
            elif is_some_day(cell) or ("date" in self._names[at] and is_some_date(cell)):
                self._days[at][0] = True
            else:
                del self._days[at]
        if at in self._subscribed and not all(is_empty(cell) or is_some_date(cell) for cell in cells):
            self._subscribed.discard(at)

    def judge(self, file: str, *, whole: bool = False) -> None:
        """Raise ``UnreadColumns`` where a column may hold opt-outs or ends of payment, by its name or the values seen
        so far, or where another question was met. ``whole``: all rows were seen."""
        suspects: list[Suspect] = []
        for at, name in self._names.items():
            if name == _SOURCE and at not in self._gone:
                continue
            told = self._told(at)
            answers = bool(told) and self._are_answers(name, told, self._values.get(at, ()))
            if len(both := self._answered.get(at, {})) == 2 and not FREE_TEXT.match(name):
                told, answers = [both[True], both[False]], True
            if whole and self._are_codes(at, name):
                suspects.append(about_codes(self._located, at, told))
                continue
            states = smells.are_states(told)
            of_other = is_quantity(name) or OF_PEOPLE.search(name) or FREE_TEXT.match(name)
            answers = answers or (at not in self._gone and not of_other and are_contrary(self._values.get(at, ())))
            agreed = any(map(tells_of_agreeing, told)) and not FREE_TEXT.match(name)
            if agreed and at not in self._named and at not in self._gone:
                suspects.append(about_column(self._located, at, "opted_in", [_short(cell) for cell in told[:3]]))
                continue
            if at in self._subscribed and (told or at in self._many):
                until = [self._dates[at]] if at in self._dates else told[:1]
                suspects.append(about_column(self._located, at, "paid_until", until, ("opted_in",)))
                continue
            # A platform's blank says what its other columns do; two names say that it is not all one letter.
            different = told if self._located.platform else self._values.get(at, ("", ""))
            if _LISTS.fullmatch(name) and (len(different) > 1 or at in self._many) and not self._all_are_in_one(at):
                suspects.append(about_column(self._located, at, "?", told[:3], ("lists",)))
                continue
            if not name and any(map(_HOLDS_LETTER.search, told)) and not answers and not states:
                words = list(map(_short, self._gone.get(at, told[:_SHOWN])))
                suspects.append(about_column(self._located, at, "?", words, ("paid",)))
                continue
            if at not in self._named and at not in self._gone and not answers and not states:
                if all(self._days.get(at, (False,))) and at not in self._dates and at not in self._ends:
                    # the day of a consent, or of leaving
                    suspects.append(about_column(self._located, at, "?", told[:1]))
                elif at in self._dates or (at in self._ends and self._may_be_dates(told)):
                    until = [self._dates[at]] if at in self._dates else told[:1]
                    past = at not in self._dates and bool(told) and "tier" not in self._located.single  # of the letter?
                    likely, ends = ("?", ("paid_until",)) if past else ("paid_until", ())
                    suspects.append(about_column(self._located, at, likely, until, ends))
                continue
            words = told[:3] if answers or states else list(map(_short, self._gone.get(at, ())))
            field = "status" if states and at not in self._named else likeliest(name, told, answers, at in self._gone)
            also: tuple[str, ...] = ("paid", *status_beside(told)) if field == "?" else ()
            if field == "opted_out" and at not in self._named and not answers and self._are_notes(at, name):
                tags = FREE_TEXT.match(name) or any(map(_BETWEEN_TAGS.search, self._gone[at]))
                field, also = ("notes", ("opted_out",)) if tags else (field, ("notes",))
            suspects.append(about_column(self._located, at, field, words, also))
        for at, field in self._answers.items():
            told = self._told(at)
            paid, states = (
                ("paid", *status_beside(told)) if field == "?" else (),
                bool(told) and all(says_inactive(cell) is not None for cell in told),
            )
            if states or any(
                answer_key(cell) in PLAIN_ANSWERS or is_way_of_contact(cell) or is_some_date(cell) for cell in told
            ):
                likely = "status" if states else field
                suspects.append(about_column(self._located, at, likely, told[:3], paid))
        for at in self._lists:
            told = [
                one
                for cell in self._values.get(at, ())
                if (one := cell.strip(" ;")) and read_standing("lists", one) is Stance.IN
            ]
            if len(told) > 1 or at in self._many:
                suspects.append(about_column(self._located, at, "?", [_short(cell) for cell in told[:3]], ("lists",)))
        for at in self._words:
            told = self._told(at)
            words = [_short(cell) for cell in told[:6]]
            if told and not any(self._is_word(at, cell) for cell in told) and not self._are_figures(at):
                of_others = self._words[at] == "status" and _NO_STATUS.issuperset(map(answer_key, told))
                suspects.append(
                    about_words(self._located, at, words)
                    if of_others
                    else about_column(self._located, at, "?", words, ("paid", *status_beside(told)))
                )
        figures = [at for at in self._read if whole and self._are_figures(at)]
        suspects += [about_codes(self._located, at, self._told(at), tier=at not in self._words) for at in figures]
        suspects += self._consent.asked() if whole else ()
        if merged := list(self._merged.asked(self._gone) if whole else ()):
            columns = {one.column for one in merged}
            suspects = [*(one for one in suspects if one.column not in columns), *merged]
        suspects += self.others
        if suspects:
            raise UnreadColumns(file, suspects)

    def _told(self, at: int) -> list[str]:
        return [cell.strip() for cell in self._values.get(at, ()) if not is_empty(cell)]

    def _are_codes(self, at: int, name: str) -> bool:
        """Whether a column that is not read holds codes that may say anything; a platform says in words who left."""
        seen = self._values.get(at, ())
        if any(one.search(name) for one in (smells.BOUNCE, smells.COMPLAINT, smells.REASON_COLUMN)):
            return False  # any text says so
        # Of as many rows as values, it is a number of the row.
        others = self._located.platform or has_codes_of_others(name) or len(seen) == self._rows
        return name != _SOURCE and (at in self._named or not others) and are_codes(seen)

    def _are_figures(self, at: int) -> bool:
        """Whether a column read by its name as a status, as yes and no or as a tier holds codes: 1 is no yes beside 2
        and 3."""
        told = self._told(at)
        known = self._located.platform.words if self._located.platform else ()
        if not are_codes((*told, "")) or any(answer_key(cell) in known for cell in told):
            return False
        return any(map(str.isdigit, told)) or (at in self._words and not any(self._is_word(at, cell) for cell in told))

    def _tells(self, at: int, cell: str) -> bool:
        """Whether ``cell`` tells of leaving; in a column of names it may be one (Stop, Parti)."""
        of_people = at in self._names and OF_PEOPLE.search(self._names[at])
        return is_gone(cell) or tells_beside_a_name(cell) if of_people else tells_of_leaving(cell)

    def _are_notes(self, at: int, name: str) -> bool:
        """Whether a column that tells of leaving also holds what is none of its answers: other tags, other notes."""
        return at in self._many or any(
            not (tells_of_leaving(cell) or answer_key(cell) in PLAIN_ANSWERS or is_some_date(cell))
            for cell in self._told(at)
        )

    def _is_word(self, at: int, cell: str) -> bool:
        """Whether a cell of a column read by its name is a word for it, an address, or tells of leaving."""
        try:
            read_standing(self._words[at], bare(cell), self._located.platform)
        except Refused:
            return "@" in cell or tells_of_leaving(cell)
        return True

    def _are_answers(self, name: str, told: Sequence[str], seen: Collection[str]) -> bool:
        """Whether all cells are yes and no, or 0 and 1 (-1 in Access) where the name is none of a quantity."""
        if FREE_TEXT.match(name):
            return False
        if len(different := {answer_key(cell) for cell in told}) == 1 and len(seen) > 1 and not LETTERED.search(name):
            mark = next(iter(different))  # of some readers alone: a letter, or a sign, with a meaning
            if len(mark) == 1 and (mark in _LETTERS | {"p", "l", "k"} or not mark.isalnum()):
                return True
        if len(seen) > 1 and different and (are_signs(different) or different <= _COLOURS):
            return True
        bits = _BITS.issuperset(map(answer_key, told)) and len(seen) > 1 and not QUANTITIES.search(name)
        letters = len(different) > 1 and different <= _LETTERS and not LETTERED.search(name)
        letters = letters and not QUANTITIES.search(name)
        channels = len(different) > 1 and all(map(is_way_of_contact, told))
        if QUANTITIES.search(name):
            return channels or all(map(is_yes_or_no, told))
        return bits or letters or channels or are_yes_and_no(told)

    def _is_to_come(self, at: int, cell: str) -> bool:
        """Whether ``cell`` is a date in the future, in a column that may say until when a reader paid."""
        if not cell[:1].isdigit() or len(cell) > 40 or at not in self._names or OTHER_FUTURE.search(self._names[at]):
            return False
        try:
            return read_instant(with_century(cell), _UTC, end=False, order=self._order) > self._now
        except Refused:
            return False

    def _may_be_dates(self, told: Sequence[str]) -> bool:
        """In whatever spelling: 31 déc. 2026, 45657, 31/12/26."""
        return not told or any(letter.isdigit() for cell in told for letter in cell)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59].rstrip()}…"
