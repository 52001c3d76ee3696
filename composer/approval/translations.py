"""Combine the approvals of an issue and its translations into one Seal."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from composer.approval.model import Seal, Sealed, Unsealed
from composer.approval.verify import verdict
from composer.issue import key_of
from composer.issue.files import translations
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom


def whole_verdict(path: Path, newsroom: Newsroom) -> Sealed | Unsealed:
    """The verdict on the original at ``path`` and all its translations; the Seal holds all editions.

    A translation that exists and is not validly approved holds the whole issue: its readers would be sent the original,
    and an issue is sent only once. Raises ``OutsideWorld`` where a file cannot be read.
    """
    original = verdict(path, newsroom)
    if isinstance(original, Unsealed):
        return original
    seals = [original.seal]
    for file in translations(newsroom, key_of(path, newsroom)):
        translated = verdict(file.path, newsroom)
        if isinstance(translated, Unsealed):
            sentence = _("{why}. To send the letter without this edition, take {file} out of the folder")
            return Unsealed("translation", sentence.format(why=translated.sentence, file=file.path.name))
        seals.append(translated.seal)
    return Sealed(_together(seals))


def _together(seals: list[Seal]) -> Seal:
    """The first of ``seals``, with the editions and pictures of all, and their combined digest."""
    original = seals[0]
    if len(seals) == 1:
        return original
    return replace(
        original,
        digest=together([seal.digest for seal in seals]),
        editions={key: edition for seal in reversed(seals) for key, edition in seal.editions.items()},
        media={name: path for seal in reversed(seals) for name, path in seal.media.items()},
    )


def together(digests: list[str]) -> str:
    """The digest of an approval in several languages, from their single digests, the original's first."""
    return digests[0] if len(digests) == 1 else sha256("".join(digests).encode()).hexdigest()
