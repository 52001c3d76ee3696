"""What YAML drops or changes silently: text after #, escapes between double quotes, commas in a list.

All of it is valid YAML, and readers would get another text than the one typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from composer.locale import gettext as _
from composer.source.characters import UNWANTED, unwanted
from composer.source.late_pattern import late
from composer.source.parse_state import ParseState
from composer.source.quoting import literal, quoted
from composer.source.repair.lines import TEXTS, is_structure, parts, valued
from composer.source.tree import Mapping, Node, Scalar, Sequence, TextRange
from composer.source.vocabulary import fold_key

#: The end of a line in a program, before a word; and in the name of a file.
_BROKEN = late(r"[\w.!?…»,;:]\s?(?:\\[nr]){1,4}\s?[\w«“-]")
_PATH = late(r"\b[A-Za-z]:\\|\\\\|\w\\(?![nrt\"])")
_ESCAPE = late(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|.|$)")


def restore_lost(state: ParseState, tree: Node) -> None:
    """Report what was lost in every value of ``tree``, and put back what can be, in place."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Sequence):
            node.items[:] = [_restored(state, each) for each in node.items]
            for each in node.items:
                _comment_below(state, node.span.column, each)
            waiting += node.items
        elif isinstance(node, Mapping):
            _comma_in_value(state, node)
            node.entries[:] = [(_unescaped(state, key), _restored(state, value)) for key, value in node.entries]
            for key, value in node.entries:
                _comment_below(state, key.span.column, value)
                waiting.append(value)


def _restored(state: ParseState, node: Node) -> Node:
    if not isinstance(node, Scalar):
        return node
    if node.style in ("|", ">"):
        _comments(state, node)
    return _unescaped(state, node)


def _unescaped(state: ParseState, node: Scalar) -> Scalar:
    """The value without YAML's escapes between double quotes, ``\\"`` and ``\\\\`` and visible characters excepted."""
    if node.style != '"':
        return node
    for number, column, match in _escapes(state, node.span):
        if match[0] in ('\\"', "\\\\"):
            continue
        code = match[1] or match[2] or match[3]
        if code is None or int(code, 16) in (0x9, 0xA, 0xD):
            return _backslash(state, node, number, column)
        if UNWANTED.match(chr(int(code, 16))):
            return _control(state, node, number, column, chr(int(code, 16)))
    return node


def _escapes(state: ParseState, span: TextRange) -> Iterator[tuple[int, int, re.Match[str]]]:
    for number in range(span.line, span.end_line + 1):
        line = state.mended[number]
        end = span.end_column if number == span.end_line else len(line)
        start = span.column if number == span.line else 0
        for match in _ESCAPE.finditer(line, start, end):
            yield number, match.start(), match


def _backslash(state: ParseState, node: Scalar, number: int, column: int) -> Scalar:
    raw, text, better = state.raw(node), node.text, None
    if raw is not None:
        text = re.sub(r'\\(["\\])', r"\1", raw[1:-1])
        better = state.rewrite(node.span, quoted(text))
    message = _("between these quotes \\ has a meaning for YAML: use the other kind of quotes")
    if "'" in text:
        message = _("between double quotes \\ has a meaning for YAML: type it twice")
    if raw is not None and _BROKEN.search(raw) and not _PATH.search(raw):
        message = _("\\n breaks a line in a program: here the text stands on several lines, after |")
        head = state.mended[number][: node.span.column]
        if fold_key(parts(head).key or "") in TEXTS:
            text = "\n\n".join(filter(None, map(str.strip, re.split(r"[\r\n]+", node.text))))
            better = literal(head, text)
        else:
            text = " ".join(node.text.split())
            better = state.rewrite(node.span, quoted(text))
    return _told(state, node, message, number, column, better, text)


def _told(
    state: ParseState, node: Scalar, message: str, number: int, column: int, better: str | None, text: str
) -> Scalar:
    state.report("backslash", message, number, column, better)
    return replace(node, text=text)


def _control(state: ParseState, node: Scalar, number: int, column: int, character: str) -> Scalar:
    raw = state.raw(node)
    better = None
    if raw is not None:
        kept = _ESCAPE.sub(lambda match: "" if _is_unwanted(match) else match[0], raw)
        better = state.rewrite(node.span, kept)
    state.report("control-character", unwanted(character), number, column, better)
    return replace(node, text=UNWANTED.sub("", node.text))


def _is_unwanted(match: re.Match[str]) -> bool:
    code = match[1] or match[2] or match[3]
    return code is not None and UNWANTED.match(chr(int(code, 16))) is not None


def _comments(state: ParseState, node: Scalar) -> None:
    """Report lines of a text that begin with # at a smaller indent: YAML takes them for comments.

    A comment is plausible where a space follows its # and it stands after an empty line or at the indent of what
    follows; what comes after such a comment is one too.
    """
    lines, due = state.mended, state.indent(node)
    if node.is_empty or not due:
        return
    last = end = node.span.line
    while (end := end + 1) < len(lines) and (not lines[end].strip() or _indent(lines[end]) >= due):
        last = end if lines[end].strip() else last
    below = next((line for line in lines[end:] if line.strip() and not line.lstrip().startswith("#")), "")
    lost: dict[int, str] = {}
    for number in range(end, len(lines)):
        line = lines[number].strip()
        if line and not line.startswith("#"):
            break
        hashtag = re.match(r"#\w", line) is not None
        if hashtag or (line and number == last + 1 and _indent(lines[number]) != _indent(below)):
            lost[number] = " " * due + line
            last = number
        elif line:
            break
    if lost:
        first = min(lost)
        message = _(
            "YAML takes this line for a comment and it would not be printed: put it at the height of the text above "
            "(a comment begins with # and a space, after an empty line)"
        )
        state.report("bad-indent", message, first, _indent(lines[first]), "\n".join(lost.values()))


def _comment_below(state: ParseState, column: int, value: Node) -> None:
    """Report ``#hashtag`` below a plain text, indented more than its key or dash: it was meant as more text."""
    if not isinstance(value, Scalar) or value.style or value.is_empty or value.span.end_line + 1 >= len(state.mended):
        return
    number, span = value.span.end_line + 1, value.span
    line = state.mended[number]
    if re.match(r" *#\w", line) and _indent(line) > column and not state.mended[number - 1][span.end_column :]:
        better = None
        if span.line == span.end_line:
            better = valued(state.mended[span.line][: span.column], f"{value.text} {line.strip()}")
        message = _("everything after # is a comment for YAML and would not be printed: put the value between quotes")
        state.report("truncated-text", message, number, _indent(line), better)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def commas(state: ParseState, node: Sequence) -> None:
    """``[Hausse de 3,5 %]``: each comma begins an item for YAML, whether or not a space follows it."""
    pairs = zip(node.items, node.items[1:], strict=False)
    glued = [(one.span, two.span) for one, two in pairs if node.flow and _is_glued(state, one, two)]
    if not glued:
        return
    first = glued[0][0]
    line, better = state.mended[first.end_line], None
    if all(one.line == two.end_line == first.line for one, two in glued):
        edits: list[tuple[int, int, str]] = []
        for one, two in glued:
            if not re.match(r"\d,\d", line[one.end_column - 1 :]):
                edits.append((one.end_column, two.column, ", "))
            elif edits and edits[-1][1] == one.end_column:
                start = edits.pop()[0]
                edits.append((start, two.end_column, quoted(line[start : two.end_column])))
            else:
                edits.append((one.column, two.end_column, quoted(line[one.column : two.end_column])))
        better = line
        for start, end, new in reversed(edits):
            better = better[:start] + new + better[end:]
    _report_comma(state, first, better)


def _comma_in_value(state: ParseState, node: Mapping) -> None:
    """``{photo: A, description: Hausse de 3,5 %}``: what follows the comma is a key without a value for YAML."""
    entries: list[tuple[Scalar, Node]] = []
    commas: dict[int, TextRange] = {}
    for key, value in node.entries:
        before = entries[-1][1] if entries else None
        alone = node.flow and isinstance(value, Scalar) and value.is_empty
        if alone and isinstance(before, Scalar) and _goes_on(state, before, key):
            commas.setdefault(len(entries) - 1, before.span)
            span = TextRange(before.span.line, before.span.column, key.span.end_line, key.span.end_column)
            typed = state.mended[span.line][span.column : span.end_column]
            entries[-1] = (entries[-1][0], Scalar(typed, span, ""))
        else:
            entries.append((key, value))
    for index, comma in commas.items():
        whole = entries[index][1]
        assert isinstance(whole, Scalar)
        _report_comma(state, comma, state.rewrite(whole.span, quoted(whole.text)))
    node.entries[:] = entries


def _report_comma(state: ParseState, before: TextRange, better: str | None) -> None:
    message = _("for YAML a text ends at this comma: put it between quotes, or a space after the comma")
    if state.mended[before.end_line][before.end_column :].startswith(", "):
        message = _("for YAML a text ends at this comma: put it between quotes")
    state.report("comma-in-text", message, before.end_line, before.end_column, better)


def _goes_on(state: ParseState, value: Scalar, key: Scalar) -> bool:
    """True if ``key``, which has no value, is the end of the text before its comma."""
    if value.style or key.style or value.span.end_line != key.span.line or value.span.line != key.span.line:
        return False
    between = state.mended[key.span.line][value.span.end_column : key.span.column]
    return _is_glued(state, value, key) or (between.strip() == "," and not is_structure(f"{key.text}: …"))


def _is_glued(state: ParseState, one: Node, two: Node) -> bool:
    """True if only a comment stands between two unquoted values."""
    if not (isinstance(one, Scalar) and isinstance(two, Scalar)) or one.style or two.style or not one.text:
        return False
    between = state.mended[one.span.end_line][one.span.end_column : two.span.column]
    return one.span.end_line == two.span.line and between.strip() == "," and between.endswith(",") and two.text != ""
