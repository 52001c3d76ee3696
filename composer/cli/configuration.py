"""Load the newsroom for a command; mistakes in its files are reported on stderr, and stop nothing else."""

from __future__ import annotations

from pathlib import Path

from composer import newsroom
from composer.cli.say import say
from composer.issue.misplaced import require_readable_issues
from composer.locale import ngettext
from composer.newsroom.model import Newsroom
from composer.newsroom.unread import files_with_errors


def load_newsroom(root: Path) -> Newsroom:
    """``newsroom.load_newsroom``, and a line on stderr for each file that has mistakes."""
    found = newsroom.load_newsroom(root)
    require_readable_issues(found.root)
    for file, count in files_with_errors(found).items():
        message = ngettext(
            "{file}: {count} mistake; what needs it waits. “filigrane check --all” shows it",
            "{file}: {count} mistakes; what needs it waits. “filigrane check --all” shows them",
            count,
        )
        say(message.format(file=file, count=count), err=True)
    return found
