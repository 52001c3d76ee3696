"""Whatever an editor, or somebody an editor copies from, writes: it comes out as the words that were written."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from lxml import html as lxml_html
from pydantic import BaseModel

from composer.issue.inline import Code, Inline, Link, Text
from composer.rendering import render
from tests.rendering.support.every_block import everything
from tests.rendering.support.sample_editions import edition, newsroom

HOSTILE = [
    "<script>alert(1)</script>",
    "<mj-section><mj-include path='/etc/passwd'/></mj-section>",
    "</mj-text></mj-column></mj-section>",
    "{{ publication.legal }}{% raw %}",
    "{# caché #}",
    "%%UNSUBSCRIBE%% *|MERGE|*",
    "]]> <![CDATA[ x",
    "<!--[if mso]><p><![endif]-->",
    '"><img src="https://tracker.example/p.gif">',
    "' onload='x",
    "אבג (שלום) 123 ‮RTL",
    "👩🏽‍🚒🏳️‍🌈",
    "https://exemple.example/?a=1&b=2#c",
    "\\u{a0} \\n C:\\temp",
]
#: Fields that hold names of the grammar, addresses or numbers, not words.
_NOT_WORDS = {"kind", "form", "layout", "id", "slot", "creative", "at", "language", "email", "access", "type", "size"}
#: A time of a broadcast.
_TIME = re.compile(r"\d+(:\d\d)+")


def _poison(value: Any, word: str, name: str = "") -> Any:
    """``value`` with ``word`` after every text an editor could have written."""
    match value:
        case str() if name in _NOT_WORDS or name.endswith("url") or value.startswith("http") or _TIME.fullmatch(value):
            return value
        case str():
            return f"{value} {word}"
        case Text(text) | Code(text):
            return replace(value, text=f"{text} {word}")
        case Link(_, children):
            return replace(value, children=_poison(children, word))
        case Inline(source, spans):
            return Inline(source, _poison(spans, word))
        case tuple():
            return tuple(_poison(item, word, name) for item in value)
        case BaseModel():
            if type(value).__name__ in ("Publication", "Style", "Credit"):
                return value
            return value.model_copy(
                update={key: _poison(getattr(value, key), word, key) for key in type(value).model_fields}
            )
        case _ if is_dataclass(value) and not isinstance(value, type) and type(value).__name__ != "IssueKey":
            changed = {field.name: _poison(getattr(value, field.name), word, field.name) for field in fields(value)}
            return replace(value, **changed)
    return value


@pytest.mark.parametrize("word", HOSTILE)
def test_hostile_words_are_words(word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("composer.rendering.layout.SECTION", 0)  # how many blocks share one follows their length
    harmless = everything(tmp_path)
    poisoned = _poison(harmless, word)
    poisoned = replace(poisoned, audience="paid", language="fr")
    innocent, made = render(harmless, newsroom(tmp_path)), render(poisoned, newsroom(tmp_path))
    before, after = lxml_html.document_fromstring(innocent.html), lxml_html.document_fromstring(made.html)
    assert [element.tag for element in after.iter()] == [element.tag for element in before.iter()]
    # words written from right to left give their element that direction, and no other attribute
    names = [[sorted({*element.keys()} - {"dir"}) for element in page.iter()] for page in (after, before)]
    assert names[0] == names[1]
    assert after.xpath("//@src|//@srcset") == before.xpath("//@src|//@srcset")
    assert str(after.xpath("string(//h1)")).replace("\u00a0", " ") == f"{harmless.subject} {word}"
    assert str(after.xpath("string(/)")).count(word) > 80
    assert made.text.replace("\n    ", " ").replace("\n", " ").count(word) > 40


def test_an_editor_cannot_write_the_sentinel(tmp_path: Path) -> None:
    first = render(edition(), newsroom(tmp_path))
    second = render(edition(greeting=first.slots["unsubscribe"]), newsroom(tmp_path))
    assert first.slots["unsubscribe"] in second.html
    assert second.slots["unsubscribe"] not in second.html.replace(f"/u/{second.slots['unsubscribe']}", "")
