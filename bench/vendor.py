"""Copy the studio's editor, ProseMirror, from where npm unpacked it, as modules that a browser loads as they are.

    npm install prosemirror-model prosemirror-state prosemirror-view prosemirror-transform prosemirror-commands \\
        prosemirror-keymap prosemirror-history          (in a folder outside the repository)
    python -m bench.vendor FOLDER/node_modules

Writes ``templates/studio/prosemirror/``: each package's module, whose imports are made relative and which is otherwise
as published; its licence; and ``vendored.json``, with the version and the digests. Fetches nothing.
"""

from __future__ import annotations

import json
import re
import sys
from hashlib import sha256
from pathlib import Path

#: Where the modules are kept and served from.
VENDORED = Path("templates/studio/prosemirror")
PACKAGES = (
    *("orderedmap", "rope-sequence", "w3c-keyname"),
    *(f"prosemirror-{name}" for name in ("commands", "history", "keymap", "model", "state", "transform", "view")),
)
#: ``import … from 'name'``, at the start of a line; group 2 is the name.
IMPORT = re.compile(r"^((?:import|export)\b[^;]*?\bfrom\s*)(['\"])([^'\"]+)\2", re.M)


def relative(module: str) -> str:
    """``module`` with the names of the packages beside it made relative. Raises ``ValueError`` for another name."""

    def beside(match: re.Match[str]) -> str:
        if match[3] not in PACKAGES:
            raise ValueError(f"{match[3]} is not among the packages")
        return f"{match[1]}{match[2]}./{match[3]}.js{match[2]}"

    return IMPORT.sub(beside, module)


def vendor(modules: Path, into: Path) -> None:
    """Write the modules, their licences and ``vendored.json`` to ``into``."""
    into.mkdir(parents=True, exist_ok=True)
    listed = {}
    for name in PACKAGES:
        about = json.loads((modules / name / "package.json").read_text(encoding="utf-8"))
        published = (modules / name / about["module"]).read_bytes()
        ours = relative(published.decode("utf-8")).encode("utf-8")
        licence = (modules / name / "LICENSE").read_bytes()
        (into / f"{name}.js").write_bytes(ours)
        (into / f"{name}.LICENSE").write_bytes(licence)
        listed[name] = {
            "version": about["version"],
            "license": about["license"],
            "published": sha256(published).hexdigest(),
            "sha256": sha256(ours).hexdigest(),
            "license_sha256": sha256(licence).hexdigest(),
        }
    (into / "vendored.json").write_text(json.dumps(listed, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    vendor(Path(sys.argv[1]), VENDORED)
