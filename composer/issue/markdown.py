"""The supported Markdown: ``inline`` for a sentence, ``body`` for a text with boxes and a paywall.

Neither raises: mistakes go to ``.problems``, with line and column in the value. There is no HTML: the result
contains only ``inline.Span`` and ``body.Element``.

The blocks allowed as boxes are parameters, since their own fields are texts: this avoids an import circle.

A body is first split into passages at the lines ``===``, ``:::name`` and ``:::``; Markdown does not see these.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from composer.issue import paywall
from composer.issue.block import Block
from composer.issue.block_markdown import Passage, problem
from composer.issue.body import Body, Citation, Crosshead, Element, Paywall
from composer.issue.directives import Directive
from composer.issue.inline import Inline
from composer.issue.inline_markdown import sentence
from composer.locale import gettext as _
from composer.source.finding import Problem

_BREAKS = re.compile(r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_FENCE = re.compile(r" {0,3}(?P<fence>`{3,}(?=[^`]*$)|~{3,})")
BOX_OPENING = re.compile(r":::+[ \t]*(?P<name>[^\W\d][\w-]*):?(?:[ \t\u00a0]+(?P<argument>.*\S))?\s*$")
_CLOSING = re.compile(r":::+\s*$")
_DIRECTIVE = re.compile(r"[\s>*+-]*:::")


def inline(text: str) -> Inline:
    """Parse one sentence or paragraph."""
    whole = _BREAKS.sub("\n", text)
    skipped = len(whole) - len(whole.lstrip())
    content = whole.strip()
    spans, remarks = sentence(content)
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


def body(text: str, boxes: Mapping[str, type[Block]] | None = None) -> Body:
    """Parse a text of several paragraphs that may hold ``boxes``; None: the text of a box, without box or paywall."""
    reader = _Reader(_BREAKS.sub("\n", text).split("\n"), boxes)
    found = sorted(reader.read(), key=lambda each: each[0])
    problems = sorted(reader.problems, key=lambda each: (each.line, each.column))
    return Body(text, tuple(element for _line, element in found), tuple(line for line, _ in found), tuple(problems))


class _Reader:
    def __init__(self, lines: list[str], boxes: Mapping[str, type[Block]] | None) -> None:
        self.lines = lines
        self.boxes = boxes
        self.problems: list[Problem] = []
        self.walls = 0

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
            elif not fence and _DIRECTIVE.match(text):
                yield from self._passage(start, line)
                end, found = self._directive(line)
                yield from found
                start = line = end
                continue
            line += 1
        yield from self._passage(start, len(self.lines))

    def _wall(self, line: int, fenced: bool) -> bool:
        """Report what is wrong with the paywall on ``line``; True if the text is cut there. In doubt it is cut."""
        text = self.lines[line]
        if self.boxes is None:
            message = _("only the text of an article can have a paywall, and not inside a box")
        elif fenced:
            message = _("the paywall is inside a block of code: close it first")
        elif not paywall.is_paywall(text):
            self.problems.append(paywall.malformed(line, text))
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
        text = self.lines[line]
        opening = BOX_OPENING.match(text)
        if self.boxes is None:
            self._problem("nested-box", _("a box cannot stand in another box, nor here"), line)
            return line + 1, []
        if opening is None:
            self._stray(line)
            return line + 1, []
        end = line + 1
        while end < len(self.lines) and not _CLOSING.match(self.lines[end]) and not _opens(self.lines[end]):
            if paywall.looks_like(self.lines[end]):
                message = _("the paywall is inside a box: close the box first, with a line :::")
                self.problems.append(paywall.misplaced(end, self.lines[end], message))
                self.lines[end] = ""
            end += 1
        closed = end < len(self.lines) and bool(_CLOSING.match(self.lines[end]))
        if end == len(self.lines):
            message = _("this box is never closed: put a line ::: after its text")
            self._problem("unclosed-box", message, line)
        elif not closed:
            message = _("a box cannot stand in another box: close the one of line {line} first, with a line :::")
            self._problem("nested-box", message.format(line=line + 1), end)
            self._forgive(end)
        box = Directive(self.lines, line, end, self.boxes, inline=inline)
        element = box.box(opening["name"], opening["argument"] or "")
        self.problems += box.problems
        return end + closed, [(line, element)] if element is not None else []

    def _forgive(self, line: int) -> None:
        """Blank the closing line of a box in which another was opened: it would be one more mistake."""
        closings = 0
        for number in range(line + 1, min(line + 200, len(self.lines))):
            if _opens(self.lines[number]):
                closings = 0
            elif _CLOSING.match(self.lines[number]):
                closings += 1
                if closings == 2:
                    self.lines[number] = ""
                    return

    def _stray(self, line: int) -> None:
        text = self.lines[line]
        if text != text.lstrip() or not text.startswith(":::"):
            message = _("a box begins at the beginning of its line, outside lists and citations")
            self._problem("misplaced-box", message, line)
        elif _CLOSING.match(text):
            self._problem("stray-close", _("this ::: closes no box: take it out"), line)
        else:
            message = _("a box begins with its name: :::figure picture.png")
            self._problem("unknown-key", message, line)

    def _passage(self, start: int, end: int) -> Iterator[tuple[int, Element]]:
        passage = Passage(self.lines, start, end)
        for line, element in passage.elements():
            if self.boxes is None and isinstance(element, (Crosshead, Citation)):
                self._problem("crosshead", _("a box holds paragraphs and points, no crosshead and no citation"), line)
            yield line, element
        self.problems += passage.problems

    def _problem(self, code: str, message: str, line: int) -> None:
        text = self.lines[line]
        self.problems.append(Problem(code, message, line, len(text) - len(text.lstrip())))


def _opens(line: str) -> bool:
    return bool(BOX_OPENING.match(line))
