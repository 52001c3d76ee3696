"""An act of the newsroom: what it would do is shown first, with the digest of what was seen; then it is done.

Nothing is done where that has changed meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Engine

from composer.errors import Refused
from composer.issue.model import IssueKey
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.schedule.ledger_here import LedgerHere
from composer.studio.act import NotAllowed, Right, StudioUser
from composer.studio.draft_remarks import DraftCounts


@dataclass(frozen=True)
class ActPlace:
    """What an act is done to: an issue (``key``, and its ``path`` where it has a file), a publication, a mailing.
    ``date`` is the one at which an issue is to be begun."""

    newsroom: Newsroom
    here: LedgerHere
    counts: DraftCounts
    publication: str = ""
    key: IssueKey | None = None
    path: Path | None = None
    mailing: int = 0
    date: str = ""

    @property
    def ledger(self) -> Engine:
        """Raises ``Refused`` where this machine has none that answers."""
        if self.here.engine is None:
            raise Refused(self.here.unknown or "")
        return self.here.engine

    @property
    def issue(self) -> tuple[IssueKey, Path]:
        """Raises ``Refused`` where there is no such issue."""
        if self.key is None or self.path is None:
            raise Refused(_("there is no such issue"))
        return self.key, self.path


@dataclass(frozen=True)
class FormField:
    """What is to be typed: ``type`` is HTML's, ``hint`` a line below it."""

    name: str
    label: str
    type: str = "text"
    value: str = ""
    hint: str = ""


@dataclass(frozen=True)
class ActQuestion:
    """``lines`` say what would be done, to how many; ``button`` does it, and is None where it cannot be done as things
    stand. ``seen`` is the digest of what they were made from; ``final``: it cannot be undone."""

    title: str
    lines: Sequence[str]
    button: str | None
    seen: str
    fields: Sequence[FormField] = ()
    final: bool = False


@dataclass(frozen=True)
class ActDone:
    """``lines`` are what the command line says; ``leads``: the words of a link, and its address."""

    title: str
    lines: Sequence[str]
    leads: tuple[str, str] | None = None


class SeenOtherwise(Refused):
    """What the person saw is no longer so: nothing was done."""


@dataclass(frozen=True)
class NewsroomAct:
    """``ask`` and ``do`` are for those who have the ``right``. Both raise ``Refused`` where it cannot be done."""

    right: Right
    ask: Callable[[ActPlace, StudioUser], ActQuestion]
    do: Callable[[ActPlace, StudioUser, Mapping[str, str]], ActDone]

    def asked(self, user: StudioUser, place: ActPlace) -> ActQuestion:
        """The question. Raises ``NotAllowed``, ``Refused``, ``OutsideWorld``."""
        self._require(user)
        return self.ask(place, user)

    def by(self, user: StudioUser, place: ActPlace, said: Mapping[str, str]) -> ActDone:
        """Do it, where ``said`` holds the digest of the question as it is now. Raises ``SeenOtherwise`` too."""
        question = self.asked(user, place)
        if question.button is None:
            raise Refused("\n".join(question.lines))
        if said.get("seen") != question.seen:
            raise SeenOtherwise(_("it has changed since it was shown: look again; nothing was done"))
        return self.do(place, user, said)

    def _require(self, user: StudioUser) -> None:
        if self.right not in user.rights:
            raise NotAllowed(_("you may look at the newsroom, and not do that"))


def seen_digest(*what: object) -> str:
    """The digest of what a question was made from."""
    return sha256("\0".join(map(str, what)).encode()).hexdigest()[:32]
