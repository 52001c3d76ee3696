"""A newsroom that ``filigrane init`` wrote, with the editor's own words in place of the models."""

from __future__ import annotations

import re
from pathlib import Path


def fill_in(root: Path) -> None:
    """Replace whatever says that it is an example."""
    for path in (*root.glob("config/*.yaml"), *root.glob("config/publications/*.yaml")):
        path.write_text(re.sub("(?i)exemple|example", "estuaire", path.read_text("utf-8")), "utf-8")
