"""What HTML says in Markdown: ``<b>so</b>`` is ``**so**``, for the line suggested in its place."""

from __future__ import annotations

import re

from composer.source.late_pattern import late

#: What looks like HTML, which prints as typed; a comment whole. Not ``<<so>>``.
TAG = late(r"(?<!<)<(?:!--(?:[^\n]{0,500}?-->)?|/?[^\W\d_][\w:-]*(?:\s[^<>]*)?/?>(?!>))")

#: Words that were taken out, with the tracks of it, and a space.
_DELETED = late(r"<del(?:\s[^<>]{0,300})?>[^<>\n]{0,1000}</del\s?>[ \u00a0]?", re.IGNORECASE)
_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "cite": "*", "q": '"', "code": "`", "tt": "`"}
_PAIR = late(
    r"<(?P<name>b|strong|i|em|cite|q|code|tt)(?:\s[^<>]{0,300})?>(?P<words>[^<>\n]{1,1000})</(?P=name)\s?>",
    re.IGNORECASE,
)
_LINK = late(
    r"<a\s[^<>]{0,500}?href=[\"'“”« ]{0,2}(?P<address>[^\"'“”«»<>\s]{1,500})[^<>]{0,500}>"
    r"(?P<words>[^<>\n]{1,500})</a\s?>",
    re.IGNORECASE,
)
_RAISED = late(r"<(?P<name>sup|sub)(?:\s[^<>]{0,100})?>(?P<words>[^<>\n]{1,40})</(?P=name)\s?>", re.IGNORECASE)
_HEADING = late(r"^<h[1-6](?:\s[^<>]{0,300})?>(?P<words>[^\n]{1,500}?)</h[1-6]\s?>\s*$", re.IGNORECASE)
_POINT = late(r"^<li(?:\s[^<>]{0,300})?>(?P<words>[^\n]{1,1000}?)(?:</li\s?>)?\s*$", re.IGNORECASE)
_BREAK = late(r"<br ?/?>\s*$", re.IGNORECASE)
_SIGNS = {
    "sup": str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻"),
    "sub": str.maketrans("0123456789+-", "₀₁₂₃₄₅₆₇₈₉₊₋"),
}
_NAME = late(r"</?([^\W\d_][\w:-]*)")
#: Elements that are taken out, with those that have a mark here; another name is no HTML: <Prénom>.
_KNOWN = late(
    "(?:a|abbr|article|b|big|blockquote|body|br|center|cite|code|dd|del|details|div|dl|dt|em|figcaption|figure|font"
    "|footer|form|h[1-6]|head|header|html|i|iframe|img|input|ins|kbd|li|link|main|mark|meta|o:p|ol|p|pre|q|s|script"
    "|section|small|span|strike|strong|style|sub|summary|sup|svg|table|td|th|time|tr|tt|u|ul|video|audio|wbr)",
    re.IGNORECASE,
)
_ITEMS = late(r"<(?:li|p|div|h[1-6]|blockquote)\b", re.IGNORECASE)
#: Elements that hold nothing which could be kept.
_LOST = late(r"<(?:img|iframe|script|style|table|tr|td|th|video|audio|input|form|svg|br)\b", re.IGNORECASE)


def in_markdown(line: str) -> str | None:
    """``line`` in Markdown, without what was deleted; None where nothing here says what its tags do."""
    line = _DELETED.sub("", line)
    text = _RAISED.sub(lambda tag: _raised(tag), line)
    for _inner in range(3):
        text = _PAIR.sub(_marked, text)
    text = _LINK.sub(lambda tag: f"[{tag['words'].strip()}]({tag['address']})", text)
    text = _HEADING.sub(lambda tag: f"## {tag['words'].strip()}", text)
    text = _POINT.sub(lambda tag: f"- {tag['words'].strip()}", text)
    text = _BREAK.sub(lambda _tag: "\\", text)
    if not all(map(_KNOWN.fullmatch, _NAME.findall(line))) or _LOST.search(text) or len(_ITEMS.findall(text)) > 1:
        return None
    text = TAG.sub("", text).rstrip()
    return text if text.strip() else None


def _raised(tag: re.Match[str]) -> str:
    """Figures above or below the line; letters as they are, as in 1er, but for the n of a power."""
    name, words = tag["name"].lower(), tag["words"]
    return "ⁿ" if (name, words) == ("sup", "n") else words.translate(_SIGNS[name])


def _marked(tag: re.Match[str]) -> str:
    mark, words = _MARKS[tag["name"].lower()], tag["words"]
    inside = words.strip()
    before, after = words[: len(words) - len(words.lstrip())], words[len(words.rstrip()) :]
    return f"{before}{mark}{inside}{mark}{after}" if inside else words
