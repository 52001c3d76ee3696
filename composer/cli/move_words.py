"""What ``filigrane move-in`` says: the equation, where each file comes from, what its export lacks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from babel.numbers import format_decimal

from composer.cli.list_import import column_runs, remark_on_list
from composer.locale import gettext as _
from composer.locale import language, ngettext
from composer.subscribers.equation import Equation
from composer.subscribers.labels import list_state_word
from composer.subscribers.move_in import Closing, Move, MovedPart
from composer.subscribers.origins import Origin, not_exported
from composer.subscribers.standing import STATES

#: Refused rows that are shown; all of them are in the report.
_SHOWN = 10


def figure_shown(number: int) -> str:
    """``number`` with its thousands apart, as the newsroom's language writes it."""
    return format_decimal(number, locale=language())


def equation_shown(equation: Equation) -> str:
    """``12,431 rows = 11,902 readers + 311 left + 18 refused``; terms of 0 but the readers are left out."""
    words = {
        "readers": ngettext("{n} reader", "{n} readers", equation.readers),
        "left": ngettext("{n} leaver", "{n} left", equation.left),
        "bounced": ngettext("{n} bounce", "{n} bounced", equation.bounced),
        "complained": ngettext("{n} complaint", "{n} complaints", equation.complained),
        "closed": ngettext("{n} suppressed address", "{n} suppressed", equation.closed),
        "unproven": ngettext("{n} without a proof of consent", "{n} without proofs of consent", equation.unproven),
        "twice": ngettext("{n} duplicate", "{n} twice", equation.twice),
        "refused": ngettext("{n} refusal", "{n} refused", equation.refused),
    }
    terms = [
        words[name].format(n=figure_shown(number))
        for name, number in equation.terms.items()
        if number or name == "readers"
    ]
    rows = ngettext("{n} row", "{n} rows", equation.rows).format(n=figure_shown(equation.rows))
    return f"{rows} = {' + '.join(terms)}"


def told_of_move(move: Move) -> Iterator[str]:
    """What was read as what, file by file, what the export does not say, and what deserves a look."""
    several = len(move.parts) > 1
    for number, part in enumerate(move.parts, 1):
        yield f"{f'{number}. ' if several else ''}{part.file.path.name}: {_origin(part)}"
        if several:
            yield "   " + equation_shown(part.equation)
        yield from (f"   {line}" for line in _columns(part))
    yield from (remark_on_list(code, number) for code, number in move.remarks)
    yield from lacks([part.file.origin for part in move.parts])
    if not (move.total.left + move.total.bounced + move.total.complained + move.total.closed):
        yield _(
            "No row of these files says that a reader left or bounced. Is the export of who left missing? Without it "
            "they would be written to again"
        )


def lacks(origins: Sequence[Origin | None]) -> Iterator[str]:
    """What the exports of these platforms do not say."""
    for name in dict.fromkeys(one.name for one in origins if one is not None):
        if words := not_exported(name):
            yield _("Not in an export of {platform}: {what}.").format(platform=name, what=words)


def _origin(part: MovedPart) -> str:
    origin = part.file.origin
    told = _("of no platform that is known: read by the names of its columns")
    if origin is not None:
        because = _("read as {platform}, because of its columns {columns}")
        told = because.format(platform=origin.name, columns=", ".join(origin.because))
    if part.terms.state is not None:
        state = list_state_word(STATES[part.terms.state])
        told += _("; all its rows “{state}”, by its name or --state").format(state=state)
    return told


def _columns(part: MovedPart) -> Iterator[str]:
    if part.title:
        yield _("Above the names of the columns, not read: “{title}”").format(title=part.title)
    read_as = ", ".join(f"{column} ({field})" for field, column in part.located.understood)
    yield _("Columns read: {columns}").format(columns=read_as)
    if ignored := [part.located.shown(at) for at in part.located.ignored]:
        yield _("Columns not read: {columns}").format(columns=", ".join(column_runs(ignored)))


def refused_shown(move: Move) -> Iterator[str]:
    """The rows that were refused: here they are."""
    number = move.total.refused
    if not number:
        return
    head = ngettext("{n} row was refused:", "{n} rows were refused:", number)
    yield head.format(n=figure_shown(number))
    yield from (f"  {place}: {reason}" for place, reason in move.refused(_SHOWN))
    if number > _SHOWN:
        yield ngettext("  … and {n} other", "  … and {n} others", number - _SHOWN).format(
            n=figure_shown(number - _SHOWN)
        )


def closing_shown(closing: Closing, publication: str) -> str:
    """What the database holds after a move, and that it holds all of it; or what it does not."""
    told = _("readers of {publication}: {before} before, {after} now")
    lines = [
        told.format(
            publication=publication,
            before=figure_shown(closing.before.readers),
            after=figure_shown(closing.after.readers),
        )
    ]
    if closing.meanwhile:
        lines.append(_("by others’ acts meanwhile: {n}").format(n=f"{closing.meanwhile:+d}"))
    if closing.unexplained:
        message = _(
            "UNEXPLAINED: {n}. The database does not hold what was written ({places}). Give the same command again; if "
            "it says so again, keep the files and report it"
        )
        lines.append(message.format(n=figure_shown(closing.unexplained), places=", ".join(closing.places) or "–"))
    else:
        lines.append(_("unexplained: 0, by the files and by the database"))
    return " · ".join(lines)
