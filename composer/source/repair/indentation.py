"""Wrong indentation: tabs, text pasted at the margin, keys at the wrong column."""

from __future__ import annotations

import re
from collections.abc import Iterator

from composer.locale import gettext as _
from composer.locale import ngettext
from composer.source.late_pattern import late
from composer.source.prose_checks import shortened
from composer.source.repair.lines import LONGEST_LINE, LineCorrection, is_structure, parts
from composer.source.vocabulary import find_block

#: Lines searched for a moved one, above the place where YAML stopped.
LINES_BACK = 60

#: Lines of the longest text that is searched for an outdented line.
LONGEST = 2_000

_KEYED = late(r"""\s*(?:- |(?:[\w-]+|"[^"]+"|'[^']+')\s?:(?:\s|$))""")

#: Signs that are taken for the hyphen of a list.
DASHES = "–—―‒−‐‑•·*"

_DASHED = late(rf"( *(?:- +)*)(?P<dash>[-{DASHES}])(?P<gap>[\s]*)(\w.*)$")

BLOCK_SCALAR = late(r".*(?:^|[\s:])\|[+-]?\d?[+-]?\s*(?:#.*)?$")


def previous(lines: list[str], number: int) -> int | None:
    return next((n for n in range(number - 1, -1, -1) if lines[n].strip()), None)


def following(lines: list[str], number: int) -> int | None:
    return next((n for n in range(number + 1, len(lines)) if lines[n].strip()), None)


def indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def tabs(lines: list[str], number: int) -> Iterator[LineCorrection]:
    """Tabs or no-break spaces in the indent of this line, and of every other: one correction for all."""
    tabbed = [n for n, line in enumerate(lines) if line[: indent(line)].strip(" ")]
    if number not in tabbed:
        return
    column = next(column for column, character in enumerate(lines[number]) if character != " ")
    code, message = "tab", _("YAML takes no tab for an indent: type spaces")
    if (character := lines[number][column]) != "\t":
        code, message = "bad-indent", _("a no-break space (U+{code}) is no indent for YAML: type ordinary spaces")
        message = message.format(code=f"{ord(character):04X}")
    message = with_others(message, len(tabbed) - 1)
    for size in (4, 2, 8, 6):
        typed = {n: " " * len(lines[n][: indent(lines[n])].expandtabs(size)) + lines[n].lstrip() for n in tabbed}
        yield LineCorrection(code, message, number, column, typed, typed[number])
    for near in (previous(lines, number), following(lines, number)):
        spaces = " " * (parts(lines[near]).column if near is not None else 0)
        typed = {number: spaces + lines[number].lstrip()}
        yield LineCorrection(code, message, number, column, typed, typed[number])


def with_others(message: str, others: int) -> str:
    """``message``, and how many ``others`` it is about."""
    if not others:
        return message
    more = ngettext("{count} other line is in the same case", "{count} other lines are in the same case", others)
    return f"{message} ({more.format(count=others)})"


def dashes(lines: list[str]) -> Iterator[LineCorrection]:
    """``-article:`` and ``– article:``, where YAML reads the dash as part of the key: one correction for all.

    So it does before a tab or a no-break space.
    """
    strange = [(n, match) for n in outside_texts(lines) if (match := _strange_dash(lines[n]))]
    if strange:
        typed = {n: f"{match[1]}- {lines[n][match.start(4) :]}" for n, match in strange}
        number, first = strange[0]
        code, message = "missing-space", _("a space is missing after the dash")
        if first["dash"] != "-":
            code = "list-dash"
            message = _("the items of a list begin with a hyphen and a space (- ), and this is another sign: {sign}")
            message = message.format(sign=first["dash"])
        elif first["gap"]:
            message = _("the space after this dash is no ordinary one: type a hyphen and a space")
        message = with_others(message, len(strange) - 1)
        yield LineCorrection(code, message, number, len(first[1]), typed, typed[number])


def _strange_dash(line: str) -> re.Match[str] | None:
    """The dash of an item that YAML reads as part of its key; None where it is right, or before no key."""
    match = _DASHED.match(line[:LONGEST_LINE])
    if match is None or (match["dash"] == "-" and match["gap"] and not match["gap"].strip(" ")):
        return None
    return match if is_structure(match[4]) else None


def outside_texts(lines: list[str]) -> Iterator[int]:
    """The lines that are not within a literal block, where any sign may begin a line."""
    least: int | None = None
    for number, line in enumerate(lines):
        if least is not None and line.strip() and indent(line) <= least:
            least = None
        if least is None:
            yield number
            least = indent(line) if BLOCK_SCALAR.match(line) else None


def outdented(lines: list[str], number: int) -> Iterator[LineCorrection]:
    """Text that belongs to the literal block above but is indented too little."""
    header = number - 1
    while header >= 0 and not BLOCK_SCALAR.match(lines[header]):
        if is_structure(lines[header]) or number - header > LONGEST:
            return
        header -= 1
    if header < 0:
        return
    inside = next((n for n in range(header + 1, len(lines)) if lines[n].strip()), number)
    least = parts(lines[header]).column
    due = indent(lines[inside]) if indent(lines[inside]) > least else least + 2
    first = next((n for n in range(header + 1, number + 1) if lines[n].strip() and indent(lines[n]) < due), None)
    if first is None:
        return
    run = {}
    for below in range(first, len(lines)):
        if is_structure(lines[below]):
            break
        if lines[below].strip() and indent(lines[below]) < due:
            run[below] = " " * due + lines[below].lstrip()
    if run:
        message = _("this text stands too far left: put it at the height of the text above")
        if first == inside:
            message = _("this text stands too far left: it begins two columns further to the right than its key")
        whole = (run.get(below, lines[below]) for below in range(first, max(run) + 1))
        suggestion = shortened("\n".join(whole))
        yield LineCorrection("bad-indent", message, first, indent(lines[first]), run, suggestion)


def undashed(lines: list[str], number: int) -> Iterator[LineCorrection]:
    """The dash that the name of a block lacks, above line ``number``, which is another block at its height."""
    here = indent(lines[number])
    if not lines[number].lstrip().startswith("- "):
        return
    heights = ((n, line) for n, line in enumerate(lines[:number]) if line.strip() and indent(line) <= here)
    above, line = max(heights, default=(None, ""))
    if above is None or indent(line) != here:
        return
    lead, key, _head, value = parts(line)
    if key is None or "-" in lead or value not in ("", "|") or find_block(key) is None:
        return
    below = [n for n in range(above + 1, number) if lines[n].strip()]
    shift = max(0, here + 4 - min((indent(lines[n]) for n in below), default=here + 4))
    typed = {above: f"{lead}- {line.lstrip()}", **{n: f"{' ' * shift}{lines[n]}" for n in below}}
    yield LineCorrection("no-dash", _("each block begins with its own dash"), above, len(lead), typed, typed[above])


def aligned(lines: list[str], number: int) -> bool:
    """True if the line is indented like the key of the literal block above it, where another key may stand."""
    header = next((n for n in range(number - 1, -1, -1) if BLOCK_SCALAR.match(lines[n])), None)
    return header is not None and parts(lines[header]).column == indent(lines[number])


def _is_keyed(line: str) -> bool:
    """True if the line begins with a dash or with anything that may be a key."""
    return is_structure(line) or _KEYED.match(line[:LONGEST_LINE]) is not None


def misplaced(lines: list[str], number: int) -> Iterator[LineCorrection]:
    """A key or an item at an indent that no line above has."""
    line = lines[number]
    if not _is_keyed(line):
        return
    here = indent(line)
    heights = {parts(above).column for above in lines[:number] if above.strip()}
    heights |= {indent(above) for above in lines[:number] if above.strip()}
    after = following(lines, number)
    if after is not None:
        heights.add(indent(lines[after]))
    alone = parts(line).value[:1] not in ("", "|", ">")
    block = [number] if alone else _below(lines, number)
    for height in sorted(heights, key=lambda each: (abs(each - here), each)):
        if height != here:
            yield _moved(lines, block, height)


def _below(lines: list[str], number: int) -> list[int]:
    """The line and the more indented ones after it."""
    block = [number]
    for below in range(number + 1, len(lines)):
        if lines[below].strip() and indent(lines[below]) <= indent(lines[number]):
            break
        block.append(below)
    return block


def _moved(lines: list[str], block: list[int], height: int) -> LineCorrection:
    number, shift = block[0], height - indent(lines[block[0]])
    typed = {n: " " * max(0, indent(lines[n]) + shift) + lines[n].lstrip() for n in block}
    message = _("this line does not stand at the height of those it belongs with")
    return LineCorrection("bad-indent", message, number, indent(lines[number]), typed, typed[number])


def displaced(lines: list[str], here: int) -> Iterator[LineCorrection]:
    """Lines above that YAML accepted, but with an indent that makes what follows invalid."""
    for number in range(here - 1, max(-1, here - LINES_BACK), -1):
        if not lines[number].strip():
            continue
        above = previous(lines, number)
        if not _is_keyed(lines[number]):
            if above is not None and indent(lines[number]) < indent(lines[above]):
                yield from outdented(lines, number)
            continue
        around = [lines[n] for n in (above, following(lines, number)) if n is not None]
        heights = {indent(line) for line in around} | {parts(line).column for line in around}
        heights |= {indent(lines[here])} | {parts(around[0]).column + 2}
        for height in sorted(heights):
            if height != indent(lines[number]):
                yield _moved(lines, [number], height)
                yield _moved(lines, _below(lines, number), height)


def strangeness(move: LineCorrection, lines: list[str]) -> tuple[int, int, bool]:
    """Sort key, likeliest first: files indent by two, so prefer an even result, a short move, a move to the right."""
    before, after = indent(lines[move.line]), indent(move.lines[move.line])
    return after % 2, abs(after - before), after < before
