"""Write the files of a command into the folder of its ``--out``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import mkdtemp

from composer.errors import OutsideWorld
from composer.file_modes import make_shared, share
from composer.locale import gettext as _
from composer.locale.os_errors import os_reason


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write all of ``files`` (name below ``folder`` → content), over earlier ones, or none: all are complete on the
    disk before the first gets its name.

    Raises ``OutsideWorld``.
    """
    try:
        for parent in {(folder / name).parent for name in files}:
            make_shared(parent)
        waiting = Path(mkdtemp(prefix=".filigrane-", dir=folder))
        try:
            for number, content in enumerate(files.values()):
                (waiting / str(number)).write_bytes(content)
                share(waiting / str(number))
            for number, name in enumerate(files):
                (waiting / str(number)).replace(folder / name)
        finally:
            for left in waiting.iterdir():
                left.unlink()
            waiting.rmdir()
    except OSError as error:
        raise OutsideWorld(_("{folder}: {why}").format(folder=folder, why=os_reason(error))) from error
