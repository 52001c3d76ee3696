"""Checks on texts: YAML syntax that changes prose, and values that a field's own type refuses."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

from pydantic import ValidationError

from composer.locale import gettext as _
from composer.source import points
from composer.source.field_spec import FieldSpec, Kind, RecordSpec, ScalarSpec
from composer.source.finding import Severity
from composer.source.late_pattern import late
from composer.source.parse_state import ParseState
from composer.source.quoting import literal, quoted, spelled
from composer.source.tree import Mapping, Scalar, Sequence, TextRange
from composer.source.vocabulary import find_key, fold_key, known

#: Most lines of a suggestion.
SHOWN = 4

_KEY_AND_VALUE = late(r"(\w[\w -]{0,60}?)\s*:(?!//)\S")
_COMMENT = late(r"(\s+)#")


def value(node: Scalar, spec: FieldSpec) -> str:
    """The text of a scalar; that of a one-line block scalar without YAML's final line break."""
    text = node.text
    if node.style in ("|", ">") and not spec.holds_lines and "\n" not in text.rstrip("\n"):
        return text.rstrip("\n")
    return text


def check_prose(state: ParseState, node: Scalar, spec: ScalarSpec, key: TextRange | None) -> bool:
    """True if YAML read the text as typed; otherwise report what happened."""
    if spec.kind is Kind.LINES and node.is_joined and (node.style or _glued(state, node)):
        return _joined(state, node, key)
    if node.style == "":
        _yaml_word(state, node)
        return _glued(state, node) and _untruncated(state, node)
    return True


#: What YAML and other programs read as true, false or nothing; here it is text. “Non” with its capital is a headline.
_YAML_WORDS = frozenset(
    [
        "true",
        "True",
        "TRUE",
        "false",
        "False",
        "FALSE",
        "null",
        "Null",
        "NULL",
        "~",
        "no",
        "off",
        "on",
        "non",
        "None",
        "nil",
        "N/A",
        "n/a",
    ]
)


def _yaml_word(state: ParseState, node: Scalar) -> None:
    """Warn of a word of YAML where a text stands: it would be printed."""
    if node.text in _YAML_WORDS:
        message = _("“{word}” is a text here, and would be printed: delete it, or put it between quotes if it is meant")
        better = state.rewrite(node.span, f'"{node.text}"')
        place = node.span.line, node.span.column
        state.report("yaml-word", message.format(word=node.text), *place, better, Severity.WARNING)


def _joined(state: ParseState, node: Scalar, key: TextRange | None) -> bool:
    span = node.span
    last = last_line(state, node)
    if any(state.lines[number] != state.mended[number] for number in range(span.line, last + 1)):
        return False
    message = _("YAML would join these lines into one and the paragraphs would be lost: put | after the key")
    better = None
    if key is not None:
        head = state.mended[key.line][: key.end_column] + ":"
        first = state.mended[span.line][span.column :].strip() if node.style != ">" else ""
        text = "\n".join([first, *(state.mended[number].strip() for number in range(span.line + 1, last + 1))])
        if node.style in ("'", '"'):
            text = text.strip(node.style)
        better = shortened(literal(head, text))
    state.report("joined-lines", message, span.line, span.column, better)
    return False


def last_line(state: ParseState, node: Scalar) -> int:
    """The last line of a scalar. The end mark of a block scalar is on the next node's line, so it is not used."""
    last = min(node.span.end_line, len(state.mended) - 1)
    if node.style == ">":
        column = len(state.mended[node.span.line]) - len(state.mended[node.span.line].lstrip())
        while last > node.span.line and not _belongs(state.mended[last], column, last < node.span.end_line):
            last -= 1
    return last


def _belongs(line: str, column: int, within: bool) -> bool:
    """True if ``line`` belongs to a folded text, by its indent; ``column`` is where the key of that text begins.

    ``within``: the line stands before the end mark. At the end of a file the mark is on the text's last line.
    """
    return bool(line.strip()) and (
        within or len(line) - len(line.lstrip()) > column + 2 * line.lstrip().startswith("- ")
    )


def shortened(suggestion: str) -> str:
    """The first lines of a long suggestion."""
    lines = suggestion.split("\n")
    return suggestion if len(lines) <= SHOWN + 1 else "\n".join([*lines[:SHOWN], "…"])


def _glued(state: ParseState, node: Scalar) -> bool:
    """Report ``titre:Bonjour``, which is a text for YAML, not a key and its value."""
    line = state.mended[node.span.line]
    match = _KEY_AND_VALUE.match(node.text) if ":" in node.text else None
    if match is None or fold_key(match[1]) not in known() or line[: node.span.column].strip(" -"):
        return True
    colon = line.index(":", node.span.column)
    message = _("a space is missing after the colon")
    state.report("missing-space", message, node.span.line, colon, f"{line[: colon + 1]} {line[colon + 1 :]}")
    return False


def _untruncated(state: ParseState, node: Scalar) -> bool:
    """Report `` #`` in a plain value: YAML takes the rest of the line for a comment."""
    span = node.span
    rest = state.mended[span.end_line][span.end_column :]
    match = _COMMENT.match(rest)
    if match is None:
        return True
    whole = f"{state.mended[span.line][span.column : span.end_column]}{rest.rstrip()}"
    better = state.rewrite(span, quoted(whole))
    if better is not None:
        better = better[: len(better) - len(rest)]
    column = span.end_column + len(match[1])
    hashtag = rest[match.end() : match.end() + 1].strip() != ""
    if hashtag:
        message = _("everything after # is a comment for YAML and would not be printed: put the value between quotes")
        state.report("truncated-text", message, span.end_line, column, better)
        return False
    if len(match[1]) > 1:  # two spaces and a "# " are the usual way to write a real comment
        return True
    message = _("what follows # is not printed: put the comment on its own line, or the whole value between quotes")
    state.report("truncated-text", message, span.end_line, column, better, Severity.WARNING)
    return True


def not_a_text(state: ParseState, node: Mapping | Sequence, key: TextRange | None, prose: bool) -> str | None:
    """Report a text that YAML parsed as a list or a mapping because of a colon, dash or bracket; return the text."""
    span = node.span
    raw = state.raw(node)
    words = _values(node)
    if state.forget(span, "unclosed-bracket"):
        raw = state.lines[span.line][span.column :].strip()
    if isinstance(node, Mapping) and not node.flow:
        message = _("a text is expected here, and its colon makes YAML see a key: put the text between quotes")
    elif isinstance(node, Sequence) and not node.flow:
        message = _("a text is expected here, and its dashes make YAML see a list: put | after the key")
    elif words:
        message = _("a text is expected here, without keys: write their values as a sentence")
    else:
        message = _("a text is expected here, and its bracket makes YAML see a list: put the text between quotes")
    better = None
    if raw is not None and not (prose and key is not None):
        line = state.mended[span.line]
        text = quoted(words or raw)
        better = line[: span.column] + text + line[span.end_column :].rstrip() if node.flow else None
        better = better or line[: span.column] + quoted(raw)
    elif key is not None:
        head = state.mended[key.line][: key.end_column] + ":"
        text = raw or "\n".join(line.strip() for line in state.mended[span.line : max(span.end_line, span.line + 1)])
        better = shortened(literal(head, text))
    state.report("text-expected", message, span.line, span.column, better)
    return raw


def _values(node: Mapping | Sequence) -> str:
    """The values of keys between braces, as words; empty where there are none, as in ``{date}``, or lists."""
    if not isinstance(node, Mapping) or not node.flow:
        return ""
    values = [value.text if isinstance(value, Scalar) else "" for _key, value in node.entries]
    return ", ".join(values) if all(values) else ""


def is_sentence(state: ParseState, node: Mapping, spec: FieldSpec) -> bool:
    """True for ``- Le pont : il ferme``, an item that YAML reads as a key and its value."""
    record = spec.record
    if node.flow or len(node.entries) != 1 or record is None or not (record.point or record.main or spec.scalars):
        return False
    key, value = node.entries[0]
    if key.style or not isinstance(value, Scalar) or value.style or not value.text:
        return False
    after_dash = state.mended[key.span.line][: key.span.column].strip() == "-"
    worded = " " in key.text.strip() or key.text[:1].isupper()
    known_here = find_key(key.text, record.fields, record.model.__name__) is not None
    return after_dash and worded and not known_here and value.span.line == value.span.end_line == key.span.line


def bare_sentence(state: ParseState, node: Mapping, record: RecordSpec) -> None:
    """Report an item with a colon, and how it is written."""
    key, value = node.entries[0]
    line = state.mended[key.span.line]
    better = quoted(line[key.span.column : value.span.end_column])
    if record.point is not None and isinstance(value, Scalar):
        model = record.model.__name__
        better = f"{{{points.keys_of_pair(key.text, value.text, record.point, state.language, model)}}}"
    message = _("a colon inside a text makes YAML see another key: put the text between quotes")
    better = line[: key.span.column] + better + line[value.span.end_column :]
    state.report("colon-in-text", message, key.span.line, key.span.end_column, better)


def _identifier(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", fold_key(text)).strip("-")


def _colour(text: str) -> str:
    if match := re.fullmatch(r"rgb\((\d{1,3}), ?(\d{1,3}), ?(\d{1,3})\)", text):
        parts = [int(each) for each in match.groups()]
        return "#" + "".join(f"{each:02x}" for each in parts) if max(parts) < 256 else ""
    if match := re.fullmatch(r"#?([0-9a-fA-F]{3})", text):
        return "#" + "".join(2 * each for each in match[1])
    return f"#{text}" if re.fullmatch(r"[0-9a-fA-F]{6}", text) else ""


def _timecode(text: str) -> str:
    if re.fullmatch(r"\dh[0-5]\d", text):  # of a recording, 1h04 are hours
        return text.replace("h", ":") + ":00"
    return re.sub(r"[h.]", ":", text) if re.fullmatch(r"\d{1,3}[h.][0-5]\d", text) else ""


def _nothing(text: str) -> str:
    return ""


#: Beginning of a field's pattern → what it requires, and a function that suggests a valid value.
_PATTERNS: tuple[tuple[str, Callable[[], str], Callable[[str], str]], ...] = (
    ("^[a-z0-9][a-z0-9_-]{", lambda: _("small letters without accents, digits and hyphens are expected"), _identifier),
    ("^[a-z0-9_-]+/", lambda: _("an advertiser and a creative are expected: advertiser/creative"), _nothing),
    ("^#", lambda: _("a colour is written with six hexadecimal digits: #9c1d18"), _colour),
    (r"^(?:\d", lambda: _("a time in a recording is written minutes:seconds: 16:27"), _timecode),
)


#: An address between what a paste leaves around it: a link of Markdown, brackets, spaces.
_PASTED = late(
    r"\s*(?:\[[^\[\]]{0,300}\]\((?P<link>https?://[^\s()<>\"]{1,500})\)|<?(?P<bare>https?://[^\s<>\"]{1,500})>?)\s*"
)


#: The beginning of an address, misspelt: htps://, http:/, https//, //.
_NEARLY = re.compile(
    r"(?:h{0,2}t{1,3}p{1,2}s?(?::/?(?!/)|//?|:/{3})|h?t{1,3}p{2}s?://|h{2}t{1,3}ps?://|ht?ps?://|tt?ps?://|//)(?=[\w-]+\.)",
    re.IGNORECASE,
)


def invalid(state: ParseState, node: Scalar, error: ValidationError) -> None:
    """Report what a field's own type says of the text of ``node``."""
    details = error.errors(include_url=False)[0]
    code, message = explained(details["type"], details.get("ctx") or {}, details["msg"])
    better = str((details.get("ctx") or {}).get("better", ""))
    if details["type"] == "string_pattern_mismatch":
        pattern = str((details.get("ctx") or {}).get("pattern", ""))
        for start, _why, nearer in _PATTERNS:
            if pattern.startswith(start):
                better = nearer(node.text)
    elif code == "bad-url" and (pasted := _PASTED.fullmatch(node.text)) and node.text != pasted["bare"]:
        better = pasted["link"] or pasted["bare"]
    elif code == "bad-url" and (nearly := _NEARLY.match(node.text)) is not None:
        better = f"https://{node.text[nearly.end() :]}"
    elif code == "bad-url" and re.fullmatch(r"[\w-]+(\.[\w-]+)+(/\S*)?", node.text):
        better = f"https://{node.text}"
    elif code == "bad-url" and re.match(r"https?://[^\s/]", node.text):
        better = re.sub(r"[\s<>\"]", lambda match: quote(match[0]), node.text)
        if better == node.text:  # only its first character is wrong
            better = re.sub(r"^http:", "https:", node.text)
    shown = quoted(better) if code == "bad-hour" else spelled(better)
    suggestion = state.rewrite(node.span, shown) if better else None
    state.report(code, message, node.span.line, node.span.column, suggestion)


def wrong_form(pattern: str) -> str:
    """What is said of a text without the form that ``pattern`` asks for."""
    why = next((why() for start, why, _better in _PATTERNS if pattern.startswith(start)), None)
    return why or _("this has not the form expected")


def explained(kind: str, context: dict[str, object], fallback: str) -> tuple[str, str]:
    """The code and the message of one of pydantic's errors."""
    if "why" in context:
        return kind, str(context["why"])
    match kind:
        case "string_pattern_mismatch":
            return "bad-form", wrong_form(str(context.get("pattern", "")))
        case "greater_than_equal" | "greater_than":
            least = context.get("ge", context.get("gt"))
            return "too-small", _("this number is too small: at least {least}").format(least=least)
        case "less_than_equal" | "less_than":
            most = context.get("le", context.get("lt"))
            return "too-great", _("this number is too great: at most {most}").format(most=most)
        case "string_too_short":
            return "empty-value", _("a text is expected here")
        case "too_short":
            return "empty-list", _("at least {least} item is expected in this list").format(
                least=context.get("min_length")
            )
        case "too_long" | "string_too_long":
            return "too-long", _("at most {most} are expected here").format(most=context.get("max_length"))
    return "bad-value", _("this value is not possible here ({why})").format(why=fallback)
