"""Bytes: size, encodings, characters that no text holds."""

from __future__ import annotations

from pathlib import Path
from unicodedata import normalize

import pytest

from composer.issue.model import Front
from composer.source import Document, FileMissing, Severity, load
from composer.source.characters import read_again
from composer.source.reading import read_text

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
    assert first.suggestion in ("- annonce: Unmot", "- annonce: Un mot")  # a line break parts two words
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


INVISIBLE = ["\u00ad", "\u200b", "\u200e", "\u202e", "\u2060", "\ufeff", "\U000e0041"]


@pytest.mark.parametrize("character", INVISIBLE)
def test_what_nobody_sees_is_left_out_and_said(tmp_path: Path, character: str) -> None:
    text = f"objet: Un{character} été\nblocs:\n- annonce:\n    texte: Voir [là](https://example.org/{character}a)\n"
    document = _load(tmp_path, text.encode())
    assert document.require().subject == "Un été"
    assert "https://example.org/a)" in document.source.text
    assert [(each.code, each.severity, each.place.line, each.place.column) for each in document.findings] == [
        ("invisible-character", Severity.WARNING, 1, 10),
        ("invisible-character", Severity.WARNING, 4, 42),
    ]
    assert document.findings[1].suggestion == "    texte: Voir [là](https://example.org/a)"


def test_a_bullet_behind_what_nobody_sees_is_read(tmp_path: Path) -> None:
    text = f"objet: x\n{chr(0x200B)}blocs:\n- annonce: a\n"
    assert _load(tmp_path, text.encode()).require().blocks


@pytest.mark.parametrize(
    "words",
    [
        "une famille 👨\u200d👩\u200d👧, un cœur ❤\ufe0f",
        "le drapeau 🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f de l’Écosse",
        "می\u200cخواهم",
        "le journal \u2067שלום\u2069\u200f, dit-il",
        "l’espace\u00a0fine\u202finsécable",
    ],
)
def test_joiners_flags_and_directions_in_their_place_stay(tmp_path: Path, words: str) -> None:
    document = _load(tmp_path, ISSUE.replace("Été", words).encode())
    assert document.findings == ()
    assert document.require().subject == words


def test_an_escape_is_meant(tmp_path: Path) -> None:
    document = _load(tmp_path, ISSUE.replace("Été", '"extra\\u00adordinaire"').encode())
    assert (document.require().subject, document.findings) == ("extra\u00adordinaire", ())


@pytest.mark.parametrize("broken", ["\u2028", "\u2029", "\x0b", "\x85", " \u2028 "])
def test_a_line_break_of_a_word_processor_leaves_a_space(tmp_path: Path, broken: str) -> None:
    (finding,) = _load(tmp_path, ISSUE.replace("Été", f"l’invisible{broken}saut").encode()).findings
    assert (finding.code, finding.suggestion) == ("control-character", "objet: l’invisible saut")


def test_a_character_that_was_lost_is_said(tmp_path: Path) -> None:
    document = _load(tmp_path, ISSUE.replace("Été", "Un mot rempla\ufffdé").encode())
    (finding,) = document.findings
    assert (finding.code, finding.place.column, finding.severity) == ("lost-character", 21, Severity.WARNING)
    assert document.value is not None


def test_parted_accents_are_read_as_letters(tmp_path: Path) -> None:
    document = _load(tmp_path, normalize("NFD", ISSUE).encode())
    assert (document.require().subject, document.findings) == ("Été", ())


def test_an_odd_byte_in_a_line_of_utf_8_is_read_alone(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"objet: L\xe2\x80\x99\xe9t\xc3\xa9 \xc3\xa0 Vix\n")
    text, (found,) = read_text(tmp_path / "a.yaml", tmp_path)
    assert (text, found.suggestion) == ("objet: L’été à Vix\n", "objet: L’été à Vix")
    (tmp_path / "a.yaml").write_bytes("objet: CAFÉ\u00a0: l’été\n".encode("cp1252"))
    assert read_text(tmp_path / "a.yaml", tmp_path)[0] == "objet: CAFÉ\u00a0: l’été\n"


def test_what_a_macintosh_misread_is_read_again() -> None:
    typed = "« L’été à 5 € »"
    assert read_again(typed.encode().decode("mac_roman")) == typed
    assert read_again("√2, √π, √x et ¬A, √ (3)") == "√2, √π, √x et ¬A, √ (3)"


FRENCH = "objet: L’École d’été\nblocs:\n- annonce: « Où ça ? » – l’œuvre, déjà : à côté d’ÉTÉ…\n"


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman"])
def test_the_encoding_in_which_letters_are_in_their_place_is_suggested(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "issue.yaml"
    path.write_bytes(FRENCH.encode(encoding))
    text, findings = read_text(path, tmp_path)
    assert text == FRENCH
    assert [each.suggestion for each in findings] == ["objet: L’École d’été"]


@pytest.mark.parametrize(("encoding", "words"), [("cp850", "Déjà là, à côté."), ("iso8859-15", "Un cœur, 12 €.")])
def test_an_old_machine_s_encoding_is_suggested(tmp_path: Path, encoding: str, words: str) -> None:
    found = _load(tmp_path, f"objet: {words}\n".encode(encoding)).findings
    assert f"objet: {words}" in [each.suggestion for each in found]


@pytest.mark.parametrize("character", ["\0", "\x1a", "\u200b"])
def test_a_line_without_words_is_given_no_other(tmp_path: Path, character: str) -> None:
    text = f"objet: x\nblocs:\n- annonce: |\n    a\n    {character}\n"
    assert [each.suggestion for each in _load(tmp_path, text.encode()).findings] == [None]
