"""Syntax mistakes: what was probably meant is applied in memory, so that the rest of the file is read in the same run.

A correction never changes the number of lines: the places of what follows stay those of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from composer.locale import gettext as _
from composer.locale import ngettext
from composer.source.corrections import TEXTS, Correction, corrections, is_structure, parts, spaces
from composer.source.keys import fold
from composer.source.lines import literal
from composer.source.sheet import Sheet
from composer.source.texts import shortened
from composer.source.tree import Node, SyntaxMistake, parse

#: Corrections in one file; after that it is not YAML that went wrong.
CAP = 20

_BLOCK = re.compile(r".*(?:^|[\s:])\|[+-]?\d?[+-]?\s*(?:#.*)?$")


def mended_tree(sheet: Sheet) -> Node | None:
    """The tree of the file as far as it can be understood, its syntax mistakes reported and mended."""
    for _attempt in range(CAP):
        try:
            return parse("\n".join(sheet.mended))
        except SyntaxMistake as error:
            mistake = error
        correction = None if mistake.final else _correction(sheet.mended, mistake)
        if correction is None:
            message = mistake.why if mistake.final else _unclear()
            sheet.report(mistake.code, message, mistake.line, mistake.column)
            return None
        sheet.report(correction.code, correction.message, correction.line, correction.column, correction.suggestion)
        for number, line in correction.lines.items():
            sheet.mended[number] = line
    message = _("the rest of this file was not read: correct what is above first")
    sheet.report("too-many-mistakes", message, len(sheet.lines) - 1, 0)
    return None


def _unclear() -> str:
    return _("this line cannot be understood; look at its indent, its quotes and its colons")


def _correction(lines: list[str], mistake: SyntaxMistake) -> Correction | None:
    """The first proposal with which YAML gets further; among several indents, the one with which it gets furthest."""
    here = min(mistake.line, len(lines) - 1)
    for alternatives in _proposals(lines, here, mistake.start):
        reached = [(_reach(lines, each), each) for each in alternatives]
        if not reached:
            continue
        reach, proposal = max(reached, key=lambda each: each[0])
        # What an open quote had swallowed may hold mistakes of its own, before where YAML had stopped.
        swallowed = proposal.code == "unclosed-quote" and proposal.line < here
        stopped = (proposal.line, len(lines[proposal.line])) if swallowed else (mistake.line, mistake.column)
        if reach > stopped:
            return proposal
    blank = _blank(lines, here)
    return blank if blank is not None and _reach(lines, blank) > (mistake.line, mistake.column) else None


def _reach(lines: list[str], correction: Correction) -> tuple[float, float]:
    mended = [correction.lines.get(number, line) for number, line in enumerate(lines)]
    try:
        parse("\n".join(mended))
    except SyntaxMistake as mistake:
        return mistake.line, mistake.column
    return float("inf"), 0


def _proposals(lines: list[str], here: int, start: int | None) -> Iterator[list[Correction]]:
    """Alternatives to choose from, the most specific first."""
    before = _previous(lines, here)
    candidates = list(dict.fromkeys(n for n in (here, start, before) if n is not None and n < len(lines)))
    for number in candidates:
        yield list(_tabs(lines, number))
    for number in candidates:
        yield from ([each] for each in spaces(lines[number], number))
    for number in candidates:
        yield from ([each] for each in _unbarred(lines, number))
    yield from ([each] for each in _open_quote(lines, here))
    for number in candidates:
        yield from ([each] for each in corrections(lines[number], number))
    for number in candidates:
        yield from ([each] for each in _outdented(lines, number))
    moves = [move for number in candidates for move in _indent(lines, number)]
    yield sorted(moves, key=lambda move: _strangeness(move, lines))


def _strangeness(move: Correction, lines: list[str]) -> tuple[int, int, bool]:
    """People indent by two: an odd indent is the likelier slip, and a small one, and one that forgot some spaces."""
    before, after = _width(lines[move.line]), _width(move.lines[move.line])
    return after % 2, abs(after - before), after < before


def _previous(lines: list[str], number: int) -> int | None:
    return next((n for n in range(number - 1, -1, -1) if lines[n].strip()), None)


def _next(lines: list[str], number: int) -> int | None:
    return next((n for n in range(number + 1, len(lines)) if lines[n].strip()), None)


def _width(line: str) -> int:
    return len(line) - len(line.lstrip())


def _blank(lines: list[str], number: int) -> Correction | None:
    if not lines[number].strip():
        return None
    return Correction("bad-yaml", _unclear(), number, _width(lines[number]), {number: ""}, None)


def _tabs(lines: list[str], number: int) -> Iterator[Correction]:
    """Tabs in the indent of this line, and of every other: one remark for all."""
    tabbed = [n for n, line in enumerate(lines) if "\t" in line[: _width(line)]]
    if number not in tabbed:
        return
    column = lines[number].index("\t")
    others = len(tabbed) - 1
    message = _("YAML takes no tab for an indent: type spaces")
    if others:
        more = ngettext("{count} other line is in the same case", "{count} other lines are in the same case", others)
        message = f"{message} ({more.format(count=others)})"
    for size in (4, 2, 8, 6):
        typed = {n: lines[n][: _width(lines[n])].expandtabs(size) + lines[n].lstrip() for n in tabbed}
        yield Correction("tab", message, number, column, typed, typed[number])
    for near in (_previous(lines, number), _next(lines, number)):
        indent = " " * (parts(lines[near]).column if near is not None else 0)
        typed = {number: indent + lines[number].lstrip()}
        yield Correction("tab", message, number, column, typed, typed[number])


def _unbarred(lines: list[str], number: int) -> Iterator[Correction]:
    """Several lines of text under a key, without the | that would keep them as they are."""
    above: int | None = number
    while above is not None and not (is_structure(lines[above]) and _width(lines[above]) <= _width(lines[number])):
        above = _previous(lines, above)
    if above is None:
        return
    owner = above
    lead, key, head, value = parts(lines[owner])
    if _BLOCK.match(lines[owner]) or value[:1] in ("'", '"', "[", "{", "#"):
        return
    if not value and fold(key or "") not in TEXTS:
        return
    last = owner
    for below in range(owner + 1, len(lines)):
        line = lines[below]
        if line.strip() and (_width(line) <= len(lead) or is_structure(line)):
            break
        if line.strip():
            last = below
    if last == owner or last < number:
        return
    message = _("a text of several lines stands below its key, after |")
    texts = [value, *(line.strip() for line in lines[owner + 1 : last + 1])]
    suggestion = shortened(literal(head.rstrip(), "\n".join(texts)))
    if not value:
        typed = {owner: f"{head.rstrip()} |"}
    else:
        escaped = [text.replace("\\", "\\\\").replace('"', '\\"') for text in texts]
        typed = {owner: f'{head.rstrip()} "{escaped[0]}'}
        typed |= {owner + index: " " * (len(lead) + 2) + text for index, text in enumerate(escaped) if index and text}
        typed[last] += '"'
    yield Correction("missing-bar", message, owner, len(head.rstrip()), typed, suggestion)


def _open_quote(lines: list[str], here: int) -> Iterator[Correction]:
    """A quote opened above and never closed on its line, where the next line is already another key."""
    for number in range(here - 1, max(-1, here - 200), -1):
        below = next((line for line in lines[number + 1 :] if line.strip()), "")
        if parts(lines[number]).value[:1] in ('"', "'") and is_structure(below):
            for proposal in corrections(lines[number], number):
                if proposal.code == "unclosed-quote":
                    yield proposal


def _outdented(lines: list[str], number: int) -> Iterator[Correction]:
    """Text that belongs to the literal block above but stands too far left."""
    header = number - 1
    while header >= 0 and not _BLOCK.match(lines[header]):
        if is_structure(lines[header]):
            return
        header -= 1
    if header < 0:
        return
    inside = next((n for n in range(header + 1, len(lines)) if lines[n].strip()), number)
    least = parts(lines[header]).column
    width = _width(lines[inside]) if _width(lines[inside]) > least else least + 2
    first = next((n for n in range(header + 1, number + 1) if lines[n].strip() and _width(lines[n]) < width), None)
    if first is None:
        return
    run = {}
    for below in range(first, len(lines)):
        if is_structure(lines[below]):
            break
        if lines[below].strip() and _width(lines[below]) < width:
            run[below] = " " * width + lines[below].lstrip()
    if run:
        message = _("this text stands too far left: put it at the height of the text above")
        suggestion = shortened("\n".join(run.values()))
        yield Correction("bad-indent", message, first, _width(lines[first]), run, suggestion)


def _indent(lines: list[str], number: int) -> Iterator[Correction]:
    """A key or an item that stands at no height of those above it."""
    line = lines[number]
    if not line.strip():
        return
    width = _width(line)
    heights = {parts(above).column for above in lines[:number] if above.strip()}
    heights |= {_width(above) for above in lines[:number] if above.strip()}
    after = _next(lines, number)
    if after is not None:
        heights.add(_width(lines[after]))
    block = [number]
    alone = parts(line).value[:1] not in ("", "|", ">")
    for below in range(number + 1, number + 1 if alone else len(lines)):
        if lines[below].strip() and _width(lines[below]) <= width:
            break
        block.append(below)
    message = _("this line does not stand at the height of those it belongs with")
    for height in sorted(heights, key=lambda each: (abs(each - width), each)):
        if height == width:
            continue
        typed = {n: " " * max(0, _width(lines[n]) + height - width) + lines[n].lstrip() for n in block}
        yield Correction("bad-indent", message, number, width, typed, typed[number])
