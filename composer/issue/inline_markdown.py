"""Inline Markdown to spans, used by ``markdown.inline`` and for every paragraph of ``markdown.body``.

markdown-it parses; its tokens are converted to our spans. What markdown-it does not parse, HTML first, stays text as
typed. Some of its rules are wrapped so that each token records where it began.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline, autolink, image, link
from markdown_it.rules_inline.emphasis import tokenize as emphasis
from markdown_it.token import Token

from composer.issue.addresses import completed, is_address, whole_address
from composer.issue.doubtful_addresses import doubt_of
from composer.issue.html_paste import TAG, in_markdown
from composer.issue.inline import Break, Code, Emphasis, Link, Span, Strong, Text, plain
from composer.locale import gettext as _
from composer.source.finding import Severity
from composer.source.late_pattern import late

#: Deepest nesting of marks; beyond it, marks are dropped and the words kept.
DEEPEST = 8

#: Most remarks on one sentence.
MOST_REMARKS = 20

#: Quotation marks around an address, as a browser writes them.
_AROUND = late("^(?:%C2%AB|%E2%80%9[89CDE]|[\"']){1,4}|(?:%C2%BB|%E2%80%9[89CDE]|[\"']){1,4}$", re.IGNORECASE)
#: In an address as browsers write it: no-break spaces, a soft hyphen, zero-width characters.
_UNSEEN = late("%C2%A[0D]|%E2%80%(?:8[89ABEF]|A[AF])|%E2%81%A0|%EF%BB%BF", re.IGNORECASE)
#: A sentence without any of these is plain text, made 40 times faster than by markdown-it.
MARKS = late(r"[\n\\`*_!\[\]<]")


@dataclass(frozen=True)
class MarkdownRemark:
    """A mistake at ``position``, in characters of the sentence. ``better`` replaces ``wrong`` in a suggestion.

    ``better`` is empty where ``wrong`` is only taken out, and None where no line can be suggested.
    """

    code: str
    message: str
    position: int
    severity: Severity = Severity.ERROR
    wrong: str = ""
    better: str | None = None


Rule = Callable[[StateInline, bool], bool]


def _placed(rule: Rule) -> Rule:
    """Wrap the ``rule`` of links or images so that its token records where it began."""

    def placed(state: StateInline, silent: bool) -> bool:
        start, before = state.pos, len(state.tokens)
        found = rule(state, silent)
        if found and not silent:
            first = next(token for token in state.tokens[before:] if token.type in ("link_open", "image"))
            first.meta["position"] = start
        return found

    return placed


def _asterisks(state: StateInline, silent: bool) -> bool:
    """markdown-it's emphasis rule, with one token for each asterisk that records its position."""
    start, before = state.pos, len(state.tokens)
    found = emphasis(state, silent)
    if found and not silent:
        marks = [token for token in state.tokens[before:] if token.content == "*"]
        for offset, token in enumerate(marks):
            token.meta["position"] = start + offset
    return found


def _stray(state: StateInline) -> None:
    """Record every ``**`` that opened or closed nothing, before it is merged into the text around it."""
    if state.env.get("content") != state.src:
        return  # the words of an image
    last = -2
    for token in state.tokens:
        position = token.meta.get("position", -2) if token.type == "text" and token.content == "*" else -2
        if position >= 0 and position == last + 1:
            state.env["stray"].append(last)
            position = -2
        last = position


def _parser() -> MarkdownIt:
    markdown = MarkdownIt("zero").enable(["newline", "escape", "backticks", "emphasis", "link", "image", "autolink"])
    rules = markdown.inline.ruler
    rules.at("link", _placed(link))
    rules.at("autolink", _placed(autolink))
    rules.at("image", _placed(image))
    rules.at("emphasis", _asterisks)
    markdown.inline.ruler2.before("fragments_join", "stray", _stray)
    # Accept every address here, so that a refused one is reported rather than silently kept as text.
    markdown.validateLink = lambda url: True  # type: ignore[method-assign] # reason: this parser's own, not its class's
    # Their tables are filled at the first address: of two threads at once, the second would read half a table.
    markdown.normalizeLinkText(markdown.normalizeLink(""))
    return markdown


MARKDOWN = _parser()


@dataclass
class _Open:
    kind: str
    children: list[Span]
    url: str = ""
    position: int = 0


def sentence(content: str) -> tuple[tuple[Span, ...], tuple[MarkdownRemark, ...]]:
    """Parse ``content``, one paragraph of inline Markdown, into spans and remarks. Never raises."""
    if not MARKS.search(content):
        return ((Text(content),) if content else ()), ()
    return _parsed(content)


def _parsed(content: str) -> tuple[tuple[Span, ...], tuple[MarkdownRemark, ...]]:
    tokens: list[Token] = []
    stray: list[int] = []
    env: dict[str, object] = {"content": content, "stray": stray}
    MARKDOWN.inline.parse(content, MARKDOWN, env, tokens)
    remarks = [*_asterisks_remarks(content, stray)]
    spans = _spans(content, tokens, remarks)
    remarks += [*_tags(content, spans)]
    return spans, tuple(sorted(remarks, key=lambda remark: remark.position)[:MOST_REMARKS])


def _asterisks_remarks(content: str, stray: list[int]) -> Iterator[MarkdownRemark]:
    """One remark for each ``**`` that marks nothing; for two that were meant as bold, one with its mending.

    ``** so **`` has a space inside, ``**So.**And`` a mark that the word after it touches.
    """
    message = _("these asterisks mark nothing and will be printed: bold begins and ends against the words, **so**")
    stray = sorted(stray)
    at = 0
    while at < len(stray):
        start, end = stray[at], stray[at + 1] if at + 1 < len(stray) else -1
        inside = content[start + 2 : end]
        if content[start - 1 : start].isdigit() and content[start + 2 : start + 3].isdigit():  # a power, in programs
            at += 1
            continue
        words = inside.strip()
        touching = bool(words) and not words[-1].isalnum() and content[end + 2 : end + 3].isalnum()
        if end < 0 or not words or (words == inside and not touching) or "\n" in inside or "*" in inside:
            yield MarkdownRemark("stray-asterisks", message, start, Severity.WARNING)
            at += 1
            continue
        before = " " if inside[0].isspace() and start and not content[start - 1].isspace() else ""
        after = " " if touching or (inside[-1].isspace() and content[end + 2 : end + 3].isalnum()) else ""
        better = f"{before}**{words}**{after}"
        yield MarkdownRemark("stray-asterisks", message, start, Severity.WARNING, f"**{inside}**", better)
        at += 2


def _spans(content: str, tokens: list[Token], remarks: list[MarkdownRemark]) -> tuple[Span, ...]:
    opened = [_Open("", [])]
    for token in tokens:
        here = opened[-1].children
        kind, _sep, edge = token.type.rpartition("_")
        position = token.meta.get("position", 0)
        if token.type == "code_inline":
            here.append(Code(token.content))
        elif token.type == "hardbreak":
            here.append(Break())
        elif token.type == "softbreak":
            _add(here, " ")
        elif token.type == "image":
            remarks.append(_image(content, token, position))
            _add(here, token.content)
        elif edge == "open" and token.nesting == 1:
            url = str(token.attrs.get("href", ""))
            deep = len(opened) > DEEPEST
            if deep and not any(remark.code == "nesting" for remark in remarks):
                remarks.append(MarkdownRemark("nesting", _("marks within marks within marks: take some out"), position))
            if kind == "link" and not is_address(url):
                remarks.append(_address(url, position))
                deep = True
            elif kind == "link" and _UNSEEN.search(url):
                remarks.append(_unseen(url, position))
            elif kind == "link" and (unprinted := str(token.attrs.get("title", ""))):
                remarks.append(_unprinted(content, unprinted, position))
            # A refused mark appends to its parent's list: its words are kept, the mark is dropped.
            opened.append(_Open("", here) if deep else _Open(kind, [], url, position))
        elif edge == "close" and token.nesting == -1:
            closed = opened.pop()
            if closed.kind:
                _close(closed, opened[-1].children, remarks)
        else:
            _add(here, token.content)
    return _trimmed(opened[0].children)


def _add(spans: list[Span], text: str) -> None:
    if spans and isinstance(spans[-1], Text):
        spans[-1] = Text(spans[-1].text + text)
    elif text:
        spans.append(Text(text))


def _close(closed: _Open, into: list[Span], remarks: list[MarkdownRemark]) -> None:
    children = tuple(closed.children)
    if closed.kind == "link":
        words = plain(children)
        if words.strip():
            into.append(Link(closed.url, children))
            if (doubt := _doubtful(closed.url, words, closed.position)) is not None:
                remarks.append(doubt)
        else:
            message = _("this link has no words: [words]({url})").format(url=closed.url)
            remarks.append(MarkdownRemark("empty-link", message, closed.position))
    elif children:
        into.append(Strong(children) if closed.kind == "strong" else Emphasis(children))


def _trimmed(spans: list[Span]) -> tuple[Span, ...]:
    while spans and isinstance(spans[-1], Break):
        spans.pop()
    return tuple(spans)


#: A line that a picture begins, and what is around its file or behind it.
_PICTURED = re.compile(
    r"!\[(?P<alt>[^\[\]\n]{0,500})\]\([ \t]{0,3}<?(?P<src>[^\s()<>\"']{1,300})>?"
    r"(?:[ \t]{1,3}[\"'(][^\n]{0,300}?[\"')])?[ \t]{0,3}\)"
    r"(?:\{[^{}\n]{0,200}\})?(?P<rest>[^\n]*)"
)


def _image(content: str, token: Token, position: int) -> MarkdownRemark:
    message = _("a picture stands alone on its line, {picture}, and below it its credit, :photo: …, then its caption")
    found = _PICTURED.match(content)
    if found is None or position:
        shown = message.format(picture=f"![…]({token.attrs.get('src', '')})")
        return MarkdownRemark("markdown-image", shown, position)
    picture = f"![{found['alt']}]({found['src']})"
    rest = found["rest"].strip(" .,;:")
    better = f"{picture}\n{found['rest'].strip()}" if rest else picture
    under = content[found.end() :].lstrip().startswith(":")  # its options, which stand before the words
    shown = message.format(picture=picture[:120])
    return MarkdownRemark(
        "markdown-image", shown, position, Severity.ERROR, found[0], None if rest and under else better
    )


def _address(url: str, position: int) -> MarkdownRemark:
    if better := completed(url):
        message = _("“{url}” lacks its beginning: {better}").format(url=url[:80], better=better[:90])
        return MarkdownRemark("bad-link", message, position, wrong="(" + url, better="(" + better)
    if (bare := _AROUND.sub("", url)) != url and is_address(bare):
        message = _("“{url}” stands between quotation marks: {better}").format(url=unquote(url)[:80], better=bare[:90])
        return MarkdownRemark("bad-link", message, position, wrong="(" + unquote(url), better="(" + bare)
    if not url:
        message = _("this link leads nowhere: its address stands between the parentheses, [words](https://…)")
        return MarkdownRemark("bad-link", message, position)
    if is_address(seen := _UNSEEN.sub("", url)):
        return replace(_unseen(url, position), code="bad-link", severity=Severity.ERROR, better=f"({seen}")
    message = _("“{url}” is not an address a letter may link to: https://…, mailto:…, tel:… or #id are")
    return MarkdownRemark("bad-link", message.format(url=url[:80]), position)


#: An address between angle brackets that its beginning is printed with; or with its words behind a bar, as in Slack.
_NAMED = late(
    r"(?P<address>(?P<scheme>mailto:|tel:|https?://)[^|\s]{1,1000})(?:\|(?P<words>[^|\n]{1,200}))?", re.IGNORECASE
)


def _doubtful(url: str, words: str, position: int) -> MarkdownRemark | None:
    """What is wrong with an address that parses: it leads through another, to one machine, or not where it says."""
    if (named := _NAMED.fullmatch(words)) is not None and (named["words"] or named["scheme"][0] != "h"):
        address = named["address"]
        shown = named["words"] or address.removeprefix(named["scheme"]).partition("?")[0]
        better = f"<{shown}>" if address == f"mailto:{shown}" else f"[{shown}]({address})"
        message = _("“{words}” would be printed as it stands: write {better}")
        message = message.format(words=words[:80], better=better[:90])
        return MarkdownRemark("broken-link", message, position, Severity.WARNING, f"<{words}>", better)
    if (doubt := doubt_of(url)) is not None:
        instead = None if doubt.better is None else f"({doubt.better}"
        return MarkdownRemark(doubt.code, doubt.message, position, Severity.WARNING, "(" + url, instead)
    shown_address = whole_address(words.strip())
    if "://" in shown_address and _site(shown_address) != _site(url):
        message = _("these words are an address, and the link leads to another, {url}: filters take that for a trap")
        return MarkdownRemark("broken-link", message.format(url=url[:80]), position, Severity.WARNING)
    return None


def _site(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _unseen(url: str, position: int) -> MarkdownRemark:
    better = _UNSEEN.sub("", url)
    message = _("this address holds a no-break space, or another character that nobody sees: {better} is without it")
    typed = "(" + url.replace("%C2%A0", "\u00a0").replace("%E2%80%AF", "\u202f")
    message = message.format(better=better[:90])
    return MarkdownRemark("broken-link", message, position, Severity.WARNING, typed, f"({better}")


def _unprinted(content: str, title: str, position: int) -> MarkdownRemark:
    message = _("“{words}” beside this address would be printed nowhere: write it in the sentence, or take it out")
    shown = message.format(words=title[:80])
    forms = [f" {opened}{title}{closed}" for opened, closed in ('""', "''", "()")]
    typed = [each for each in forms if content.find(each, position) >= 0]
    wrong = min(typed, key=lambda each: content.find(each, position), default="")
    position = content.find(wrong, position) if wrong else position
    return MarkdownRemark("broken-link", shown, position, Severity.WARNING, wrong, "")


def _tags(content: str, spans: tuple[Span, ...]) -> Iterator[MarkdownRemark]:
    """Warn of what looks like HTML, which prints as typed, once a line; not in code, where that is intended."""
    if "<" not in content or not any(TAG.search(text) for text in printed_texts(spans)):
        return
    message = _("HTML means nothing here: “{tag}” will be printed as it stands")
    start = 0
    for line in content.split("\n"):
        first = next((tag for tag in TAG.finditer(line) if line[tag.start() - 1 : tag.start()] != "\\"), None)
        if first is not None:
            said, at = message.format(tag=first[0][:40]), first.start()
            escaped = TAG.search(line) is not first and "\\<" in line[:at]
            better = line[:at] + (in_markdown(line[at:]) or "") if escaped else in_markdown(line)
            yield MarkdownRemark(
                "html", said, start + at, Severity.WARNING, line[at:], None if better is None else better[at:]
            )
        start += len(line) + 1


def printed_texts(spans: tuple[Span, ...]) -> list[str]:
    """The texts of ``spans`` that are printed as typed: no code, no address."""
    texts: list[str] = []
    for span in spans:
        match span:
            case Text(text):
                texts.append(text)
            case Strong(children) | Emphasis(children) | Link(_, children):
                texts += printed_texts(children)
            case _:
                pass
    return texts
