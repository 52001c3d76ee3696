"""What an issue was made from, as digests: its file, the files beside it, the advertisements it prints.

Templates, libraries, the lexicon and past issues are not among them: they may change after the approval, because the
bytes that leave are the frozen ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date as Date
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from composer.approval.model import FileRecord, SponsorRecord
from composer.errors import FiligraneError
from composer.issue.blocks.figure import Figure
from composer.issue.blocks.replay import Replay
from composer.issue.blocks.sponsor import SponsorSlot
from composer.issue.body import Body
from composer.issue.model import Issue, IssueKey
from composer.newsroom.model import Newsroom
from composer.source.opening import content_of
from composer.source.paths import inside


def source_digest(path: Path, root: Path) -> str:
    """Digest of an issue's file. Comments count; line ends do not, since git may turn them over between two hosts.

    Raises as ``content_of``.
    """
    return sha256(content_of(path, root).replace(b"\r\n", b"\n")).hexdigest()


def file_digest(root: Path, folder: Path, name: str) -> str | None:
    """Digest of a file that an editor named, or None where it is not there (any more)."""
    try:
        return sha256(content_of(inside(root, folder, name), root)).hexdigest()
    except FiligraneError:
        return None


def files_used(issue: Issue, newsroom: Newsroom, folder: Path) -> tuple[FileRecord, ...]:
    """The pictures and transcripts that ``issue`` names, by name. ``folder`` is the folder of its file."""
    names = sorted(set(_names(issue.front)))
    digests = {name: file_digest(newsroom.root, folder, name) for name in names}
    return tuple(FileRecord(name=name, digest=digest) for name, digest in digests.items() if digest)


def _names(value: Any) -> Iterator[str]:
    match value:
        case Figure():
            yield value.src
            if value.dark:
                yield value.dark
        case Replay(transcript=str(name)):
            yield name
    match value:
        case BaseModel():
            for field in type(value).model_fields:
                yield from _names(getattr(value, field))
        case Body():
            for element in value:
                yield from _names(element)
        case tuple():
            for item in value:
                yield from _names(item)


def sponsors_printed(issue: Issue, newsroom: Newsroom) -> tuple[SponsorRecord, ...]:
    """The advertisements of ``issue``, in its order."""
    return tuple(
        _sponsor(newsroom, issue.key, block.slot, block.creative)
        for block in issue.blocks()
        if isinstance(block, SponsorSlot)
    )


def digests_now(record: SponsorRecord, newsroom: Newsroom, key: IssueKey) -> SponsorRecord:
    """What the slot of ``record`` would print today."""
    return _sponsor(newsroom, key, record.slot, record.creative if record.chosen else None)


def _sponsor(newsroom: Newsroom, key: IssueKey, slot: str, chosen: str | None) -> SponsorRecord:
    creative = chosen or _booked(newsroom, key.publication, key.date, slot)
    digest = creative_digest(newsroom, creative, key.date) if creative else None
    return SponsorRecord(slot=slot, creative=creative, chosen=chosen is not None, digest=digest)


def _booked(newsroom: Newsroom, publication: str, date: Date, slot: str) -> str | None:
    """The creative booked; None where there is none, and where the slot was sold twice: neither can be printed."""
    booked = [
        f"{identifier}/{booking.creative}"
        for identifier, sponsor in newsroom.sponsors.items()
        for booking in sponsor.bookings
        if (booking.publication, booking.date, booking.slot) == (publication, date, slot)
    ]
    return booked[0] if len(booked) == 1 else None


def creative_digest(newsroom: Newsroom, creative: str, date: Date) -> str | None:
    """Digest of all that a reader sees of ``advertiser/creative``; None where there is none to print on ``date``."""
    identifier, _, name = creative.partition("/")
    sponsor = newsroom.sponsors.get(identifier)
    words = sponsor.creatives.get(name) if sponsor else None
    if sponsor is None or words is None or (words.valid_until is not None and words.valid_until < date):
        return None
    seen = words.model_dump(mode="json", exclude={"valid_until"})
    seen |= {"advertiser": sponsor.advertiser, "mention": sponsor.mention}
    if words.image:
        folder = newsroom.root / "config" / "sponsors"
        seen["picture"] = file_digest(newsroom.root, folder, words.image.src)
    return sha256(json.dumps(seen, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
