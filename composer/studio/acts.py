"""What can be done to an issue from the studio: each act is a function, with the right that it needs beside it.

An act is given the person who does it; here that is the one person at this machine, who has every right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

from composer.errors import Refused
from composer.issue.block import Audience
from composer.issue.load import load_issue
from composer.issue.revision.model import Revision, Unwritable
from composer.issue.revision.sentence import shown_sentence, with_sentence
from composer.issue.revision.wire import json_of, spans_of
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.studio.correcting import put_correction
from composer.studio.saving.actor import Actor
from composer.studio.saving.history import History
from composer.studio.saving.keeper import Keeper, Saved


class Right(Enum):
    """What a person may do to a publication's issues."""

    WRITE = "write"


@dataclass(frozen=True)
class StudioUser:
    """The one who asks: ``actor`` signs what is written."""

    actor: Actor
    rights: frozenset[Right] = frozenset(Right)


@dataclass(frozen=True)
class Writing:
    """Where an act is done: on the issue at ``path``, through the ``keeper`` of its file."""

    newsroom: Newsroom
    path: Path
    keeper: Keeper


class NotAllowed(Refused):
    """The person has not the right that the act needs."""


@dataclass(frozen=True)
class Act:
    right: Right
    do: Callable[[Writing, Actor, Mapping[str, Any]], Mapping[str, Any]]

    def by(self, user: StudioUser, writing: Writing, said: Mapping[str, Any]) -> Mapping[str, Any]:
        """Do it, as ``said`` in JSON; the answer is JSON too.

        Raises ``NotAllowed``, ``Stale``, ``Unwritable``, and what ``Keeper.save`` raises.
        """
        if self.right not in user.rights:
            raise NotAllowed(_("you may read this issue, and not write in it"))
        return self.do(writing, user.actor, said)


def read_sentence(newsroom: Newsroom, path: Path, at: str, audience: Audience) -> Mapping[str, Any]:
    """The sentence at ``at``: ``spans`` as the letter prints it, and the digest ``d`` of its words as typed.

    Raises ``Stale`` where nothing stands there, ``Unwritable`` where the file has a mistake.
    """
    shown = shown_sentence(load_issue(path, newsroom), newsroom, audience, at)
    return {"spans": json_of(shown.spans), "d": shown.digest}


def write_sentence(writing: Writing, actor: Actor, said: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put ``wanted`` in the place of the sentence that the letter showed as ``shown``.

    The answer: ``saved``, the hour, HH:MM in the newsroom's zone; and the sentence as the letter prints it now, with
    its digest ``d``, which is None where it cannot be said: the file has a mistake by now.
    """
    match said:
        case {"at": str(at), "d": str(digest), "audience": audience, "shown": shown, "wanted": wanted}:
            before, after = spans_of(shown), spans_of(wanted)
        case _:
            raise Unwritable(_("an edit says where the sentence stands, what it was and what it becomes"))
    newsroom, path = writing.newsroom, writing.path
    asked = audience_of(audience)

    def change(text: str) -> Revision:
        document = load_issue(path, newsroom, content=text.encode())
        return with_sentence(document, newsroom, asked, at, digest, before, after)

    saved = writing.keeper.save(path, change, actor)
    hour = _hour(saved, newsroom)
    try:
        now = shown_sentence(load_issue(path, newsroom, content=saved.text.encode()), newsroom, asked, at)
    except Refused:
        return {"saved": hour, "d": None, "spans": json_of(after)}
    return {"saved": hour, "d": now.digest, "spans": json_of(now.spans)}


def change_history(writing: Writing, actor: Actor, said: Mapping[str, Any]) -> Mapping[str, Any]:
    """Bring a version back, put words back that another program took out, or offer them no more: by their ``id``."""
    keeper, path = writing.keeper, writing.path
    match said:
        case {"act": "bring_back", "id": str(id), "seen": str(seen)}:
            saved = History(keeper).bring_back(path, id, seen, actor)
        case {"act": "put_back", "id": str(id)}:
            saved = keeper.put_back(path, id, actor)
        case {"act": "dismiss", "id": str(id)}:
            keeper.dismiss(path, id)
            return {}
        case _:
            raise Unwritable(_("of versions, one is brought back, or words are put back or dismissed"))
    return {"saved": _hour(saved, writing.newsroom)}


def correct_line(writing: Writing, actor: Actor, said: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put the corrected line of a finding into the file. See ``put_correction``."""
    return put_correction(writing.newsroom, writing.path, writing.keeper, actor, said)


def audience_of(given: object) -> Audience:
    """The audience that a request names. Raises ``Unwritable`` for another word."""
    for audience in get_args(Audience):
        if given == audience:
            return audience  # type: ignore[no-any-return] # reason: get_args forgets the literal's type
    raise Unwritable(_("a letter is for the audience free or paid"))


def _hour(saved: Saved, newsroom: Newsroom) -> str:
    return saved.at.astimezone(ZoneInfo(newsroom.settings.timezone)).strftime("%H:%M")


#: By the first word of the address that asks for it.
ACTS: Mapping[str, Act] = {
    "sentence": Act(Right.WRITE, write_sentence),
    "history": Act(Right.WRITE, change_history),
    "correction": Act(Right.WRITE, correct_line),
}
