"""The changelog's entry of a version, for its release: ``python -m bench.release v0.2.0``.

Fails where the tag is not the version of ``pyproject.toml``, or the changelog has no dated entry of it.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]


def notes(tag: str, version: str, changelog: str) -> str:
    """The text under ``## <version> (<date>)``. Raises ``ValueError``, saying what to write, where it is not there."""
    if tag != f"v{version}":
        raise ValueError(f"the tag is {tag}, and pyproject.toml says {version}")
    entry = re.search(rf"^## {re.escape(version)} \(\d{{4}}-\d\d-\d\d\)\n(.*?)(?=^## |\Z)", changelog, re.M | re.S)
    if entry is None:
        raise ValueError(f"CHANGELOG.md has no entry “## {version} (YYYY-MM-DD)”: date what is under “Unreleased”")
    return entry[1].strip() + "\n"


def main() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    try:
        print(notes(sys.argv[1], project["version"], (CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8")), end="")
    except ValueError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
