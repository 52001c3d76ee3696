"""An act of the studio: a function, with the right that it needs beside it.

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
from composer.issue.revision.model import Unwritable
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.studio.saving.actor import Actor
from composer.studio.saving.keeper import Keeper, Saved


class Right(Enum):
    """What a person may do to a publication's issues."""

    WRITE = "write"  #: its words; to begin one
    TEST = "test"  #: a test letter, to any address
    APPROVE = "approve"  #: to approve it, or take that back
    SEND = "send"  #: when it leaves off schedule, or that it does not
    OPERATE = "operate"  #: a mailing: to stop it, go on, end it


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
    """``do`` is for those who have the ``right``; ``most``: bytes of the request that asks for it."""

    right: Right
    do: Callable[[Writing, Actor, Mapping[str, Any]], Mapping[str, Any]]
    most: int = 1_000_000

    def by(self, user: StudioUser, writing: Writing, said: Mapping[str, Any]) -> Mapping[str, Any]:
        """Do it, as ``said`` in JSON; the answer is JSON too.

        Raises ``NotAllowed``, ``Stale``, ``Unwritable``, and what ``Keeper.save`` raises.
        """
        if self.right not in user.rights:
            raise NotAllowed(_("you may read this issue, and not write in it"))
        return self.do(writing, user.actor, said)


def audience_of(given: object) -> Audience:
    """The audience that a request names. Raises ``Unwritable`` for another word."""
    for audience in get_args(Audience):
        if given == audience:
            return audience  # type: ignore[no-any-return] # reason: get_args forgets the literal's type
    raise Unwritable(_("a letter is for the audience free or paid"))


def hour_of(saved: Saved, newsroom: Newsroom) -> str:
    """HH:MM in the newsroom's zone."""
    return saved.at.astimezone(ZoneInfo(newsroom.settings.timezone)).strftime("%H:%M")
