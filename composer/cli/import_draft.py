"""``filigrane import-draft``: a writer's document becomes blocks of an issue; each paragraph is answered for."""

from __future__ import annotations

import json
from pathlib import Path

import click

from composer.cli.configuration import load_newsroom
from composer.cli.newsroom import say_renewed
from composer.cli.say import say
from composer.drafts.account import DraftAccount
from composer.drafts.draft_process import MOST_DRAFT_BYTES, draft_kind, read_draft
from composer.drafts.importing import imported
from composer.errors import OutsideWorld, Refused, WrongUsage
from composer.issue import issue_path
from composer.issue.files import date_and_name
from composer.issue.model import IssueKey
from composer.issue.revision.model import Revision
from composer.issue.skeleton import errata_before, skeleton
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.locale.os_errors import os_reason
from composer.newsroom.model import Newsroom
from composer.newsroom.starting import write_new
from composer.newsroom.unread import publication_named
from composer.newsroom.weekdays import comes_out
from composer.studio.saving.keeper import Keeper
from composer.studio.studio_user import user_here


@click.command("import-draft")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--issue",
    "name",
    required=True,
    metavar="ISSUE",
    help="Issue to import into, publication/date; a new one, or one begun.",
)
@click.option("--dry-run", is_flag=True, help="Say what each paragraph would become, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@click.pass_obj
def import_draft(root: Path, file: Path, name: str, dry_run: bool, as_json: bool) -> None:
    """Turn FILE, a writer's document, into blocks of an issue.

    FILE is a .docx, .html, .md or .txt. Nothing in the issue is overwritten, and no word is lost: what has no place
    stands behind a mark, which `filigrane check` refuses. Styles of Word and habits of typing say what is what; those
    of the publication are under its key `drafts`.
    """
    newsroom = load_newsroom(root)
    path, key = _issue_of(newsroom, name)
    content = _content(file)
    draft = read_draft(content, draft_kind(file.name, content), file.name)
    account: DraftAccount | None = None

    def change(text: str) -> Revision:
        nonlocal account
        revision, account = imported(draft, path, newsroom, text)
        return revision

    if not path.exists():
        errata = errata_before(newsroom, key.publication, key.date)
        text = change(skeleton(newsroom, key.publication, key.date, errata)).text
        if not dry_run:
            write_new(path, text)
            say_renewed(newsroom)
    elif dry_run:
        change(path.read_text("utf-8-sig"))
    else:
        Keeper(root.resolve()).save(path, change, user_here(root.resolve()).actor)
    assert account is not None
    shown = path.relative_to(newsroom.root.resolve()).as_posix()
    if as_json:
        said = {"issue": shown, "written": not dry_run, **account.as_json()}
        say(json.dumps(said, ensure_ascii=False, indent=2))
    else:
        _print(account, shown, dry_run)


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_DRAFT_BYTES + 1)
    except OSError as error:
        raise OutsideWorld(_("{file} cannot be read: {why}").format(file=file, why=os_reason(error))) from error


def _issue_of(newsroom: Newsroom, name: str) -> tuple[Path, IssueKey]:
    """The file of the issue that ``name`` names: publication/date, its file, or a date where one publication has it."""
    bare = name.strip().removeprefix("issues/").removesuffix(".yaml")
    publication, _slash, day = bare.rpartition("/")
    dated = date_and_name(day)
    if dated is None:
        raise WrongUsage(_("an issue is named publication/date: {example}").format(example="vendredi/2026-12-04"))
    if not publication:
        publication = _only_publication(newsroom, *dated)
    publication_named(newsroom, publication)
    key = IssueKey(publication, *dated)
    return issue_path(newsroom, key).resolve(), key


def _only_publication(newsroom: Newsroom, *dated: object) -> str:
    """The publication that has an issue of that date, else the one that comes out then. Raises ``Refused``."""
    keys = {name: IssueKey(name, *dated) for name in newsroom.publications}  # type: ignore[arg-type] # reason: a date and a name
    begun = [name for name, key in keys.items() if issue_path(newsroom, key).exists()]
    due = [name for name, key in keys.items() if comes_out(newsroom.publications[name].schedule, key.date)]
    found = begun or due or [*keys]
    if len(found) == 1:
        return found[0]
    options = ", ".join(f"{name}/{keys[name].date.isoformat()}" for name in found)
    raise Refused(_("several publications may have this issue: name one of {options}").format(options=options))


def _print(account: DraftAccount, issue: str, dry_run: bool) -> None:
    width = max((len(row.became) for row in account.rows), default=0)
    for row in account.rows:
        say(f"{row.became:<{width}}  {row.words}")
    words = ngettext("{n} word read, {written} kept", "{n} words read, {written} kept", account.read)
    say("\n" + words.format(n=account.read, written=account.written))
    for each in account.omissions:
        say(each)
    count = len(account.to_place)
    if count:
        message = ngettext(
            "{n} thing to place, which check refuses:", "{n} things to place, which check refuses:", count
        )
        say(message.format(n=count))
    for line, shown in account.to_place:
        say(f"  {issue}:{line}: {shown}")
    if dry_run:
        say(_("nothing was written: without --dry-run, this goes into {issue}").format(issue=issue), err=True)
    else:
        say(_("written in {issue}; next: filigrane check {issue}").format(issue=issue), err=True)
