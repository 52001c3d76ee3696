"""The corrected line of a finding, put into the file: the suggestion that ``filigrane check`` prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from composer.approval.history import past_issues
from composer.errors import Refused
from composer.issue.load import load_issue
from composer.issue.revision.model import Revision, Unwritable, digest_of
from composer.locale import gettext as _
from composer.proofreading import review
from composer.proofreading.proofread import review_text
from composer.source.finding import Finding
from composer.source.fixes import Fix, fix_of
from composer.source.items import line_starts, with_breaks
from composer.studio.act import Writing, hour_of
from composer.studio.saving.actor import Actor


def correct_line(writing: Writing, actor: Actor, said: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put the corrected line of the finding that has ``code``, at ``line`` or the nearest line with the words of which
    ``d`` is the digest. The answer: ``saved``, the hour, HH:MM in the newsroom's zone, and ``undo``, the span.

    Raises ``Refused`` where there is no such finding any more, and where the check is not content with the correction;
    and what ``Keeper.save`` raises.
    """
    match said:
        case {"code": str(code), "line": int(line), "d": str(digest)}:
            pass
        case _:
            raise Unwritable(_("a correction says which remark it is of, and at which line"))
    newsroom, path = writing.newsroom, writing.path

    def read_letters(text: str) -> Sequence[Finding]:
        return review(load_issue(path, newsroom, content=text.encode()), newsroom, past_issues).findings

    def read_words(text: str) -> Sequence[Finding]:
        return review_text(load_issue(path, newsroom, content=text.encode()), newsroom)

    def change(text: str) -> Revision:
        file = path.relative_to(newsroom.root).as_posix()
        found = [
            each
            for each in read_letters(text)
            if each.code == code and each.place.file == file and digest_of(each.excerpt or "") == digest
        ]
        if not found:
            raise Refused(_("the file has changed: this remark is no longer made of that line"))
        finding = min(found, key=lambda each: abs(each.place.line - line))
        fix = fix_of(finding, text, read_words if finding in read_words(text) else read_letters)
        if fix is None:
            message = _("this correction does not do by itself: open the file at line {line}, and write it there")
            raise Refused(message.format(line=finding.place.line))
        return revision_of(fix, text)

    saved = writing.keeper.save(path, change, actor)
    return {"saved": hour_of(saved, newsroom), "undo": saved.span}


def revision_of(fix: Fix, text: str) -> Revision:
    """``fix`` as the smallest change of ``text``, with its own line breaks."""
    starts = line_starts(text)
    start, new = starts[fix.first], with_breaks("\n".join(fix.lines), text)
    if fix.first == fix.last:  # lines to add before line ``first``
        end, new = start, new + with_breaks("\n", text)
        if fix.first == len(starts) - 1 and not text.endswith(("\n", "\r")):
            new = with_breaks("\n", text) + new.rstrip("\r\n")
    else:
        end = start + len(text[start : starts[fix.last]].rstrip("\r\n"))
    old = text[start:end]
    shorter = min(len(old), len(new))
    before = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    after = next((n for n in range(shorter - before) if old[-1 - n] != new[-1 - n]), shorter - before)
    start, end, new = start + before, end - after, new[before : len(new) - after]
    return Revision(text[:start] + new + text[end:], start, end, new)
