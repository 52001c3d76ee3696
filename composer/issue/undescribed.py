"""Report pictures that nothing in the issue describes, or credits: each needs it once, whichever figure says it."""

from __future__ import annotations

from collections.abc import Iterator

from composer.issue.blocks.figure import Credit, Figure, described
from composer.issue.marked import Beside, Marked, marked
from composer.issue.model import Issue
from composer.locale import Language
from composer.locale import gettext as _
from composer.source.finding import Finding
from composer.source.quoting import split_lines
from composer.source.vocabulary import key_name


def check(issue: Issue, keys: Language) -> Iterator[Finding]:
    """An error for each description and each credit that is missing, at the first figure of its picture."""
    told = described(issue.front)
    seen: set[str] = set()
    for each in marked(issue.front, Beside):
        figure = each.owner
        if not isinstance(figure, Figure) or figure.src in seen:
            continue
        seen.add(figure.src)
        if told[figure.src].alt is None:
            name = key_name("alt", keys, "Figure")
            message = _("“{key}” is missing for {src}: what it shows, for who cannot see it; once an issue is enough")
            yield _missing(issue, each, "alt", message.format(key=name, src=figure.src), f"{name}: …")
        if told[figure.src].credit is None:
            name = key_name("credit", keys, "Figure")
            options = ", ".join(key_name(option, keys, "Credit") for option in Credit.model_fields)
            message = _("“{key}” is missing for {src}: {options} says who made it; once an issue is enough")
            message = message.format(key=name, src=figure.src, options=options)
            by = key_name("by", keys, "Credit")
            yield _missing(issue, each, "credit", message, f"{name}: {{{by}: …}}", f":{by}: …")


def _missing(issue: Issue, picture: Marked[Beside], key: str, message: str, line: str, option: str = "") -> Finding:
    """The finding, with the ``line`` to add below the picture's where it has keys in lines of their own.

    ``option`` is that line below a picture written as Markdown; empty where it goes between the brackets.
    """
    given = (*picture.loc[:-1], key)
    if given in issue.source.marks:  # an empty value, already reported there
        return issue.source.finding("missing-key", message, given)
    place = issue.source.place(picture.loc, picture.line)
    written = split_lines(issue.source.text)[place.line - 1]
    pictured = written.lstrip().startswith("![")
    own = option if pictured else line if picture.body is None and not written.lstrip().startswith("-") else ""
    better = written[: len(written) - len(written.lstrip())] + own if own else None
    return issue.source.finding("missing-key", message, picture.loc, line=picture.line, suggestion=better)
