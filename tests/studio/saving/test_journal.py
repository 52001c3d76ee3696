"""The journal: which accepted spans are no longer in the file, and how long it grows."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from composer.clock import now
from composer.issue.revision.model import Revision
from composer.studio.saving import journal as journaling
from composer.studio.saving.journal import AcceptedSpan, Journal, Unplaced, no_longer_there, put_back, span_of

TEXT = "a: un\nb: deux\n\nc: trois quatre\n"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    yield Journal(descriptor)
    os.close(descriptor)


def accepted(old: str, new: str) -> AcceptedSpan:
    """The span between the first and the last letters that differ."""
    start = next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    most = min(len(old), len(new)) - start
    end = next((at for at in range(most) if old[-1 - at] != new[-1 - at]), most)
    return span_of(old, new, (start, len(old) - end), ("Odile", ""), ("0", "1"))


@pytest.mark.parametrize(
    ("new", "before", "after", "line"),
    [
        (TEXT.replace("deux", "deux et demi"), "b: deux\n", "b: deux et demi\n", 2),
        (TEXT.replace("b: deux\n", ""), "b: deux\n", "", 2),
        (TEXT.replace("b: deux\n", "x: y\nb: deux\n"), "", "x: y\n", 2),
        (TEXT.replace("\n\n", "\n\nx: y\n\n"), "", "x: y\n\n", 4),
        (TEXT.replace("quatre\n", "quatre"), "c: trois quatre\n", "c: trois quatre", 4),
        (TEXT + "d: cinq", "", "d: cinq", 5),
        (TEXT.replace("un\nb: deux", "une"), "a: un\nb: deux\n", "a: une\n", 1),
    ],
)
def test_a_span_is_whole_lines_and_can_be_put_back(new: str, before: str, after: str, line: int) -> None:
    span = accepted(TEXT, new)
    assert (span.before, span.after, span.line) == (before, after, line)
    assert no_longer_there([span], new) == []
    back = put_back(span, TEXT)
    assert back.text.rstrip("\n") == new.rstrip("\n")
    assert back.text == TEXT[: back.start] + back.new + TEXT[back.end :]
    assert put_back(span, new) == Revision(new, 0, 0, "")


@pytest.mark.parametrize(
    ("now_in_file", "gone"),
    [
        (TEXT, True),  # taken back
        (TEXT.replace("deux", "deux et demi"), False),
        (TEXT.replace("deux", "deux et bien demi"), False),  # changed further, and the words are there
        (TEXT.replace("deux", "deux et tiers"), True),
        (TEXT.replace("b: deux\n", ""), True),
        (TEXT.replace("deux", "deux et demi").replace("\n", "\r\n"), False),
        (TEXT + "z: et demi\n", True),  # the words, and elsewhere
    ],
)
def test_words_that_are_no_longer_there_are_noticed(now_in_file: str, gone: bool) -> None:
    span = accepted(TEXT, TEXT.replace("deux", "deux et demi"))
    assert no_longer_there([span], now_in_file) == [span] * gone


def test_lines_taken_out_that_are_back_are_noticed() -> None:
    span = accepted(TEXT, TEXT.replace("b: deux\n", ""))
    assert no_longer_there([span], TEXT) == [span]
    assert no_longer_there([span], TEXT.replace("b: deux\n", "")) == []
    again = accepted(TEXT.replace("b: deux\n", ""), TEXT)  # the desk itself brought them back
    assert no_longer_there([span, again], TEXT) == []


def test_what_the_desk_changed_again_is_not_missed_and_what_it_was_refused_neither() -> None:
    one, two = TEXT.replace("deux", "deux et demi"), TEXT.replace("deux", "trois")
    first, second = accepted(TEXT, one), accepted(one, two)
    assert no_longer_there([first, second], two) == []
    (found,) = no_longer_there([first, second], TEXT)
    assert (found.id, found.before, found.after) == (second.id, "b: deux\n", "b: trois\n")
    assert put_back(found, TEXT).text == two
    assert no_longer_there([first, replace(second, state="refused")], TEXT) == [first]
    assert no_longer_there([first, replace(second, state="dismissed")], TEXT) == []


def test_what_has_no_place_any_more_is_not_put_anywhere() -> None:
    changed, added = accepted(TEXT, TEXT.replace("deux", "dix")), accepted(TEXT, TEXT.replace("b:", "x: y\nb:"))
    for span, text in ((changed, "b: deux\n" * 2), (changed, "b: neuf\n"), (added, "b: deux\n")):
        with pytest.raises(Unplaced) as caught:
            put_back(span, text)
        assert caught.value.span == span
    assert put_back(changed, TEXT.replace("\n", "\r\n")).text == TEXT.replace("deux", "dix").replace("\n", "\r\n")


def test_a_line_cut_short_hides_no_other(journal: Journal, tmp_path: Path) -> None:
    first, second = accepted(TEXT, TEXT + "x: y\n"), accepted(TEXT, TEXT + "é: è\n")
    journal.add(first)
    with (tmp_path / "journal.jsonl").open("a") as file:
        file.write('{"id": "torn", "aft')
    journal.add(second)
    journal.note({"id": first.id, "state": "dismissed"})
    assert journal.spans() == [replace(first, state="dismissed"), second]
    assert journal.last_digest() == "1"


def test_the_oldest_go_first(journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journaling, "JOURNAL_BYTES", 2000)
    for number in range(50):
        journal.add(replace(accepted(TEXT, TEXT + "x: y\n"), id=str(number)))
        assert (tmp_path / "journal.jsonl").stat().st_size < 2600
    kept = [int(span.id) for span in journal.spans()]
    assert kept == [*range(kept[0], 50)]
    assert kept[0] > 30


def test_what_is_too_old_goes(journal: Journal) -> None:
    old = now() - timedelta(days=journaling.JOURNAL_DAYS + 2)
    journal.add(replace(accepted(TEXT, TEXT + "x: y\n"), id="old", at=old.isoformat()))
    journal.add(replace(accepted(TEXT, TEXT + "x: y\n"), id="new"))
    assert [span.id for span in journal.spans()] == ["new"]


def test_lines_of_another_version_are_passed_over(journal: Journal, tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").write_text(json.dumps({"id": "1", "after": "x"}) + "\n[]\n3\n")
    assert journal.spans() == []
    assert journal.last_digest() == ""
