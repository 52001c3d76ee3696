"""Bytes: size, encodings, characters that no text holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from composer.issue.model import Front
from composer.source import Document, FileMissing, load

ISSUE = "objet: Été\nblocs:\n- annonce: Ça commence\n"


def _load(tmp_path: Path, content: bytes) -> Document[Front]:
    path = tmp_path / "issue.yaml"
    path.write_bytes(content)
    return load(path, Front, root=tmp_path)


def test_utf8_with_and_without_byte_order_mark(tmp_path: Path) -> None:
    plain = _load(tmp_path, ISSUE.encode())
    marked = _load(tmp_path, b"\xef\xbb\xbf" + ISSUE.encode())
    assert plain.require().subject == marked.require().subject == "Été"
    assert marked.source.place(("subject",)).column == 8


def test_cp1252_names_the_first_bad_byte_and_the_rest_is_read_on(tmp_path: Path) -> None:
    text = "objet: x\nblocs:\n- annonce: Où ça ?\n- oours:\n"
    document = _load(tmp_path, text.encode("cp1252"))
    first, second = document.findings
    assert (first.code, first.place.line, first.place.column) == ("bad-encoding", 3, 13)
    assert "“ù”" in first.message
    assert first.suggestion == "- annonce: Où ça ?"
    assert (second.code, second.place.line) == ("unknown-block", 4)
    assert document.value is None


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_says_so(tmp_path: Path, encoding: str) -> None:
    findings = _load(tmp_path, ISSUE.encode(encoding)).findings
    assert [finding.code for finding in findings] == ["bad-encoding"]
    assert "UTF-16" in findings[0].message


@pytest.mark.parametrize("encoding", ["utf-32", "utf-32-le", "utf-32-be"])
def test_utf32_says_so(tmp_path: Path, encoding: str) -> None:
    findings = _load(tmp_path, ISSUE.encode(encoding)).findings
    assert [finding.code for finding in findings] == ["bad-encoding"]
    assert "UTF-32" in findings[0].message


@pytest.mark.parametrize(
    "content", [b"\0" * 5_000, b"a\0\n" * 5_000, b"PK\3\4 mot\n" + b"x: \0\n" * 40, b"\0\1\2\3" * 9]
)
def test_a_file_that_is_no_text_is_said_so_once(tmp_path: Path, content: bytes) -> None:
    assert len(_load(tmp_path, content).findings) == 1


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x0b", "\x1b", "\x85", "\u2028", "\u2029", "\ufffe"])
def test_invisible_characters_are_named_where_they_stand(tmp_path: Path, character: str) -> None:
    document = _load(tmp_path, f"objet: x\nblocs:\n- annonce: Un{character}mot\n- oours:\n".encode())
    first, second = document.findings
    assert (first.code, first.place.line, first.place.column) == ("control-character", 3, 14)
    assert first.suggestion == "- annonce: Unmot"
    assert second.place.line == 4, "a line separator that text editors do not show must not move the lines below it"


def test_a_large_file_is_refused_without_being_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "issue.yaml"
    with path.open("wb") as stream:
        stream.truncate(10_000_000_000)  # sparse: reading it whole would not end well
    document = load(path, Front, root=tmp_path)
    assert [finding.code for finding in document.findings] == ["too-large"]
    assert len(document.source.text) == 0


def test_windows_line_breaks_change_neither_lines_nor_texts(tmp_path: Path) -> None:
    text = "objet: x\r\nblocs:\r\n- article:\r\n    titre: T\r\n    texte: |\r\n      Un.\r\n\r\n      Deux.\r\n"
    document = _load(tmp_path, text.encode())
    body = document.require().blocks[0]
    assert getattr(body, "body").source == "Un.\n\nDeux.\n"  # noqa: B009
    assert document.source.place(("blocks", 0, "body"), 2, 1).line == 8


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileMissing, match=r"issue\.yaml"):
        load(tmp_path / "issue.yaml", Front, root=tmp_path)
    with pytest.raises(FileMissing):
        load(tmp_path, Front, root=tmp_path)
