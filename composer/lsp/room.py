"""One newsroom, as it stands on disk and in an editor's open files. No network is used, and nothing is written but
what ``check`` keeps too: the cache of made pictures, in ``var/``.

What does not change between keystrokes is kept: configuration, lexicon, what completion offers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

from pydantic import BaseModel

from composer import locale
from composer.approval.digests import advertisers
from composer.approval.history import past_issues
from composer.issue.load import load_issue
from composer.issue.model import Front, Issue
from composer.issue.offers import Stock, ids_in, stock_of
from composer.locale import Language
from composer.locale import gettext as _
from composer.newsroom import Newsroom, examine
from composer.newsroom.load import SETTINGS
from composer.newsroom.model import Lexicon, Publication, Settings, Sponsor
from composer.newsroom.placeholders import placeholders
from composer.newsroom.unread import LEXICON, PUBLICATIONS, SPONSORS
from composer.proofreading import review
from composer.proofreading.proofread import review_text
from composer.source.document import Document
from composer.source.finding import Finding

#: Most bytes of an open text that are looked at; ``check`` refuses a file above its own, lower, bound.
TEXT_CAP = 4_000_000

_State = tuple[tuple[str, int, int], ...]


def root_of(path: Path) -> Path | None:
    """The newsroom that the file at ``path`` is in: the nearest folder above it with a config/newsroom.yaml."""
    return next((folder for folder in path.parents if (folder / SETTINGS).is_file()), None)


@dataclass(frozen=True)
class View:
    """What was last known while a file was open: completion and hover go by it, and read nothing themselves."""

    newsroom: Newsroom
    stock: Stock
    issue: Issue | None = None


class Room:
    """Called from the threads of ``Desk``. Paths are resolved, and below ``root``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.findings: tuple[Finding, ...] = ()  #: on the newsroom's own files
        self.language: Language = "fr"
        self._reading = Lock()
        self._open: dict[Path, bytes] = {}  #: open files of the configuration
        self._newsroom: Newsroom | None = None
        self._state: object = None
        self._issues: dict[Path, Issue] = {}
        self._stock: dict[str, tuple[_State, Stock]] = {}

    def kind(self, path: Path) -> type[BaseModel] | None:
        """The model of the file at ``path``; None where it is no file of a newsroom."""
        parts = path.relative_to(self.root).parts
        if path.suffix not in (".yaml", ".yml"):
            return None
        if len(parts) == 3 and parts[0] == "issues":
            return Front
        names: dict[str, type[BaseModel]] = {SETTINGS: Settings, LEXICON: Lexicon}
        folders: dict[str, type[BaseModel]] = {PUBLICATIONS: Publication, SPONSORS: Sponsor}
        return names.get("/".join(parts)) or folders.get("/".join(parts[:-1]))

    def configuration(self, path: Path, text: str) -> Sequence[Finding]:
        """The findings on a file of the configuration, which is read as ``text`` from now on."""
        self._open[path] = as_saved(text)
        self.newsroom()
        name = path.relative_to(self.root).as_posix()
        return [each for each in self.findings if each.place.file == name]

    def newsroom(self) -> Newsroom | None:
        """The newsroom as it stands; None where config/newsroom.yaml has errors. Sets the language of messages."""
        folder = self.root / "config"
        with self._reading:
            state = (_state([folder, folder / "publications", folder / "sponsors"]), dict(self._open))
            if state != self._state:
                self._newsroom, self.findings = examine(self.root, state[1])
                self._state = state
                self._stock.clear()
                self.language = locale.language()
            locale.use(self.language)
            return self._newsroom

    def typed(self, path: Path, text: str) -> Sequence[Finding] | None:
        """The findings on an issue that need no letter; None where the newsroom cannot be read."""
        newsroom, document = self.document(path, text)
        return None if newsroom is None or document is None else review_text(document, newsroom)

    def whole(self, path: Path, text: str) -> Sequence[Finding] | None:
        """All that ``check`` finds in an issue; None where the newsroom cannot be read."""
        newsroom = self.newsroom()
        if newsroom is None:
            return None
        document = load_issue(path, newsroom, as_saved(text))
        findings = review(document, newsroom, past_issues).findings
        return (*findings, *placeholders(newsroom, path.parent.name, printed=advertisers(document, newsroom)))

    def document(self, path: Path, text: str) -> tuple[Newsroom | None, Document[Issue] | None]:
        """The issue as typed, and its newsroom."""
        newsroom = self.newsroom()
        if newsroom is None:
            return None, None
        document = load_issue(path, newsroom, as_saved(text))
        issue = document.value or (document.partial.remains if document.partial is not None else None)
        if issue is not None:
            self._issues[path] = issue
        return newsroom, document

    def forget(self, path: Path) -> None:
        """The file is open no more."""
        self._issues.pop(path, None)
        self._open.pop(path, None)

    def take_stock(self, path: Path) -> None:
        """Look again at what a file may name, where files have changed."""
        newsroom, name = self.newsroom(), self._publication(path)
        if newsroom is None:
            return
        state = _state([self.root / "issues" / name]) if name else ()
        known = self._stock.get(name)
        if known is None or known[0] != state:
            self._stock[name] = state, stock_of(newsroom, name or None)

    def view(self, path: Path) -> View | None:
        """What completion and hover go by; None before the file was read once."""
        newsroom, known = self._newsroom, self._stock.get(self._publication(path))
        if newsroom is None:
            return None
        issue = self._issues.get(path)
        stock = known[1] if known is not None else Stock()
        if self._publication(path):
            own = sorted(stock.pictures, key=lambda name: name[:10] != path.name[:10])  # of this date, before others
            ids = dict(ids_in(issue)) if issue is not None else {}
            stock = replace(stock, ids=ids, pictures=dict.fromkeys(own, ""))
        return View(newsroom, stock, issue)

    def _publication(self, path: Path) -> str:
        return path.parent.name if path.parent.parent == self.root / "issues" else ""

    def said_of_unread(self) -> str:
        """What an issue's file is told while config/newsroom.yaml has errors."""
        first = next((each.brief() for each in self.findings), "")
        return "\n".join([_("no issue was read: correct the newsroom's own files first"), first]).strip()


def as_saved(text: str) -> bytes:
    """The bytes of an open text, as they would be saved; of a longer one, more than ``check`` reads."""
    return text[:TEXT_CAP].encode("utf-8", "replace")


def _state(folders: Sequence[Path]) -> _State:
    """Name, time and size of each file of ``folders``: changes whenever one of them does."""
    found: list[tuple[str, int, int]] = []
    for folder in folders:
        try:
            there = sorted(folder.iterdir())
        except OSError:
            continue
        for path in there:
            try:
                state = path.stat()
            except OSError:  # an editor saves by renaming: gone between listing and looking
                continue
            found.append((path.as_posix(), state.st_mtime_ns, state.st_size))
    return tuple(found)
