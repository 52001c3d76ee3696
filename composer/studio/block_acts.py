"""The blocks of an issue from the studio: add, move, copy, take out, and bring back what was taken out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from composer.issue.load import load_issue
from composer.issue.model import Issue
from composer.issue.revision.block_list import (
    block_of,
    duplicated_block,
    list_digest,
    listed_blocks,
    moved_block,
    restored_block,
    with_block,
    without_block,
)
from composer.issue.revision.element_wire import MOST_LINES_SENT, clean_words
from composer.issue.revision.model import Revision, Unwritable
from composer.locale import gettext as _
from composer.source.document import Document
from composer.source.editing import typed_text
from composer.studio.act import Writing, hour_of
from composer.studio.made_of import remade
from composer.studio.saving.actor import Actor
from composer.studio.saving.journal import taken_out

#: Blocks that are offered again.
MOST_REMOVED = 10


def read_blocks(writing: Writing) -> Mapping[str, Any]:
    """``blocks``, in order: ``{name, words, d}``, with the digest of its lines; ``d``, the digest of the list; and
    those that the studio took out and that are not there, the newest first, in ``removed``: ``{id, name, words}``.

    Raises ``Unwritable`` where the file has no list of blocks, and what ``Keeper.spans`` raises.
    """
    document = load_issue(writing.path, writing.newsroom)
    listed = [{"name": each.name, "words": each.words, "d": each.digest} for each in listed_blocks(document)]
    text = typed_text(document.source).replace("\r\n", "\n")
    removed: dict[str, Mapping[str, str]] = {}
    for span in reversed(writing.keeper.spans(writing.path)):
        lines = taken_out(span)
        block = block_of(lines) if lines and lines not in text and lines not in removed else None
        if block is not None and block.name:
            removed[lines] = {"id": span.id, "name": block.name, "words": block.words}
    return {"blocks": listed, "d": list_digest(document), "removed": [*removed.values()][:MOST_REMOVED]}


def change_block(writing: Writing, actor: Actor, said: Mapping[str, Any]) -> Mapping[str, Any]:
    """Do to the list of blocks what ``act`` says; ``d`` is its digest, for ``remove`` that of the block.

    The answer: ``saved``, the hour; ``undo``, what ``history`` takes back, and ``restore`` brings back.
    """
    saved = remade(writing, actor, _change(writing, said))
    return {"saved": hour_of(saved, writing.newsroom), "undo": saved.span}


def _change(writing: Writing, said: Mapping[str, Any]) -> Callable[[Document[Issue]], Revision]:
    match said:
        case {"act": "add", "name": str(name), "index": int(index), "d": str(digest), "given": dict(given)}:
            words = _words(given)
            return lambda found: with_block(found, writing.newsroom, name, index, digest, words)
        case {"act": "move", "index": int(index), "to": int(to), "d": str(digest)}:
            return lambda found: moved_block(found, index, to, digest)
        case {"act": "duplicate", "index": int(index), "d": str(digest)}:
            return lambda found: duplicated_block(found, index, digest)
        case {"act": "remove", "index": int(index), "d": str(digest)}:
            return lambda found: without_block(found, index, digest)[0]
        case {"act": "restore", "id": str(id), "index": int(index), "d": str(digest)}:
            removed = _removed(writing, id)
            return lambda found: restored_block(found, removed, index, digest)
        case _:
            raise Unwritable(_("a block is added, moved, copied, taken out or brought back"))


def _words(given: Mapping[Any, Any]) -> Mapping[str, str]:
    """What is known of a new block's fields; a text may have several lines. Raises ``Unwritable``."""
    if len(given) > MOST_LINES_SENT:
        raise Unwritable(_("a block is added, moved, copied, taken out or brought back"))
    found: dict[str, str] = {}
    for key, text in given.items():
        lines = text.replace("\r\n", "\n").split("\n") if isinstance(text, str) else [text]
        found[clean_words(key)] = "\n".join(clean_words(line) for line in lines)
    return found


def _removed(writing: Writing, id: str) -> str:
    """The lines that the change ``id`` took out of the file. Raises ``Unwritable`` where it took none out."""
    lines = next((taken_out(each) for each in writing.keeper.spans(writing.path) if each.id == id), "")
    if not lines:
        raise Unwritable(_("the studio has taken no such block out of this file"))
    return lines
