"""Any edit of any sentence of any sample, however its file is written: that sentence changes, and not a byte elsewhere.

What was made, what was refused and why is printed (``pytest -rP``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

from composer.issue.block import AUDIENCES
from composer.issue.inline import Spans
from composer.issue.load import load_issue
from composer.issue.model import Issue
from composer.issue.revision.letters import EMPHASIS, STRONG, MarkedLetter, lettered, link_mark, nested
from composer.issue.revision.model import Unwritable
from composer.issue.revision.sentence import shown_sentence, with_sentence
from composer.issue.revision.wire import json_of, spans_of
from composer.issue.typed_places import typed_sentences
from composer.newsroom import load_newsroom
from composer.newsroom.model import Newsroom
from composer.source.document import Document
from tests.issue.support.file_variants import VARIANTS
from tests.support.lengths import length

ROOT = Path(__file__).parents[3]
#: What is typed: words, and signs that Markdown or YAML may read as something else.
TYPED = (
    "mot", "l'été", "« oui »", "a: b", "x #y", "*", "**", "_", "[z]", "é", "\\", '"', "'", "<b>", "1.", "`", "fin.",
    " ", "...", "|", "- ", ": ", " #", "===", ":::", "{x}", "100 %", "&amp;", "https://example.org/",
)  # fmt: skip


def edited(row: Sequence[MarkedLetter], random: Random) -> list[MarkedLetter]:
    """``row`` after one edit: typed, taken out, replaced, marked, or broken."""
    letters = [*row]
    start = random.randint(0, len(letters))
    end = min(len(letters), start + random.randint(0, 8))
    marks = letters[start - 1].marks if start and random.random() < 0.7 else frozenset()
    typed = [MarkedLetter(letter, "text", marks) for letter in random.choice(TYPED)]
    kind = random.random()
    if kind < 0.3:
        letters[start:start] = typed
    elif kind < 0.5:
        del letters[start:end]
    elif kind < 0.65:
        letters[start:end] = typed
    elif kind < 0.9:
        mark = random.choice([STRONG, EMPHASIS, link_mark("https://example.org/b_(c)")])
        is_on = random.random() < 0.6
        for at in range(start, min(len(letters), start + random.randint(1, 25))):
            others = frozenset(each for each in letters[at].marks if each.kind != mark.kind)
            letters[at] = letters[at]._replace(marks=others | {mark} if is_on else others)
    elif kind < 0.95:
        letters[start:start] = [MarkedLetter("\n", "break")]
    else:
        letters[start:start] = [MarkedLetter("co`de", "code")]
    return letters


def sentences(issue: Issue) -> dict[str, Spans]:
    """All sentences by their places, without the lines of bodies: a break of line moves those below."""
    return {str(place): spans for place, spans in typed_sentences(issue) if spans}


def values(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every value of a YAML file as another reader sees it, by its path."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from values(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from values(value, (*path, index))
    else:
        yield path, node


def words(spans: Spans) -> list[MarkedLetter]:
    """The letters and figures of a sentence under their marks: house typography changes none."""
    return [letter for letter in lettered(spans) if letter.kind == "code" or letter.text.isalnum()]


def samples(newsroom: Newsroom) -> Iterator[tuple[str, Path, str, Document[Issue]]]:
    """Each sample in each way of writing it that says the same."""
    for path in sorted(ROOT.glob("issues/*/*.yaml")):
        text = path.read_text(encoding="utf-8")
        said = load_issue(path, newsroom).require()
        for name, variant in VARIANTS.items():
            written = variant(text)
            document = load_issue(path, newsroom, written.encode())
            assert document.value is not None, (path.name, name, document.findings[:2])
            assert [*sentences(document.value).values()] == [*sentences(said).values()], (path.name, name)
            yield name, path, written, document


@pytest.mark.slow
def test_one_sentence_changes_and_not_a_byte_elsewhere() -> None:
    newsroom, random = load_newsroom(ROOT), Random(13)
    files = [*samples(newsroom)]
    assert len(files) == 5 * len(VARIANTS)
    done: Counter[str] = Counter()
    for number in range(length(2_000)):
        name, path, text, document = files[number % len(files)]
        issue = document.require()
        before = sentences(issue)
        at = random.choice([*before, "subject", "preheader"])
        audience = random.choice(AUDIENCES)
        shown = shown_sentence(document, newsroom, audience, at)
        wanted = lettered(shown.spans)
        for _edit in range(random.randint(1, 3)):
            wanted = edited(wanted, random)
        where = (path.name, name, at, wanted)
        try:
            asked = spans_of(json_of(nested(wanted)))
            revision = with_sentence(document, newsroom, audience, at, shown.digest, shown.spans, asked)
        except Unwritable as refusal:
            done[f"refused: {str(refusal)[:70]}"] += 1
            continue
        old = text.removeprefix("\ufeff")
        assert revision.text == old[: revision.start] + revision.new + old[revision.end :], where
        is_same = revision.text == old
        done["made, and the same" if is_same else "made"] += 1
        was, now = (dict(values(yaml.load(each, yaml.CBaseLoader))) for each in (old, revision.text))
        assert was.keys() == now.keys(), where
        assert sum(was[key] != now[key] for key in was) == (0 if is_same else 1), where
        again = load_issue(path, newsroom, revision.text.encode())
        found = again.value or (again.partial.remains if again.partial is not None else None)
        assert found is not None, where
        after = sentences(found)
        others = [list(each.values()) for each in (before, after)]
        changed = [one != other for one, other in zip(*others, strict=True)]
        assert sum(changed) <= 1, where
        assert (
            at in ("subject", "preheader")
            or [*before][changed.index(True) if any(changed) else [*before].index(at)] == at
        )
        assert words(shown_sentence(again, newsroom, audience, at).spans) == words(asked), where
    print()
    for what, count in done.most_common():
        print(f"{count:5}  {what}")
    assert done["made"] > sum(done.values()) * 0.8
