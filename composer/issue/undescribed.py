"""Report pictures that nothing in the issue describes, or credits: each needs it once, whichever figure says it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from composer.issue.blocks.figure import Credit, Figure, described
from composer.issue.inline import plain
from composer.issue.marked import Beside, Marked, marked
from composer.issue.model import Issue
from composer.locale import Language
from composer.locale import gettext as _
from composer.source.finding import Finding
from composer.source.quoting import split_lines
from composer.source.vocabulary import key_name

#: A credit typed as a caption, or at its end: Photo : Anne Duval; © Anne Duval.
_TYPED = re.compile(
    r"(?P<caption>(?:[^\n]{0,1000}[.!?…»)\]–—|])?)[ \u00a0]{0,3}\(?"
    r"(?:(?P<photo>photos?|cr[ée]dits? photos?|photo credits?|photo by|photo de)|(?P<source>sources?)"
    r"|(?P<by>dessins?|illustrations?|infographies?)|(?P<credit>cr[ée]dits?|©|\(c\)|copyright))"
    r"(?:[ \u00a0]?:|(?<=©)|(?<=\(c\))|(?<=by)|(?<=de))[ \u00a0]?(?P<name>[^\W_][^\n:()]{0,100})\)?",
    re.IGNORECASE,
)


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
            typed = _TYPED.fullmatch(plain(figure.caption.spans).strip()) if figure.caption else None
            option, words = (
                next(((key, typed["name"]) for key in _OPTIONS if typed[key]), _UNKNOWN) if typed else _UNKNOWN
            )
            option = key_name(option, keys, "Credit")
            found = _missing(issue, each, "credit", message, f"{name}: {{{option}: {words}}}", f":{option}: {words}")
            yield found if typed is None else _in_caption(issue, found, typed["caption"])


#: Options of a credit that a caption may hold; and what stands for one where it holds none.
_OPTIONS = ("photo", "source", "by", "credit")
_UNKNOWN = ("by", "…")


def _in_caption(issue: Issue, found: Finding, caption: str) -> Finding:
    """The finding on a credit that is typed below a picture of Markdown, where its option goes in its place."""
    lines = split_lines(issue.source.text)
    number = found.place.line
    while number < len(lines) and lines[number].strip()[:1] == ":":
        number += 1
    under = lines[number].strip() if number < len(lines) else ""
    if not lines[found.place.line - 1].lstrip().startswith("![") or not _TYPED.fullmatch(under):
        return found
    indent = lines[number][: len(lines[number]) - len(lines[number].lstrip())]
    better = f"{found.suggestion}\n{indent}{caption.strip()}" if caption.strip() else found.suggestion
    place = issue.source.at(number + 1, len(indent) + 1)
    return replace(found, place=place, excerpt=lines[number], suggestion=better)


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
