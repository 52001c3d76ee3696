"""What changed in an issue since its approval, in words, from the copy of its file that the approval keeps."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from pathlib import Path

from composer.approval.digests import text_digest
from composer.approval.model import SOURCE, Sealed, SealRecord, UnsealedReason
from composer.approval.verify import verdict
from composer.errors import FiligraneError
from composer.issue import sealed_path
from composer.issue.block import Block
from composer.issue.blocks import TYPES
from composer.issue.inline import Inline
from composer.issue.model import Front
from composer.issue.reading import count_words
from composer.issue.text_iter import written
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.newsroom.model import Newsroom
from composer.source import Document, load
from composer.source.opening import content_of
from composer.source.vocabulary import block_name, key_name

#: Most changes that are told one by one.
_TOLD = 8

#: Most words of a text that is compared word by word; of a longer one, words that merely moved are not counted.
_LONGEST = 3_000

#: Characters of a subject, or of a block's headline, that name it.
_NAMED = 50


@dataclass(frozen=True)
class Standing:
    """The approval beside an issue. ``reason`` is None where it is valid; ``sentence`` then is empty.

    ``by`` and ``at`` are unknown where the approval is damaged. ``changes`` are phrases: what the file says now that it
    did not say then, or the reverse; empty where no copy of it was kept.
    """

    reason: UnsealedReason | None
    sentence: str
    by: str | None
    at: datetime | None
    changes: tuple[str, ...] = ()


def standing(path: Path, newsroom: Newsroom, front: Front | None) -> Standing | None:
    """How the approval of the issue at ``path`` stands; ``front`` is what can be read of it now. None without one.

    Raises ``OutsideWorld`` where the issue's own file cannot be read.
    """
    folder = sealed_path(path)
    if not folder.is_dir():
        return None
    found = verdict(path, newsroom)
    if isinstance(found, Sealed):
        return Standing(None, "", found.seal.by, found.seal.at)
    try:
        record = load(folder / "seal.yaml", SealRecord, root=newsroom.root).value
    except FiligraneError:
        record = None
    if record is None:
        return Standing(found.reason, found.sentence, None, None)
    changes: tuple[str, ...] = ()
    if found.reason == "source-changed" and front is not None:
        before = _approved(folder, record, newsroom)
        if before is not None:
            changes = tuple(_bounded(list(_changes(before, front, newsroom))))
    return Standing(found.reason, found.sentence, record.by, record.at, changes)


def _approved(folder: Path, record: SealRecord, newsroom: Newsroom) -> Front | None:
    """What the approval of ``record`` keeps of the issue's file; None where it is not what was approved.

    An approval of an earlier version keeps none.
    """
    try:
        if text_digest(content_of(folder / SOURCE, newsroom.root)) != record.source:
            return None
        return readable(load(folder / SOURCE, Front, root=newsroom.root, keys=newsroom.settings.keys))
    except FiligraneError:
        return None


def readable(document: Document[Front]) -> Front | None:
    """What can be read of an issue's file, errors or not."""
    return document.value or (document.partial.remains if document.partial is not None else None)


def _bounded(phrases: Sequence[str]) -> Iterator[str]:
    yield from phrases[:_TOLD]
    if (more := len(phrases) - _TOLD) > 0:
        yield ngettext("{n} other change", "{n} other changes", more).format(n=more)


def _changes(before: Front, now: Front, newsroom: Newsroom) -> Iterator[str]:
    keys = newsroom.settings.keys
    if before.subject != now.subject:
        yield _("{key}, which was “{before}”").format(
            key=key_name("subject", keys, Front.__name__), before=_cut(before.subject)
        )
    for name in Front.model_fields:
        if name not in ("subject", "blocks") and getattr(before, name) != getattr(now, name):
            yield key_name(name, keys, Front.__name__)
    pairs = _paired(before.blocks, now.blocks)
    for old, new in pairs:
        if old is None and new is not None:
            yield _("{block} added ({count})").format(block=_named(new, newsroom), count=_words(_count(new)))
        elif new is None and old is not None:
            yield _("{block} taken out ({count})").format(block=_named(old, newsroom), count=_words(_count(old)))
        elif old is not None and new is not None and old != new:
            yield _("{block}: {changes}").format(block=_named(new, newsroom), changes=_compared(old, new))
    at = {id(block): number for number, block in enumerate(before.blocks)}
    places = [at[id(old)] for old, new in pairs if old is not None and new is not None]
    if places != sorted(places):
        yield _("the order of the blocks")


def _paired(before: Sequence[Block], now: Sequence[Block]) -> list[tuple[Block | None, Block | None]]:
    """Each block with what it was: the one of its id, of its title, or else the next of its kind; lost ones last."""
    lost = dict(enumerate(before))
    found: dict[int, Block] = {}
    for named in (_id, _title, lambda _block: "any"):
        known: dict[tuple[type[Block], str], deque[int]] = {}
        for number, block in lost.items():
            known.setdefault((type(block), named(block)), deque()).append(number)
        for number, block in enumerate(now):
            name = named(block)
            if name and number not in found and (same := known.get((type(block), name))):
                found[number] = lost.pop(same.popleft())
    return [*((found.get(number), block) for number, block in enumerate(now)), *((old, None) for old in lost.values())]


def _id(block: Block) -> str:
    return getattr(block, "id", None) or ""


def _title(block: Block) -> str:
    for name in ("headline", "title", "label"):
        held = getattr(block, name, None)
        if held:
            return held.plain if isinstance(held, Inline) else str(held)
    return ""


def _named(block: Block, newsroom: Newsroom) -> str:
    name = block_name(TYPES[type(block)].name, newsroom.settings.keys)
    title = _title(block)
    return _("{block} “{title}”").format(block=name, title=_cut(title)) if title else name


def _cut(text: str) -> str:
    return text if len(text) <= _NAMED else text[: _NAMED - 1] + "…"


def _texts(block: Block) -> list[str]:
    return [word for _loc, text in written(block) for word in text.split()]


def _count(block: Block) -> int:
    return sum(count_words(text) for _loc, text in written(block))


def _words(count: int) -> str:
    return ngettext("{n} word", "{n} words", count).format(n=count)


def _compared(old: Block, new: Block) -> str:
    changed, added, taken = _difference(_texts(old), _texts(new))
    phrases = []
    if changed:
        phrases.append(ngettext("{n} word changed", "{n} words changed", changed).format(n=changed))
    if added:
        phrases.append(ngettext("{n} word added", "{n} words added", added).format(n=added))
    if taken:
        phrases.append(ngettext("{n} word taken out", "{n} words taken out", taken).format(n=taken))
    return ", ".join(phrases) or _("something else than its words")


def _difference(before: Sequence[str], now: Sequence[str]) -> tuple[int, int, int]:
    """How many words changed, were added, were taken out."""
    start = 0
    while start < min(len(before), len(now)) and before[start] == now[start]:
        start += 1
    end = 0
    while end < min(len(before), len(now)) - start and before[-1 - end] == now[-1 - end]:
        end += 1
    before, now = before[start : len(before) - end], now[start : len(now) - end]
    if max(len(before), len(now)) > _LONGEST:
        gone, come = Counter(before), Counter(now)
        added, taken = (come - gone).total(), (gone - come).total()
        changed = min(added, taken)
        return changed, added - changed, taken - changed
    changed = added = taken = 0
    for kind, first, last, from_, to in SequenceMatcher(None, before, now, autojunk=False).get_opcodes():
        if kind != "equal":
            both = min(last - first, to - from_)
            changed, added, taken = changed + both, added + to - from_ - both, taken + last - first - both
    return changed, added, taken
