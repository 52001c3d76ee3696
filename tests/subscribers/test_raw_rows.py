"""The rows of a file, counted from its bytes: as many as the import's own reader finds, by another way."""

from __future__ import annotations

from pathlib import Path

import pytest

from composer.subscribers.csv_reader import open_csv
from composer.subscribers.platforms import recognise
from composer.subscribers.raw_rows import RawCount, count_rows, raw_lines

POET = '"Email","List status","Global status"\n'
FILES = {
    "plain": (b"email,name\na@x.org,A\nb@x.org,B\n", [2, 3]),
    "no end of line": (b"email,name\r\na@x.org,A\r\nb@x.org,B", [2, 3]),
    "old Mac": (b"email,name\ra@x.org,A\rb@x.org,B\r", [2, 3]),
    "BOM and quoted names": (b'\xef\xbb\xbf"email","a,b"\n"a@x.org","A"\n', [2]),
    "Windows-1252": ("email;prénom\na@x.org;Zoé\n".encode("cp1252"), [2]),
    "UTF-16": ("email\tprénom\na@x.org\tZoé\nb@x.org\tB\n".encode("utf-16"), [2, 3]),
    "UTF-16 without a mark": ("email\tname\na@x.org\tZoé\n".encode("utf-16-le"), [2]),
    "a title": (b"Readers of 2024\n\nemail,name\na@x.org,A\n", [4]),
    "a declared delimiter": (b"sep=;\nemail;name\na@x.org;A\n", [3]),
    "empty lines": (b"email,name\n\na@x.org,A\n,\n\nb@x.org,B\n\n", [3, 6]),
    "cells of two lines": (b'email,note\na@x.org,"one\n\ntwo"\nb@x.org,"\n"\n', [2, 5]),
    "quotation marks in cells": (b'email,note\na@x.org,5" wide\nb@x.org,"a ""b"" c"\nc@x.org,d\n', [2, 3, 4]),
    "a broken quotation": (b'email,note\na@x.org,"a" b\nb@x.org,c\n', [2, 3]),
    "too few and too many cells": (b"email,note\na@x.org\nb@x.org,c,d\n", [2, 3]),
    "PHP's quotation marks": (
        POET.encode() + rb'"a@x.org","a \"b\", c","x"' b"\n" rb'"b@x.org","d\\","x"' b"\n",
        [2, 3],
    ),
    "names alone": (b"email,name\n", []),
    "JSON": (b'{"n": [1], "entries": [{"email": "a@x.org", "tags": [1, 2, 3]}, {"email": "b@x.org"}]}', [1, 2]),
    "addresses": (b'["a@x.org", "b@x.org"]', [1, 2]),
    "an object a line": (b'{"email": "a@x.org"}\n\n{"email": "b@x.org"}\n', [1, 2]),
}


@pytest.mark.parametrize("kind", FILES)
def test_it_counts_what_the_reader_reads(tmp_path: Path, kind: str) -> None:
    content, lines = FILES[kind]
    path = tmp_path / ("list.json" if content[:1] in (b"[", b"{") else "list.csv")
    path.write_bytes(content)
    with open_csv(path) as sheet:
        header, delimiter = list(sheet.header), sheet.delimiter
        read = [record.line for record in sheet.records]
    platform = recognise(header)
    backslash = platform is not None and platform.backslash
    assert list(raw_lines(path, header, delimiter, backslash=backslash)) == lines == read
    assert count_rows(path, header, delimiter, backslash=backslash) == RawCount(len(lines))


@pytest.mark.parametrize(
    ("content", "cut"),
    [
        (b"email,name,town\na@x.org,A,B\nb@x", 1),
        (b"email,name,town\na@x.org,A,B\nb@x.org,B", 2),
        (b"email,name,town\na@x.org,A,B\nb@x.org,B,", 0),  # nothing says so
        (b"email,name,town\na@x.org,A,B\nb@x.org,B\n", 0),  # a short row, whole
        (b"email,name,,\na@x.org,A", 0),  # names end with delimiters that rows have not
    ],
)
def test_a_last_row_that_breaks_off_is_told(tmp_path: Path, content: bytes, cut: int) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    with open_csv(path) as sheet:
        header, delimiter = list(sheet.header), sheet.delimiter
    assert count_rows(path, header, delimiter).cut == cut


def test_names_that_are_not_in_the_file_count_nothing(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"email,name\na@x.org,A\n")
    assert count_rows(path, ["other", "names"], ",") == RawCount(0)
