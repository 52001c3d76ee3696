"""Edits of a text, as edits of the YAML file that holds it, in the style in which it is written there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from composer.issue.revision.model import Unwritable
from composer.locale import gettext as _
from composer.source.document import Source
from composer.source.editing import Edit, WrittenText, edited
from composer.source.late_pattern import late
from composer.source.quoting import quoted

_BREAK = late(r"\r\n|\r|\n")
_RESOLVER: Any = yaml.resolver.Resolver()


def require_editable(source: Source, written: WrittenText) -> None:
    """Raise ``Unwritable`` where YAML made one line of several, and no letter has its place."""
    if not written.joined:
        return
    message = _(
        "the lines of this text are joined into one in the file, at line {line}: put | after its key there, without "
        "quotes, and its lines below; then write here again"
    )
    if written.style == ">":
        message = _("this text is folded in the file, at line {line}: put | in place of > there, then write here again")
    raise Unwritable(message.format(line=written.begins[0]))


def file_edits(source: Source, written: WrittenText, edits: Sequence[Edit]) -> Iterator[list[Edit]]:
    """Ways to make ``edits`` of ``written``'s text in the file, the one that changes least first.

    A text without quotes is put between some where it could not stay so.
    """
    text = edited(written.text, edits)
    if written.style or not _is_typed(text):
        yield [_placed(source, written, edit) for edit in edits]
    if not written.style:
        yield [Edit(*written.span, quoted(text))]


def _is_typed(text: str) -> bool:
    """True if a program would read ``text``, without quotes, as a number, a date, or yes or no."""
    return bool(_RESOLVER.resolve(yaml.ScalarNode, text, (True, False)) != "tag:yaml.org,2002:str")


def _placed(source: Source, written: WrittenText, edit: Edit) -> Edit:
    places, style = written.places, written.style
    before = places[edit.start - 1] if edit.start else None
    first = places[edit.start] if edit.start < len(places) else None
    if first is None and before is None:
        raise Unwritable(_("this text is written in the file in a way that is not edited here: change it there"))
    start = first[0] if first is not None else before[1] if before is not None else 0
    end = start
    if edit.end > edit.start:
        last, after = places[edit.end - 1], places[edit.end] if edit.end < len(places) else None
        if last is None and after is None:
            raise Unwritable(_("this text is written in the file in a way that is not edited here: change it there"))
        end = last[1] if last is not None else after[0] if after is not None else start
    new = edit.new
    if style == "|":
        line_end = _BREAK.search(source.text, start) or _BREAK.search(source.text)
        new = new.replace("\n", (line_end[0] if line_end else "\n") + " " * written.indent)
    elif style == "'":
        new = new.replace("'", "''")
    elif style == '"':
        new = new.replace("\\", "\\\\").replace('"', '\\"')
    return Edit(start, end, new)
