"""Checks within one issue: names resolve, dates agree, and every option has an effect."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

from composer.issue import promises, undescribed
from composer.issue.block import AUDIENCES, Block
from composer.issue.blocks.article import Article, locked
from composer.issue.blocks.interview import Interview, has_question
from composer.issue.blocks.notice import Notice
from composer.issue.blocks.sponsor import SponsorSlot
from composer.issue.body import Body, Paywall
from composer.issue.files import find_issues, issue_path, language_of
from composer.issue.inline import Inline, plain
from composer.issue.marked import Anchor, Beside, Embargo, Marked, Refers, Signs, marked, shown, words_of
from composer.issue.model import Issue, IssueKey
from composer.issue.people import LOOKS_LIKE_ID
from composer.issue.references import BLOCK, ISSUE
from composer.issue.text_iter import addresses, texts
from composer.issue.welcome import is_welcome
from composer.locale import Language
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom, Person
from composer.newsroom.unread import publication_file
from composer.newsroom.weekdays import comes_out, wrong_day
from composer.source.document import Loc
from composer.source.finding import Finding, Severity, respelled
from composer.source.late_pattern import late
from composer.source.paths import FileMissing, OutsideNewsroom, inside, renamed_line
from composer.source.quoting import split_lines
from composer.source.vocabulary import key_name, nearest_word

#: How alike a signature and a person's name are, from 0 to 1, where one is probably a misspelling of the other.
NEARLY = 0.88

#: Style options that hold for a whole issue, and have no effect on one block.
_WHOLE_ISSUE = ("dates", "credits")


def check(issue: Issue, newsroom: Newsroom) -> Iterator[Finding]:
    """The findings on ``issue`` by itself; pictures and advertisements are checked when it is composed."""
    yield from _weekday(issue, newsroom)
    yield from unresolved(issue)
    yield from _bare_ids(issue)
    yield from _people(issue, newsroom)
    yield from _files(issue, newsroom)
    yield from _slots(issue)
    yield from _dead_end(issue, newsroom)
    yield from _original(issue, newsroom)
    yield from _editions(issue, newsroom)
    yield from _embargo(issue, newsroom)
    yield from promises.check(issue, newsroom)
    yield from undescribed.check(issue, newsroom.settings.keys)
    for number, block in enumerate(issue.front.blocks):
        loc: Loc = ("blocks", number)
        yield from _wall(issue, block, loc)
        if isinstance(block, Interview) and block.body.elements and not has_question(block.body):
            message = _(
                "no question is seen in this interview: it prints as an article does. Write each in bold, **Why?**, "
                "or as a crosshead, ## Why?"
            )
            yield issue.source.finding("no-question", message, (*loc, "body"), severity=Severity.WARNING)
        for key in _WHOLE_ISSUE:
            if block.style is not None and getattr(block.style, key) is not None:
                name = key_name(key, newsroom.settings.keys, "Style")
                message = _("{key} holds for a whole issue: on one block it does nothing").format(key=name)
                at = (*loc, "style", key)
                yield issue.source.finding("style-without-effect", message, at, severity=Severity.WARNING)


def _weekday(issue: Issue, newsroom: Newsroom) -> Iterator[Finding]:
    day, schedule = issue.key.date, newsroom.publications[issue.key.publication].schedule
    if is_welcome(newsroom, issue.key):
        return
    if comes_out(schedule, day):
        yield from _taken(issue, newsroom)
    elif not issue.key.slug:
        yield issue.source.finding("weekday", wrong_day(schedule, day), severity=Severity.WARNING)


def _taken(issue: Issue, newsroom: Newsroom) -> Iterator[Finding]:
    """Report why an issue does not leave on its day, though its publication comes out then."""
    key, schedule = issue.key, newsroom.publications[issue.key.publication].schedule
    if key.date in schedule.skip:
        message = _("{date} is under “{key}” of the publication's schedule: nothing leaves by itself that day")
        name = key_name("skip", newsroom.settings.keys)
        yield issue.source.finding("weekday", message.format(date=key.date, key=name), severity=Severity.WARNING)
    own = newsroom.publications[key.publication].language
    others = {
        file.path.name: file.key.slug
        for file in find_issues(newsroom, key.publication)
        if file.key.date == key.date and file.key.slug != key.slug and language_of(newsroom, file.key) == own
        if not is_welcome(newsroom, file.key)
    }
    if not key.slug or not others or language_of(newsroom, key) != own:
        return
    first = next((name for name, slug in others.items() if not slug), None)
    if first is not None:
        message = _("{file} is what leaves on that day: this one leaves by filigrane send alone")
        yield issue.source.finding("weekday", message.format(file=first), severity=Severity.WARNING)
        return
    message = _("several issues have this date, and none leaves by itself: name the one that is to leave {date}.yaml")
    yield issue.source.finding("weekday", message.format(date=key.date), severity=Severity.WARNING)


def unresolved(issue: Issue) -> Iterator[Finding]:
    """The findings on names of blocks: given twice, or referred to and given to none."""
    ids: dict[str, Loc] = {}
    for name, loc, line in named(issue):
        if name in ids:
            message = _("two blocks are called “{id}”: rename one of them").format(id=name)
            yield issue.source.finding("duplicate-id", message, loc, line=line)
        ids.setdefault(name, loc)
    for name, loc, line, column in _referred(issue):
        if name in ids:
            continue
        message = _("no block of this issue is called “{id}”").format(id=name)
        near = nearest_word(name, ids)
        message += _("; did you mean {name}?").format(name=near) if near else ""
        found = issue.source.finding("unknown-id", message, loc, line=line, column=column)
        yield respelled(found, name, near)


#: The head of a list that is written as one Markdown list, where no quotes are needed.
_BARRED = re.compile(r"\|[ \t]{0,20}(?:#.{0,200})?$")


def _bare_ids(issue: Issue) -> Iterator[Finding]:
    """Report an item of ``also`` or ``summary`` that is an id alone: those are lists of words, and it is printed."""
    summary = issue.front.summary
    listed: list[tuple[Loc, tuple[Inline, ...]]] = [(("also",), issue.front.also)]
    listed += [(("summary", "items"), summary.items)] if summary is not None else []
    if not any(BLOCK.fullmatch(item.source.strip().removeprefix("#")) for _loc, items in listed for item in items):
        return
    words = {each.value: plain(words_of(each.owner)) for each in marked(issue.front, Anchor)}
    for loc, items in listed:
        for index, item in enumerate(items):
            typed = item.source.strip()
            name = typed.removeprefix("#")
            if name not in words or not BLOCK.fullmatch(name):
                continue
            better = f"[{words[name]}](#{name})"
            message = _("“{words}” would be printed as it stands: a link to a text of this issue is written {better}")
            message = message.format(words=typed, better=better)
            found = issue.source.finding("raw-marks", message, (*loc, index), severity=Severity.WARNING)
            head = split_lines(issue.source.text)[issue.source.place(loc).line - 1]
            quotes = '"' if not _BARRED.search(head) and f'"{typed}"' not in (found.excerpt or "") else ""
            yield respelled(found, typed, f"{quotes}{better}{quotes}")


def named(issue: Issue) -> Iterator[tuple[str, Loc, int | None]]:
    """The ids defined, in order, with their places; those of a block before those of its boxes."""
    for number, block in enumerate(issue.front.blocks):
        for each in sorted(marked(block, Anchor, ("blocks", number)), key=lambda each: each.body is not None):
            yield each.value, each.loc, each.line


def _referred(issue: Issue) -> Iterator[tuple[str, Loc, int | None, int | None]]:
    """The ids referred to, with their places."""
    for each in marked(issue.front, Refers):
        name = each.value.source.strip() if isinstance(each.value, Inline) else each.value
        if BLOCK.fullmatch(name) and not ISSUE.fullmatch(name):
            yield name, each.loc, *(_place(each.body.source, name, each.line) if each.body else (None, None))
    for loc, found in texts(issue.front):
        for url in dict.fromkeys(addresses(found) if "#" in found.source else ()):
            if url.startswith("#"):
                yield url[1:], loc, *_place(found.source, f"({url})")


def _place(source: str, words: str, first: int | None = None) -> tuple[int, int]:
    """Line and column of ``words`` in ``source``, searched from line ``first`` on."""
    first = first or 0
    for line, text in enumerate(source.split("\n")):
        if line >= first and words in text:
            return line, text.index(words) + words.startswith("(")
    return first, 0


def _people(issue: Issue, newsroom: Newsroom) -> Iterator[Finding]:
    people = newsroom.publications[issue.key.publication].people
    for signer in marked(issue.front, Signs):
        name = signer.value
        if name in people:
            continue
        if not LOOKS_LIKE_ID.fullmatch(name):
            yield from _nearly(issue, signer, people)
            continue
        message = _("nobody is called “{name}” in the publication's people").format(name=name)
        near = nearest_word(name, people)
        if near is not None:
            message += _("; did you mean {name}?").format(name=near)
        elif people:
            message += _(": there are {names}").format(names=", ".join(people))
        yield respelled(issue.source.finding("unknown-person", message, signer.loc, line=signer.line), name, near)


def _nearly(issue: Issue, signer: Marked[Signs], people: Mapping[str, Person]) -> Iterator[Finding]:
    """Warn of a signature that nearly is a person's identifier or name: it would be printed as typed, and alone."""
    name = signer.value
    names = {person.name: identifier for identifier, person in people.items()}
    if name in names:
        return
    near = _together(name, names) or (nearest_word(name, people, NEARLY) if " " not in name.strip() else None)
    if near is None and (full := nearest_word(name, names, NEARLY)) is not None:
        near = names[full]
    if near is not None:
        message = _("“{name}” is nobody of the publication's people, and is printed as it stands; did you mean {near}?")
        message = message.format(name=name, near=near)
        severity = Severity.WARNING
        found = issue.source.finding("unknown-person", message, signer.loc, line=signer.line, severity=severity)
        typed = late(rf"([\"']?){re.escape(name)}\1")
        better = typed.sub(lambda _match: near, found.excerpt or "", count=1)
        yield replace(found, suggestion=better) if signer.body is None and better != found.excerpt else found


_BY = late(r"(?:par|by) +", re.IGNORECASE)
_AND = late(r"[,;&]|\b(?:et|and)\b", re.IGNORECASE)


def _together(signed: str, names: Mapping[str, str]) -> str | None:
    """The identifier of who signs after “by”, or a list of those who sign together, where all are known."""
    alone = _BY.sub("", signed.strip(), count=1)
    parts = [part.strip() for part in _AND.split(alone)]
    found = [names.get(part) or (part if part in names.values() else None) for part in parts]
    known = [each for each in found if each]
    if len(known) < len(found) and any(part in names.values() for part in parts):  # an identifier would be printed
        return f"[{', '.join(each or part for each, part in zip(found, parts, strict=True))}]"
    if len(known) < len(found) or not known:
        return None
    return known[0] if len(known) == 1 else f"[{', '.join(known)}]"


def _files(issue: Issue, newsroom: Newsroom) -> Iterator[Finding]:
    """Report files that are named, not printed, and not there."""
    folder = (newsroom.root / issue.source.file).parent
    for each in marked(issue.front, Beside):
        if each.mark.printed or not each.value:
            continue
        try:
            inside(newsroom.root, folder, each.value)
        except (FileMissing, OutsideNewsroom) as refusal:
            better = renamed_line(issue.source, refusal, each.value, each.loc, each.line)
            yield issue.source.finding(refusal.code, str(refusal), each.loc, line=each.line, suggestion=better)


def _original(issue: Issue, newsroom: Newsroom) -> Iterator[Finding]:
    """Report a translation without its original, and an original that names one."""
    key, said = issue.key, issue.front.translation_of
    name, own = key_name("translation_of", newsroom.settings.keys), newsroom.publications[key.publication].language
    if language_of(newsroom, key) == own:
        if said is not None and key.slug in get_args(Language) and key.slug != own:
            message = _("a translation is named with a point before its language: rename it {file}")
            renamed = f"{key.date.isoformat()}.{key.slug}.yaml"
            yield issue.source.finding("translation", message.format(file=renamed), ("translation_of",))
        elif said is not None:
            message = _("this is the original, in the publication's own language: take {key} out")
            yield issue.source.finding("translation", message.format(key=name), ("translation_of",))
        return
    stem = issue_path(newsroom, replace(key, language=None)).stem
    if said in (f"{stem}.yaml", f"{stem}.{own}.yaml"):
        if not (newsroom.root / issue.source.file).with_name(said).is_file():
            message = _("there is no file “{name}” in {folder}")
            folder = Path(issue.source.file).parent.as_posix()
            yield issue.source.finding("file-missing", message.format(name=said, folder=folder), ("translation_of",))
        return
    message = _("an edition in another language leaves with the original of the same date and name: write {line}")
    line = f"{name}: {stem}.yaml"
    loc: Loc = () if said is None else ("translation_of",)
    yield issue.source.finding("translation", message.format(line=line), loc, suggestion=line if said else None)


def _editions(issue: Issue, newsroom: Newsroom) -> Iterator[Finding]:
    """Report a notice without an address that announces an edition which this issue does not have."""
    key = issue.key
    for number, block in enumerate(issue.front.blocks):
        if not isinstance(block, Notice) or block.edition is None or block.url is not None:
            continue
        loc: Loc = ("blocks", number, "edition")
        if block.edition == language_of(newsroom, key):
            message = _("this notice announces an edition in the language of this one")
            yield issue.source.finding("own-edition", message, loc, severity=Severity.WARNING)
        elif not _has_edition(newsroom, key, block.edition):
            wanted = issue_path(newsroom, replace(key, language=block.edition)).name
            message = _("there is no such edition of this issue yet: its file would be {name}").format(name=wanted)
            yield issue.source.finding("no-edition", message, loc, severity=Severity.WARNING)


def _has_edition(newsroom: Newsroom, key: IssueKey, language: str) -> bool:
    return any(
        (file.key.date, file.key.slug) == (key.date, key.slug) and language_of(newsroom, file.key) == language
        for file in find_issues(newsroom, key.publication)
    )


def _wall(issue: Issue, block: Block, loc: Loc) -> Iterator[Finding]:
    for at, text in texts(block, loc):
        if isinstance(text, Body):
            yield from _unreachable(issue, block, text, at)
            walls = [line for line, each in text.by_line() if isinstance(each, Paywall)]
            if walls and not isinstance(block, Article):
                message = _("only an article has a paid part: take this === out, or make this block an article")
                yield issue.source.finding("paywall", message, at, line=walls[0])
            elif walls and isinstance(text.elements[-1], Paywall):
                message = _("nothing follows this paywall: paying readers get no more than the others")
                severity = Severity.WARNING
                yield issue.source.finding("empty-paid-part", message, at, line=walls[0], severity=severity)


def _unreachable(issue: Issue, block: Block, body: Body, loc: Loc) -> Iterator[Finding]:
    """Report what is in ``body`` and reaches no audience of ``block``."""
    reached = {line for each in AUDIENCES if block.is_for(each) for line, _element in shown(block, body, each)}
    wall = next((line for line, each in body.by_line() if isinstance(each, Paywall)), None)
    lost = [(line, each) for line, each in body.by_line() if line not in reached and not isinstance(each, Paywall)]
    for line, each in lost:
        if isinstance(each, Block) and each.audience != "all":
            message = _("nobody gets this box: none of its readers get the text around it")
            if each.audience == "free" and wall is not None and line > wall:
                message = _("nobody gets this box: it is for free readers, behind the paywall")
            yield issue.source.finding("unreachable-box", message, loc, line=line)
    if all(isinstance(each, Block) and each.audience != "all" for _line, each in lost):
        return
    if wall is not None:
        message = _("nobody gets what follows this paywall: the block is for free readers, who stop here")
        yield issue.source.finding("unreachable-text", message, loc, line=wall)
    else:
        message = _("nobody gets this text: the block is for free readers, and its text for paying ones")
        yield issue.source.finding("unreachable-text", message, loc)


def _dead_end(issue: Issue, newsroom: Newsroom) -> Iterator[Finding]:
    """Remark on the first paywall at which free readers are told neither what follows nor how to read it."""
    if newsroom.publications[issue.key.publication].subscribe_url is not None:
        return
    keys = newsroom.settings.keys
    for number, block in enumerate(issue.front.blocks):
        if isinstance(block, Article) and block.audience != "paid" and locked(block, "free") and block.teaser is None:
            message = _(
                "free readers stop in this article, and nothing tells them how to read on: write “{url}” in "
                "{file}, or a “{teaser}” here"
            ).format(
                url=key_name("subscribe_url", keys),
                file=publication_file(newsroom.root / issue.source.file, newsroom),
                teaser=key_name("teaser", keys),
            )
            at: Loc = ("blocks", number, "headline")
            yield issue.source.finding("dead-end", message, at, severity=Severity.NOTE)
            return


def _slots(issue: Issue) -> Iterator[Finding]:
    """Report a slot used twice: it is sold once, so that a reader sees it once."""
    seen: set[tuple[str, str]] = set()
    for number, block in enumerate(issue.front.blocks):
        if isinstance(block, SponsorSlot):
            wanted = {(block.slot, each) for each in ("free", "paid") if block.audience in ("all", each)}
            if wanted & seen:
                message = _("the slot “{slot}” is printed already, above: it was sold once").format(slot=block.slot)
                yield issue.source.finding("slot-printed-twice", message, ("blocks", number, "slot"))
            seen |= wanted


def _embargo(issue: Issue, newsroom: Newsroom) -> Iterator[Finding]:
    zone = ZoneInfo(newsroom.settings.timezone)
    leaves = datetime.combine(issue.key.date, newsroom.publications[issue.key.publication].schedule.at, zone)
    for each in marked(issue.front, Embargo):
        until = each.value if each.value.tzinfo else each.value.replace(tzinfo=zone)
        if until > leaves:
            message = _("this article is under embargo until {until}, and the issue leaves on {leaves}").format(
                until=f"{until.astimezone(zone):%Y-%m-%d %H:%M}", leaves=f"{leaves:%Y-%m-%d %H:%M}"
            )
            yield issue.source.finding("embargo", message, each.loc, line=each.line)
