"""Decode a file's bytes: size, encoding and characters, before any YAML.

What can be understood is repaired in memory, so that the rest of the file is checked in the same run; every repair
is reported as a finding.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from composer.locale import gettext as _
from composer.source.characters import (
    INVISIBLE,
    LOST,
    MISREAD,
    SUSPECT,
    UNWANTED,
    invisible_in,
    passed_over,
    read_again,
    recomposed,
    unwanted,
    without_invisible,
    without_unwanted,
)
from composer.source.finding import Finding, Place, Severity
from composer.source.late_pattern import late
from composer.source.opening import OutsideNewsroom, content_of
from composer.source.opening import relative as relative
from composer.source.quoting import split_lines

#: Most bytes of a file. An issue is about 30 KB, and every mail client cuts a letter of this size.
SIZE_CAP = 1_000_000

#: Most findings of one kind in a file; a file of another format would give thousands.
REPEAT_CAP = 20

#: Most NUL characters in a file: more of them mean that it is not a text.
NUL_CAP = 3

_BREAK = late(r"\r\n|\r|\n")

#: Bytes that were not UTF-8.
_ODD_BYTES = late("[\udc80-\udcff]+")

#: What a file that is not in UTF-8 may be saved in, the likeliest first: Windows, an old Mac, an old Linux, DOS.
_ENCODINGS = ("cp1252", "mac_roman", "iso8859-15", "cp850")

#: Letters and marks beyond ASCII that stand as they do in French or English: in another encoding they rarely would.
_IN_THEIR_PLACE = late(
    "(?<![A-Z]{2})[àâäæçèéêëîïñôöùûüÿœß](?![A-Z])|(?<![a-zà-ÿœ])[ÀÂÆÇÈÉÊËÎÏÔŒÙÛÜ](?=[A-ZÀ-Þa-z ’'])"
    "|(?<=\\w)’(?=\\w)|[«“„](?=[\\w \u00a0])|(?<=[\\w.,;:!?… \u00a0])[»”]|(?<=\\w)…(?!\\w)|(?<= )[–—](?= )"
    "|\u00a0(?=[»:;!?%€])|(?<=«)\u00a0|(?<=\\d[ \u00a0])€|(?<=[\\dn])°"
)

#: What UTF-8 reads where a Macintosh's file has an apostrophe before an accent: l’été. No newsroom writes Armenian.
_AFTER_APOSTROPHE = late("[\u0500-\u058f]")

#: A text without any of these is read as it stands.
_ODD = late(f"{UNWANTED.pattern}|{INVISIBLE.pattern}|{LOST}|{MISREAD.pattern}")


def read_text(
    path: Path, root: Path, secrets: Iterable[Path] = (), content: bytes | None = None
) -> tuple[str, list[Finding]]:
    """The text of a file as typed, and what is wrong with its bytes: ``clean`` makes it readable.

    ``content`` stands for what the file holds: the text of an open editor, not saved yet.
    A file that leads out of the newsroom, below its ``var/`` or to one of ``secrets`` has no text and a finding. Raises
    ``FileMissing`` where there is no such file and ``OutsideWorld`` where the disk will not give it.
    """
    file = relative(path, root)
    try:
        if content is None:
            content = content_of(path, root, SIZE_CAP + 1, secrets=secrets)
    except OutsideNewsroom as refusal:
        return "", [Finding(refusal.code, Severity.ERROR, Place(file, 1, 1), str(refusal))]
    if len(content) > SIZE_CAP:
        message = _("this file is too large: {cap} bytes at most; is it really text?").format(cap=SIZE_CAP)
        return "", [Finding("too-large", Severity.ERROR, Place(file, 1, 1), message)]
    if (program := _program(content)) is not None:
        message = _("this is a document of {program}: save it as plain text, in UTF-8, under the same name")
        shown = message.format(program=program)
        return "", [Finding("not-a-text", Severity.ERROR, Place(file, 1, 1), shown)]
    text, findings = _decode(content, file)
    if text.count("\0") > NUL_CAP:
        message = _("this file is not a text: was another kind of file saved under its name?")
        return "", [Finding("not-a-text", Severity.ERROR, Place(file, 1, 1), message)]
    return text, findings


def _program(content: bytes) -> str | None:
    """The program of the document ``content``, by its first bytes; None of a text."""
    start = content[:64].lstrip().lower()
    words = {
        b"pk\x03\x04": "Word, LibreOffice, Pages",
        b"\xd0\xcf\x11\xe0": "Word, Excel",
        b"{\\rtf": "TextEdit, WordPad (RTF)",
        b"%pdf": "PDF",
        b"<!doctype": "HTML",
        b"<html": "HTML",
    }
    return next((program for sign, program in words.items() if start.startswith(sign)), None)


def _decode(content: bytes, file: str) -> tuple[str, list[Finding]]:
    wide = _wide(content)
    if wide:
        message = _("this file is saved in {encoding}: save it again in UTF-8").format(encoding=wide[:6].upper())
        return content.decode(wide, "replace").lstrip("\ufeff"), [
            Finding("bad-encoding", Severity.ERROR, Place(file, 1, 1), message)
        ]
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        pass
    lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    odd = [(number, line) for number, line in enumerate(lines) if _bad_byte(line) is not None]
    encoding = _likeliest([line for _number, line in odd])
    decoded = [_line(line, encoding) for line in lines]
    number, bad = odd[0]
    start = _bad_byte(bad) or 0
    message = _(
        "the character “{character}” is not in UTF-8: choose “Save with encoding: UTF-8” in the text editor, "
        "and save the file again"
    ).format(character=_in_encoding(bad[start : start + 1], encoding))
    before = len(bad[:start].decode("utf-8"))
    place = Place(file, number + 1, before + 1)
    shown = bad.decode("utf-8", "replace").rstrip("\r")
    finding = Finding("bad-encoding", Severity.ERROR, place, message, shown, decoded[number].rstrip("\r"))
    return "\n".join(decoded), [finding]


def _wide(content: bytes) -> str | None:
    """Decode as UTF-16 or UTF-32; None where the file is in neither."""
    if content.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return "utf-32"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    start = content[:200]
    zeros = [start[position::4].count(0) * 4 > len(start) * 0.9 for position in range(4)]
    if len(start) >= 8 and zeros == [True, True, True, False]:
        return "utf-32-be"
    if len(start) >= 8 and zeros == [False, True, True, True]:
        return "utf-32-le"
    if len(start) >= 4 and start.count(0) * 3 > len(start):
        return "utf-16-be" if start[0] == 0 else "utf-16-le"
    return None


def _bad_byte(line: bytes) -> int | None:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return None


def _likeliest(odd: Sequence[bytes]) -> str:
    """The encoding in which most letters of the lines ``odd``, which are not UTF-8, are in their place."""

    def in_place(encoding: str) -> int:
        return sum(len(_IN_THEIR_PLACE.findall(_line(line, encoding))) for line in odd)

    return max(_ENCODINGS, key=in_place)  # the first of several that are as likely


def likeliest_text(value: bytes) -> str:
    """Words of which no encoding is told: UTF-8, else that in which most of their letters are in their place."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return _in_encoding(value, _likeliest([value]))


def _line(line: bytes, encoding: str) -> str:
    """Decode one line as UTF-8, else in ``encoding``: only the odd bytes of a line that is mostly UTF-8."""
    text = line.decode("utf-8", "surrogateescape")
    odd = sum("\udc80" <= letter <= "\udcff" for letter in text)
    if encoding == "mac_roman" and _AFTER_APOSTROPHE.search(text):
        return _in_encoding(line, encoding)
    if odd and odd >= sum(letter > "\x7f" for letter in text) - odd:
        return _in_encoding(line, encoding)
    return _ODD_BYTES.sub(lambda odd: _in_encoding(_bytes(odd[0]), encoding), text) if odd else text


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _in_encoding(content: bytes, encoding: str) -> str:
    """``content`` in ``encoding``; a byte that it does not define becomes the character of that number."""
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return content.decode("latin-1")


def clean(text: str, file: str, findings: list[Finding]) -> tuple[str, list[Finding]]:
    """``text`` with its accents in their letters, and without characters that do not belong in it.

    What YAML refuses becomes spaces, so that columns do not change: some of it ends a line for YAML but not for text
    editors, which would shift line numbers. What is merely invisible is taken out, for a space would break an address.
    """
    if not SUSPECT.search(text) or not _ODD.search(text):
        return recomposed(text), findings
    lines = split_lines(text)
    seen = Counter(finding.code for finding in findings)
    for number, line in enumerate(lines, 1):
        for finding in _odd(line, file, number):
            if seen[finding.code] < REPEAT_CAP and finding not in findings:
                seen[finding.code] += 1
                findings.append(finding)
    if INVISIBLE.search(text):
        ends = [*_BREAK.findall(text), ""]
        text = "".join(without_invisible(line) + end for line, end in zip(lines, ends, strict=True))
    return recomposed(UNWANTED.sub(" ", text)), findings


def _odd(line: str, file: str, number: int) -> Iterator[Finding]:
    """What is wrong with the characters of a line: the first of each kind."""
    visible = recomposed(without_invisible(line))
    shown = UNWANTED.sub(" ", visible)

    def place(column: int) -> Place:
        return Place(file, number, column + 1, passed_over(line, column))

    if match := UNWANTED.search(visible):
        better = without_unwanted(visible)
        yield Finding(
            "control-character", Severity.ERROR, place(match.start()), unwanted(match[0]), shown, _words(better)
        )
    if match := next(invisible_in(line), None):
        column = len(recomposed(line[: match.start()]))
        at = Place(file, number, column + 1, match.start() - column)
        message = _("an invisible character (U+{code}) was pasted here: it is left out of the letter; delete it")
        message = message.format(code=f"{ord(match[0]):04X}")
        yield Finding("invisible-character", Severity.WARNING, at, message, shown, _words(shown))
    if LOST in visible:
        message = _("a character was lost here when the text was saved or pasted, and {sign} is printed: type it again")
        shown_sign = message.format(sign=LOST)
        yield Finding("lost-character", Severity.WARNING, place(visible.index(LOST)), shown_sign, shown)
    elif (again := read_again(visible)) != visible and (misread := MISREAD.search(visible)):
        message = _("“{words}” was misread by a program, and would be printed so: it was {better}")
        message = message.format(words=misread[0], better=read_again(misread[0]))
        better = UNWANTED.sub(" ", again)
        yield Finding("lost-character", Severity.WARNING, place(misread.start()), message, shown, better)


def _words(line: str) -> str | None:
    """``line`` as a suggestion: None of a line without words, which is to be taken out."""
    return line if line.strip() else None
