"""A draft read, recognised and put into the text of an issue: what the command and the studio do alike."""

from __future__ import annotations

from pathlib import Path

from composer.drafts.account import DraftAccount, account_of, lost_words
from composer.drafts.building import BuiltBlock, DraftBuilder, unplaced_block
from composer.drafts.passage import DraftRun, Omission, ReadDraft
from composer.drafts.piece import DraftPiece
from composer.drafts.recognising import recognised
from composer.drafts.taking_in import file_keys, free_keys, taken_in, written_issue
from composer.drafts.written_text import is_kept_link
from composer.errors import Refused
from composer.issue.load import load_issue
from composer.issue.revision.model import Revision
from composer.issue.skeleton import block_lines
from composer.locale import Language
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.source.finding import Severity
from composer.source.vocabulary import key_name


def imported(draft: ReadDraft, path: Path, newsroom: Newsroom, text: str) -> tuple[Revision, DraftAccount]:
    """Put ``draft`` into the issue at ``path``, whose file's content is ``text``.

    Returns the new content of the file, and what each paragraph of the draft became. Nothing is written.
    Raises ``Refused`` for a draft without words, ``Unwritable`` where the file cannot take it.
    """
    if not any(each.text.strip() for each in draft.passages):
        raise Refused(_("this draft has no words"))
    document = written_issue(path, text)
    publication = newsroom.publications[path.parent.name]
    keys = file_keys(document)
    pieces = recognised(draft.passages, publication)
    built = DraftBuilder(keys, free_keys(document)).built(pieces)
    if lost := lost_words(draft, built):
        found = DraftPiece("unplaced", (DraftRun(" ".join(lost.elements())),), why="unread", source=len(draft.passages))
        built = DraftBuilder(keys, free_keys(document)).built([*pieces, found])
    built.blocks = [
        each if _is_sound(each, path, newsroom, keys) else unplaced_block(each, built, keys) for each in built.blocks
    ]
    revision = taken_in(path, newsroom, text, built)
    whole = ReadDraft(draft.passages, (*draft.omissions, *_links_left(draft)))
    return revision, account_of(whole, built, keys, text, revision.text)


def _is_sound(block: BuiltBlock, path: Path, newsroom: Newsroom, keys: Language) -> bool:
    """Whether the block, alone in an issue, has no mistake of its own: what stands elsewhere is not looked at."""
    front = key_name("subject", keys, "Front"), key_name("blocks", keys, "Front")
    lines = [f"{front[0]}: x", f"{front[1]}:", *block_lines(block.name, keys, block.fields)]
    findings = load_issue(path, newsroom, content="\n".join(lines).encode()).findings
    return not any(each.severity is Severity.ERROR and each.place.line > 2 for each in findings)


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
