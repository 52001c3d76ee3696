"""SHA-256 digests of an issue's inputs: its file, the files beside it, the advertisements it prints.

Templates, libraries, the lexicon and past issues are not among them: they may change after the approval, because the
frozen bytes are sent.
"""

from __future__ import annotations

import json
from datetime import date as Date
from hashlib import sha256
from pathlib import Path

from composer.approval.model import FileRecord, SponsorRecord
from composer.errors import FiligraneError
from composer.issue.blocks.sponsor import SponsorSlot
from composer.issue.marked import Beside, marked
from composer.issue.model import Issue, IssueKey
from composer.newsroom.model import Newsroom
from composer.source.document import Document
from composer.source.opening import content_of
from composer.source.paths import inside


def source_digest(path: Path, root: Path) -> str:
    """Digest of an issue's file, comments included; line ends are normalised, since git may convert them between hosts.

    Raises what ``content_of`` raises.
    """
    return text_digest(content_of(path, root))


def text_digest(content: bytes) -> str:
    """The digest of the content of an issue's file."""
    return sha256(content.replace(b"\r\n", b"\n")).hexdigest()


def file_digest(root: Path, folder: Path, name: str) -> str | None:
    """Digest of the file ``name`` in ``folder``, or None where it does not exist or cannot be read."""
    try:
        return sha256(content_of(inside(root, folder, name), root)).hexdigest()
    except FiligraneError:
        return None


def files_used(issue: Issue, newsroom: Newsroom, folder: Path) -> tuple[FileRecord, ...]:
    """The files beside it that ``issue`` names, sorted by name. ``folder`` holds the issue's file."""
    names = sorted({each.value for each in marked(issue.front, Beside) if each.value})
    digests = {name: file_digest(newsroom.root, folder, name) for name in names}
    return tuple(FileRecord(name=name, digest=digest) for name, digest in digests.items() if digest)


def sponsors_printed(issue: Issue, newsroom: Newsroom) -> tuple[SponsorRecord, ...]:
    """The advertisements of ``issue``, in their order."""
    return tuple(
        _sponsor(newsroom, issue.key, block.slot, block.creative)
        for block in issue.blocks()
        if isinstance(block, SponsorSlot)
    )


def advertisers(document: Document[Issue], newsroom: Newsroom) -> frozenset[str]:
    """The identifiers of the advertisers in the issue, as far as it can be read."""
    issue = document.value or (document.partial.remains if document.partial else None)
    found = sponsors_printed(issue, newsroom) if issue is not None else ()
    return frozenset(each.creative.partition("/")[0] for each in found if each.creative is not None)


def digests_now(record: SponsorRecord, newsroom: Newsroom, key: IssueKey) -> SponsorRecord:
    """The advertisement that the slot of ``record`` would print now."""
    return _sponsor(newsroom, key, record.slot, record.creative if record.chosen else None)


def _sponsor(newsroom: Newsroom, key: IssueKey, slot: str, chosen: str | None) -> SponsorRecord:
    creative = chosen or _booked(newsroom, key.publication, key.date, slot)
    digest = creative_digest(newsroom, creative, key.date) if creative else None
    return SponsorRecord(slot=slot, creative=creative, chosen=chosen is not None, digest=digest)


def _booked(newsroom: Newsroom, publication: str, date: Date, slot: str) -> str | None:
    """The booked creative, ``sponsor/creative``; None without a booking or with several, which cannot be printed."""
    booked = [
        f"{identifier}/{booking.creative}"
        for identifier, sponsor in newsroom.sponsors.items()
        for booking in sponsor.bookings
        if (booking.publication, booking.date, booking.slot) == (publication, date, slot)
    ]
    return booked[0] if len(booked) == 1 else None


def creative_digest(newsroom: Newsroom, creative: str, date: Date) -> str | None:
    """Digest of the printed content of ``advertiser/creative``; None where it is unknown or expired on ``date``."""
    identifier, _, name = creative.partition("/")
    sponsor = newsroom.sponsors.get(identifier)
    words = sponsor.creatives.get(name) if sponsor else None
    if sponsor is None or words is None or (words.valid_until is not None and words.valid_until < date):
        return None
    seen = words.model_dump(exclude={"valid_until"})
    seen |= {"advertiser": sponsor.advertiser, "mention": sponsor.mention}
    if words.image:
        folder = newsroom.root / "config" / "sponsors"
        seen["picture"] = file_digest(newsroom.root, folder, words.image.src)
        # What is not given is left out, so that an approval from before a field was known holds.
        seen["image"] = {name: value for name, value in seen["image"].items() if value is not None}
        if words.image.dark is not None:
            seen["picture_dark"] = file_digest(newsroom.root, folder, words.image.dark)
    return sha256(json.dumps(seen, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
