"""References: resolve an id, an issue or a Markdown link to words and an address."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from composer.issue.context import Context
from composer.issue.inline import Inline, Link, Text
from composer.issue.resolved import Reference

ISSUE = re.compile(r"(?:(?P<publication>[a-z0-9][a-z0-9_-]*)/)?(?P<date>\d{4}-\d{2}-\d{2})")
BLOCK = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def references(context: Context, items: Iterable[Inline]) -> tuple[Reference, ...]:
    """Resolve further reading and links: ids of this issue's blocks, dates of earlier issues, or Markdown links.

    A reference to a block that this edition does not hold is left out, headline included.
    """
    return tuple(found for item in items if (found := _reference(context, item)) is not None)


def worded(context: Context, item: Inline) -> Reference:
    """For ``also``, ``summary``: the editor's words, with an address if they are a single link."""
    if len(item.spans) == 1 and isinstance(item.spans[0], Link):
        link = item.spans[0]
        hidden = link.url.startswith("#") and link.url[1:] not in context.anchors
        return Reference(context.resolved(link.children), None if hidden else link.url)
    return Reference(context.resolved(item.spans))


def latest(context: Context, count: int) -> tuple[Reference, ...]:
    """The latest ``count`` issues sent before this one, newest first."""
    before = sorted((each for each in context.past if each.date < context.key.date), key=lambda each: each.date)
    return tuple(Reference((Text(each.subject),), each.url) for each in reversed(before[-count:] if count else []))


def _reference(context: Context, item: Inline) -> Reference | None:
    written = item.source.strip().removeprefix("#")
    if match := ISSUE.fullmatch(written):
        return _issue(context, match)
    if BLOCK.fullmatch(written):
        if written in context.anchors:
            return Reference(context.anchors[written], f"#{written}")
        if written in context.anchors_for("paid") or written in context.anchors_for("free"):
            return None
    return worded(context, item)


def _issue(context: Context, match: re.Match[str]) -> Reference | None:
    if match["publication"] not in (None, context.key.publication):
        return None
    try:
        day = date.fromisoformat(match["date"])
    except ValueError:
        return None
    past = next((each for each in context.past if each.date == day), None)
    return Reference((Text(past.subject),), past.url) if past else None
