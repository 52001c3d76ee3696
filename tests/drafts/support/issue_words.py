"""The words of an issue, counted from what was read of its file, by nothing that the import uses."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from composer.drafts.importing import imported
from composer.drafts.passage import ReadDraft
from composer.issue.inline import Break, Code, Emphasis, Inline, Link, Strong, Text, plain
from composer.issue.load import load_issue
from composer.issue.skeleton import skeleton
from composer.newsroom.model import Newsroom

#: What a block is called in print, in place of the words that named it in the draft.
_NAMES = {"a_surveiller": "à surveiller", "en_filigrane": "en filigrane", "edito": "édito"}
_UNWRITTEN = {"type", "source", "problems", "lines", "kind", "layout", "access", "audience"}


def imported_words(draft: ReadDraft, newsroom: Newsroom, name: str) -> Counter[str]:
    """The words, in small letters, of the new issue that ``draft`` becomes; it has no mistake but what is to write."""
    path = newsroom.root / "issues" / name
    from composer.issue import key_of

    key = key_of(path, newsroom)
    revision, account = imported(draft, path, newsroom, skeleton(newsroom, key.publication, key.date))
    text = re.sub(r"(?m)^(objet|apercu|subject|preheader):$", r"\1: zéro", revision.text)
    document = load_issue(path, newsroom, content=text.encode())
    errors = [each for each in document.findings if each.severity.value == "error"]
    assert errors == [], f"{errors[0]}\n{text}"
    assert account.read == account.written
    found: Counter[str] = Counter()
    for each in _texts(document.require().front):
        found += small_words(each)
    return found


def small_words(text: str) -> Counter[str]:
    folded = unicodedata.normalize("NFC", text).casefold()
    return Counter(re.findall(r"[^\W_]+", folded))


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Path():
            return
        case Inline():
            yield plain(value.spans)
        case tuple() | list():
            if value and all(isinstance(each, Text | Break | Code | Emphasis | Link | Strong) for each in value):
                yield plain(tuple(value))
            else:
                for each in value:
                    yield from _texts(each)
        case BaseModel():
            yield _NAMES.get(getattr(value, "type", ""), "")
            for name in type(value).model_fields:
                if name not in _UNWRITTEN:
                    yield from _texts(getattr(value, name))
        case _ if is_dataclass(value):
            for each in fields(value):
                if each.name not in _UNWRITTEN:
                    yield from _texts(getattr(value, each.name))
