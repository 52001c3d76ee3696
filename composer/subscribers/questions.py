"""What is asked before a list is imported: each question with every answer, as it is typed."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from composer.errors import Refused
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.subscribers.csv_columns import Located
from composer.subscribers.labels import bounce_word, list_state_word
from composer.subscribers.short_names import written_out
from composer.subscribers.smells import sense_of_name
from composer.subscribers.standing import STATES, Stance
from composer.subscribers.values import answer_key


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
        "notes": _("  {option}   a tag or a word of who left: this reader left; anything else says nothing"),
    }
    always = ("opted_out",) if field == "paid_until" else ("opted_out", "opted_in", "opted_out_reason")
    other = {"out": ("opted_in",), "in": ("opted_out", "opted_out_reason"), None: ()}[sense_of_name(written_out(name))]
    for one in dict.fromkeys((*always, *also) if field == "?" else (field, *always, *also)):
        if one in other and one != field:
            continue
        lines.append(answers[one].format(option=option(name, one)))
    if "lists" in (field, *also):
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
        _("  or say it of each, with one of these in place of “?” ({states}):").format(states=_states()),
        f"  {_each(name, words)}",
    )
    return Suspect(option(name), lines, name, "status")


def about_codes(located: Located, at: int, codes: Sequence[str], *, tier: bool = False) -> Suspect:
    """Ask what codes mean of which nothing says it. No answer is likelier than another. ``tier``: it is of one."""
    name = located.label(at)
    each = option(name, "?") if tier else _each(name, codes)
    head = _("“{column}” ({seen}): codes, and nothing says what they mean; one of them may be of readers who left:")
    said = [
        _("  or say it of each, with one of these in place of “?” ({states}):").format(states=_states()),
        f"  {each}",
    ]
    lines = (
        head.format(column=located.shown(at), seen=", ".join(codes)),
        _("  write in its cells what they mean: active, unsubscribed, pending, undeliverable, complained"),
        *([] if tier else said),
        _("  {option}   it says nothing of this").format(option=option(name)),
    )
    return Suspect(each, lines, name, "?")


def _each(column: str, values: Sequence[str]) -> str:
    """The options that say of each value what it means."""
    each: dict[str, str] = {}
    for value in values:
        each.setdefault(answer_key(value), value)  # 1 and 1.0 are one
    return " ".join(shlex.join(["--code", f"{column}:{value}=?"]) for value in each.values())


def _states() -> str:
    return ", ".join(_typable(list_state_word(word)) for word in STATES.values())


def about_merged(located: Located, at: int, values: Sequence[str]) -> Suspect:
    """Ask what stands in the rows below the first one of a group, where cells look merged."""
    name = located.label(at)
    head = _("“{column}” ({seen}): a value, then blanks, as where cells were merged; what are the rows below it?")
    lines = [
        head.format(column=located.shown(at), seen=", ".join(values)),
        _("  as the row above them: write its value into each of them"),
        _("  not as it, the blanks are blanks: write a dash (-) into one of them"),
        _("  {option}   it says nothing of this").format(option=option(name)),
    ]
    return Suspect(option(name, "?"), tuple(lines), name, "?")


def about_days(located: Located, at: int, days: Sequence[str], blanks: int, rows: int) -> Suspect:
    """Ask what a blank means in a column of days of consent of which most cells are blank."""
    name = located.label(at)
    asked = shlex.join(["--map", f"opted_in={name}", "--map", f"subscribed_at={name}"])
    head = _("“{column}” ({seen}): {blanks} of {rows} cells are blank; say what these readers are, with one of these:")
    lines = (
        head.format(column=located.shown(at), seen=", ".join(days), blanks=blanks, rows=rows),
        _("  {option}   a blank: never asked for this letter; a day: asked for it then").format(option=asked),
        _("  {option}   all of them may be written to; the day is not known of each").format(
            option=option(name, "subscribed_at")
        ),
    )
    return Suspect(asked, lines, name, "opted_in")


def about_bounce(line: int, word: str) -> Suspect:
    """Ask what "bounced" means in a list of a platform that is not known."""
    everywhere, letter = (f"--bounced {_typable(bounce_word(one))}" for one in ("everywhere", "letter"))
    return Suspect(
        everywhere,
        (
            _("line {line}, “{word}”: say whether for good, with one of these:").format(line=line, word=word),
            _("  {option}   these mailboxes are closed: no letter is ever sent there").format(option=everywhere),
            _("  {option}   out of this letter only").format(option=letter),
        ),
    )


#: Where the words stand that say what all rows are.
Where = Literal["file", "folder", "column", "title"]


def about_name(name: str, standing: Stance, where: Where = "file") -> Suspect:
    """Ask what all rows are, where ``name`` (of the file, of its folder, of the column of addresses, or what stands
    above the names of the columns) says that their readers left."""
    about = {
        "file": _("the name of the file, “{file}”: say what all its rows are, with one of these:"),
        "folder": _("the name of the folder, “{file}”: say what all rows of the file are, with one of these:"),
        "column": _("the name of the column of addresses, “{file}”: say what all its rows are, with one of these:"),
        "title": _("the title of the list, “{file}”: say what all its rows are, with one of these:"),
    }[where]
    meanings = {
        Stance.LEFT: _("  {option}   they left this letter"),
        Stance.BOUNCED: _("  {option}   their mailboxes are closed: no letter is ever sent there"),
        Stance.COMPLAINED: _("  {option}   they reported a letter as spam: no letter is ever sent there"),
        Stance.UNPROVEN: _("  {option}   they never asked for this letter, or never confirmed"),
        Stance.IN: _("  {option}   the name says nothing: they may be written to"),
    }
    options = {one: f"--state {_typable(list_state_word(STATES[one]))}" for one in meanings}
    lines = (meaning.format(option=options[one]) for one, meaning in meanings.items())
    return Suspect(options[standing], (about.format(file=name), *lines))


def about_section(line: int, title: str) -> Suspect:
    """Ask what the rows under a line with nothing but a title are. No answer is likelier than the other."""
    state = f"--state {_typable(list_state_word(STATES[Stance.IN]))}"
    lines = (
        _("line {line}, “{title}” stands alone in its line, as above rows of another kind:").format(
            line=line, title=title
        ),
        _("  {option}   it says nothing: the rows under it are as those above").format(option=state),
        _("  or put the rows under it into a list of their own, and say what these are"),
    )
    return Suspect("--state ?", lines, "", "?")


def _typable(word: str) -> str:
    return word.replace(" ", "-")
