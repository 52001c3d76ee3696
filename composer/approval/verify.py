"""Verify that an issue may be sent: it is approved, and neither its inputs nor the frozen files have changed."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from composer.approval.atomic import put_file
from composer.approval.digests import digests_now, file_digest, source_digest
from composer.approval.model import EditionRecord, FrozenEdition, Seal, Sealed, SealRecord, Unsealed, UnsealedReason
from composer.errors import FiligraneError, OutsideWorld, Refused
from composer.file_modes import make_public
from composer.issue import key_of, sealed_path
from composer.issue.model import IssueKey
from composer.locale import gettext as _
from composer.locale.os_errors import os_reason
from composer.newsroom.model import Newsroom
from composer.newsroom.unread import unread_sentence, unread_sponsors
from composer.source import load
from composer.source.opening import content_of, relative


def verdict(path: Path, newsroom: Newsroom) -> Sealed | Unsealed:
    """Compare the issue at ``path``, its inputs and the frozen files with its approval. Writes nothing.

    Raises ``OutsideWorld`` where the issue's own file cannot be read.
    """
    folder = sealed_path(path)
    if not folder.exists():
        return _unsealed("not-sealed", path, newsroom)
    try:
        document = load(folder / "seal.yaml", SealRecord, root=newsroom.root)
        if document.value is None:
            return _unsealed("damaged", path, newsroom, "seal.yaml")
        record, digest = document.value, sha256(content_of(folder / "seal.yaml", newsroom.root)).hexdigest()
    except Refused:
        return _unsealed("damaged", path, newsroom, "seal.yaml")
    contents: dict[str, bytes] = {}
    for name in record.frozen:
        try:
            contents[name] = content_of(folder / name, newsroom.root)
        except FiligraneError:
            return _unsealed("damaged", path, newsroom, name)
    key = key_of(path, newsroom)
    if record.issue != str(key):
        return _unsealed("other-issue", path, newsroom, record.issue)
    if (found := _changed(record, key, path, newsroom)) is not None:
        return _unsealed(found[0], path, newsroom, found[1])
    for name, expected in record.frozen.items():
        if sha256(contents[name]).hexdigest() != expected:
            return _unsealed("damaged", path, newsroom, name)
    if not all(_slotted(entry, contents) for entry in record.editions):
        return _unsealed("damaged", path, newsroom, "seal.yaml")
    if any(entry.words == 0 for entry in record.editions):
        return _unsealed("empty", path, newsroom)
    return Sealed(_seal(record, digest, key, folder, contents))


def _slotted(entry: EditionRecord, contents: dict[str, bytes]) -> bool:
    """Whether both its parts contain the sentinel of the way out, and one at least that of each other slot."""
    sentinels = {slot.name: slot.sentinel.encode() for slot in entry.slots}
    parts = [contents[f"{entry.stem}.{kind}"] for kind in ("html", "txt")]
    way_out = sentinels.get("unsubscribe")
    return (
        way_out is not None
        and all(way_out in part for part in parts)
        and all(any(sentinel in part for part in parts) for sentinel in sentinels.values())
    )


def _changed(record: SealRecord, key: IssueKey, path: Path, newsroom: Newsroom) -> tuple[UnsealedReason, str] | None:
    """The first input of the issue that has changed since the approval, with the reason; None if none has."""
    if source_digest(path, newsroom.root) != record.source:
        return "source-changed", path.name
    for file in record.files:
        if file_digest(newsroom.root, path.parent, file.name) != file.digest:
            return "media-changed", file.name
    unread = unread_sponsors(newsroom)
    for sponsor in record.sponsors:
        if (lost := unread.get((sponsor.creative or "").partition("/")[0])) is not None:
            return "sponsor-unread", unread_sentence(lost)
        if digests_now(sponsor, newsroom, key) != sponsor:
            return "sponsor-changed", sponsor.slot
    return None


def _seal(record: SealRecord, digest: str, key: IssueKey, folder: Path, contents: dict[str, bytes]) -> Seal:
    editions = {
        (entry.audience, entry.language): FrozenEdition(
            subject=record.subject,
            html=contents[f"{entry.stem}.html"].decode(),
            text=contents[f"{entry.stem}.txt"].decode(),
            slots={slot.name: slot.sentinel for slot in entry.slots},
        )
        for entry in record.editions
    }
    media = {medium.name: folder / "media" / medium.name for medium in record.media}
    return Seal(key, digest, record.by, record.at, record.subject, record.preheader, editions, media)


def _unsealed(reason: UnsealedReason, path: Path, newsroom: Newsroom, what: str = "") -> Unsealed:
    file = relative(path, newsroom.root)
    sentences: dict[UnsealedReason, str] = {
        "not-sealed": _("{file} is not approved. To approve it: {approve}"),
        "source-changed": _("{file} was changed after its approval. To approve what it says now: {approve}"),
        "media-changed": _(
            "{what}, which {file} uses, was changed after the approval. To approve it as it is: {approve}"
        ),
        "sponsor-changed": _(
            "the advertisement in the slot “{what}” of {file} was changed after the approval. "
            "To approve it as it is: {approve}"
        ),
        "sponsor-unread": _("an advertisement of {file} cannot be compared with what was approved. {what}"),
        "other-issue": _("what is approved beside {file} is {what}, not this issue. To approve this one: {approve}"),
        "damaged": _("the approval of {file} is damaged ({what}). To approve again: {approve}"),
        "empty": _("an edition of {file} has not a word of the newsroom's own. Write it, then: {approve}"),
    }
    approve = f"filigrane approve {file} --by {_('NAME')}"
    return Unsealed(reason, sentences[reason].format(file=file, what=what, approve=approve))


def publish_media(seal: Seal, newsroom: Newsroom) -> None:
    """Copy the pictures of ``seal`` to var/media/, from where the public pages serve them under the same names.

    Raises ``OutsideWorld`` where the disk refuses.
    """
    folder = newsroom.root / "var" / "media"
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            make_public(folder)
        for name, source in seal.media.items():
            content, target = content_of(source, newsroom.root), folder / name
            if not target.exists() or target.read_bytes() != content:
                put_file(target, content)
                make_public(target)
    except OSError as error:
        message = _("the pictures of {issue} cannot be published in var/media: {why}")
        raise OutsideWorld(message.format(issue=seal.key, why=os_reason(error))) from error
