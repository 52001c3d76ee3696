"""The supported Markdown: ``inline`` for a sentence, ``body`` for a text with boxes and a paywall.

Neither raises: mistakes go to ``.problems``, with line and column in the value. There is no HTML: the result
contains only ``inline.Span`` and ``body.Element``.

The blocks allowed as boxes are parameters, since their own fields are texts: this avoids an import circle.

A body is first split into passages at the lines ``===``, ``:::name`` and ``:::``; Markdown does not see these.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from functools import cached_property
from itertools import islice

from composer import locale
from composer.issue import paywall
from composer.issue.addresses import whole_address
from composer.issue.block import Block
from composer.issue.block_markdown import Passage, problem
from composer.issue.body import Asterism, Body, Citation, Crosshead, Element, Paywall
from composer.issue.body_lines import plain_spaces
from composer.issue.broken_links import definitions_in
from composer.issue.directives import Directive, spaced
from composer.issue.inline import Inline, Link, Text
from composer.issue.raw_signs import begun, remarked
from composer.locale import Language
from composer.locale import gettext as _
from composer.source.finding import Problem, Severity
from composer.source.late_pattern import late
from composer.source.pictures import OPTION, PICTURE
from composer.source.vocabulary import block_name, find_block, nearest_word

_BREAKS = late(r"[\r\v\f\x1c-\x1e\x85\u2028\u2029](?:(?<=\r)\n)?")
_FENCE = late(r" {0,3}(?P<fence>`{3,}(?=[^`]*$)|~{3,})")
BOX_OPENING = late(
    r"[ \t]{0,8}:::+[ \t]*(?P<name>[^\W\d][\w-]*)(?:[ \u00a0]?:{1,3})?(?:[ \t\u00a0]+(?P<argument>.*\S))?\s*$"
)
_BLOCK = late(r"#{1,6}[ \t]|[-*+>][ \t]|!\[")
_CLOSED_NAME = late(r"^([ \t]{0,8}:::[ \t]{0,4}[\w-]{1,40}):{2,3}(?=\s|$)")
_SHORT_OPENING = late(BOX_OPENING.pattern.replace(":::+", "::", 1))
_CLOSING = late(r"[ \t]{0,8}:::+\s*$")
_SHORT_CLOSING = late(r"[ \t]{0,8}::\s*$")
_DIRECTIVE = late(r"[\s>*+-]*:::")
#: Most lines of a body that are looked at as a box with two colons: each is compared with every name.
_MOST = 200


def inline(text: str) -> Inline:
    """Parse one sentence or paragraph."""
    whole = _BREAKS.sub("\n", text)
    skipped = len(whole) - len(whole.lstrip())
    content = whole.strip()
    spans, remarks = remarked(content, definitions_in(content.split("\n")))
    remarks = (*begun(content), *remarks)
    if address := whole_address(content):
        spans, remarks = (Link(address, (Text(content),)),), ()
    lines = whole.split("\n")
    problems: list[Problem] = []
    for remark in remarks:
        before = whole[: skipped + remark.position]
        line = before.count("\n")
        problems.append(problem(remark, line, len(before) - before.rfind("\n") - 1, lines[line]))
    first = whole[:skipped].count("\n")
    for number, line_text in enumerate(content.split("\n"), start=first):
        if paywall.looks_like(line_text):
            message = _("only the text of an article can have a paywall")
            problems.append(paywall.misplaced(number, lines[number], message))
        elif not line_text.strip() and content:
            message = _("one paragraph is expected here: take the empty line out")
            problems.append(Problem("one-paragraph", message, number))
    return Inline(text, spans, tuple(problems))


def body(text: str, boxes: Mapping[str, type[Block]] | None = None, keys: Language | None = None) -> Body:
    """Parse a text of several paragraphs that may hold ``boxes``; None: the text of a box, without box or paywall.

    Messages name boxes and their options in ``keys``, the language of its file.
    """
    lines = [plain_spaces(line) for line in _BREAKS.sub("\n", text).split("\n")]
    reader = _Reader(lines, boxes, keys or locale.language())
    found = sorted(reader.read(), key=lambda each: each[0])
    problems = sorted(reader.problems, key=lambda each: (each.line, each.column))
    return Body(text, tuple(element for _line, element in found), tuple(line for line, _ in found), tuple(problems))


class _Reader:
    def __init__(self, lines: list[str], boxes: Mapping[str, type[Block]] | None, keys: Language) -> None:
        self.lines = lines
        self.boxes = boxes
        self.keys = keys
        self.problems: list[Problem] = []
        self.walls = 0
        self.defines = bool(definitions_in(lines))  #: some line gives an address to links elsewhere; most texts none

    def read(self) -> Iterator[tuple[int, Element]]:
        start = line = 0
        fence = ""
        while line < len(self.lines):
            text = self.lines[line]
            if match := _FENCE.match(text):
                mark = match["fence"]
                if not fence:
                    fence = mark
                elif mark.startswith(fence) and not text.strip().strip(fence[0]):
                    fence = ""
            if paywall.looks_like(text):
                wall = self._wall(line, fenced=bool(fence))
                if wall:
                    yield from self._passage(start, line)
                    yield line, Paywall()
                    start, fence = line + 1, ""
                self.lines[line] = "" if not fence else text
            elif not fence and (_DIRECTIVE.match(text) or line in self.openings):
                yield from self._passage(start, line)
                end, found = self._directive(line)
                yield from found
                start = line = end
                continue
            elif not fence and self.boxes is not None and "figure" in self.boxes and PICTURE.match(text):
                yield from self._passage(start, line)
                start = line = yield from self._picture(line, self.boxes)
                continue
            line += 1
        yield from self._passage(start, len(self.lines))

    def _picture(self, line: int, boxes: Mapping[str, type[Block]]) -> Generator[tuple[int, Element], None, int]:
        """The picture on ``line``; returns the line after its options and its caption."""
        end = line + 1
        while end < len(self.lines) and _goes_on(self.lines[end]):
            end += 1
        box = Directive(self.lines, line, end, boxes, inline=inline, keys=self.keys)
        opening = PICTURE.match(self.lines[line])
        assert opening is not None
        element = box.box("figure", opening["src"], {"alt": opening.span("alt")})
        self.problems += box.problems
        if element is not None:
            yield line, element
        return end

    def _wall(self, line: int, fenced: bool) -> bool:
        """Report what is wrong with the paywall on ``line``; True if the text is cut there. In doubt it is cut."""
        text = self.lines[line]
        if self.boxes is None:
            message = _("only the text of an article can have a paywall, and not inside a box")
        elif fenced:
            message = _("the paywall is inside a block of code: close it first")
        elif not paywall.is_paywall(text):
            self.problems.append(paywall.malformed(line, text, self.lines[:line]))
            self.walls += 1
            return self.walls == 1
        else:
            self.walls += 1
            if self.walls == 1:
                return True
            message = _("a text has one paywall: this is the second line ===")
        self.problems.append(paywall.misplaced(line, text, message))
        return False

    def _directive(self, line: int) -> tuple[int, list[tuple[int, Element]]]:
        """The box that opens on ``line``, and the line after it."""
        opening = self.openings.get(line)
        if self.boxes is None:
            self._problem("nested-box", _("a box cannot stand in another box, nor here"), line)
            return line + 1, []
        if opening is None:
            self._stray(line)
            return line + 1, []
        if not spaced(opening["name"], opening["argument"] or "", self.boxes):  # else it is said with its name
            self._colons(line)
        end, closed = self._end(line, opening["name"])
        box = Directive(self.lines, line, end, self.boxes, inline=inline, keys=self.keys)
        element = box.box(opening["name"], opening["argument"] or "")
        self.problems += box.problems
        return end + closed, [(line, element)] if element is not None else []

    def _end(self, line: int, name: str) -> tuple[int, bool]:
        """Where the box that opens on ``line`` ends, and whether it is closed there."""
        closing = self.closings.get(line)
        if closing is None:
            self._problem("unclosed-box", _("this box is never closed: put a line ::: after its text"), line)
            return self._unclosed(line), False
        for number in range(line + 1, closing):
            if number in self.openings:
                message = _("a box cannot stand in another box: close :::{name} first, with a line :::")
                self._problem("nested-box", message.format(name=name), number)
                self.lines[closing] = ""
                return number, False
            if paywall.looks_like(self.lines[number]):
                message = _("the paywall is inside a box: close the box first, with a line :::")
                self.problems.append(paywall.misplaced(number, self.lines[number], message))
                self.lines[number] = ""
        self._colons(closing)
        return closing, True

    def _colons(self, line: int) -> None:
        """Report a line that begins or ends a box with two colons."""
        if not self.lines[line].lstrip().startswith(":::"):
            message = _("a box begins and ends with three colons: one is missing here")
            better = _CLOSED_NAME.sub(r"\1", self.lines[line].replace("::", ":::", 1))
            self.problems.append(Problem("box-colons", message, line, 0, Severity.WARNING, better))

    def _unclosed(self, line: int) -> int:
        """Where a box that is never closed probably ends: after its first paragraph, before a paywall or another box.

        What stands below is then read as the text around it, where it makes no mistake that merely follows.
        """
        end = line + 1
        while end < len(self.lines) and (OPTION.match(self.lines[end]) or not self.lines[end].strip()):
            end += 1
        while end < len(self.lines) and self.lines[end].strip():
            if paywall.looks_like(self.lines[end]) or end in self.openings:
                break
            end += 1
        return end

    @cached_property
    def closings(self) -> Mapping[int, int]:
        """The line that opens each box that is closed, and the line that closes it."""
        found: dict[int, int] = {}
        waiting: list[int] = []
        for number, text in enumerate(self.lines):
            if number in self.openings:
                waiting.append(number)
            elif waiting and (_CLOSING.match(text) or _SHORT_CLOSING.match(text)):
                found[waiting.pop()] = number
        return found

    @cached_property
    def openings(self) -> Mapping[int, re.Match[str]]:
        """The lines that open a box: with three colons, or with two before the name of one, misspelt or not."""
        lines = [(n, text) for n, text in enumerate(self.lines) if "::" in text]
        found = {n: match for n, text in lines if (match := BOX_OPENING.match(text))}
        short = ((n, match) for n, text in lines if (match := _SHORT_OPENING.match(text)))
        return found | {n: match for n, match in islice(short, _MOST) if self._is_box(match)}

    def _is_box(self, opening: re.Match[str]) -> bool:
        boxes, name = self.boxes or {}, opening["name"]
        if find_block(name, boxes) or spaced(name, opening["argument"] or "", boxes):
            return True
        return nearest_word(name, {each for box in boxes for each in (box, block_name(box, "fr"))}) is not None

    def _stray(self, line: int) -> None:
        text = self.lines[line]
        if not text.lstrip().startswith(":::"):
            message = _("a box begins at the beginning of its line, outside lists and citations")
            self._problem("misplaced-box", message, line)
        elif _CLOSING.match(text):
            self._problem("stray-close", _("this ::: closes no box: take it out"), line)
        else:
            message = _("a box begins with its name: :::figure picture.png")
            self._problem("unknown-key", message, line)

    def _passage(self, start: int, end: int) -> Iterator[tuple[int, Element]]:
        table = f":::{block_name('table', self.keys)}" if "table" in (self.boxes or {}) else ""
        passage = Passage(self.lines, start, end, definitions_in(self.lines) if self.defines else {}, table)
        for line, element in passage.elements():
            if self.boxes is None and isinstance(element, (Crosshead, Citation, Asterism)):
                self._problem(
                    "crosshead", _("a box holds paragraphs and points, no crosshead, no citation and no ornament"), line
                )
            yield line, element
        self.problems += passage.problems

    def _problem(self, code: str, message: str, line: int, suggestion: str | None = None) -> None:
        text = self.lines[line]
        self.problems.append(Problem(code, message, line, len(text) - len(text.lstrip()), suggestion=suggestion))


def _goes_on(line: str) -> bool:
    """True if ``line`` may belong to the picture above it."""
    return bool(line.strip()) and not (_DIRECTIVE.match(line) or paywall.looks_like(line) or _BLOCK.match(line))
