"""Run all checks on an issue."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lxml import html as lxml_html

from composer.errors import Mistakes, Refused
from composer.issue.block import AUDIENCES, Audience
from composer.issue.blocks.masthead import Masthead
from composer.issue.compose import composed
from composer.issue.consequences import independent
from composer.issue.edition import Edition, PastIssue
from composer.issue.load import without_ignored
from composer.issue.model import Issue, IssueKey
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.newsroom.unread import LEXICON, unread_sentence
from composer.proofreading import (
    accessibility,
    alternatives,
    lost_pictures,
    night,
    picture_places,
    picture_rights,
    picture_shapes,
    plain_fields,
    sent_before,
)
from composer.proofreading.caniemail import clients
from composer.proofreading.opening import opening_findings
from composer.proofreading.printed_pictures import Printed, at_picture, printed_pictures, where_named
from composer.proofreading.quotation_marks import around_values
from composer.proofreading.quotations.comparing import compare_quotations
from composer.proofreading.schemas import missing_schema
from composer.proofreading.spelling import misspellings
from composer.proofreading.typography import undecided
from composer.proofreading.unplaced import unplaced_words
from composer.rendering import Rendering, render, weight
from composer.rendering.model import Medium
from composer.rendering.picture import UnusablePicture, UnusablePictures
from composer.source.document import Document, Loc, Source
from composer.source.finding import Finding, Severity, united
from composer.source.vocabulary import key_name

#: Characters of a subject that a message list shows on a wide screen; phones show about half.
SUBJECT_SHOWN = 78


@dataclass(frozen=True)
class Reading:
    """The findings on an issue, and the letters of the audiences for which the edition has no error."""

    findings: tuple[Finding, ...]
    letters: Mapping[Audience, tuple[Edition, Rendering]]


@dataclass(frozen=True)
class _RuleFindings:
    """``on_typed_text``: from rules that read the words as typed; kept where the file has errors too.

    ``on_editions``: from rules that read editions or finished letters; in a file with errors, those that merely follow
    from one are left out (``independent``).
    """

    on_typed_text: tuple[Finding, ...]
    on_editions: tuple[Finding, ...]
    letters: Mapping[Audience, tuple[Edition, Rendering]]


def review(
    document: Document[Issue], newsroom: Newsroom, past: Callable[[Newsroom, IssueKey], Sequence[PastIssue]]
) -> Reading:
    """All findings on an issue's file, those of loading included, by place, without duplicates.

    ``document`` is as ``load_issue`` returns it. In a file with errors, what can be read is proofread too, and there
    are no letters. ``past`` gives the issues sent before one.
    """
    if document.value is not None:
        return _read(document.value, newsroom, past(newsroom, document.value.key), document.findings)
    partial = document.partial
    if partial is None:
        return Reading(document.findings, {})
    issue = partial.remains
    found = _run_rules(issue, newsroom, past(newsroom, issue.key))
    findings = without_ignored(issue, (*found.on_typed_text, *independent(partial, found.on_editions)))
    return Reading(_ordered((*document.findings, *findings)), {})


def review_text(document: Document[Issue], newsroom: Newsroom) -> tuple[Finding, ...]:
    """The findings of ``review`` that need no edition and no letter, in a tenth of its time: those of loading, and of
    rules that read the words as typed.
    """
    issue = document.value or (document.partial.remains if document.partial is not None else None)
    if issue is None:
        return document.findings
    return _ordered((*document.findings, *without_ignored(issue, _on_typed_text(issue, newsroom))))


def proofread(issue: Issue, newsroom: Newsroom, past: Sequence[PastIssue] = ()) -> tuple[Finding, ...]:
    """The findings on both editions of ``issue`` and on its words, by place, without duplicates.

    What ``load_issue`` found is not repeated. Warnings and notes that ``ignore:`` names are left out; errors never are.
    """
    return read(issue, newsroom, past).findings


def read(issue: Issue, newsroom: Newsroom, past: Sequence[PastIssue] = ()) -> Reading:
    """As ``proofread``, with the letters that were checked."""
    return _read(issue, newsroom, past, ())


def _read(issue: Issue, newsroom: Newsroom, past: Sequence[PastIssue], loading: Sequence[Finding]) -> Reading:
    found = _run_rules(issue, newsroom, past)
    findings = without_ignored(issue, (*found.on_typed_text, *found.on_editions))
    return Reading(_ordered((*loading, *findings)), found.letters)


def _run_rules(issue: Issue, newsroom: Newsroom, past: Sequence[PastIssue]) -> _RuleFindings:
    """Every rule is called here, or in ``_on_typed_text``."""
    findings: list[Finding] = []
    letters: dict[Audience, tuple[Edition, Rendering]] = {}
    rendered: list[Rendering] = []
    editions: list[Edition] = []
    unusable: list[UnusablePicture] = []
    for audience in AUDIENCES:
        edition, remarks = composed(issue, newsroom, audience, past)
        findings += remarks
        editions.append(edition)
        whole = not any(finding.severity is Severity.ERROR for finding in remarks)
        try:
            rendering = render(edition, newsroom)
        except Mistakes as mistakes:
            findings += mistakes.findings
        except UnusablePictures as refused:
            unusable += refused.each
        except Refused as refusal:
            if whole:  # in an edition with errors, it may only follow from what was left out
                findings.append(issue.source.finding("not-rendered", str(refusal)))
        else:
            rendered.append(rendering)
            if whole:
                letters[audience] = edition, rendering
    pictures = tuple(printed_pictures(issue, newsroom, editions))
    for each in unusable:
        findings.append(at_picture(pictures, each.path, issue, "unusable-picture", str(each), Severity.ERROR))
    findings += _of_letters(rendered, issue, newsroom, pictures)
    findings += lost_pictures.findings(issue, newsroom, rendered)
    findings += picture_places.findings(issue, newsroom)
    findings += night.findings(issue, newsroom)
    findings += picture_places.creatives_cut(issue, newsroom, editions)
    findings += lost_pictures.of_the_newsroom(pictures, issue, newsroom)
    width = newsroom.publications[issue.key.publication].theme.width
    findings += picture_shapes.findings(pictures, newsroom, width)
    findings += _front(issue, newsroom, [edition for edition, _letter in letters.values()])
    findings += _unlinked_copy(issue, letters.get("paid"))
    findings += sent_before.findings(issue, newsroom)
    findings += opening_findings(issue, next((edition for edition, _letter in letters.values()), None), newsroom)
    return _RuleFindings(tuple(_on_typed_text(issue, newsroom)), tuple(findings), letters)


def _on_typed_text(issue: Issue, newsroom: Newsroom) -> Iterator[Finding]:
    yield from unplaced_words(issue)
    yield from misspellings(issue, newsroom.lexicon)
    yield from undecided(issue, newsroom)
    yield from around_values(issue, newsroom)
    yield from plain_fields.remarks(issue)
    yield from alternatives.remarks(issue)
    yield from compare_quotations(issue, newsroom)


def _ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sorted by place, without duplicates; findings on one line suggest the same line, with all their corrections."""
    found = [*dict.fromkeys(findings)]
    cells = {line for each in found if each.code in ("table", "table-columns") for line in _rows_of(each)}
    cells |= {each.place.line for each in found if each.code == "missing-space"}
    links = {each.place for each in found if each.code == "broken-link"}  # a link is told once
    found = [each for each in found if each.code != "misleading-link" or each.place not in links]
    kept = (each for each in found if each.code not in _OF_CELLS or each.place.line not in cells)
    return tuple(united(sorted(kept, key=lambda finding: finding.place)))


#: What is said of the marks that part the cells of a pasted table, and that go with them.
_OF_CELLS = ("glued-words", "straight-quotes")


def _rows_of(table: Finding) -> range:
    """The lines of a table that was pasted: what parts its cells glues no words."""
    rows = [line for line in (table.suggestion or "").split("\n") if not line.lstrip().startswith(":::")]
    return range(table.place.line, table.place.line + len(rows))


def _of_letters(
    letters: Sequence[Rendering], issue: Issue, newsroom: Newsroom, pictures: Sequence[Printed]
) -> Iterator[Finding]:
    """Findings on finished letters: weight, rights of pictures, features that clients do not support, accessibility."""
    files = {name: path for letter in letters for path, name in reversed(letter.files)}

    def named(medium: Medium) -> tuple[Source, Loc, int | None] | None:
        return where_named(pictures, files.get(medium.name))

    for letter in letters:
        yield from weight.findings(letter, issue.source, named)
    yield from picture_rights.findings(letters, issue, newsroom, pictures)
    documents = [lxml_html.document_fromstring(letter.html) for letter in letters]
    yield from clients.findings(documents, issue.source)
    yield from accessibility.findings(documents, issue)


def _unlinked_copy(issue: Issue, paid: tuple[Edition, Rendering] | None) -> Iterator[Finding]:
    """Remark where paid copies are open, but the newsroom's own templates print no link to the copy."""
    if paid is None or paid[0].paid_copy is None or "paid_copy" in paid[1].slots:
        return
    message = _(
        "the paid letter links to no copy of it online: foot.mjml.j2 and letter.txt.j2 of the newsroom’s own templates "
        "print no paid_copy_url"
    )
    yield issue.source.finding("no-paid-copy-link", message, ("subject",), severity=Severity.WARNING)


def _front(issue: Issue, newsroom: Newsroom, editions: Sequence[Edition]) -> Iterator[Finding]:
    source, front = issue.source, issue.front
    yield from missing_schema(source, newsroom)
    if (unread := newsroom.unread.get(LEXICON)) is not None:
        message = _("names were not checked, and typography does without them: {why}").format(
            why=unread_sentence(unread)
        )
        yield source.finding("lexicon-unread", message, severity=Severity.WARNING)
    name = key_name("preheader", newsroom.settings.keys)
    if not all(edition.preheader for edition in editions):
        message = _("no {key}, and no title, summary or list to make one of; write what the letter holds: {key}: …")
        yield source.finding("empty-preheader", message.format(key=name), ("subject",))
    elif front.preheader is None:
        message = _("no {key}: lists of messages will show the first words of the letter after its subject")
        yield source.finding("no-preheader", message.format(key=name), ("subject",), severity=Severity.NOTE)
    if len(front.subject) > SUBJECT_SHOWN:
        message = _("{count} characters: most lists of messages cut a subject after {shown}").format(
            count=len(front.subject), shown=SUBJECT_SHOWN
        )
        yield source.finding("long-subject", message, ("subject",), severity=Severity.NOTE)
    if not any(isinstance(block, Masthead) for block in front.blocks):
        message = _("no masthead: biographies, grouped picture credits and latest issues will not be printed")
        yield source.finding("no-masthead", message, ("blocks",), severity=Severity.NOTE)
