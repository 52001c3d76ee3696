"""render: write one edition as files, as it will be sent."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from composer.approval.history import past_issues
from composer.approval.messages import messages
from composer.approval.model import FrozenEdition, Seal
from composer.cli.configuration import load_newsroom
from composer.cli.issue import issue_named
from composer.cli.output_files import write_files
from composer.cli.params import Word
from composer.cli.say import say
from composer.issue import compose, load_issue
from composer.issue.blocks import Audience
from composer.issue.edition import Edition
from composer.locale import gettext as _
from composer.message.trial import DEAD_TOKEN, trial_values
from composer.newsroom.model import Newsroom
from composer.rendering import Rendering
from composer.rendering import render as render_edition
from composer.rendering.weight import findings, weight

READER = "reader@example.org"


def _audience(word: str) -> str:
    return {"free": _("free"), "paid": _("paid")}[word]


@click.command()
@click.argument("issue", metavar="ISSUE")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Folder to write to.",
)
@click.option(
    "--audience",
    type=Word(("free", "paid"), _audience),
    default="paid",
    show_default=True,
    help="Whose edition: free readers' or paying readers'.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout: files, sizes and remarks.")
@click.pass_obj
def render(folder: Path, issue: str, out: Path, audience: Audience, as_json: bool) -> None:
    """Write ISSUE as it will be sent: message.html, message.txt, message.eml, and its pictures in media/.

    ISSUE is a file, or publication/date. The HTML is what is sent: its pictures have their public addresses, which
    answer once the issue is approved and `filigrane web` runs; `filigrane preview` shows it with its pictures at once.
    Its links for one reader, such as the way out, lead nowhere.
    """
    newsroom = load_newsroom(folder)
    path = issue_named(newsroom, issue)
    document = load_issue(path, newsroom)
    issue_read = document.require()
    edition = compose(issue_read, newsroom, audience, past_issues(newsroom, issue_read.key))
    rendering = render_edition(edition, newsroom)
    html, text = rendering.html, rendering.text
    for sentinel in rendering.slots.values():
        html, text = html.replace(sentinel, DEAD_TOKEN), text.replace(sentinel, DEAD_TOKEN)
    files = {
        "message.html": html.encode(),
        "message.txt": text.encode(),
        "message.eml": _message(edition, rendering, newsroom),
    } | {f"media/{medium.name}": medium.content for medium in rendering.media}
    write_files(out, files)
    remarks = findings(rendering, document.source)
    if as_json:
        report = {
            "issue": str(edition.key),
            "audience": audience,
            "language": edition.language,
            "subject": rendering.subject,
            "preheader": rendering.preheader,
            "digest": rendering.digest,
            "files": [str(out / name) for name in files],
            "bytes": asdict(weight(rendering)),
            "findings": [remark.as_json() for remark in remarks],
        }
        say(json.dumps(report, ensure_ascii=False, indent=2))
        return
    for remark in remarks:
        say(str(remark), err=True)
    for name in files:
        say(str(out / name))


def _message(edition: Edition, rendering: Rendering, newsroom: Newsroom) -> bytes:
    """The message as a mailing would make it, for a fictional reader."""
    zone = ZoneInfo(newsroom.settings.timezone)
    at = datetime.combine(edition.key.date, edition.publication.schedule.at, zone)
    frozen = FrozenEdition(rendering.subject, rendering.html, rendering.text, rendering.slots)
    unsealed = Seal(
        key=edition.key,
        digest="",
        by="",
        at=at,
        subject=rendering.subject,
        preheader=rendering.preheader,
        editions={(edition.audience, edition.language): frozen},
        media={},
    )
    (template,) = messages(unsealed, newsroom, edition.key.publication, edition.key, at).values()
    return template.fill(trial_values(READER, at))
