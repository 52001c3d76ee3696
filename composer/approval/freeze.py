"""Approve an issue: render its editions once and store the bytes that will be sent.

``<stem>.sealed/`` holds seal.yaml, a copy of the issue's file, ``<audience>.<language>.html`` and ``.txt`` for each
edition, and ``media/``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from composer import clock
from composer.approval.atomic import discard, put_whole
from composer.approval.digests import advertisers, files_used, source_digest, sponsors_printed, text_digest
from composer.approval.model import (
    SOURCE,
    EditionRecord,
    FileRecord,
    Seal,
    SealRecord,
    SlotRecord,
    SponsorRecord,
    Unsealed,
)
from composer.approval.verify import verdict
from composer.approval.word_count import editorial_words
from composer.errors import Mistakes, OutsideWorld, Refused
from composer.issue import load_issue, sealed_path
from composer.issue.block import AUDIENCES
from composer.issue.edition import Edition, PastIssue
from composer.issue.model import Issue
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.newsroom.placeholders import placeholders
from composer.proofreading import review
from composer.rendering.model import Rendering
from composer.source.finding import Severity
from composer.source.opening import content_of

#: Keeps git from converting the line ends of frozen files.
_ATTRIBUTES = b"* -text\n"


def approve(
    path: Path,
    newsroom: Newsroom,
    by: str,
    past: Sequence[PastIssue] = (),
    now: datetime | None = None,
    shown: str | None = None,
) -> Seal:
    """Freeze the editions of the issue at ``path``. An older approval is replaced only once the new one is complete.

    ``shown`` is the ``text_digest`` of the file that the approver read, where that is known: another one is refused.

    Raises ``Mistakes`` where the issue has errors, ``Refused`` where it is empty or changes meanwhile, and
    ``OutsideWorld`` where the disk refuses; an older approval then remains.
    """
    if not by.strip() or not by.isprintable():
        raise Refused(_("an approval names who gives it, in one line: --by NAME"))
    content = content_of(path, newsroom.root)
    source = text_digest(content)
    if shown not in (None, source):
        raise Refused(_("{file} changed while it was being approved: approve it again").format(file=path.name))
    document = load_issue(path, newsroom)
    seen = None if document.value is None else _made_from(document.value, newsroom, path)
    reading = review(document, newsroom, lambda _newsroom, _key: past)
    errors = [finding for finding in reading.findings if finding.severity is Severity.ERROR]
    dates = () if document.value is None else (document.value.key.date,)
    errors += placeholders(newsroom, path.parent.name, dates, advertisers(document, newsroom))
    if seen is None or any(each.code != "empty-preheader" for each in errors):
        raise Mistakes(errors)
    issue, (files, sponsors) = document.require(), seen
    editions = [_edition(*reading.letters[audience]) for audience in AUDIENCES]
    if errors:  # of a letter that has words: one without any was refused for that
        raise Mistakes(errors)
    media = {medium.name: medium.content for _entry, rendering in editions for medium in rendering.media}
    record = SealRecord(
        issue=str(issue.key),
        by=by.strip(),
        at=(now or clock.now()).astimezone(ZoneInfo(newsroom.settings.timezone)).replace(microsecond=0),
        subject=editions[0][1].subject,
        preheader=editions[0][1].preheader,
        source=source,
        files=files,
        sponsors=sponsors,
        editions=tuple(entry for entry, _rendering in editions),
        media=tuple(FileRecord(name=name, digest=_digest(content)) for name, content in sorted(media.items())),
    )
    if source_digest(path, newsroom.root) != source or _made_from(issue, newsroom, path) != seen:
        raise Refused(_("{file} changed while it was being approved: approve it again").format(file=path.name))
    put_whole(sealed_path(path), _frozen(record, content, editions, media))
    match verdict(path, newsroom):
        case Unsealed(sentence=sentence):
            raise OutsideWorld(sentence)
        case sealed:
            return sealed.seal


def _made_from(
    issue: Issue, newsroom: Newsroom, path: Path
) -> tuple[tuple[FileRecord, ...], tuple[SponsorRecord, ...]]:
    return files_used(issue, newsroom, path.parent), sponsors_printed(issue, newsroom)


def _edition(edition: Edition, rendering: Rendering) -> tuple[EditionRecord, Rendering]:
    words = editorial_words(edition)
    if not words:
        free = _("the free edition of {issue} has not a word of the newsroom's own; write something first")
        paid = _("the paid edition of {issue} has not a word of the newsroom's own; write something first")
        raise Refused((free if edition.audience == "free" else paid).format(issue=edition.key))
    slots = tuple(SlotRecord(name=name, sentinel=sentinel) for name, sentinel in rendering.slots.items())
    html, text = _digest(rendering.html.encode()), _digest(rendering.text.encode())
    entry = EditionRecord(
        audience=edition.audience, language=edition.language, words=words, html=html, text=text, slots=slots
    )
    return entry, rendering


def _frozen(
    record: SealRecord,
    content: bytes,
    editions: Sequence[tuple[EditionRecord, Rendering]],
    media: Mapping[str, bytes],
) -> dict[str, bytes]:
    """The files of the approval folder: relative name → content."""
    frozen = {".gitattributes": _ATTRIBUTES, "seal.yaml": _yaml(record), SOURCE: content}
    for entry, rendering in editions:
        frozen[f"{entry.stem}.html"] = rendering.html.encode()
        frozen[f"{entry.stem}.txt"] = rendering.text.encode()
    return frozen | {f"media/{name}": content for name, content in media.items()}


def _yaml(record: SealRecord) -> bytes:
    plain = record.model_dump(mode="json", exclude_none=True)
    # The loader refuses folded scalars: with this width no line is folded.
    return yaml.safe_dump(plain, allow_unicode=True, sort_keys=False, width=10**6).encode()


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def unapprove(path: Path) -> None:
    """Remove the approval of the issue at ``path``. Raises ``Refused`` where there is none."""
    folder = sealed_path(path)
    if not folder.is_dir():
        raise Refused(_("{file} is not approved: there is nothing to take back").format(file=path.name))
    discard(folder)
