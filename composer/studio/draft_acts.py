"""A draft dropped on the letter, or pasted into it: shown for what it would become, then taken in by one act."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from composer.drafts.draft_process import MOST_DRAFT_BYTES, draft_kind, read_draft
from composer.drafts.importing import imported
from composer.drafts.passage import ReadDraft
from composer.issue.revision.model import Revision, Unwritable
from composer.locale import gettext as _
from composer.source.document import Document
from composer.source.editing import typed_text
from composer.studio.act import Writing, hour_of
from composer.studio.made_of import remade, reread
from composer.studio.saving.actor import Actor

#: Bytes of the JSON in which a draft is sent: in base64, a third more than it has.
MOST_DRAFT_SENT = MOST_DRAFT_BYTES * 4 // 3 + 10_000


def take_in_draft(writing: Writing, actor: Actor, said: Mapping[str, Any]) -> Mapping[str, Any]:
    """``act`` is ``read``, which changes nothing, or ``take``; ``content`` is the draft: ``html`` or ``text`` that was
    pasted, or the bytes of the ``file`` called ``name``, in base64.

    The answer: what ``DraftAccount.as_json`` says; of ``take`` also ``saved``, the hour, and ``undo``, the span. Raises
    ``Refused`` for what is no draft, ``Unwritable``, and what ``Keeper.save`` raises.
    """
    match said:
        case {"act": "read" | "take" as act, "from": "html" | "text" as pasted, "content": str(content)}:
            shown = _("what was pasted")
            draft = read_draft(content.encode("utf-8", "replace"), "html" if pasted == "html" else "text", shown)
        case {"act": "read" | "take" as act, "from": "file", "name": str(name), "content": str(content)}:
            draft = _file(name.replace("\\", "/").rpartition("/")[2][:200], content)
        case _:
            raise Unwritable(_("a draft is read or taken in: a file, or what was pasted"))
    told: dict[str, Any] = {}

    def change(document: Document[Any]) -> Revision:
        revision, account = imported(draft, writing.path, writing.newsroom, typed_text(document.source))
        told.update(account.as_json())
        return revision

    if act == "read":
        change(reread(writing, writing.path.read_bytes().decode("utf-8-sig", "replace")))
        return told
    saved = remade(writing, actor, change)
    return {**told, "saved": hour_of(saved, writing.newsroom), "undo": saved.span}


def _file(name: str, content: str) -> ReadDraft:
    try:
        unpacked = b64decode(content, validate=True)
    except ValueError as error:
        raise Unwritable(_("a draft is read or taken in: a file, or what was pasted")) from error
    return read_draft(unpacked, draft_kind(name, unpacked), name)
