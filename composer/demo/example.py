"""The example newsroom: the checkout's own root, or the copy that the wheel carries."""

from __future__ import annotations

import re
import shutil
from importlib import resources
from pathlib import Path

from composer.errors import OutsideWorld
from composer.locale import gettext as _
from composer.newsroom.schema_files import SCHEMAS
from composer.source.vocabulary import key_name

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def example() -> Path:
    """The folder of the example newsroom. Raises ``OutsideWorld`` where the installation is incomplete."""
    package = Path(str(resources.files("composer")))
    for root in (package / "example", package.parent):
        if (root / "config" / "newsroom.yaml").is_file():
            return root
    raise OutsideWorld(_("the example newsroom is missing from this installation; install Filigrane again"))


def copy_to(folder: Path) -> None:
    """Copy configuration, schemas and the first date's issue of each publication, without approvals, to ``folder``;
    open their archives.

    Whole or not at all. A translation has the same date as its original, so it is copied too.
    """
    source, partial = example(), folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for kept in ("config", SCHEMAS):
        shutil.copytree(source / kept, partial / kept)
    for publication in sorted(path for path in (source / "issues").iterdir() if path.is_dir()):
        dates = (found[0] for path in publication.glob("*.yaml") if (found := _DATE.match(path.name)))
        here = partial / "issues" / publication.name
        here.mkdir(parents=True)
        for path in publication.glob(f"{min(dates)}*"):
            if path.is_file():
                shutil.copy2(path, here)
    for file in sorted((partial / "config" / "publications").glob("*.yaml")):
        with file.open("a", encoding="utf-8") as text:
            text.write(
                f"\n{key_name('archive', 'fr')}: 2026-01-01   # the demonstration's own: its letters are read online\n"
            )
    partial.rename(folder)
