"""What a paste brings around YAML or instead of its signs: a chatbot's fence, a wide colon, points without a |."""

from __future__ import annotations

from collections.abc import Iterator

from composer.locale import gettext as _
from composer.source.late_pattern import late
from composer.source.repair.indentation import indent, outside_texts, previous, with_others
from composer.source.repair.lines import LineCorrection, is_structure, parts

#: A point, or a paragraph, that begins with bold.
_POINT = late(r" *(?:[-*+•–] +)?\*\*(?=\S)")


#: The line that a chatbot puts around a file; and the colons of other keyboards, after a key.
_FENCE = late(r"\s*(?:`{3}|~{3})[\w-]{0,20}\s*")
_WIDE = late(
    r"(?P<head> *(?:- +)*(?P<key>[^\W\d][\w -]{0,40}?)[ \u00a0]?)[\uff1a\ufe55\ua789\u2236][ \u3000]*(?P<rest>.*)$"
)


def fences(lines: list[str], number: int) -> Iterator[LineCorrection]:
    """The marks of code around the file."""
    if _FENCE.fullmatch(lines[number]):
        message = _("this line is no part of the file: a chatbot puts it around code; delete it")
        yield LineCorrection("reserved-character", message, number, 0, {number: ""}, None)


def wide_colons(lines: list[str]) -> Iterator[LineCorrection]:
    """Colons of another keyboard after the keys of ``lines``: one correction for all."""
    found = {
        n: match
        for n in outside_texts(lines)
        if (match := _WIDE.match(lines[n])) and is_structure(f"{match['key']}: x")
    }
    if found:
        number, first = next(iter(found.items()))
        typed = {n: f"{match['head'].rstrip()}: {match['rest']}".rstrip() for n, match in found.items()}
        message = with_others(_("this is no colon of YAML, but one that looks like it: type :"), len(found) - 1)
        yield LineCorrection("missing-colon", message, number, first.end("head"), typed, typed[number])


def unbarred_points(lines: list[str], number: int) -> Iterator[LineCorrection]:
    """The | that the key above the list lacks, where line ``number`` is a point of it."""
    if not _POINT.match(lines[number]):
        return
    here = indent(lines[number])
    above = previous(lines, number)
    while above is not None and indent(lines[above]) >= here and not is_structure(lines[above]):
        above = previous(lines, above)
    if above is None:
        return
    lead, key, head, value = parts(lines[above])
    if key is None or value:
        return
    below = above + 1
    while below < len(lines) and not (
        lines[below].strip() and (indent(lines[below]) < here or is_structure(lines[below]))
    ):
        below += 1
    message = _("a list of points stands below its key, after |")
    barred = f"{head.rstrip()} |"
    shift = max(0, len(lead) + 2 - here)
    typed = {n: f"{' ' * shift}{lines[n]}" for n in range(above + 1, below) if lines[n].strip() and shift}
    yield LineCorrection("missing-bar", message, above, len(head.rstrip()), {above: barred, **typed}, barred)
