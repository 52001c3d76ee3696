"""The example newsroom: the checkout's own root, or the copy that the wheel carries."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path

from composer.errors import OutsideWorld
from composer.locale import gettext as _


def example() -> Path:
    """Where the example newsroom is. Raises ``OutsideWorld`` where the installation is incomplete."""
    package = Path(str(resources.files("composer")))
    for root in (package / "example", package.parent):
        if (root / "config" / "newsroom.yaml").is_file():
            return root
    raise OutsideWorld(_("the example newsroom is missing from this installation; install Filigrane again"))


def copy_to(folder: Path) -> None:
    """Copy configuration and issues, without approvals, to ``folder``; whole or not at all."""
    source, partial = example(), folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for name in ("config", "issues"):
        shutil.copytree(source / name, partial / name, ignore=shutil.ignore_patterns("*.sealed"))
    partial.rename(folder)
