"""Write a sentence that was edited in the letter into its file: that sentence changes, and nothing else does.

Where the change is one of letters, only those letters of the file are replaced; where marks change, the part of the
sentence between two letters without any is written again. Whatever is written is read again before it is handed out.
"""

from __future__ import annotations

from dataclasses import dataclass

from composer.issue.block import Audience
from composer.issue.inline import Spans, plain
from composer.issue.model import Issue
from composer.issue.revision.letters import lettered, nested
from composer.issue.revision.model import Revision, Stale, Unwritable, digest_of
from composer.issue.revision.printed_letters import (
    PrintedLetter,
    printed_letters,
    resolved_spans,
    rules_of,
    wanted_letters,
)
from composer.issue.revision.typed_sentence import TypedSentence, typed_sentence
from composer.issue.revision.writing import SentenceWriting
from composer.issue.typography.edit_buffer import NBSP, NNBSP
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.source.document import Document
from composer.source.editing import typed_text
from composer.source.finding import Severity


@dataclass(frozen=True)
class ShownSentence:
    """A sentence for the editor in the browser: as the letter prints it, and the digest of its words as typed."""

    spans: Spans
    digest: str


def shown_sentence(document: Document[Issue], newsroom: Newsroom, audience: Audience, at: str) -> ShownSentence:
    """The sentence at ``at``, a ``TypedPlace`` as text, as the letter for ``audience`` prints it.

    Raises ``Stale`` where nothing stands there, ``Unwritable`` where the file has errors.
    """
    issue = _issue(document)
    found = _found(issue, at)
    printed = _printed(issue, newsroom, audience, found)
    return ShownSentence(nested([each.letter for each in printed]), digest_of(plain(found.spans)))


def with_sentence(
    document: Document[Issue],
    newsroom: Newsroom,
    audience: Audience,
    at: str,
    digest: str,
    shown: Spans,
    wanted: Spans,
) -> Revision:
    """The file with the sentence at ``at`` as it was left, ``wanted``; ``shown`` is how the letter printed it.

    Raises ``Stale`` where the sentence is no longer that of ``digest``, and ``Unwritable``, with the reason, where it
    cannot be written.
    """
    issue = _issue(document)
    found = _found(issue, at)
    if digest != digest_of(plain(found.spans)):
        raise Stale(plain(found.spans))
    typed = lettered(found.spans)
    is_set = rules_of(issue, newsroom).profile is not None
    printed = _printed(issue, newsroom, audience, found)
    letters = wanted_letters(typed, printed, lettered(shown), lettered(wanted), is_set)
    if [(each.letter, each.typed) for each in letters] == [(letter, index) for index, letter in enumerate(typed)]:
        return Revision(typed_text(document.source), 0, 0, "")
    return SentenceWriting(issue, newsroom, document.findings, found, typed, letters).revision()


def _issue(document: Document[Issue]) -> Issue:
    """The issue, even if it cannot be sent as it stands, but none of which a part could not be read."""
    partial = document.partial
    if document.value is not None:
        return document.value
    if partial is not None and not partial.mistakes and not partial.damaged:
        return partial.remains
    error = next(each for each in document.findings if each.severity is Severity.ERROR)
    message = _("the file has a mistake at line {line}, which must be mended first: {why}")
    raise Unwritable(message.format(line=error.place.line, why=error.message))


def _found(issue: Issue, at: str) -> TypedSentence:
    found = typed_sentence(issue, at)
    if found is None or not found.spans:
        raise Stale("")
    return found


def _printed(issue: Issue, newsroom: Newsroom, audience: Audience, found: TypedSentence) -> list[PrintedLetter]:
    spans = resolved_spans(issue, newsroom, audience, found.spans)
    printed = printed_letters(lettered(found.spans), spans, rules_of(issue, newsroom, found.header))
    if not found.header:
        return printed
    return [
        each._replace(letter=each.letter._replace(text=NBSP)) if each.letter.text == NNBSP else each for each in printed
    ]
