"""Block Markdown to elements, for a passage of a body between two boxes or paywalls.

Lines count from 0 in the body. Four constructs exist: paragraphs, ``## crossheads``, lists of points, and
``> citations``; any other Markdown is a mistake that says what to write instead, and its words are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from markdown_it import MarkdownIt
from markdown_it.common.utils import mdTrim
from markdown_it.token import Token

from composer.issue import paywall
from composer.issue.body import Asterism, Citation, Crosshead, Element, Paragraph, Point, Points
from composer.issue.broken_lines import broken, run_in
from composer.issue.inline import Break, Code, Span, Strong, Text
from composer.issue.inline_markdown import MarkdownRemark
from composer.issue.pasted import dialogue, pasted
from composer.issue.raw_signs import remarked
from composer.locale import gettext as _
from composer.source.finding import Problem, Severity
from composer.source.late_pattern import late
from composer.source.points import END_MARKS, begins_with_end_mark

_CONTAINERS = late(r"[ \t]*(?:>|[-+*][ \t]|\d{1,9}[.)][ \t])")
#: What a line that is not a paragraph begins with; and characters that Markdown would replace.
_CONSTRUCT = late(r"[ \t]*[#>+*_~`\d-]|.*\0", re.DOTALL)
_NO_SPACE = late(r"#{1,6}[^#\s]")


def _parser() -> MarkdownIt:
    markdown = MarkdownIt("zero").enable(["heading", "list", "blockquote", "fence", "hr"])
    markdown.core.ruler.disable(["inline", "text_join"])  # sentences are parsed one by one, to keep their positions
    return markdown


_MARKDOWN = _parser()


class Passage:
    """Parses the lines ``start`` to ``end`` of a body; appends what is wrong in them to ``problems``.

    ``definitions`` are the addresses that lines of the body give (``broken_links``). ``table`` is the line that opens a
    table there; empty where none can stand.
    """

    def __init__(self, lines: Sequence[str], start: int, end: int, definitions: Mapping[str, str], table: str) -> None:
        self.lines = lines
        self.start = start
        self.end = end
        self.table = table
        self.definitions = definitions
        self.problems: list[Problem] = []

    def elements(self) -> Iterator[tuple[int, Element]]:
        """Each element with its line. Never raises; linear time whatever the nesting."""
        chunk = list(self.lines[self.start : self.end])
        for number, written in enumerate(chunk):
            if _depth(written) > 4:
                self._problem("nesting", _("lists and citations do not nest: one level of them"), self.start + number)
                chunk[number] = "\\" + written.lstrip()
        tokens = _tokens(chunk)
        position = 0
        while position < len(tokens):
            token = tokens[position]
            inside = _inside(tokens, position)
            line = self._line(token)
            element = self._element(token, inside, line)
            if element is not None:
                yield line, element
            position += len(inside) + (2 if token.nesting == 1 else 1)

    def _element(self, token: Token, inside: Sequence[Token], line: int) -> Element | None:
        match token.type:
            case "paragraph_open":
                spans = self._sentence(inside[0])
                if _NO_SPACE.match(inside[0].content) and inside[0].content.startswith("##"):
                    words = inside[0].content.split("\n")[0].lstrip("#")
                    self._problem("crosshead", _("a space is missing after ##"), line, suggestion=f"## {words}")
                self._pasted(inside[0].content.split("\n"), line)
                return Paragraph(spans) if spans else None
            case "heading_open":
                return self._crosshead(token, inside, line)
            case "bullet_list_open" | "ordered_list_open":
                return self._points(token, inside, line)
            case "blockquote_open":
                return self._citation(inside, line)
            case "fence":
                message = _("a letter has no block of code: write it in the sentence, between `backticks`")
                self._problem("code-block", message, line)
                return Paragraph(_code(token.content)) if token.content.strip() else None
            case _ if token.markup.startswith("*"):
                return Asterism()
            case _:  # hr
                if title := self._title_above(line):
                    message = _("a title is not underlined here: write ## {title}, and take the line below out")
                    self._problem("rule", message.format(title=title), line - 1, suggestion=f"## {title}\n")
                else:
                    message = _("a line of dashes draws nothing here: write * * * for an ornament, or a ## crosshead")
                    self._problem("rule", message, line, suggestion="* * *")
                return Paragraph((Text(self.lines[line].strip()),))

    def _pasted(self, lines: Sequence[str], start: int) -> None:
        """Report the lines of a paragraph, from line ``start``, that were meant as something else."""
        found = [*pasted(lines, self.table)] or [*broken(lines)]
        for each in found:
            at = start + each.number
            self._problem(each.code, each.message, at, severity=Severity.WARNING, suggestion=each.better or None)

    def _title_above(self, line: int) -> str:
        """The words that line ``line`` underlines as a title; empty for none."""
        return paywall.title_in(self.lines[line - 1] if line > self.start else "", self.lines[line - 2 : line - 1])

    def _within(self, token: Token) -> None:
        """Report the lines of a point or of a citation that were meant to be others."""
        lines, start = token.content.split("\n"), self._line(token)
        if len(lines) < 2:
            return
        under = [replace(each, number=each.number + 1) for each in pasted(lines[1:])]
        for each in (*under, *run_in(lines, self.lines[start : start + len(lines)])):
            at = start + each.number
            self._problem(each.code, each.message, at, severity=Severity.WARNING, suggestion=each.better or None)

    def _crosshead(self, token: Token, inside: Sequence[Token], line: int) -> Crosshead | None:
        content = inside[0].content
        better = f"## {content}"
        if token.tag != "h2" and content.strip():
            message = _("a crosshead is written with two hashes: the headline above is the only other title")
            self._problem("crosshead", message, line, suggestion=better)
        spans = self._sentence(inside[0])
        if not spans:
            self._problem("crosshead", _("this crosshead has no words"), line)
            return None
        return Crosshead(spans)

    def _points(self, token: Token, inside: Sequence[Token], line: int) -> Points:
        items: list[list[Span]] = []
        numbers: list[str] = []
        ordered = token.type == "ordered_list_open"
        for before, child in zip((None, *inside), inside, strict=False):
            if child.type == "list_item_open":
                numbers.append(child.info)
                items.append([])
            elif child.type == "inline":
                if items[-1] and before is not None:
                    items[-1].append(Break())
                if len(items[-1]) > 1 and before is not None and before.type == "paragraph_open":
                    message = _("a point of a list is one paragraph: begin another point, or end the list")
                    self._problem("point", message, self._line(child))
                items[-1] += self._sentence(child)
                self._within(child)
            else:
                items[-1:] = self._odd(child, items[-1:])
        start = token.attrs.get("start", 1) if ordered else 1
        if start != 1:
            message = _("this line reads as item {number} of a list; for a sentence that begins so, write {better}")
            mark = self.lines[line].lstrip()[len(str(start)) : len(str(start)) + 1] or "."
            better = f"{start}\\{mark}"
            above = re.match(r"\s*(\d{1,3})([.)])\s", self.lines[line - 1]) if line > self.start else None
            if above is not None and int(above[1]) + 1 == start:
                message = _("the points of a list have one mark: this one is written {better}, as the one above")
                better = f"{start}{above[2]}"
            fixed = self.lines[line].replace(f"{start}{mark}", better, 1)
            self._problem("list-number", message.format(number=start, better=better), line, suggestion=fixed)
            items[0].insert(0, Text(f"{start}. "))
        self._signed(inside)
        if not ordered and (paste := dialogue([each.content for each in inside if each.type == "inline"])) is not None:
            self._problem(paste.code, paste.message, line, severity=Severity.WARNING, suggestion=paste.better)
        if ordered and len(set(numbers)) > 1:  # all of them 1. is how some write a list that counts by itself
            self._counted(inside, int(start))
        return Points(tuple(_point(spans) for spans in items if spans), ordered)

    def _signed(self, inside: Sequence[Token]) -> None:
        """Report a plus before a number, which is a point's mark here: the letter prints another."""
        for opened, child in zip(inside, inside[2:], strict=False):
            if opened.type == "list_item_open" and opened.markup == "+" and child.content[:1].isdigit():
                message = _(
                    "this + reads as the mark of a point, and would not be printed: it touches its number, +3 %"
                )
                line = self._line(opened)
                better = re.sub(r"\+\s+", "+", self.lines[line], count=1)
                self._problem("bullet", message, line, severity=Severity.WARNING, suggestion=better)

    def _counted(self, inside: Sequence[Token], start: int) -> None:
        """Report the points that are printed with another number than the one typed."""
        opened = (child for child in inside if child.type == "list_item_open" and child.level == inside[0].level)
        for number, child in enumerate(opened, start):
            if child.info != str(number):
                message = _("this point is typed {typed} and will be printed {number}: a list counts by itself")
                line = self._line(child)
                fixed = self.lines[line].replace(child.info, str(number), 1)
                message = message.format(typed=child.info, number=number)
                self._problem("list-number", message, line, severity=Severity.WARNING, suggestion=fixed)

    def _odd(self, child: Token, last: list[list[Span]]) -> list[list[Span]]:
        """Report a construct not allowed in a list or a citation, and append its words to the ``last`` item."""
        if child.nesting == 1 and child.type not in ("paragraph_open", "list_item_open"):
            line = self._line(child)
            if child.type == "heading_open":
                self._problem("crosshead", _("a crosshead stands alone, outside lists and citations"), line)
            else:
                arrow = re.fullmatch(r"\s*(?:>>|[-*+] +[-*+•–] )\s*(?P<words>[^\s>].*)", self.lines[line])
                mail = re.fullmatch(r"\s*(?:> ?){2,10}(?P<words>[^\s>].*)", self.lines[line])
                under = self.lines[line - 1].lstrip()[:1] == ">" if line > self.start else False
                better = (
                    f"- {arrow['words']}" if arrow and not (mail and under) else f"> {mail['words']}" if mail else None
                )
                message = _("lists and citations do not nest: one level of them")
                self._problem("nesting", message, line, suggestion=better)
        elif child.type == "fence":
            message = _("a letter has no block of code: write it in the sentence, between `backticks`")
            self._problem("code-block", message, self._line(child))
            return [[*spans, *_code(child.content)] for spans in last]
        elif child.type == "hr":
            self._problem("rule", _("a line of dashes draws nothing here"), self._line(child))
        return last

    def _citation(self, inside: Sequence[Token], line: int) -> Citation | None:
        paragraphs: list[list[Span]] = []
        for child in inside:
            if child.type == "inline":
                paragraphs.append(list(self._sentence(child)))
                self._within(child)
            elif child.type == "fence":
                paragraphs += self._odd(child, [[]])
            else:
                self._odd(child, [])
        words = tuple(tuple(spans) for spans in paragraphs if spans)
        return Citation(words) if words else None

    def _sentence(self, token: Token) -> tuple[Span, ...]:
        spans, remarks = remarked(token.content, self.definitions)
        for remark in remarks:
            self.problems.append(self._placed(token, remark))
        return spans

    def _placed(self, token: Token, remark: MarkdownRemark) -> Problem:
        before = token.content[: remark.position]
        number = before.count("\n")
        line = self._line(token) + number
        written = self.lines[line] if line < len(self.lines) else ""
        column = max(written.find(token.content.split("\n")[number].strip()), 0)
        column += len(before) - before.rfind("\n") - 1
        return problem(remark, line, column, written)

    def _line(self, token: Token) -> int:
        return self.start + (token.map[0] if token.map else 0)

    def _problem(
        self,
        code: str,
        message: str,
        line: int,
        *,
        severity: Severity = Severity.ERROR,
        suggestion: str | None = None,
    ) -> None:
        written = self.lines[line]
        column = len(written) - len(written.lstrip())
        self.problems.append(Problem(code, message, line, column, severity, suggestion))


def problem(remark: MarkdownRemark, line: int, column: int, written: str) -> Problem:
    """``remark`` as a Problem at its position; its suggestion is the line ``written`` there, corrected."""
    suggestion = None
    wrong, better = remark.wrong, remark.better
    if wrong and better is not None:
        start = column if written.startswith(wrong, column) else written.find(wrong)
        suggestion = _replaced(written, start, start + len(wrong), better) if start >= 0 else None
    if suggestion == written or not (suggestion or "").strip():
        suggestion = None
    return Problem(remark.code, remark.message, line, column, remark.severity, suggestion)


def _replaced(written: str, start: int, end: int, better: str) -> str:
    """``written`` with ``better`` from ``start`` to ``end``; one space fewer where nothing is left between two."""
    before, after = written[:start], written[end:]
    if not better and not after.strip():
        return before.rstrip()
    if not better and (before[-1:].isspace() or not before.strip()) and after[:1] in tuple(" ,."):
        after = after.removeprefix(" ")
        before = before if after[:1] not in tuple(",.") else before.rstrip()
    return before + better + after


def _tokens(lines: Sequence[str]) -> Sequence[Token]:
    """Markdown's tokens of a passage; made without markdown-it where every line is a paragraph's."""
    if any(_CONSTRUCT.match(line) for line in lines):
        return _MARKDOWN.parse("\n".join(lines))
    tokens: list[Token] = []
    end = 0
    for start, line in enumerate(lines):
        if start < end or not line.strip(" \t"):
            continue
        end = next((n for n in range(start + 1, len(lines)) if not lines[n].strip(" \t")), len(lines))
        content = mdTrim("\n".join(lines[start:end]))
        tokens += (
            Token("paragraph_open", "p", 1, map=[start, end]),
            Token("inline", "", 0, content=content, map=[start, end]),
            Token("paragraph_close", "p", -1),
        )
    return tokens


def _depth(line: str) -> int:
    depth = position = 0
    while depth < 6 and (match := _CONTAINERS.match(line, position)):
        depth, position = depth + 1, match.end()
    return depth


def _inside(tokens: Sequence[Token], position: int) -> Sequence[Token]:
    """The tokens between the one at ``position`` and the one that closes it."""
    if tokens[position].nesting != 1:
        return ()
    end = position + 1
    while tokens[end].level > tokens[position].level or tokens[end].nesting != -1:
        end += 1
    return tokens[position + 1 : end]


def _code(content: str) -> tuple[Span, ...]:
    spans: list[Span] = []
    for line in content.strip("\n").split("\n"):
        spans += [Break(), Code(line)] if spans else [Code(line)]
    return tuple(spans)


def _point(spans: list[Span]) -> Point:
    """A point, with its lead split off: ``**Lead :** text``, ``**Lead** • text`` and similar give the same lead."""
    if not spans or not isinstance(spans[0], Strong):
        return Point(tuple(spans))
    lead, inside = _without_mark(spans[0].children)
    rest = list(spans[1:])
    if not rest or not lead:
        return Point(tuple(spans))
    after = rest[0].text if isinstance(rest[0], Text) else ""
    words = after.lstrip()
    outside = not inside and begins_with_end_mark(words)
    if not inside and not outside:
        return Point(tuple(spans))
    words = words[1:].lstrip() if outside else words
    if isinstance(rest[0], Text):
        rest[0:1] = [Text(words)] if words else []
    return Point(tuple(rest), lead) if rest else Point(tuple(spans))


def _without_mark(children: tuple[Span, ...]) -> tuple[tuple[Span, ...], bool]:
    """A lead without the mark that ends it; and True if there was one."""
    last = children[-1]
    if not isinstance(last, Text):
        return children, False
    words = last.text.rstrip()
    if not words.endswith(tuple(END_MARKS)) or words.endswith(".."):
        return children, False
    words = words[:-1].rstrip()
    return (*children[:-1], *((Text(words),) if words else ())), True
