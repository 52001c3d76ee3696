"""What strangers may hand in: refused in words, in a process with limits; what is read holds nothing that acts."""

from __future__ import annotations

import json
import os
import struct
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import yaml

from composer.drafts import draft_process
from composer.drafts.draft_process import draft_kind, read_draft
from composer.errors import Refused
from tests.drafts.support.word_document import WordDocument

ROWS = yaml.safe_load(Path(__file__).with_name("hostile.yaml").read_text("utf-8"))
DOCUMENT = "word/document.xml"


def plain(text: str = "Une phrase.") -> WordDocument:
    document = WordDocument()
    document.paragraph(text)
    return document


def with_parts(**parts: str) -> bytes:
    document = plain()
    document.parts = {name.replace("__", "/").replace("_", "."): part for name, part in parts.items()}
    return document.saved()


def zipped(parts: dict[str, bytes]) -> bytes:
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return buffer.getvalue()


def more(parts: dict[str, bytes]) -> bytes:
    content = BytesIO(plain().saved())
    with ZipFile(content, "a", ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def body(xml: str, before: str = "") -> bytes:
    document = plain()
    document.xml(xml)
    saved = document._parts()[DOCUMENT]
    document.parts = {DOCUMENT: before + saved}
    return document.saved()


def locked() -> bytes:
    """A zip whose files say that they are encrypted."""
    content = bytearray(plain().saved())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = content.find(mark)
        while start >= 0:
            content[start + at] |= 1
            start = content.find(mark, start + 1)
    return bytes(content)


def lying() -> bytes:
    """A zip whose central directory says that the document is one byte long."""
    content = bytearray(plain().saved())
    at = content.rfind(b"PK\x01\x02", 0, content.rfind(DOCUMENT.encode()))
    struct.pack_into("<I", content, at + 24, 1)
    return bytes(content)


def same_name() -> bytes:
    content = BytesIO(plain().saved())
    with ZipFile(content, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(DOCUMENT, b"<w:document/>")
    return content.getvalue()


ENTITIES = '<!DOCTYPE d [<!ENTITY a "Une phrase."><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
FILE = '<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
DEEP = 3000

MADE: dict[str, Callable[[], bytes]] = {
    "many-files": lambda: more({f"word/media/{n}.png": b"" for n in range(4001)}),
    "unpacks": lambda: more({"word/other.xml": b"<a>" + b" " * 13_000_000 + b"</a>"}),
    "unpacks-in-parts": lambda: more({f"word/{n}.xml": b"<a>" + b" " * 4_200_000 + b"</a>" for n in range(5)}),
    "lying-size": lying,
    "same-name": same_name,
    "traversal": lambda: more({"../../etc/cron.d/x.xml": b"<a/>"}),
    "absolute": lambda: more({"/etc/x.xml": b"<a/>"}),
    "locked": locked,
    "cut-short": lambda: plain().saved()[:-40],
    "no-zip": lambda: b"PK\x03\x04 no zip at all",
    "spreadsheet": lambda: zipped({"xl/workbook.xml": b"<workbook/>"}),
    "open-document": lambda: zipped({"mimetype": b"application/vnd.oasis.opendocument.text"}),
    "entities": lambda: body("<w:p><w:r><w:t>&b;</w:t></w:r></w:p>", ENTITIES),
    "external-entity": lambda: body("<w:p><w:r><w:t>&a;</w:t></w:r></w:p>", FILE),
    "entity-in-styles": lambda: with_parts(word__styles_xml=f"{ENTITIES}<styles>&b;</styles>"),
    "deep": lambda: body("<w:sdt><w:sdtContent>" * DEEP + "</w:sdtContent></w:sdt>" * DEEP),
    "broad": lambda: body("<w:p/>" * 210_000),
    "bad-xml": lambda: with_parts(word__document_xml="<w:document><w:body>"),
    "other-document": lambda: body('<w:altChunk r:id="x"/>'),
    "style-map": lambda: more({"mammoth/style-map": b"p => !"}),
    "deep-html": lambda: b"<div>" * 5000 + b"Une phrase." + b"</div>" * 5000,
    "broad-html": lambda: b"<p>a</p>" * 160_000,
    "script-html": lambda: (
        b"<script>alert(1)</script><p onclick=alert(1)>Une phrase.<a href='javascript:alert(1)'> Un lien</a></p>"
        b"<img src=x onerror=alert(1)><iframe src=//a.example></iframe><svg onload=alert(1)></svg>"
    ),
    "entities-html": lambda: f"{ENTITIES}<p>Une phrase. &b;</p>".encode(),
    "bytes": lambda: bytes(range(256)) * 10,
    "long-line": lambda: b"*mot* _mot_ [mot](x) `mot` " * 500,
    "pdf": lambda: b"%PDF-1.7\n",
    "old-word": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 500,
    "pages": lambda: zipped({"Index/Document.iwa": b"x"}),
}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["make"])
def test_what_is_no_draft_is_refused_in_words(row: dict[str, str]) -> None:
    content, name = MADE[row["make"]](), row["as"]
    if "kept" in row:
        read = read_draft(content, draft_kind(name, content), name)
        assert any(row["kept"] in each.text for each in read.passages)
        assert "alert" not in "".join(each.text for each in read.passages)
        return
    with pytest.raises(Refused) as refused:
        read_draft(content, draft_kind(name, content), name)
    assert str(refused.value) == draft_process._refusal(row["refused"]).format(file=name, most=15)


def test_the_process_has_its_limits_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILIGRANE_SECRET_KEY", "of-the-house")
    program = (
        "import json, os, resource, sys; from composer.drafts.child import _bound; _bound(); "
        "kinds = (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE); "
        "found = [resource.getrlimit(each)[0] for each in kinds]; "
        "secrets = [each for each in os.environ if each.startswith('FILIGRANE')]; "
        "print(json.dumps({'draft': {'passages': [['text', [[json.dumps([found, secrets]), 0, 0, '']], '', 0, 0, "
        "None, [], 0]], 'omissions': []}}))"
    )
    path = f"import sys; sys.path.append({os.fspath(Path(draft_process.__file__).parents[2])!r})\n"
    monkeypatch.setattr(draft_process, "_PROGRAM", path + program)
    read = read_draft(b"", "text", "draft.txt")
    assert json.loads(read.passages[0].text) == [[200 * 1024**2, 10, 0], []]
    assert sys.executable


def test_a_draft_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draft_process, "_PROGRAM", "while True: pass")
    monkeypatch.setattr(draft_process, "DRAFT_SECONDS", 0.2)
    with pytest.raises(Refused, match="longer to read"):
        read_draft(b"", "text", "draft.txt")
