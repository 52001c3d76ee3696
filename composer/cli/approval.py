"""approve, unapprove: an issue frozen for sending (« bon à tirer »)."""

from __future__ import annotations

from pathlib import Path

import click

from composer.approval import freeze
from composer.approval.history import past_issues
from composer.approval.pushing import pushing_words
from composer.cli.configuration import load_newsroom
from composer.cli.issue import issue_named
from composer.cli.say import say
from composer.issue import key_of
from composer.schedule.outlook import outlook_lines
from composer.schedule.sent_words import goes_on, sent_before
from composer.schedule.wording import approved_words, unapproved_words


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
    say(approved_words(seal))
    under_way = sent_before(newsroom, seal)
    say("\n".join(outlook_lines(newsroom, seal.key) if under_way is None else [under_way]), err=bool(under_way))
    if to_push := pushing_words(newsroom.root):
        say(to_push, err=True)


@click.command()
@click.argument("issue", metavar="ISSUE")
@click.pass_obj
def unapprove(folder: Path, issue: str) -> None:
    """Take back the approval of ISSUE. What is being sent already goes on: see filigrane mailings."""
    newsroom = load_newsroom(folder)
    path = issue_named(newsroom, issue)
    freeze.unapprove(path)
    say(unapproved_words(path))
    if to_push := pushing_words(newsroom.root):
        say(to_push, err=True)
    if stays := goes_on(newsroom, key_of(path, newsroom)):
        say(stays, err=True)
