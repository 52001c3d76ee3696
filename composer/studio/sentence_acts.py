"""Sentences read and written from the studio."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from composer.errors import Refused
from composer.issue.block import Audience
from composer.issue.load import load_issue
from composer.issue.revision.found_again import found_again
from composer.issue.revision.model import Revision, Stale, Unwritable
from composer.issue.revision.neighbours import is_parted
from composer.issue.revision.sentence import shown_sentence, with_sentence
from composer.issue.revision.wire import json_of, spans_of
from composer.locale import gettext as _
from composer.studio.act import Writing, audience_of, hour_of
from composer.studio.saving.actor import Actor


def read_sentence(writing: Writing, at: str, audience: Audience, digest: str = "") -> Mapping[str, Any]:
    """The sentence at ``at``: ``spans`` as the letter prints it, and the digest ``d`` of its words as typed; where it
    stands, ``at``: elsewhere than asked, if that is where the one of ``digest`` stands now; and whether it is
    ``parted`` by Enter.

    Raises ``Stale`` where nothing stands there, ``Unwritable`` where the file has a mistake.
    """
    document = load_issue(writing.path, writing.newsroom)
    if digest:
        try:
            at = found_again(document, at, digest)
        except Stale as stale:
            at = stale.at or at
    shown = shown_sentence(document, writing.newsroom, audience, at)
    return {"at": at, "spans": json_of(shown.spans), "d": shown.digest, "parted": is_parted(document, at)}


def write_sentence(writing: Writing, actor: Actor, said: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put ``wanted`` in the place of the sentence that the letter showed as ``shown``.

    The answer: ``saved``, the hour, HH:MM in the newsroom's zone; and the sentence as the letter prints it now, with
    its place ``at`` and its digest ``d``, which is None where it cannot be said: the file has a mistake by now.
    """
    match said:
        case {"at": str(at), "d": str(digest), "audience": audience, "shown": shown, "wanted": wanted}:
            before, after = spans_of(shown), spans_of(wanted)
        case _:
            raise Unwritable(_("an edit says where the sentence stands, what it was and what it becomes"))
    newsroom, path = writing.newsroom, writing.path
    asked, here = audience_of(audience), at

    def change(text: str) -> Revision:
        nonlocal here
        document = load_issue(path, newsroom, content=text.encode())
        here = found_again(document, at, digest, before)
        return with_sentence(document, newsroom, asked, here, digest, before, after)

    saved = writing.keeper.save(path, change, actor)
    answer = {"saved": hour_of(saved, newsroom), "undo": saved.span, "at": here}
    try:
        now = shown_sentence(load_issue(path, newsroom, content=saved.text.encode()), newsroom, asked, here)
    except Refused:
        return {**answer, "d": None, "spans": json_of(after)}
    return {**answer, "d": now.digest, "spans": json_of(now.spans)}
