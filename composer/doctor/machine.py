"""This machine: is its clock set by others, and is there room on its disk?"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from composer.doctor.faults import Fault, Looked
from composer.doctor.lookups import NotKnown
from composer.locale import gettext as _

#: Seconds that timedatectl is waited for: it asks a service of the system.
_SECONDS = 5.0

#: Octets below which a disk is full for a mailing: the ledger of a million readers takes some of them (docs/scale.md).
_ROOM = 1_000_000_000

_SHARE = 0.02  #: of a disk


def look_at_clock(command: str = "timedatectl") -> Looked:
    """Whether the system keeps its clock right by others' (NTP). Raises ``NotKnown`` where it does not say."""
    asked = [command, "show", "--property=NTPSynchronized", "--property=NTP"]
    try:
        said = subprocess.run(  # noqa: S603  # reason: a program of the system, and no word of anyone's
            asked, capture_output=True, text=True, timeout=_SECONDS, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        raise NotKnown(_("whether the clock is kept right is not known: timedatectl does not say")) from None
    if "NTPSynchronized=yes" in said.splitlines():
        return Looked(_("the clock is kept right by others’ (NTP)"))
    says = _("the clock is not kept right by others’ (NTP): letters leave at its hour. Type timedatectl set-ntp true")
    return Looked("", (Fault("clock", says),))


def look_at_disk(folder: Path, database: Path | None) -> Looked:
    """Whether there is room where ``folder`` is, or would be: a gigabyte, a fiftieth of the disk, and the size of
    ``database``, which a backup takes once more.
    """
    place = next(each for each in (folder, *folder.parents) if each.exists())
    state = os.statvfs(place)
    free, whole = state.f_bavail * state.f_frsize, state.f_blocks * state.f_frsize
    size = database.stat().st_size if database is not None and database.is_file() else 0
    wanted = max(min(_ROOM, whole // 10), int(whole * _SHARE), size)
    words = {"free": _gigabytes(free), "wanted": _gigabytes(wanted)}
    if free < wanted:
        says = _(
            "{free} GB are free on the disk of var/, and {wanted} are wanted: without room nothing can be recorded"
        )
        return Looked("", (Fault("disk", says.format(**words)),))
    if state.f_files and state.f_favail < 1000:
        return Looked("", (Fault("disk", _("no more than a thousand files can be made on the disk of var/")),))
    return Looked(_("{free} GB are free on the disk of var/").format(**words))


def _gigabytes(octets: int) -> str:
    return f"{octets / 1e9:.1f}"
