"""Detect words announcing a text for paying readers alone, in a block that free readers get, where nothing cuts it.

Labels, headlines, crossheads and lines are errors where they can mean nothing else, warnings otherwise; a sentence
among others is a warning. Where nothing follows in the text, a line gives nothing away: a warning at most.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from composer.issue.block import Block
from composer.issue.blocks.article import Article, locked
from composer.issue.blocks.links import Links
from composer.issue.blocks.notice import Notice
from composer.issue.body import Body, is_cut, readable
from composer.issue.model import Issue
from composer.issue.paywall import looks_like
from composer.issue.reserved_words import announcement, in_label, in_prose, is_call
from composer.issue.text_iter import texts
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.source.document import Loc
from composer.source.finding import Finding, Severity
from composer.source.late_pattern import late
from composer.source.vocabulary import key_name, value_name

#: Fields of one sentence that are titles; other sentences (links, credits, offers) may well speak of subscribers.
_TITLES = ("headline", "standfirst", "title")
_BREAKS = late(r"[\r\v\f\x1c-\x1e\x85\u2028\u2029](?:(?<=\r)\n)?")
_POINT = late(r"\s*(?:[-+*•]|\d{1,9}[.)])\s")
_BOX_LINE = late(r"\s*:")
_HREF = late(r"\]\(|https?://")
#: Ends of a line after which another line of the same paragraph begins a sentence.
_ENDED = (".", "!", "?", "…", ":", "»", "*", "”")
#: Characters of free text that may follow an announcement before the cut: an invitation to subscribe.
_INVITATION = 200


@dataclass(frozen=True)
class _Line:
    number: int
    text: str
    paragraph: bool  #: the line before it is of the same paragraph, and does not end a sentence
    boxed: bool
    last: bool  #: nothing follows in the text, but invitations to subscribe
    linked: bool  #: an address stands here or below


def announced(issue: Issue, newsroom: Newsroom, number: int, block: Block) -> Iterator[Finding]:
    """The findings on the block at ``number``, which free readers get, and which is not a list of teasers."""
    loc: Loc = ("blocks", number)
    keys = newsroom.settings.keys
    audience = f"{key_name('audience', keys)}: {value_name('paid', keys)}"
    whole = _("{audience}, or a line === in the text").format(audience=audience)
    remedy = whole if isinstance(block, Article) else audience

    def found(severity: Severity | None, at: Loc, line: int | None = None, *, boxed: bool = False) -> Iterator[Finding]:
        if severity is None:
            return
        message = _("this says that it is not for free readers, and they would get all of it: write {audience}")
        if severity is Severity.WARNING:
            message = _(
                "if this says that a text is not for free readers, nothing keeps it from them: write {audience}"
            )
        message = message.format(audience=f":{audience}" if boxed else remedy)
        yield issue.source.finding("label-without-cut", message, at, line=line, severity=severity)

    is_locked = isinstance(block, Article) and locked(block, "free")
    if not is_locked:
        yield from found(_of_label(block), (*loc, "label"))
    if isinstance(block, Notice):
        yield from found(_of_notice(issue, number, block), (*loc, "text"))
    for at, text in texts(block, loc):
        if isinstance(text, Body):
            if isinstance(block, Article) and block.access == "paid" and not is_cut(text):
                continue
            for line, element in readable(text, "free"):
                if isinstance(element, Block):
                    yield from found(_of_label(element), at, line, boxed=True)
                    title = getattr(element, "title", None)
                    yield from found(_of_title(title.plain, element) if title else None, at, line, boxed=True)
            if is_cut(text):
                early = _before_cut(text)
                yield from found(None if early is None else Severity.WARNING, at, early or 0)
                continue
            for each in _lines(text):
                yield from found(_of_line(each, block), at, each.number, boxed=each.boxed)
        elif at[-1] in _TITLES and not is_locked:
            yield from found(_of_title(text.plain, block), at)


def _of_label(block: Block) -> Severity | None:
    label = getattr(block, "label", None)
    level = in_label(label) if label else None
    if level in ("addressed", "badge"):  # links are often for subscribers to manage their subscription
        return Severity.WARNING if isinstance(block, Links) or block.audience == "free" else Severity.ERROR
    return None if level is None else Severity.ERROR if level == "reserved" else Severity.WARNING


def _of_title(text: str, block: Block) -> Severity | None:
    match announcement(text):
        case "reserved":
            return Severity.ERROR
        case "addressed":
            return Severity.WARNING if block.audience == "free" else Severity.ERROR
        case "badge":
            return Severity.WARNING
        case _:
            return Severity.WARNING if in_prose(text) else None


def _of_line(line: _Line, block: Block) -> Severity | None:
    level = announcement(line.text)
    if level in ("reserved", "addressed", "badge"):
        if line.last:  # perhaps of the block below; or an excerpt, with the address of the rest
            return None if block.audience == "free" or line.linked else Severity.WARNING
        if level == "badge":
            return None if line.paragraph or _POINT.match(line.text) else Severity.WARNING
        if line.paragraph or _POINT.match(line.text):
            return Severity.WARNING
        return Severity.WARNING if level == "addressed" and block.audience == "free" else Severity.ERROR
    return Severity.WARNING if in_prose(line.text, last=line.last) else None


def _of_notice(issue: Issue, number: int, notice: Notice) -> Severity | None:
    """A notice that announces the blocks below it, of which the next is for all."""
    if announcement(notice.text.plain) not in ("reserved", "addressed"):
        return None
    below = (each for each in issue.front.blocks[number + 1 :] if each.role != "aside")
    following = next(below, None)
    if following is None or following.role == "frame" or following.audience == "paid":
        return None
    return None if isinstance(following, Article) and locked(following, "free") else Severity.WARNING


def _lines(text: Body) -> list[_Line]:
    """The lines of ``text`` that free readers get, those of boxes of links left out."""
    written = _BREAKS.sub("\n", text.source).split("\n")
    elements = dict(zip(text.lines, text.elements, strict=True))
    found: list[_Line] = []
    box: Block | None = None
    inside = False
    for number, line in enumerate(written):
        if line.startswith(":::"):
            element = elements.get(number)
            inside = isinstance(element, Block)
            box = element if isinstance(element, Block) else None
        elif line.strip() and not (inside and (_skipped(box) or _BOX_LINE.match(line))):
            above = written[number - 1].rstrip() if number else ""
            flows = bool(above) and not above.startswith((":::", "#")) and not above.endswith(_ENDED)
            found.append(_Line(number, line, flows, inside, last=False, linked=False))
    last, linked = True, False
    for index in range(len(found) - 1, -1, -1):
        linked = linked or bool(_HREF.search(found[index].text))
        found[index] = replace(found[index], last=last, linked=linked)
        last = last and is_call(found[index].text)
    return found


def _skipped(box: Block | None) -> bool:
    return box is not None and (isinstance(box, Links) or not box.is_for("free"))


def _before_cut(text: Body) -> int | None:
    """The line that announces the cut, where more than an invitation to subscribe follows before it."""
    free = []
    for line in _lines(text):
        if looks_like(line.text):
            break
        free.append(line)
    after = 0
    for line in reversed(free):
        if announcement(line.text) == "reserved" and not _POINT.match(line.text):
            return line.number if after > _INVITATION else None
        after += len(line.text)
    return None
