"""What an issue says that a planning sheet shows: its subject, the slots it has, what it promises and follows up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date as Date
from pathlib import Path
from threading import Lock

from composer.errors import FiligraneError
from composer.issue.blocks.a_surveiller import ASurveiller
from composer.issue.blocks.sponsor import SponsorSlot
from composer.issue.body import Body
from composer.issue.inline import plain
from composer.issue.load import load_issue
from composer.issue.model import Issue, IssueKey
from composer.newsroom.model import Newsroom
from composer.studio.issue_list import subject_set

#: Issues that are remembered.
_MOST = 400


@dataclass(frozen=True)
class Promise:
    """« À surveiller » with its due date, as ``issue`` announced it; ``id`` is how a later one follows it."""

    title: str
    due: Date
    id: str | None
    issue: IssueKey


@dataclass(frozen=True)
class IssueFacts:
    subject: str | None
    slots: frozenset[str]
    promises: tuple[Promise, ...]
    follows: frozenset[str]


class KnownFacts:
    """The facts of one newsroom's issues, read again where a file has changed. Called from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[Path, tuple[tuple[object, ...], IssueFacts]] = {}

    def of(self, path: Path, newsroom: Newsroom, settings: str) -> IssueFacts | None:
        """Those of the issue at ``path``, as far as it can be read; None where it cannot. ``settings`` is another
        digest whenever the configuration is another one."""
        try:
            found = path.stat()
        except OSError:
            return None
        state = settings, found.st_mtime_ns, found.st_size, found.st_ino
        with self._lock:
            known = self._known.pop(path, None)
            if known is None or known[0] != state:
                read = _read(path, newsroom)
                if read is None:
                    return None
                known = state, read
            self._known[path] = known
            while len(self._known) > _MOST:
                del self._known[next(iter(self._known))]
            return known[1]


def _read(path: Path, newsroom: Newsroom) -> IssueFacts | None:
    try:
        document = load_issue(path, newsroom)
    except FiligraneError:
        return None
    issue = document.value or (document.partial.remains if document.partial is not None else None)
    if issue is None:
        return None
    watched = list(_watched(issue))
    return IssueFacts(
        subject=subject_set(issue, newsroom) if issue.front.subject else None,
        slots=frozenset(block.slot for block in issue.blocks() if isinstance(block, SponsorSlot)),
        promises=tuple(
            Promise(plain(each.title.spans), each.due, each.id, issue.key) for each in watched if each.due is not None
        ),
        follows=frozenset(each.follows for each in watched if each.follows is not None),
    )


def _watched(issue: Issue) -> Iterator[ASurveiller]:
    """Each « À surveiller », a block of the issue or a box in a text."""
    for block in issue.blocks():
        if isinstance(block, ASurveiller):
            yield block
        for name in type(block).model_fields:
            held = getattr(block, name)
            if isinstance(held, Body):
                yield from (each for each in held.elements if isinstance(each, ASurveiller))
