"""Approvals as they lie in the folder long after: is one still whole, and what did killed approvals leave behind?"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from composer.approval.model import SealRecord
from composer.approval.translations import together
from composer.errors import FiligraneError
from composer.issue.files import issue_path, sealed_path, translations
from composer.issue.model import IssueKey
from composer.newsroom.model import Newsroom
from composer.source import load

#: As ``composer.approval.atomic`` names the folders that it writes, or takes away, in one step.
_HIDDEN = re.compile(r"\.(?P<name>[^/]+\.sealed)\.[0-9a-f]{8}")

#: Seconds for which a hidden folder may be in use: a day.
_IN_USE = 86400.0

#: Hidden folders looked for at once.
_MOST = 100


def kept(newsroom: Newsroom, key: IssueKey) -> str | None:
    """The digest of the approval of ``key`` that lies whole in the folder, in all its languages: ``Seal.digest``.

    None where there is none. Unlike ``verdict`` it does not ask whether the issue may still leave: what it prints of a
    sponsor may have changed since.
    """
    if key.publication not in newsroom.publications:
        return None
    paths = [issue_path(newsroom, key), *(file.path for file in translations(newsroom, key))]
    digests = [_whole(sealed_path(path), newsroom.root) for path in paths]
    found = [digest for digest in digests if digest is not None]
    return together(found) if len(found) == len(digests) else None


def _whole(folder: Path, root: Path) -> str | None:
    try:
        record = load(folder / "seal.yaml", SealRecord, root=root).value
        if record is None:
            return None
        for name, digest in record.frozen.items():
            if sha256((folder / name).read_bytes()).hexdigest() != digest:
                return None
        return sha256((folder / "seal.yaml").read_bytes()).hexdigest()
    except (FiligraneError, OSError):
        return None


def abandoned(newsroom: Newsroom, now: datetime) -> Iterator[Path]:
    """Hidden folders that approvals left when they were killed, untouched for a day, ``_MOST`` at once.

    A process that dies between the two renames of ``put_whole`` leaves the only approval of an issue in one of them: it
    counts as abandoned only once another approval stands in its place, or where it holds no seal.
    """
    found = 0
    for folder in sorted((newsroom.root / "issues").glob("*/.*.sealed.*")):
        match = _HIDDEN.fullmatch(folder.name)
        if match is None or folder.is_symlink() or not folder.is_dir() or found == _MOST:
            continue
        try:
            touched = max(folder.stat().st_mtime, folder.stat().st_ctime)  # a rename changes the second only
        except OSError:
            continue
        needed = (folder / "seal.yaml").exists() and not (folder.parent / match["name"]).is_dir()
        if now.timestamp() - touched > _IN_USE and not needed:
            found += 1
            yield folder


def sweep(newsroom: Newsroom, now: datetime) -> int:
    """Take away what is ``abandoned``; how many folders. What the disk refuses is left to the next time."""
    gone = 0
    for folder in abandoned(newsroom, now):
        shutil.rmtree(folder, ignore_errors=True)
        gone += not folder.exists()
    return gone
