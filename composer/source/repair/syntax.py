"""Syntax mistakes: apply in memory what was probably meant, so that the rest of the file is read in the same run.

A correction never changes the number of lines: positions of what follows stay those of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from composer.locale import gettext as _
from composer.source.parse_state import ParseState
from composer.source.prose_checks import shortened
from composer.source.quoting import literal, spelled
from composer.source.repair.around import fences, unbarred_points, wide_colons
from composer.source.repair.indentation import (
    BLOCK_SCALAR,
    DASHES,
    aligned,
    dashes,
    displaced,
    following,
    indent,
    misplaced,
    outdented,
    previous,
    strangeness,
    tabs,
    undashed,
)
from composer.source.repair.lines import TEXTS, LineCorrection, corrections, is_structure, parts, spaces
from composer.source.tree import Mapping, Node, Sequence, SyntaxMistake, parse
from composer.source.vocabulary import fold_key, known

#: Most corrections in one file; a file that needs more is not YAML.
CAP = 20


#: Most characters parsed again to try corrections, for a whole file: a few seconds at worst.
EFFORT = 20_000_000

#: Codes of corrections that are right whatever the context.
_CERTAIN = frozenset({"tab", "missing-space", "missing-colon", "list-dash"})


@dataclass
class _Trial:
    """The lines with the corrections so far, and how many characters may still be parsed."""

    lines: list[str]
    left: int = EFFORT

    def reach(self, correction: LineCorrection) -> tuple[float, float]:
        """How far YAML gets with a correction: line and column of the lines before it."""
        mistake = self.mistake(correction)
        if mistake is None:
            return float("inf"), 0
        if self.left < 0:
            return -1, 0
        # If YAML stops on the very line that was moved, undo the shift: moving the mistake is no progress.
        shift = 0
        if mistake.line in correction.lines:
            shift = indent(correction.lines[mistake.line]) - indent(self.lines[mistake.line])
        return mistake.line, mistake.column - shift

    def mistake(self, correction: LineCorrection) -> SyntaxMistake | None:
        """The syntax mistake that remains with a correction; None where there is none."""
        text = "\n".join(self.corrected(correction))
        self.left -= len(text)
        if self.left < 0:
            return SyntaxMistake("bad-yaml", "", 0, 0, final=True)
        try:
            parse(text)
        except SyntaxMistake as mistake:
            return mistake
        return None

    def corrected(self, correction: LineCorrection) -> list[str]:
        return [correction.lines.get(number, line) for number, line in enumerate(self.lines)]


def mended_tree(state: ParseState) -> Node | None:
    """The tree of the file as far as it can be parsed, its syntax mistakes reported and repaired."""
    trial = _Trial(state.mended)
    for _attempt in range(CAP):
        try:
            tree = parse("\n".join(state.mended))
        except SyntaxMistake as mistake:
            correction = None if mistake.final else _correction(trial, mistake)
            if correction is None:
                message = mistake.why if mistake.final else _unclear()
                state.report(mistake.code, message, mistake.line, mistake.column)
                return None
        else:
            correction = _strange_key(state.mended, tree)
            if correction is None:
                return tree
        state.report(correction.code, correction.message, correction.line, correction.column, correction.suggestion)
        for number, line in correction.lines.items():
            state.mended[number] = line
    message = _("the rest of this file was not read: correct what is above first")
    state.report("too-many-mistakes", message, len(state.lines) - 1, 0)
    return None


def _strange_key(lines: list[str], tree: Node | None) -> LineCorrection | None:
    """The correction of a key that YAML reads with a leading dash or no-break space as part of it."""
    waiting = [] if tree is None else [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Mapping):
            for key, value in node.entries:
                waiting.append(value)
                number = key.span.line
                first = key.text[:1]  # empty for an empty key
                strange = first.isspace() or (first != "" and first in f"-{DASHES}")
                if key.style or not strange or not is_structure(lines[number].lstrip(f" -{DASHES}\t\u00a0\u202f")):
                    continue
                if not first.isspace():
                    return next((each for each in dashes(lines) if number in each.lines), None)
                return next(tabs(lines, number), None)
        elif isinstance(node, Sequence):
            waiting += node.items
    return None


def _unclear() -> str:
    return _("this line cannot be understood; look at its indent, its quotes and its colons")


def _correction(trial: _Trial, mistake: SyntaxMistake) -> LineCorrection | None:
    """The first proposal with which YAML parses further; among several indents, the one that gets furthest."""
    lines = trial.lines
    here = min(mistake.line, len(lines) - 1)
    for alternatives in _proposals(lines, here, mistake.start):
        reached = [(trial.reach(each), each) for each in alternatives]
        if not reached:
            continue
        reach, proposal = max(reached, key=lambda each: each[0])
        stopped = (mistake.line, mistake.column)
        if _has_swallowed(proposal, lines, here):
            # What an open quote contained may hold mistakes of its own, before the place where YAML had stopped.
            stopped = (proposal.line, len(lines[proposal.line]))
        if reach > stopped:
            return proposal
        if proposal.code in _CERTAIN and (hidden := _hidden(trial, mistake, proposal)) is not None:
            return hidden
    blank = _blank(lines, here)
    return blank if blank is not None and trial.reach(blank) > (mistake.line, mistake.column) else None


def _has_swallowed(proposal: LineCorrection, lines: list[str], here: int) -> bool:
    """True if the quote that ``proposal`` closes was open down to the place where YAML stopped."""
    if proposal.line >= here:
        return False
    if proposal.code == "unclosed-quote":
        return True
    below = previous(lines, here + 1)
    first = following(lines, proposal.line)
    if proposal.code != "unclosed-bracket" or below is None or first is None or not is_structure(lines[first]):
        return False
    return not any(mark in line for line in lines[proposal.line + 1 : below + 1] for mark in "]}")


def _hidden(trial: _Trial, mistake: SyntaxMistake, proposal: LineCorrection) -> LineCorrection | None:
    """The correction of a mistake above that YAML meets only once the one below is repaired, since it looks ahead."""
    above = trial.mistake(proposal)
    if above is None or above.final or above.line >= mistake.line:
        return None
    beyond = _Trial(trial.corrected(proposal), trial.left)
    correction = _correction(beyond, above)
    if correction is not None and (
        correction.lines.keys() & proposal.lines.keys() or beyond.reach(correction) <= (mistake.line, mistake.column)
    ):
        correction = None
    trial.left = beyond.left
    return correction


def _proposals(lines: list[str], here: int, start: int | None) -> Iterator[list[LineCorrection]]:
    """Groups of alternatives, the most specific group first."""
    before = previous(lines, here)
    candidates = list(dict.fromkeys(n for n in (here, start, before) if n is not None and n < len(lines)))
    for number in candidates:
        yield list(fences(lines, number))
        yield list(tabs(lines, number))
    yield list(wide_colons(lines))
    yield list(dashes(lines))
    yield list(undashed(lines, here))
    for number in candidates:
        yield from ([each] for each in spaces(lines[number], number))
    for number in candidates:
        yield from ([each] for each in (*unbarred_points(lines, number), *_unbarred(lines, number)))
    for number in candidates:
        yield from ([each] for each in _parted(lines, number))
    yield from ([each] for each in _open_quote(lines, here))
    for number in candidates:
        yield from ([each] for each in outdented(lines, number) if not aligned(lines, number))
    for number in candidates:
        yield from ([each] for each in corrections(lines[number], number))
    for number in candidates:
        yield from ([each] for each in outdented(lines, number))
    moves = [move for number in candidates for move in misplaced(lines, number)]
    yield sorted([*moves, *displaced(lines, here)], key=lambda move: strangeness(move, lines))


def _blank(lines: list[str], number: int) -> LineCorrection | None:
    if not lines[number].strip():
        return None
    return LineCorrection("bad-yaml", _unclear(), number, indent(lines[number]), {number: ""}, None)


def _parted(lines: list[str], number: int) -> Iterator[LineCorrection]:
    """A value of one line that a paste broke in two: its second line stands no further than its key."""
    above, words = previous(lines, number), lines[number].strip()
    if above is None or not words or words[0] in "-#.|>\"'[{" or is_structure(lines[number]):
        return
    if fold_key(re.split(r"[\s:]", words, maxsplit=1)[0]) in known():  # a key, without its colon
        return
    lead, key, head, value = parts(lines[above])
    if key is None or not value or value[0] in "|>\"'[{&*!" or indent(lines[number]) > len(lead):
        return
    message = _("the line below goes on with this one, and YAML reads another thing there: write them as one")
    whole = f"{head}{spelled(f'{value} {words}')}"
    yield LineCorrection("bad-indent", message, above, len(head + value) - 1, {above: whole, number: ""}, whole)


def _unbarred(lines: list[str], number: int) -> Iterator[LineCorrection]:
    """Several lines of text under a key without the | that keeps line breaks."""
    above: int | None = number
    while above is not None and not (is_structure(lines[above]) and indent(lines[above]) <= indent(lines[number])):
        above = previous(lines, above)
    if above is None:
        return
    owner = above
    lead, key, head, value = parts(lines[owner])
    if value[:1] == "|" and not value.endswith("|") and fold_key(key or "") in TEXTS:
        head, value = f"{head[: len(head.rstrip())]} ", value[1:].strip()
    if BLOCK_SCALAR.match(lines[owner]) or value[:1] in ("'", '"', "[", "{", "#"):
        return
    if not value and fold_key(key or "") not in TEXTS:
        return
    last = owner
    least = len(lead) + bool(value)  # below a key alone, a text may stand at its height
    for below in range(owner + 1, len(lines)):
        line = lines[below]
        if line.strip() and (indent(line) < least or is_structure(line)):
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
        if any(indent(line) == len(lead) for line in lines[owner + 1 : last + 1] if line.strip()):
            typed |= {below: f"  {lines[below]}" for below in range(owner + 1, last + 1) if lines[below].strip()}
    else:
        escaped = [text.replace("\\", "\\\\").replace('"', '\\"') for text in texts]
        typed = {owner: f'{head.rstrip()} "{escaped[0]}'}
        typed |= {owner + index: " " * (len(lead) + 2) + text for index, text in enumerate(escaped) if index and text}
        typed[last] += '"'
    yield LineCorrection("missing-bar", message, owner, len(head.rstrip()), typed, suggestion)


def _open_quote(lines: list[str], here: int) -> Iterator[LineCorrection]:
    """A quote opened above and not closed on its line, where the next line is already another key."""
    for number in range(here - 1, max(-1, here - 200), -1):
        below = next((line for line in lines[number + 1 :] if line.strip()), "")
        if parts(lines[number]).value[:1] in ('"', "'") and is_structure(below):
            for proposal in corrections(lines[number], number):
                if proposal.code == "unclosed-quote":
                    yield proposal
