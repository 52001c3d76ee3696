"""The Seal: the frozen editions of one issue, and the digests of their inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, Field

from composer.issue.blocks import Audience
from composer.issue.model import IssueKey
from composer.newsroom.model import Strict
from composer.newsroom.values import Line
from composer.rendering.model import SlotName

#: Why an issue may not be sent.
#:
#: ``not-sealed``       it is not approved
#: ``source-changed``   its file changed after the approval
#: ``media-changed``    a picture or transcript beside it changed
#: ``sponsor-changed``  an advertisement it prints changed, or its booking did
#: ``sponsor-unread``   the file of an advertiser that it prints has errors
#: ``other-issue``      the approval belongs to another issue: it was copied or renamed
#: ``damaged``          a frozen file is missing or changed
#: ``empty``            an edition has no editorial words
#: ``translation``      one of the above applies to its edition in another language
UnsealedReason = Literal[
    "not-sealed",
    "source-changed",
    "media-changed",
    "sponsor-changed",
    "sponsor-unread",
    "other-issue",
    "damaged",
    "empty",
    "translation",
]


#: The copy of the issue's file in the folder of its approval. Nothing depends on it: it only tells what changed since.
SOURCE = "source.yaml"


@dataclass(frozen=True)
class FrozenEdition:
    """The approved HTML and text for one audience in one language; ``slots`` as in ``Rendering``."""

    subject: str
    html: str
    text: str
    slots: Mapping[SlotName, str]


@dataclass(frozen=True)
class Seal:
    """One approval, or those of an issue in all its languages; ``subject`` and ``preheader`` are then the original's.

    ``digest`` is the SHA-256 of seal.yaml, which holds the digest of every frozen file (with translations, the SHA-256
    of all these digests). ``media`` maps the published name of each picture to its frozen file.
    """

    key: IssueKey
    digest: str
    by: str
    at: datetime
    subject: str
    preheader: str
    editions: Mapping[tuple[Audience, str], FrozenEdition]
    media: Mapping[str, Path]


@dataclass(frozen=True)
class Sealed:
    """The issue may be sent, as frozen in ``seal``."""

    seal: Seal


@dataclass(frozen=True)
class Unsealed:
    """The issue may not be sent. ``sentence`` says why, and what to type, in the newsroom's language."""

    reason: UnsealedReason
    sentence: str


class FileRecord(Strict):
    name: str = Field(description="File, as the issue names it, or as it is frozen")
    digest: str = Field(description="SHA-256, in hexadecimal")


class SponsorRecord(Strict):
    """An advertisement printed. ``chosen``: named by the issue itself and not by the booking of its date."""

    slot: str = Field(description="Slot of the publication")
    creative: str | None = Field(None, description="advertiser/creative; absent where nothing was booked")
    chosen: bool = Field(False, description="Named by the issue, in place of the booking")
    digest: str | None = Field(None, description="SHA-256 of the advertisement's words, mentions and picture")


class SlotRecord(Strict):
    name: SlotName = Field(description="Slot")
    sentinel: str = Field(description="What stands for it in the frozen text")


class EditionRecord(Strict):
    audience: Audience = Field(description="Who gets it")
    language: str = Field(pattern=r"^[a-z]{2}$", description="Its language")
    words: int = Field(ge=0, description="Editorial words")
    html: str = Field(description="SHA-256 of the HTML part")
    text: str = Field(description="SHA-256 of the text part")
    slots: tuple[SlotRecord, ...] = Field(min_length=1, description="Slots")

    @property
    def stem(self) -> str:
        """Name of its frozen files without suffix: ``free.fr``, ``paid.en``."""
        return f"{self.audience}.{self.language}"


class SealRecord(Strict):
    """``seal.yaml``. ``issue`` is the key of the approved issue: a copy beside another issue is not valid."""

    issue: Line = Field(description="Publication, date, slug and language approved")
    by: Line = Field(description="Who approved")
    at: AwareDatetime = Field(description="When")
    subject: Line = Field(description="Subject")
    preheader: str = Field("", description="Preheader")
    source: str = Field(description="SHA-256 of the issue's file")
    files: tuple[FileRecord, ...] = Field((), description="Files the issue uses, beside it")
    sponsors: tuple[SponsorRecord, ...] = Field((), description="Advertisements it prints")
    editions: tuple[EditionRecord, ...] = Field(min_length=1, description="Frozen editions")
    media: tuple[FileRecord, ...] = Field((), description="Frozen pictures")

    @property
    def frozen(self) -> dict[str, str]:
        """Name of each frozen file in the folder → its digest."""
        frozen = {f"{entry.stem}.html": entry.html for entry in self.editions}
        frozen |= {f"{entry.stem}.txt": entry.text for entry in self.editions}
        return frozen | {f"media/{medium.name}": medium.digest for medium in self.media}
