"""``filigrane typo``: what it shows, when it fails, and that it writes a file whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from unicodedata import normalize

import pytest
from click.testing import CliRunner, Result

from composer.cli import filigrane
from composer.cli.typo import _write
from composer.errors import Refused
from tests.support.newsrooms import write_newsroom

TEXT = """\
subject: "L'eau : 20 %"  # l'eau
preheader: Trois
blocks:
- edito:
    headline: La digue
    body: |
      L'eau monte.
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    root = write_newsroom(tmp_path)
    publication = next((root / "config" / "publications").glob("*.yaml"))
    folder = root / "issues" / publication.stem
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "2026-11-27-typo.yaml"
    path.write_text(TEXT)
    return path


def _typo(path: Path, *arguments: str) -> Result:
    root = str(path.parents[2])
    return CliRunner().invoke(filigrane, ["--newsroom", root, "typo", f"{path.parent.name}/{path.stem}", *arguments])


def test_it_shows_words_with_invisible_spaces_visible_and_fails(path: Path) -> None:
    result = _typo(path)
    assert result.exit_code == 1
    file = f"issues/{path.parent.name}/{path.name}"
    assert f'{file}:1:10: "L\'eau : → "L’eau␣:' in result.output
    assert f'{file}:1:19: 20 %" → 20␣%"' in result.output
    assert f"{file}:7:7: L'eau → L’eau" in result.output
    assert path.read_text() == TEXT


def test_write_rewrites_the_file_and_then_nothing_differs(path: Path) -> None:
    path.chmod(0o640)
    assert _typo(path, "--write").exit_code == 0
    assert path.read_text() == TEXT.replace('"L\'eau : 20 %"', '"L’eau\u00a0: 20\u00a0%"').replace("L'eau m", "L’eau m")
    assert path.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in path.parent.iterdir() if each.name.startswith(".")] == []
    assert _typo(path).exit_code == 0


def test_json_is_one_document_with_the_true_characters(path: Path) -> None:
    document = json.loads(_typo(path, "--json").stdout)
    assert document["written"] is False
    assert document["differences"][1] == {"line": 1, "column": 19, "before": '20 %"', "after": '20\u00a0%"'}
    assert json.loads(_typo(path, "--json", "--write").stdout)["written"] is True
    assert json.loads(_typo(path, "--json").stdout)["differences"] == []


def test_a_byte_order_mark_stays(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    assert _typo(path, "--write").exit_code == 0
    assert path.read_bytes().startswith(b"\xef\xbb\xbfsubject: ")


def test_accents_parted_from_their_letters_and_what_nobody_sees_are_written_right(path: Path) -> None:
    path.write_text(normalize("NFD", TEXT.replace("monte", "a monte\u0301 d\u200be")))
    assert _typo(path, "--write").exit_code == 0
    assert "a monté de" in path.read_text()


def test_a_file_with_mistakes_is_refused_and_left(path: Path) -> None:
    path.write_text(TEXT + "unknown: x\n")
    result = _typo(path, "--write")
    assert result.exit_code != 0
    assert path.read_text() == TEXT + "unknown: x\n"


def test_a_file_changed_meanwhile_is_left(path: Path) -> None:
    path.write_text(TEXT + "# more\n")
    with pytest.raises(Refused):
        _write(path, TEXT, TEXT.replace("Trois", "Quatre"))
    assert path.read_text() == TEXT + "# more\n"
