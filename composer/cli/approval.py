"""approve, unapprove: an issue frozen for sending (« bon à tirer »)."""

from __future__ import annotations

from pathlib import Path

import click

from composer.approval import freeze
from composer.approval.history import past_issues
from composer.cli.audience import outlook_lines
from composer.cli.configuration import load_newsroom
from composer.cli.issue import issue_named
from composer.issue import key_of
from composer.locale import gettext as _


@click.command()
@click.argument("issue", metavar="ISSUE")
@click.option("--by", required=True, metavar="NAME", help="Who approves; written in the seal.")
@click.pass_obj
def approve(folder: Path, issue: str, by: str) -> None:
    """Approve ISSUE: freeze its editions, so that these bytes are what is sent at the hour.

    ISSUE is a file, or publication/date. Refused while the issue has errors. Changing the issue, its pictures or its
    advertisement afterwards makes another approval necessary; changing a template does not.
    """
    newsroom = load_newsroom(folder)
    path = issue_named(newsroom, issue)
    seal = freeze.approve(path, newsroom, by, past_issues(newsroom, key_of(path, newsroom)))
    click.echo(_("{issue} is approved by {by}: “{subject}”").format(issue=seal.key, by=seal.by, subject=seal.subject))
    for told in outlook_lines(newsroom, seal.key):
        click.echo(told)


@click.command()
@click.argument("issue", metavar="ISSUE")
@click.pass_obj
def unapprove(folder: Path, issue: str) -> None:
    """Take back the approval of ISSUE. What is being sent already goes on: see filigrane mailings."""
    newsroom = load_newsroom(folder)
    path = issue_named(newsroom, issue)
    freeze.unapprove(path)
    click.echo(_("{file} is not approved any more").format(file=path.name))
