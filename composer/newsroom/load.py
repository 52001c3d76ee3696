"""Load a newsroom folder: read every configuration file, then run the checks between them."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from composer import locale
from composer.errors import FiligraneError, Mistakes, Refused
from composer.locale import Language
from composer.locale import gettext as _
from composer.newsroom.astray import original, unread_files
from composer.newsroom.crosschecks import crosscheck_publication, crosscheck_sponsors
from composer.newsroom.environment import key_files
from composer.newsroom.model import (
    Lexicon,
    Newsroom,
    Publication,
    Schedule,
    Settings,
    Sponsor,
    Strict,
    Timetable,
    Unread,
)
from composer.newsroom.plain_secrets import PASSWORD_IN_FILE, plain_secrets
from composer.newsroom.unread import LEXICON, PUBLICATIONS, SPONSORS
from composer.source import Document, FileMissing, Finding, Place, Severity, Source, load
from composer.source.opening import require_readable
from composer.source.paths import is_of_a_system
from composer.source.reading import read_text, relative
from composer.source.vocabulary import fold_key, nearest_word

T = TypeVar("T", bound=Strict)

SETTINGS = "config/newsroom.yaml"

_IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@dataclass
class _Reading:
    root: Path
    keys: Language | None = None
    secrets: tuple[Path, ...] = ()
    findings: list[Finding] = field(default_factory=list)
    sources: dict[str, Source] = field(default_factory=dict)
    unread: dict[str, Unread] = field(default_factory=dict)
    open_texts: Mapping[Path, bytes] = field(default_factory=dict)  #: what an editor holds of a file, not saved yet

    def load(self, path: Path, model: type[T]) -> Document[T]:
        content = self.open_texts.get(path)
        return load(path, model, root=self.root, keys=self.keys, secrets=self.secrets, content=content)

    def file(self, path: Path, model: type[T]) -> T | None:
        """The value of a file; None where it has errors or cannot be read: it is then added to ``unread``."""
        try:
            document = self.load(path, model)
        except FiligraneError as error:
            place = Place(relative(path, self.root), 1, 1)
            self.leave_out(Finding("unreadable-file", Severity.ERROR, place, str(error)))
            return None
        self.sources[document.source.file] = document.source
        if document.value is None:
            self.leave_out(*document.findings, schedule=self._schedule(path) if model is Publication else None)
        else:
            self.findings += document.findings
        return document.value

    def leave_out(self, *findings: Finding, schedule: Schedule | None = None) -> None:
        """Add the file of ``findings`` to ``unread``."""
        self.findings += findings
        errors = tuple(finding for finding in findings if finding.severity is Severity.ERROR)
        self.unread[errors[0].place.file] = Unread(errors[0].place.file, errors, schedule)

    def _schedule(self, path: Path) -> Schedule | None:
        """The schedule of a publication with errors elsewhere in its file; None where the schedule has errors too."""
        document = self.load(path, Timetable)
        partial = document.partial
        if partial is None or partial.dropped:
            return document.value.schedule if document.value else None
        return partial.remains.schedule

    def folder(self, name: str, model: type[T]) -> dict[str, T]:
        """The valid files of a folder, by name without ``.yaml``."""
        values: dict[str, T] = {}
        require_readable(self.root / name, self.root)
        for path in sorted((self.root / name).glob("*.y*ml")):
            if is_of_a_system(path.name):
                continue
            if path.suffix != ".yaml" or not _IDENTIFIER.fullmatch(path.stem):
                better = re.sub(r"[^a-z0-9_-]+", "-", path.stem.lower()).strip("-") + ".yaml"
                message = _("the name of this file would not be found: rename it {better}").format(better=better)
                if (first := original(path)) is not None:
                    message = _("{file} is there already: if this one is a copy of it, delete one of the two")
                    message = message.format(file=first.name)
                place = Place(relative(path, self.root), 1, 1)
                self.leave_out(Finding("bad-file-name", Severity.ERROR, place, message))
                continue
            value = self.file(path, model)
            if value is not None:
                values[path.stem] = value
        return values


def load_newsroom(root: Path) -> Newsroom:
    """Load the newsroom in the folder ``root``, and set the language of messages to its own.

    A publication, sponsor or lexicon with errors in its file is left out and listed in ``unread``. Raises ``Refused``
    where ``root`` is no newsroom folder; ``Mistakes``, with the errors of all files, if config/newsroom.yaml has any.
    """
    newsroom, findings = examine(root)
    if newsroom is None:
        raise Mistakes([finding for finding in findings if finding.severity is Severity.ERROR])
    return newsroom


def examine(root: Path, open_texts: Mapping[Path, bytes] | None = None) -> tuple[Newsroom | None, tuple[Finding, ...]]:
    """The newsroom, or None where config/newsroom.yaml has errors; and all findings on its files.

    ``open_texts`` are read in place of what files hold: by resolved path, the texts of an open editor.
    """
    root = root.resolve()
    reading = _Reading(root, secrets=key_files(root, None), open_texts=open_texts or {})
    path = root / SETTINGS
    try:
        text, _unread = read_text(path, root, reading.secrets, reading.open_texts.get(path))
    except FileMissing as error:
        if (around := next((each for each in root.parents if (each / SETTINGS).is_file()), None)) is not None:
            message = _("{folder} is inside the newsroom: go to its folder first\n    cd {around}")
            raise Refused(message.format(folder=root, around=shlex.quote(str(around)))) from error
        message = _(
            "{folder} is not a newsroom folder: there is no {file} in it. Make a new one with\n"
            "    filigrane init FOLDER\nor name yours: filigrane --newsroom FOLDER …"
        )
        raise Refused(message.format(folder=root, file=SETTINGS)) from error
    locale.use(locale.said_in(text))  # errors in this file are reported in its own language
    settings = reading.file(path, Settings)
    if settings is not None:
        locale.use(settings.language)
        reading.keys = settings.keys
        reading.secrets = key_files(root, settings)
        _timezone(reading, settings)
        reading.findings += plain_secrets(settings, reading.sources[SETTINGS])
    publications = reading.folder(PUBLICATIONS, Publication)
    sponsors = reading.folder(SPONSORS, Sponsor)
    lexicon = reading.file(root / LEXICON, Lexicon) if os.path.lexists(root / LEXICON) else None
    if settings is None or any(_of_settings(finding) for finding in reading.findings):
        return None, tuple(reading.findings)
    newsroom = Newsroom(root, settings, publications, sponsors, lexicon or Lexicon(), reading.sources, reading.unread)
    for name, publication in tuple(publications.items()):
        found = crosscheck_publication(newsroom, name)
        if any(finding.severity is Severity.ERROR for finding in found):
            reading.leave_out(*found, schedule=publication.schedule)
            del publications[name]
        else:
            reading.findings += found
    reading.findings += [*crosscheck_sponsors(newsroom), *unread_files(root)]
    newsroom = replace(newsroom, findings=tuple(reading.findings))
    return newsroom, newsroom.findings


def _of_settings(finding: Finding) -> bool:
    """True for an error that keeps config/newsroom.yaml from being used."""
    stops = finding.severity is Severity.ERROR and finding.code != PASSWORD_IN_FILE
    return stops and finding.place.file == SETTINGS


def _timezone(reading: _Reading, settings: Settings) -> None:
    # Fast path: listing the zones opens six hundred files. ZoneInfo also opens other files beside the zones, such as
    # posixrules; their names begin with a lower-case letter.
    with suppress(ZoneInfoNotFoundError, ValueError, OSError):
        if ZoneInfo(settings.timezone).key[0].isupper():
            return
    zones = available_timezones()
    if settings.timezone in zones:
        return
    source = reading.sources[SETTINGS]
    words = fold_key(settings.timezone).split("_")
    named = [zone for zone in sorted(zones) if "/" in zone and fold_key(zone.rpartition("/")[2]) in words]
    near = named[0] if named else nearest_word(settings.timezone, zones)
    near = None if re.search(r"\d", settings.timezone) else near  # another hour is no misspelling
    message = _("there is no time zone “{zone}”").format(zone=settings.timezone)
    if near:
        message += _("; did you mean {better}?").format(better=near)
    found = source.finding("unknown-timezone", message, ("timezone",))
    better = (found.excerpt or "").replace(settings.timezone, near, 1) if near else None
    reading.findings.append(replace(found, suggestion=better))
