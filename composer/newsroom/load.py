"""Reading a newsroom folder whole: every configuration file, and what they say of each other."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from composer import locale
from composer.errors import Mistakes, Refused
from composer.locale import gettext as _
from composer.newsroom.crosschecks import crosscheck
from composer.newsroom.model import Language, Lexicon, Newsroom, Publication, Settings, Sponsor, Strict
from composer.source import FileMissing, Finding, Place, Severity, Source, load
from composer.source.keys import nearest
from composer.source.reading import read_text, relative

T = TypeVar("T", bound=Strict)

SETTINGS = "config/newsroom.yaml"
PUBLICATIONS = "config/publications"
SPONSORS = "config/sponsors"
LEXICON = "config/lexicon.yaml"

_IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@dataclass
class _Reading:
    root: Path
    keys: Language | None = None
    findings: list[Finding] = field(default_factory=list)
    sources: dict[str, Source] = field(default_factory=dict)

    def file(self, path: Path, model: type[T]) -> T | None:
        document = load(path, model, root=self.root, keys=self.keys)
        self.findings += document.findings
        self.sources[document.source.file] = document.source
        return document.value

    def folder(self, name: str, model: type[T]) -> dict[str, T]:
        """Every file of a folder, by its name without ``.yaml``."""
        values: dict[str, T] = {}
        for path in sorted((self.root / name).glob("*.y*ml")):
            if path.suffix != ".yaml" or not _IDENTIFIER.fullmatch(path.stem):
                better = re.sub(r"[^a-z0-9_-]+", "-", path.stem.lower()).strip("-") + ".yaml"
                message = _("the name of this file would not be found: rename it {better}").format(better=better)
                place = Place(relative(path, self.root), 1, 1)
                self.findings.append(Finding("bad-file-name", Severity.ERROR, place, message))
                continue
            value = self.file(path, model)
            if value is not None:
                values[path.stem] = value
        return values


def load_newsroom(root: Path) -> Newsroom:
    """The newsroom in the folder ``root``; sets the language of messages to its own.

    Raises ``Refused`` where ``root`` is no newsroom folder, ``Mistakes`` with the mistakes of all its files together.
    """
    newsroom, findings = examine(root)
    if newsroom is None:
        raise Mistakes([finding for finding in findings if finding.severity is Severity.ERROR])
    return newsroom


def examine(root: Path) -> tuple[Newsroom | None, tuple[Finding, ...]]:
    """The newsroom, or None where there are errors; and every finding on its files, warnings included."""
    root = root.resolve()
    reading = _Reading(root)
    path = root / SETTINGS
    try:
        text, _unread = read_text(path, root)
    except FileMissing as error:
        message = _(
            "{folder} is not a newsroom folder: there is no {file} in it. Make a new one with\n"
            "    filigrane init DIR\nor name yours: filigrane --newsroom DIR …"
        )
        raise Refused(message.format(folder=root, file=SETTINGS)) from error
    locale.use(locale.said_in(text))  # its own mistakes are told in it
    settings = reading.file(path, Settings)
    if settings is not None:
        locale.use(settings.language)
        reading.keys = settings.keys
        _timezone(reading, settings)
    publications = reading.folder(PUBLICATIONS, Publication)
    sponsors = reading.folder(SPONSORS, Sponsor)
    lexicon = reading.file(root / LEXICON, Lexicon) if (root / LEXICON).is_file() else Lexicon()
    complete = not any(finding.severity is Severity.ERROR for finding in reading.findings)
    if settings is None or lexicon is None or not complete:
        return None, tuple(reading.findings)
    newsroom = Newsroom(root, settings, publications, sponsors, lexicon, reading.sources)
    findings = (*reading.findings, *crosscheck(newsroom))
    if any(finding.severity is Severity.ERROR for finding in findings):
        return None, findings
    return newsroom, findings


def _timezone(reading: _Reading, settings: Settings) -> None:
    # Listing the zones reads the head of six hundred files. Names that are none of the list begin small.
    with suppress(ZoneInfoNotFoundError, ValueError, OSError):
        if ZoneInfo(settings.timezone).key[0].isupper():
            return
    zones = available_timezones()
    if settings.timezone in zones:
        return
    source = reading.sources[SETTINGS]
    near = nearest(settings.timezone, zones)
    message = _("there is no time zone “{zone}”").format(zone=settings.timezone)
    if near:
        message += _("; did you mean {better}?").format(better=near)
    reading.findings.append(source.finding("unknown-timezone", message, ("timezone",)))
