"""A draft read, recognised and put into the text of an issue: what the command and the studio do alike."""

from __future__ import annotations

from pathlib import Path

from composer.drafts.account import DraftAccount, account_of, lost_words
from composer.drafts.building import DraftBuilder
from composer.drafts.passage import DraftRun, Omission, ReadDraft
from composer.drafts.piece import DraftPiece
from composer.drafts.recognising import recognised
from composer.drafts.taking_in import file_keys, free_keys, taken_in
from composer.drafts.written_text import is_kept_link
from composer.errors import Refused
from composer.issue.load import load_issue
from composer.issue.revision.model import Revision
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom


def imported(
    draft: ReadDraft, path: Path, newsroom: Newsroom, text: str, *, alone: bool = False
) -> tuple[Revision, DraftAccount]:
    """The issue at ``path``, whose file holds ``text``, with ``draft`` in it, and the account of what became of it.

    ``alone``: the issue is new, and its empty blocks give way.

    Raises ``Refused`` for a draft without words, ``Unwritable`` where the file cannot take it.
    """
    if not any(each.text.strip() for each in draft.passages):
        raise Refused(_("this draft has no words"))
    document = load_issue(path, newsroom, content=text.encode())
    publication = newsroom.publications[path.parent.name]
    keys = file_keys(document)
    pieces = recognised(draft.passages, publication)
    built = DraftBuilder(keys, free_keys(document)).built(pieces)
    if lost := lost_words(draft, built):
        found = DraftPiece("unplaced", (DraftRun(" ".join(lost.elements())),), why="unread", source=len(draft.passages))
        built = DraftBuilder(keys, free_keys(document)).built([*pieces, found])
    revision = taken_in(path, newsroom, text, built, alone=alone)
    whole = ReadDraft(draft.passages, (*draft.omissions, *_links_left(draft)))
    return revision, account_of(whole, built, keys, text, revision.text)


def _links_left(draft: ReadDraft) -> list[Omission]:
    """The addresses that a letter may not link to."""
    runs = (
        run
        for each in draft.passages
        for part in (each.runs, *(cell for row in each.rows for cell in row))
        for run in part
    )
    return [
        Omission("link", href)
        for href in dict.fromkeys(run.href for run in runs if run.href and not is_kept_link(run.href))
    ]
