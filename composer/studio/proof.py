"""The preview of an issue: its message as the files stand now, or its errors and the last good preview."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from zoneinfo import ZoneInfo

from composer import locale
from composer.approval.examined import (
    categories_printed,
    unexamined_categories,
    unexamined_sentence,
    unread_language,
)
from composer.approval.history import past_issues
from composer.clock import now
from composer.errors import FiligraneError, Mistakes
from composer.issue.blocks import Audience
from composer.issue.compose import compose
from composer.issue.edition import Edition
from composer.issue.files import sealed_path
from composer.issue.load import load_issue
from composer.issue.model import Issue
from composer.locale import gettext as _
from composer.newsroom import load_newsroom
from composer.newsroom.model import Newsroom
from composer.proofreading import Reading, review
from composer.rendering import render
from composer.rendering.model import Medium, Rendering
from composer.rendering.templates import forget_templates
from composer.schedule.standing_words import approval_standing, standing_line
from composer.source.document import Document, Source
from composer.source.finding import Finding
from composer.studio.draft_remarks import findings_on
from composer.studio.live_reload import fingerprint, watched
from composer.studio.places import placed_html, placed_words


@dataclass(frozen=True)
class ProofLetter:
    """A message that could be composed, and when. ``hour`` is HH:MM:SS in ``newsroom``'s zone; ``placed`` is its HTML
    with the places of its sentences, ``words`` those of its subject and preheader.
    ``editions``: of all audiences for which there is one."""

    edition: Edition
    rendering: Rendering
    placed: str
    words: Mapping[str, Mapping[str, str]]
    newsroom: Newsroom
    editions: Mapping[Audience, Edition]
    hour: str


@dataclass(frozen=True)
class Proof:
    """``letter`` is the newest good message; ``fresh``: it is what the files say now.

    ``trouble`` is an error that has no place in a file of the issue (a template, a picture). ``source`` is the file
    that was read; ``unlooked`` says what no check looks at.
    """

    letter: ProofLetter | None = None
    fresh: bool = False
    findings: Sequence[Finding] = ()
    trouble: str | None = None
    source: Source | None = None
    unlooked: Sequence[str] = ()


class Proofs:
    """Previews of one newsroom, composed again when the files have changed. Called from several threads."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock, self._drawing = Lock(), Lock()
        self._state = self._overrides = ""
        self._language = locale.language()
        self._known: dict[tuple[Path, Audience], tuple[str, Proof]] = {}
        self._sketches: dict[tuple[Path, Audience], tuple[str, ProofLetter]] = {}
        self._newsroom: Newsroom | FiligraneError | None = None
        self._reading: tuple[str, Path, Document[Issue], Reading] | None = None

    def newsroom(self) -> Newsroom:
        """The configuration as it stands. Raises ``Mistakes``, and ``Refused`` for a folder that is no newsroom."""
        with self._lock:
            return self._load()

    def of(self, path: Path, audience: Audience) -> Proof:
        with self._lock:
            self._refresh()
            state, proof = self._known.get((path, audience), ("", Proof()))
            if state != self._state:
                proof = self._make(path, audience, proof.letter)
                self._known[path, audience] = (self._state, proof)
            locale.use(self._language)
            return proof

    def letter(self, path: Path, audience: Audience) -> ProofLetter | None:
        """The newest good message."""
        state, letter = self._sketches.get((path, audience), ("", None))
        return letter if letter and state == fingerprint(watched(self._root)) else self.of(path, audience).letter

    def sketch(self, path: Path, audience: Audience, newsroom: Newsroom) -> ProofLetter | None:
        """The message as the files stand now, without the proofreading, which takes three times as long and goes on
        beside it; None where it cannot be composed: ``of`` says why. ``newsroom`` is as it stands."""
        with self._drawing:
            state = fingerprint(watched(self._root))
            try:
                document = load_issue(path, newsroom)
                if document.value is None:
                    return None
                edition = compose(document.value, newsroom, audience, past_issues(newsroom, document.value.key))
                rendering = render(edition, newsroom)
            except FiligraneError:
                return None
            letter = _letter(document.value, newsroom, audience, edition, rendering, {audience: edition})
            self._sketches[path, audience] = state, letter
            return letter

    def showed(self, path: Path) -> bool:
        """Whether a message of the issue at ``path`` was shown before."""
        with self._lock:
            return any(known == path and proof.letter for (known, _audience), (_state, proof) in self._known.items())

    def medium(self, name: str) -> Medium | None:
        """A picture of a message that was shown, by name. The studio serves no other file of the newsroom."""
        # Without the lock, which a proofreading holds: the values of a dict are copied at once.
        letters = [proof.letter for _state, proof in list(self._known.values()) if proof.letter]
        letters += [letter for _state, letter in list(self._sketches.values())]
        media = (medium for letter in letters for medium in letter.rendering.media)
        return next((medium for medium in media if medium.name == name), None)

    def _make(self, path: Path, audience: Audience, last: ProofLetter | None) -> Proof:
        stale = Proof(letter=last)
        try:
            newsroom = self._load()
            document, reading = self._read(path, newsroom)
            findings = findings_on(path, newsroom, document, reading)
            stale = replace(stale, findings=findings, source=document.source, unlooked=_unlooked(document, newsroom))
            if document.value is None:
                return stale
            if audience in reading.letters:
                edition, rendering = reading.letters[audience]
            else:  # raises the reason
                edition = compose(document.value, newsroom, audience, past_issues(newsroom, document.value.key))
                rendering = render(edition, newsroom)
        except Mistakes as error:
            return replace(stale, findings=tuple(dict.fromkeys((*error.findings, *stale.findings))))
        except FiligraneError as error:
            return replace(stale, trouble=str(error))
        editions = {audience: edition for audience, (edition, _rendering) in reading.letters.items()}
        letter = _letter(document.value, newsroom, audience, edition, rendering, editions)
        return replace(stale, letter=letter, fresh=True)

    def _read(self, path: Path, newsroom: Newsroom) -> tuple[Document[Issue], Reading]:
        """The issue with what the proofreader says: once for its two letters, which one reading makes."""
        if self._reading is None or self._reading[:2] != (self._state, path):
            document = load_issue(path, newsroom)
            self._reading = self._state, path, document, review(document, newsroom, past_issues)
        return self._reading[2:]

    def _refresh(self) -> None:
        state = fingerprint(watched(self._root))
        if state != self._state:
            self._state, self._newsroom = state, None
            overrides = fingerprint([self._root / "templates"])
            if overrides != self._overrides:  # Jinja notices a changed template, not a new one that overrides another
                self._overrides = overrides
                forget_templates()

    def _load(self) -> Newsroom:
        """The newsroom, read once for each state of the files; its language is set for this thread."""
        self._refresh()
        locale.use(self._language)
        if self._newsroom is None:
            try:
                self._newsroom = load_newsroom(self._root)
                self._language = self._newsroom.settings.language
            except FiligraneError as error:
                self._newsroom = error
        locale.use(self._language)
        if isinstance(self._newsroom, FiligraneError):
            raise self._newsroom
        return self._newsroom


def _letter(
    issue: Issue,
    newsroom: Newsroom,
    audience: Audience,
    edition: Edition,
    rendering: Rendering,
    editions: Mapping[Audience, Edition],
) -> ProofLetter:
    placed, words = placed_html(issue, newsroom, audience), placed_words(issue)
    hour = now().astimezone(ZoneInfo(newsroom.settings.timezone)).strftime("%H:%M:%S")
    return ProofLetter(edition, rendering, placed, words, newsroom, editions, hour)


def standing_shown(path: Path, proofs: Proofs) -> str | None:
    """How the approval of the issue at ``path`` stands, and what changed since; None without one, and where it is not
    known."""
    if not sealed_path(path).is_dir():
        return None
    try:
        newsroom = proofs.newsroom()
        found = approval_standing(path, newsroom)
    except FiligraneError:
        return None
    return None if found is None else standing_line(found, newsroom)


def _unlooked(document: Document[Issue], newsroom: Newsroom) -> list[str]:
    """What no check of the issue looks at, in sentences."""
    categories = unexamined_categories(categories_printed(document, newsroom))
    advertised = [unexamined_sentence(categories, newsroom)] if categories else []
    return [unread_language(), *advertised, _("No link is opened: press it with Ctrl to see where it leads.")]
