"""State of reading one file: its lines as typed and as repaired, and the findings so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from composer.locale import Language
from composer.locale import gettext as _
from composer.source.document import Loc, Mark, Source
from composer.source.finding import Finding, Place, Severity
from composer.source.quoting import columns, spelled, split_lines
from composer.source.tree import Node, Scalar, TextPart, TextRange
from composer.source.vocabulary import key_language

#: Most findings of one code in a file: more of them add nothing.
REPEAT_CAP = 20


@dataclass
class ParseState:
    """``lines`` are as typed; ``mended`` are those that YAML can parse, the same number. Spans refer to ``mended``."""

    file: str
    text: str
    language: Language
    lines: list[str]
    mended: list[str]
    typed: tuple[str, ...] = ()  #: lines with all their characters; () where ``lines`` hold them all
    findings: list[Finding] = field(default_factory=list)
    marks: dict[Loc, Mark] = field(default_factory=dict)
    key_marks: dict[Loc, TextRange] = field(default_factory=dict)  #: span of each value's key
    heads: dict[Loc, int] = field(default_factory=dict)  #: column at which the keys of a mapping begin
    braces: dict[Loc, TextRange] = field(default_factory=dict)  #: span of each mapping between braces
    blocks: dict[Loc, str] = field(default_factory=dict)  #: name of the block at each place
    bad: set[Loc] = field(default_factory=set)  #: invalid values: further findings on them are dropped
    misfits: set[Loc] = field(default_factory=set)  #: those of them that are not of the expected type at all

    @classmethod
    def of(cls, file: str, text: str, language: Language, typed: str = "") -> ParseState:
        """``typed`` is ``text`` with the characters that are not read."""
        lines = split_lines(text)
        return cls(file, text, language, lines, list(lines), tuple(split_lines(typed)) if typed != text else ())

    @property
    def source(self) -> Source:
        return Source(self.file, self.text, self.marks, self.typed)

    def column(self, line: int, column: int) -> int:
        """Convert a column of the repaired line to a column of the line as typed."""
        typed, mended = self.lines[line], self.mended[line]
        if typed == mended:
            return column
        start = 0
        while start < min(len(typed), len(mended)) and typed[start] == mended[start]:
            start += 1
        if column <= start:
            return column
        return max(start, min(len(typed), column + len(typed) - len(mended)))

    def report(
        self,
        code: str,
        message: str,
        line: int,
        column: int,
        suggestion: str | None = None,
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Add a finding at a position (from 0) of the repaired lines, unless it is a duplicate or over the cap."""
        if sum(finding.code == code for finding in self.findings) >= REPEAT_CAP:
            return
        line = min(line, len(self.lines) - 1)
        place = self.source.at(line + 1, self.column(line, column) + 1)
        if any(finding.place == place and finding.code == code for finding in self.findings):
            return
        self.findings.append(Finding(code, severity, place, message, self.lines[line], suggestion))

    def forget(self, span: TextRange, *codes: str) -> bool:
        """Drop the findings with ``codes`` at ``span``, before a more precise one is made; True if there were any."""
        place = Place(self.file, span.line + 1, self.column(span.line, span.column) + 1)
        kept = [each for each in self.findings if each.place != place or each.code not in codes]
        dropped = len(kept) < len(self.findings)
        self.findings[:] = kept
        return dropped

    def mark(self, loc: Loc, node: Node) -> None:
        """Record the position of the value at ``loc``."""
        span = node.span
        if span.line >= len(self.lines):  # nothing, after the last line
            self.marks[loc] = Mark(len(self.lines), 1)
            return
        line, column = span.line + 1, self.column(span.line, span.column) + 1
        if not isinstance(node, Scalar):
            self.marks[loc] = Mark(line, column)
        elif isinstance(node, TextPart):
            self.marks[loc] = Mark(line, column, line, node.indent, part=node.text)
        elif node.style == "|":
            self.marks[loc] = Mark(line, column, line + 1, self.indent(node))
        elif node.is_joined:
            self.marks[loc] = Mark(line, column, joined=True)
        elif node.style and self.lines[span.line] == self.mended[span.line]:
            inside = self.lines[span.line][span.column + 1 : span.end_column - 1]
            self.marks[loc] = Mark(line, column, line, column, escaped=columns(inside, node.style, column + 1))
        else:
            self.marks[loc] = Mark(line, column)

    def mixture(self, key: Scalar, english: str, french: str) -> None:
        """Warn where a key is not in the language that the file mostly uses."""
        language = key_language(key.text, english, french)
        if language is None or language == self.language:
            return
        other = french if self.language == "fr" else english
        name = _("French") if self.language == "fr" else _("English")
        message = _("the other keys of this file are in {language}: “{key}” is “{other}” there")
        shown = message.format(language=name, key=key.text, other=other)
        better = self.respell(key, other)
        self.report("mixed-languages", shown, key.span.line, key.span.column, better, Severity.WARNING)

    def indent(self, node: Scalar) -> int:
        """The column at which the lines of a block scalar begin; 0 where it has none."""
        if node.style == ">":
            first = next((line for line in self.mended[node.span.line + 1 :] if line.strip()), "")
            return len(first) - len(first.lstrip(" "))
        for number, line in enumerate(node.text.split("\n"), node.span.line + 1):
            if line and number < len(self.mended):
                return max(0, len(self.mended[number]) - len(line))
        return 0

    def rewrite(self, span: TextRange, new: str) -> str | None:
        """The line with the content of ``span`` replaced; None unless it is within one line."""
        if span.end_line != span.line:
            return None
        line = self.mended[span.line]
        return line[: span.column] + new + line[span.end_column :]

    def respell(self, node: Scalar, text: str) -> str | None:
        """The line with the scalar replaced by ``text``, quoted where needed."""
        return self.rewrite(node.span, spelled(text))

    def in_place(self, node: Scalar, line: int, better: str) -> str | None:
        """The lines of the file where ``better`` is written in place of line ``line`` (from 0) of ``node``'s text."""
        if isinstance(node, TextPart):
            number = node.span.line + line
            written = self.mended[number]
            before = written[: node.span.column] if line == 0 else " " * node.indent
            after = written[node.span.end_column :] if number == node.span.end_line else ""
            return before + better + after if "\n" not in better else None
        if node.style == "|":
            return "\n".join(f"{' ' * self.indent(node)}{each}" if each else "" for each in better.split("\n"))
        if node.style in ("'", '"') and node.style not in better and "\\" not in better and "\n" not in better:
            return self.rewrite(node.span, f"{node.style}{better}{node.style}")
        return self.respell(node, better)

    def raw(self, node: Node) -> str | None:
        """The source of ``node`` if on one line, up to the line's end for a block mapping; else None."""
        span = node.span
        if not isinstance(node, Scalar) and not node.flow:
            last = _last_line(node)
            return self.mended[span.line][span.column :].strip() if last == span.line else None
        if span.end_line != span.line:
            return None
        return self.mended[span.line][span.column : span.end_column]


def _last_line(node: Node) -> int:
    while not isinstance(node, Scalar):
        below = [value for _key, value in node.entries] if hasattr(node, "entries") else node.items
        if not below:
            break
        node = below[-1]
    return node.span.end_line if isinstance(node, Scalar) and not node.is_empty else node.span.line
