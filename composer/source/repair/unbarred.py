"""Points in Markdown below a key that lacks its |: YAML takes the asterisks of their headlines for signs of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from composer.locale import gettext as _
from composer.source.repair.indentation import indent, previous
from composer.source.repair.lines import LineCorrection, is_structure, parts

#: A point, or a paragraph, that begins with bold.
_POINT = re.compile(r" *(?:[-*+•–] +)?\*\*(?=\S)")


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
