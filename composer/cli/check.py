"""``filigrane check``: everything that is wrong with an issue, each with its line and the corrected line."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from composer import clock
from composer.approval.digests import advertisers, sponsors_printed
from composer.approval.examined import (
    categories_printed,
    model_findings,
    unexamined_categories,
    unexamined_sentence,
    unread_language,
)
from composer.approval.history import past_issues
from composer.cli.explain import explain, pointer
from composer.cli.issue import issue_named
from composer.cli.length import length_json, length_lines
from composer.cli.pool import jobs_for, not_read, read_all, serve
from composer.cli.say import say
from composer.cli.standing import as_json as approval_json
from composer.cli.standing import standings
from composer.errors import FiligraneError, WrongUsage
from composer.issue import issue_files, key_of, load_issue
from composer.issue.block import Audience
from composer.issue.edition import Edition
from composer.issue.files import example_name
from composer.issue.misplaced import misplaced, require_readable_issues
from composer.issue.model import Issue
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.newsroom import Newsroom, examine
from composer.newsroom.placeholders import placeholders
from composer.newsroom.unread import SPONSORS, publication_file
from composer.proofreading import review
from composer.proofreading.schemas import schema_line
from composer.schedule.calendar import Due, instant, last_departure
from composer.schedule.standing_words import standing_words
from composer.source import Finding, Severity
from composer.source.document import Document


@click.command()
@click.argument("issue", metavar="[ISSUE]", required=False)
@click.option("--all", "everything", is_flag=True, help="Check every issue that has not left.")
@click.option("--past", is_flag=True, help="With those whose date is past: every issue of the newsroom.")
@click.option("--jobs", type=click.IntRange(1, 64), metavar="N", help="Processes at once; one a core otherwise.")
@click.option("--length", is_flag=True, help="With the characters and words of each block of ISSUE.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@click.option(
    "--explain",
    metavar="CODE",
    is_eager=True,
    expose_value=False,
    callback=explain,
    help="Print what the code of a finding means, and how to mend it.",
)
@click.pass_context
def check(
    ctx: click.Context,
    issue: str | None,
    everything: bool,
    past: bool,
    jobs: int | None,
    length: bool,
    as_json: bool,
) -> None:
    """Proofread ISSUE, a file or publication/date. Exit code 1 where there are errors.

    The newsroom's own files are read too. A mistake in one that ISSUE does not need is shown, and is no failure.

    With --all, an issue counts as having left once its hour and its catch-up are past: what was really sent stands in
    the server’s database, which this does not ask.
    """
    if issue is not None and past:
        raise WrongUsage(
            _("--past goes with --all, not with one issue: an issue that is named is read whatever its date")
        )
    everything = everything or past
    if (issue is None) is not everything:
        message = _("name one issue, or --all: filigrane check {example}")
        raise WrongUsage(message.format(example=example_name(ctx.obj)))
    newsroom, remarks = examine(ctx.obj)
    require_readable_issues(ctx.obj)
    findings: list[Finding] = []
    read = unread = 0
    unexamined: list[str] = []  #: categories of advertisements
    concerned: set[str] | None = None  #: files that the given issue needs
    publication: str | None = None
    paths: list[Path] = []
    editions: dict[Audience, Edition] = {}
    if newsroom is not None and issue is not None:
        path = issue_named(newsroom, issue)
        document = load_issue(path, newsroom)
        reading = review(document, newsroom, past_issues)
        findings += [*reading.findings, *model_findings(newsroom, [path], advertisers(document, newsroom))]
        editions = {audience: edition for audience, (edition, _rendering) in reading.letters.items()}
        unexamined = unexamined_categories(categories_printed(document, newsroom))
        paths, read = [path], 1
        concerned = {*(finding.place.file for finding in findings), publication_file(path, newsroom)}
        concerned |= _of_advertisements(document, newsroom)
        publication = path.parent.name
    elif newsroom is not None:
        found = issue_files(newsroom)
        paths = [path for path in found if past or not _has_left(path, newsroom, clock.now())]
        each_read = read_all(paths, newsroom, jobs_for(len(paths), jobs), "composer.cli.check:answer")
        with click.progressbar(each_read, len(paths), file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
            for some in bar:
                findings += some
        read, unread = len(paths), len(found) - len(paths)
        findings = list(dict.fromkeys([*findings, *model_findings(newsroom, paths), *misplaced(newsroom)]))
        unexamined = unexamined_categories(
            (sponsor.category, booking.date) for sponsor in newsroom.sponsors.values() for booking in sponsor.bookings
        )
    findings += remarks
    beside = 0 if concerned is None else sum(_is_error(each) and each.place.file not in concerned for each in findings)
    approvals = [] if newsroom is None else list(standings(paths, newsroom))
    counts = {each: sum(finding.severity is each for finding in findings) for each in Severity}
    if as_json:
        told: dict[str, object] = {"findings": [finding.as_json() for finding in findings]}
        told |= {"issues": read, "not_read": unread}
        told |= {f"{severity.value}s": count for severity, count in counts.items()}
        told |= {"beside": beside, "rehearsal": newsroom is not None and bool(newsroom.settings.only_to)}
        told |= {"approvals": [approval_json(file, approval) for file, approval in approvals]}
        told |= {"length": length_json(editions), "unexamined": unexamined}
        say(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        rehearsal = None
        if newsroom is not None and newsroom.settings.only_to:
            from composer.schedule.outlook import rehearsal_line  # imports the database, which no other check needs

            rehearsal = rehearsal_line(newsroom, publication)
        for finding in findings:
            say(f"{finding}\n")
        for _file, approval in approvals:
            if newsroom is not None and (issue is not None or approval.reason is not None):
                say(f"{standing_words(approval, newsroom)}\n")
        if rehearsal is not None:
            say(f"{rehearsal}\n")
        void = any(approval.reason is not None for _file, approval in approvals)
        _conclude(findings, counts, read, unread, void)
        if newsroom is None:
            say(_("no issue was read: correct the newsroom's own files first"))
        if newsroom is not None and (old := schema_line(newsroom)) is not None:
            say(old)
        for line in length_lines(editions, length):
            say(line)
        if beside:
            message = ngettext(
                "{count} error is in a file that this issue does not need",
                "{count} errors are in files that this issue does not need",
                beside,
            )
            say(message.format(count=beside))
        if newsroom is not None and unexamined:
            say(unexamined_sentence(unexamined, newsroom))
        if read:
            say(unread_language())
    ctx.exit(1 if counts[Severity.ERROR] > beside else 0)


def _of_advertisements(document: Document[Issue], newsroom: Newsroom) -> set[str]:
    """The advertisers' files that an issue needs: all of them, where one of its slots finds nothing to print."""
    issue = document.value or (document.partial.remains if document.partial else None)
    found = sponsors_printed(issue, newsroom) if issue is not None else ()
    if all(each.digest is not None for each in found):
        return {f"{SPONSORS}/{str(each.creative).partition('/')[0]}.yaml" for each in found}
    return {finding.place.file for finding in newsroom.findings if finding.place.file.startswith(f"{SPONSORS}/")}


def _is_error(finding: Finding) -> bool:
    return finding.severity is Severity.ERROR


def _has_left(path: Path, newsroom: Newsroom, now: datetime) -> bool:
    """Whether the issue can no longer leave by itself.

    One without a date in its name, or of a publication that cannot be read, has not left.
    """
    try:
        key = key_of(path, newsroom)
    except FiligraneError:
        return False
    if key.publication not in newsroom.publications:
        return False
    schedule, zone = newsroom.publications[key.publication].schedule, ZoneInfo(newsroom.settings.timezone)
    return last_departure(schedule, zone, Due(instant(key.date, schedule.at, zone), key.date)) < now


def answer() -> None:
    """Read issues of the newsroom in ``sys.argv[1]`` for the process that started this one."""
    newsroom, _remarks = examine(Path(sys.argv[1]))
    if newsroom is None:  # changed since the parent process read it
        sys.exit(_("the newsroom's own files have mistakes"))
    serve(lambda path: _one_of_many(path, newsroom))


def _one_of_many(path: Path, newsroom: Newsroom) -> Sequence[Finding]:
    try:
        return _of_issue(path, newsroom)
    except FiligraneError as error:  # must not keep the others from being read
        return not_read(path, newsroom, str(error))


def _of_issue(path: Path, newsroom: Newsroom) -> Sequence[Finding]:
    document = load_issue(path, newsroom)
    findings = review(document, newsroom, past_issues).findings
    models = placeholders(newsroom, path.parent.name, printed=advertisers(document, newsroom))
    return (*findings, *(each for each in models if each.place.file.startswith(f"{SPONSORS}/")))


def _conclude(findings: Sequence[Finding], counts: dict[Severity, int], read: int, unread: int, void: bool) -> None:
    """``void``: an approval was told to be void, so that something was said."""
    errors, warnings, notes = counts[Severity.ERROR], counts[Severity.WARNING], counts[Severity.NOTE]
    parts = [
        ngettext("{count} error", "{count} errors", errors).format(count=errors),
        ngettext("{count} warning", "{count} warnings", warnings).format(count=warnings),
        ngettext("{count} note", "{count} notes", notes).format(count=notes),
    ]
    if void and not findings:
        pass
    elif not findings:
        said = ngettext("{count} issue read: nothing to say", "{count} issues read: nothing to say", read)
        say(said.format(count=read))
    else:
        say(", ".join(parts))
        say(pointer(next(filter(_is_error, findings), findings[0]).code))
    if unread:
        said = ngettext(
            "{count} issue of a past date was not read: filigrane check --past reads it too",
            "{count} issues of a past date were not read: filigrane check --past reads them too",
            unread,
        )
        say(said.format(count=unread))
