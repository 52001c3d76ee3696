"""The process that reads one draft: limits, its bytes on standard input, one line of JSON. ``draft_process`` begins it.

What it imports is what strangers' bytes meet; it holds no key and no password, writes no file and needs no network.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable
from typing import Any

from composer.drafts.markup import read_html
from composer.drafts.passage import ReadDraft, draft_json
from composer.drafts.plain_files import decoded_draft, read_markdown, read_plain_text
from composer.drafts.zip_walk import Unreadable

#: Bytes of memory, and seconds of processor.
_MEMORY, _SECONDS = 200 * 1024**2, 10
#: Calls in calls: mammoth's, of elements as deep as ``zip_walk`` lets through.
_DEEP = 5000


def answer_with_draft(kind: str) -> None:
    """Read standard input as a draft of ``kind``, and say what it is, or why it is not read."""
    _bound()
    sys.setrecursionlimit(_DEEP)
    said: dict[str, Any]
    try:
        said = {"draft": draft_json(_read(kind, sys.stdin.buffer.read()))}
    except Unreadable as refusal:
        said = {"refused": refusal.code}
    except RecursionError:
        said = {"refused": "too-deep"}
    except MemoryError:
        said = {"refused": "too-much-memory"}
    json.dump(said, sys.stdout)


def _read(kind: str, content: bytes) -> ReadDraft:
    if kind == "docx":
        from composer.drafts.word import read_word

        return read_word(content)
    text, said = decoded_draft(content)
    readers: dict[str, Callable[[str], ReadDraft]] = {
        "html": read_html,
        "markdown": read_markdown,
        "text": read_plain_text,
    }
    read = readers[kind](text)
    return ReadDraft(read.passages, (*read.omissions, *said))


def _bound() -> None:
    limits = (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, _SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    )
    for kind, most in limits:
        hard = resource.getrlimit(kind)[1]
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (bound, bound))
