"""Read a draft in a process of its own, with a deadline and a limit of memory: strangers wrote it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Literal

from composer.drafts.passage import ReadDraft, draft_of
from composer.errors import OutsideWorld, Refused
from composer.locale import gettext as _
from composer.locale.os_errors import os_reason
from composer.newsroom.environment import plain_environment

DraftKind = Literal["docx", "html", "markdown", "text"]

#: Bytes of a draft, and seconds to read it, those in which the process begins among them.
MOST_DRAFT_BYTES, DRAFT_SECONDS = 15_000_000, 10

_MOST_ANSWER = 20_000_000
_KINDS: dict[str, DraftKind] = {
    ".docx": "docx",
    ".html": "html",
    ".htm": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
    ".text": "text",
}
_PACKAGE_ROOT = str(Path(__file__).resolve().parents[2])
#: -I: neither the environment nor the current folder says what is imported.
_PROGRAM = (
    f"import sys; sys.path.append({_PACKAGE_ROOT!r})\n"
    "from composer.drafts.child import answer_with_draft\nanswer_with_draft(sys.argv[1])"
)


def draft_kind(name: str, content: bytes) -> DraftKind:
    """What the file ``name`` is read as, by its ending and its first bytes. Raises ``Refused``, with what to do."""
    ending = Path(name).suffix.lower()
    if content.startswith(b"%PDF"):
        raise Refused(_refusal("pdf").format(file=name))
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise Refused(_refusal("doc").format(file=name))
    if content.startswith(b"{\\rtf"):
        raise Refused(_refusal("rtf").format(file=name))
    if ending == ".docx" or (content.startswith(b"PK\x03\x04") and ending not in _KINDS):
        return "docx"
    if (kind := _KINDS.get(ending)) is None:
        raise Refused(_refusal("kind").format(file=name))
    return kind


def read_draft(content: bytes, kind: DraftKind, name: str) -> ReadDraft:
    """The draft ``content``. Raises ``Refused`` with the reason in words; ``OutsideWorld`` where no process begins."""
    if len(content) > MOST_DRAFT_BYTES:
        raise Refused(_refusal("too-big").format(file=name, most=MOST_DRAFT_BYTES // 1_000_000))
    command = [sys.executable, "-I", "-c", _PROGRAM, kind]
    try:
        done = subprocess.run(  # noqa: S603 # reason: our own
            command, input=content, capture_output=True, timeout=DRAFT_SECONDS, env=plain_environment(), check=False
        )
    except subprocess.TimeoutExpired:
        raise Refused(_refusal("too-slow").format(file=name)) from None
    except OSError as error:
        message = _("no process to read drafts could be started: {why}").format(why=os_reason(error))
        raise OutsideWorld(message) from error
    if not done.stdout or len(done.stdout) > _MOST_ANSWER:
        raise Refused(_refusal("too-much-memory").format(file=name))
    said = json.loads(done.stdout)
    if "refused" in said:
        raise Refused(_refusal(said["refused"]).format(file=name))
    return draft_of(said["draft"])


def _refusal(code: str) -> str:
    as_docx = _("{file} is not read here: open it, save it as a Word document (.docx), and import that")
    words = {
        "kind": _("{file}: a draft is a .docx, .html, .md or .txt file. Save it as one of these, and import that"),
        "pdf": _("{file} is a PDF, which has no paragraphs: import the document that it was made from, as .docx"),
        "doc": as_docx,
        "rtf": as_docx,
        "odt": as_docx,
        "pages": as_docx,
        "too-big": _("{file} is larger than {most} MB: take its pictures out, or compress them, and import it again"),
        "too-slow": _("{file} takes longer to read than any text does, and was given up: save it anew from Word"),
        "too-much-memory": _("{file} needs more memory than any text does, and was given up: save it anew from Word"),
        "too-many-files": _("{file} holds more files than a document does: it was not unpacked"),
        "odd-zip": _("{file} holds files of the same name, or outside of it: it was not unpacked"),
        "unpacks-too-much": _("{file} would unpack to more than a text is: it was not unpacked"),
        "too-many-elements": _("{file} has more parts than a text does: copy its text into a new document"),
        "too-deep": _("{file} is nested deeper than any text is: copy its text into a new document"),
        "doctype": _("{file} declares a document type or entities, which no word processor writes: it was not read"),
        "encrypted": _("{file} is locked by a password: save it without one, and import that"),
        "alt-chunk": _("{file} holds another document in it: open it in Word, save it anew, and import that"),
        "no-text": _("{file} is no text: it holds bytes that stand for no letter"),
    }
    return words.get(
        code, _("{file} is damaged, or is no document of Word: open it, save it as .docx, and import that")
    )
