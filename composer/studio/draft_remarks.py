"""How many remarks there are on a draft: the number that its own page shows, counted again where a file changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from composer.approval.digests import advertisers
from composer.approval.examined import model_findings
from composer.approval.history import past_issues
from composer.errors import FiligraneError, Mistakes
from composer.issue.load import load_issue
from composer.issue.model import Issue
from composer.newsroom.model import Newsroom
from composer.proofreading import Reading, review
from composer.rendering.templates import shipped
from composer.source.document import Document
from composer.source.finding import Finding, Severity
from composer.studio.live_reload import fingerprint

#: Drafts that are remembered.
_MOST = 100


@dataclass(frozen=True)
class DraftRemarks:
    """``mistakes`` are those of the ``all`` that keep it from being approved."""

    all: int
    mistakes: int


def findings_on(path: Path, newsroom: Newsroom, document: Document[Issue], reading: Reading) -> tuple[Finding, ...]:
    """What is remarked on the issue at ``path``: in it, in the models that it would print, in the configuration."""
    models = model_findings(newsroom, [path], advertisers(document, newsroom))
    beside = (each for each in newsroom.findings if each.severity is Severity.ERROR)
    return tuple(dict.fromkeys((*reading.findings, *models, *beside)))


class DraftCounts:
    """The counts of one newsroom's drafts. Called from several threads; one draft is read at a time."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = Lock()
        self._known: dict[Path, tuple[str, DraftRemarks]] = {}

    def of(self, path: Path, newsroom: Newsroom) -> DraftRemarks:
        """Those of the issue at ``path``; of ``newsroom``, as it was read for this request."""
        with self._lock:
            state = self._state(path)
            known = self._known.pop(path, None)
            if known is None or known[0] != state:
                known = state, _count(path, newsroom)
            self._known[path] = known
            while len(self._known) > _MOST:
                del self._known[next(iter(self._known))]
            return known[1]

    def _state(self, path: Path) -> str:
        """What changes with the file, what lies beside it, the configuration and the templates; not with another
        issue, but with another approval, which is a past issue."""
        folders = [self._root / "config", self._root / "templates", shipped()]
        return "\n".join((fingerprint(folders), *_beside(path)))


def _beside(path: Path) -> Iterator[str]:
    there = sorted(path.parent.iterdir()) if path.parent.is_dir() else []
    for each in there:
        if each == path or each.suffix not in (".yaml", ".yml"):
            try:
                state = each.stat()
            except FileNotFoundError:
                continue
            yield f"{each.name}\0{state.st_mtime_ns}\0{state.st_size}\0{state.st_ino}"


def _count(path: Path, newsroom: Newsroom) -> DraftRemarks:
    try:
        document = load_issue(path, newsroom)
        reading = review(document, newsroom, past_issues)
        findings = findings_on(path, newsroom, document, reading)
    except Mistakes as error:
        return DraftRemarks(len(error.findings), len(error.findings))
    except FiligraneError:  # in words on its page
        return DraftRemarks(1, 1)
    beside = set(newsroom.findings)  # of other files: they keep no issue from being approved
    mistakes = sum(finding.severity is Severity.ERROR and finding not in beside for finding in findings)
    return DraftRemarks(len(findings), mistakes)
