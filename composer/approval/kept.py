"""Maintenance of stored approvals: check that one is complete, and remove what killed approvals left behind."""

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

#: Names of the temporary folders of ``composer.approval.atomic``.
_HIDDEN = re.compile(r"\.(?P<name>[^/]+\.sealed)\.[0-9a-f]{8}")

#: Seconds after which a hidden folder counts as no longer in use: a day.
_IN_USE = 86400.0

#: Most hidden folders in one sweep.
_MOST = 100


def kept(newsroom: Newsroom, key: IssueKey) -> str | None:
    """``Seal.digest`` of the approval of ``key`` in all its languages; None where a file of it is missing or changed.

    Unlike ``verdict`` it does not check whether the issue may still be sent: an advertisement may have changed since.
    """
    if key.publication not in newsroom.publications:
        return None
    paths = [issue_path(newsroom, key), *(file.path for file in translations(newsroom, key))]
    digests = [_whole(sealed_path(path), newsroom.root) for path in paths]
    found = [digest for digest in digests if digest is not None]
    return together(found) if len(found) == len(digests) else None


def approvals(newsroom: Newsroom) -> int:
    """Number of approved issues in the folder, counting an issue and its translations once each."""
    return sum(1 for _seal in (newsroom.root / "issues").glob("*/*.sealed/seal.yaml"))


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
    """Hidden folders left by killed approvals and unchanged for a day; at most ``_MOST``.

    A process killed between the two renames of ``put_whole`` leaves the only approval of an issue in such a folder: it
    is kept until another approval exists, unless it holds no seal.
    """
    found = 0
    for folder in sorted((newsroom.root / "issues").glob("*/.*.sealed.*")):
        match = _HIDDEN.fullmatch(folder.name)
        if match is None or folder.is_symlink() or not folder.is_dir() or found == _MOST:
            continue
        try:
            touched = max(folder.stat().st_mtime, folder.stat().st_ctime)  # a rename changes ctime only
        except OSError:
            continue
        needed = (folder / "seal.yaml").exists() and not (folder.parent / match["name"]).is_dir()
        if now.timestamp() - touched > _IN_USE and not needed:
            found += 1
            yield folder


def sweep(newsroom: Newsroom, now: datetime) -> int:
    """Remove the ``abandoned`` folders; return how many. Those that the disk refuses to remove are tried next time."""
    gone = 0
    for folder in abandoned(newsroom, now):
        shutil.rmtree(folder, ignore_errors=True)
        gone += not folder.exists()
    return gone
