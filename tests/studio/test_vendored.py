"""The editor's modules as they were published: nothing but their imports was changed."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from pathlib import Path

import pytest

from bench.vendor import IMPORT, PACKAGES, relative, vendor
from composer.rendering.templates import shipped

FOLDER = shipped() / "studio" / "prosemirror"
LISTED = json.loads((FOLDER / "vendored.json").read_text(encoding="utf-8"))


def test_every_file_is_listed_with_its_version_licence_and_digest() -> None:
    files = {f"{name}{suffix}" for name in LISTED for suffix in (".js", ".LICENSE")}
    assert {path.name for path in FOLDER.iterdir()} == files | {"vendored.json"}
    assert set(LISTED) == set(PACKAGES)
    for name, about in LISTED.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", about["version"])
        assert about["license"] == "MIT"
        assert sha256((FOLDER / f"{name}.LICENSE").read_bytes()).hexdigest() == about["license_sha256"]
        assert sha256((FOLDER / f"{name}.js").read_bytes()).hexdigest() == about["sha256"]


@pytest.mark.parametrize("name", PACKAGES)
def test_only_its_imports_differ_from_what_was_published(name: str) -> None:
    module = (FOLDER / f"{name}.js").read_text(encoding="utf-8")
    targets = [match[3] for match in IMPORT.finditer(module)]
    assert all(target in {f"./{each}.js" for each in PACKAGES} for target in targets), targets
    assert re.findall(r"(?m)^import\b[^;]*?['\"]([^'\"]+)['\"]", module) == targets, "no import but those"
    assert not re.findall(r"(?m)^export\b[^;={(]*?\bfrom\b|\b(?:import|require)\s*\(", module)
    published = IMPORT.sub(lambda match: f"{match[1]}{match[2]}{match[3][2:-3]}{match[2]}", module)
    assert sha256(published.encode()).hexdigest() == LISTED[name]["published"]


def test_a_module_that_needs_another_package_is_not_taken(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="left-pad"):
        relative("import { pad } from 'left-pad';\n")
    assert relative("import OrderedMap from 'orderedmap';") == "import OrderedMap from './orderedmap.js';"
    with pytest.raises(FileNotFoundError):
        vendor(tmp_path, tmp_path / "into")
