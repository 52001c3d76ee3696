"""``filigrane check``: everything that is wrong with an issue, with its line and the line to type instead."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from composer.approval import past_issues
from composer.cli.issue import issue_named
from composer.errors import WrongUsage
from composer.issue import issue_files, load_issue
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.newsroom import Newsroom, examine
from composer.newsroom.unread import publication_file
from composer.proofreading import review
from composer.source import Finding, Severity


@click.command()
@click.argument("issue", metavar="[ISSUE]", required=False)
@click.option("--all", "everything", is_flag=True, help="Check every issue of the newsroom.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@click.pass_context
def check(ctx: click.Context, issue: str | None, everything: bool, as_json: bool) -> None:
    """Proofread ISSUE, a file or publication/date. Exit code 1 where there are errors.

    The newsroom's own files are read too. A mistake in one that ISSUE does not need is shown, and is no failure.
    """
    if (issue is None) is not everything:
        raise WrongUsage(_("name one issue, or --all: filigrane check vendredi/2026-11-27"))
    newsroom, remarks = examine(ctx.obj)
    findings: list[Finding] = []
    read = 0
    concerned: set[str] | None = None  #: files that the issue asked for needs
    if newsroom is not None:
        paths = issue_files(newsroom) if issue is None else (issue_named(newsroom, issue),)
        for path in paths:
            findings += _of_issue(path, newsroom)
        read = len(paths)
        if issue is not None:
            concerned = {*(finding.place.file for finding in findings), publication_file(paths[0])}
    findings += remarks
    beside = 0 if concerned is None else sum(_is_error(each) and each.place.file not in concerned for each in findings)
    counts = {each: sum(finding.severity is each for finding in findings) for each in Severity}
    if as_json:
        document = {"findings": [finding.as_json() for finding in findings], "issues": read}
        document |= {f"{severity.value}s": count for severity, count in counts.items()}
        document["beside"] = beside
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        _print(findings, counts, read)
        if beside:
            message = ngettext(
                "{count} error is in a file that this issue does not need",
                "{count} errors are in files that this issue does not need",
                beside,
            )
            click.echo(message.format(count=beside))
    ctx.exit(1 if counts[Severity.ERROR] > beside else 0)


def _is_error(finding: Finding) -> bool:
    return finding.severity is Severity.ERROR


def _of_issue(path: Path, newsroom: Newsroom) -> Sequence[Finding]:
    return review(load_issue(path, newsroom), newsroom, past_issues).findings


def _print(findings: Sequence[Finding], counts: dict[Severity, int], read: int) -> None:
    for finding in findings:
        click.echo(f"{finding}\n")
    errors, warnings, notes = counts[Severity.ERROR], counts[Severity.WARNING], counts[Severity.NOTE]
    parts = [
        ngettext("{count} error", "{count} errors", errors).format(count=errors),
        ngettext("{count} warning", "{count} warnings", warnings).format(count=warnings),
        ngettext("{count} note", "{count} notes", notes).format(count=notes),
    ]
    if not findings:
        click.echo(
            ngettext("{count} issue read: nothing to say", "{count} issues read: nothing to say", read).format(
                count=read
            )
        )
        return
    click.echo(", ".join(parts))
    if not read:
        click.echo(_("no issue was read: correct the newsroom's own files first"))
