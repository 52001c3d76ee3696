"""Signs that the editor meant and that would be printed as they stand: links that do not parse, entities, notes, marks.

What a sentence prints is looked at, not what was typed: a sign in code, or after a ``\\``, is meant as a sign.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from html import unescape
from html.entities import html5

from composer.issue import eaten_marks, foreign_markup, leftovers, loose_accents
from composer.issue.broken_links import NOT_TEXT, bare_addresses, beginning_of, broken_links, raw_warning
from composer.issue.hint import Hint
from composer.issue.html_paste import TAG
from composer.issue.inline import Spans
from composer.issue.inline_markdown import (
    MARKS,
    MOST_REMARKS,
    MarkdownRemark,
    printed_texts,
    sentence,
)
from composer.issue.source_map import pieces
from composer.locale import gettext as _
from composer.source.late_pattern import late
from composer.source.vocabulary import fold_key, known

#: A sentence that prints none of these has no raw sign.
_HINT = Hint(
    form=late(
        r"[*~^&=@\[`{<\ufb00-\ufb06\u0332-\u0338\u0400-\u04ff\uff21-\uff5a\U0001d400-\U0001d7ff]|(?<!\w)_|//|tps?:/|www\.|\.[a-z]{2,4}/|\\$"
    ),
    first=late(
        r"[*~^&=@\[`{<_/\\\ufb00-\ufb06\u0332-\u0338\u0400-\u04ff\uff21-\uff5a\U0001d400-\U0001d7ff](?:(?<![_/\\])|(?<=_)(?<!\w_)"
        r"|(?<=\\)$|(?<=/)(?:/|(?<=[a-z]/)))"
    ),
    words=("www.", "tp:/", "tps:/"),
)

_NOTE = late(r"\[\^(?P<label>[^\[\]\s]{1,40})\](?P<colon>:?)")
#: A note of Word or of an encyclopaedia: a number between brackets, against the word before it.
_NUMBERED = late(r"(?<=[\w.,;:!?…»”)\]*])\[(?P<label>\d{1,3})\](?![(:])")
_ENTITY = late(r"&(?:amp;)?(?P<name>(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)")
_MARKED = late(
    r"~~(?=[^\s~])(?P<struck>[^~\n]{1,300})~~(?!~)"
    r"|(?<![\w=])==(?=[^\s=])(?P<lit>[^=\n]{1,300})==(?![\w=])"
    r"|(?<=\w)~(?P<below>[\w+-]{1,12})~(?!~)"
    r"|(?<=\w)\^(?P<above>[\w+-]{1,12})\^"
)
_BOX = late(r"^\[[ xX]\][ \u00a0]+(?=\S)", re.MULTILINE)
_CALLOUT = late(r"^\[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]", re.IGNORECASE)
#: Italics that were typed with spaces inside, and that were never closed; a word with an asterisk calls a note.
_SPACED = late(r"(?<=[^\W\d_]{2} )\* (?P<words>[^\W\d_]{2}[^*\n]{0,200}[\w.!?…»”]) \*(?!\S)")
_OPENED = late(r"(?<=[\w,;:] )\*(?=[^\W\d_])")
#: An asterisk too many before bold or italics; and an underscore that opens italics which nothing closes.
_EXCESS = late(r"(?<![\w*\ue000])\*(?=\ue000)")
#: Bold of which one of four asterisks is missing.
_LACKING = late(
    r"(?<![\w*\\])\*\*(?P<first>[^\s*][^*\n]{0,300})\*(?!\*)|(?<![*\\])\*(?P<last>[^\s*][^*\n]{0,300})\*\*(?![\w*])"
)
_UNDERLINED = late(r"(?<![^\s(«“\"'’])_(?=[^\W\d_]{2})(?![^\n_]{0,500}_)")
_CALL = late(r"\w\*(?!\*)")
_LIGATURE = late(r"[\ufb00-\ufb06]")
#: Words drawn with signs of mathematics, of Japanese print, or struck through letter by letter, as telephones offer.
_SIGNS = r"[\U0001d400-\U0001d7ff\u210a-\u2113\u212f-\u2134]"
_STYLED = late(
    rf"(?:{_SIGNS} ?){{2,60}}{_SIGNS}|(?:[^\W\d_][\u0332-\u0338]){{2,60}}"
    r"|(?<![\u3000-\u9fff\uff00-\uff5e])[\uff21-\uff3a\uff41-\uff5a]{2,60}(?![\u3000-\u9fff])"
)
#: A Cyrillic letter in a word of Latin ones, which no eye tells apart, and no search finds.
_ALIKE = str.maketrans("асеорхуіјѕАВЕКМНОРСТХІЈЅ", "aceopxyijsABEKMHOPCTXIJS")
_MIXED = late(r"(?=[^\W\d_]{0,40}[\u0400-\u04ff])(?<![^\W_])[a-zà-ÿA-ZÀ-Þ\u0400-\u04ff]{2,40}(?![^\W_])")
#: A break of line that no line follows.
_LAST_BREAK = late(r"(?<!\\)\\$")
#: What begins a crosshead or a point of a text, and nothing in a field of one sentence.
_BEGINS = late(r"(?:#{1,6}[ \u00a0]{1,3}|[•▪●◦‣][ \t\u00a0]{0,8})(?=[«“\"*_\[(]{0,3}[^\W\d_])")
#: A name as a point of a list has one at its end.
_NAMED = late(r" {0,3}\{#[\w-]{1,40}\}$", re.MULTILINE)
_BACKTICK = late(r"`+")

#: One of these is printed wherever ``_signs`` finds something, but for a break of line.
_SIGN = late(
    r"[&~=^*{_\[`\ufb00-\ufb06\u0332-\u0338\u0400-\u04ff\uff21-\uff5a\u210a-\u2113\u212f-\u2134\U0001d400-\U0001d7ff]"
)

_SET = {
    "below": str.maketrans("0123456789+-", "₀₁₂₃₄₅₆₇₈₉₊₋"),
    "above": str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻"),
}


def raw_signs(content: str, definitions: Mapping[str, str]) -> Iterator[MarkdownRemark]:
    """The raw signs of ``content``, one paragraph. ``definitions`` are its text's lines ``[label]: address``."""
    printed, unlinked = (TAG.sub(_masked, text) if "<" in text else text for text in _masks(content))
    taken: list[tuple[int, int]] = []
    for remark in (
        *_loose_accents(content),
        *_leftovers(content, printed),
        *_foreign(content, printed),
        *broken_links(content, printed, definitions),
        *_notes(printed),
        *eaten_marks.eaten(content, NOT_TEXT, printed),
        *_signs(content, printed),
        *bare_addresses(content, unlinked),
    ):
        span = remark.position, remark.position + len(remark.wrong)
        if not any(span[0] < end and start < span[1] for start, end in taken):
            taken.append(span)
            yield remark
            if len(taken) == MOST_REMARKS:
                return


def begun(content: str) -> Iterator[MarkdownRemark]:
    """The mark that begins ``content``, a field of one sentence, where only a text has such."""
    if match := _BEGINS.match(content):
        message = _("“{words}” begins a line of a text; here it would be printed: take it out")
        shown = message.format(words=match[0].strip())
        yield raw_warning("raw-marks", shown, 0, match[0], "")


def _masked(tag: re.Match[str]) -> str:
    """What is within HTML is said with it."""
    return NOT_TEXT * len(tag[0])


def _masks(content: str) -> tuple[str, str]:
    """``content`` with ``NOT_TEXT`` for what is not printed as typed; and so too for the words of links."""
    if not MARKS.search(content):
        return content, content
    printed = [letter if letter == "\n" else NOT_TEXT for letter in content]
    unlinked = printed.copy()
    for piece in pieces(content):
        escaped = len(piece.text) == 1 and content[piece.start - 1 : piece.start] == "\\"
        if piece.kind != "text" or escaped:
            continue
        for index, letter in enumerate(piece.text, piece.start):
            printed[index] = letter
            if not piece.linked:
                unlinked[index] = letter
    return "".join(printed), "".join(unlinked)


def _loose_accents(content: str) -> Iterator[MarkdownRemark]:
    message = _("“{words}” has its accents beside its letters, as a PDF draws them: {better}")
    for start, line, better in loose_accents.loose_in(content):
        shown = message.format(words=beginning_of(line), better=beginning_of(better))
        yield raw_warning("raw-marks", shown, start, line, better)


def _leftovers(content: str, printed: str) -> Iterator[MarkdownRemark]:
    for start, end, kind in leftovers.found_in(printed):
        message = _("“{words}” came with a paste, and would be printed: take it out")
        if kind == "lost":
            message = _("“{words}” stands where a program had something else, and would be printed: write that")
        elif kind == "draft":
            message = _("“{words}” is a draft's, and would be printed: write what it stands for")
        words = content[start:end]
        shown = message.format(words=beginning_of(words))
        yield raw_warning("leftover", shown, start, words, "" if kind == "paste" else None)


def _foreign(content: str, printed: str) -> Iterator[MarkdownRemark]:
    """The marks of other products."""
    for form in foreign_markup.found_in(content):
        code = "leftover" if form.kind == "field" else "raw-marks"
        option = form.written.strip(":") if form.written[:1] == form.written[-1:] == ":" else ""
        message = foreign_markup.said(form)
        if option and fold_key(option) in known():
            message = _("“{words}” is an option of a box, right below the line that opens it: here it would be printed")
        message = message.format(words=beginning_of(form.written))
        yield raw_warning(code, message, form.start, form.written, form.better)


def _notes(printed: str) -> Iterator[MarkdownRemark]:
    if "[" not in printed:
        return
    for match in (*_NOTE.finditer(printed), *_NUMBERED.finditer(printed)):
        message = _("a letter has no footnotes: say it in the sentence, between parentheses, or write {better}")
        better = f"({match['label']})"
        before = (
            " "
            if not match.groupdict().get("colon") and match.start() and not printed[match.start() - 1].isspace()
            else ""
        )
        yield raw_warning("footnote", message.format(better=better), match.start(), match[0], before + better)


def _signs(content: str, printed: str) -> Iterator[MarkdownRemark]:
    if "\\" not in content and not _SIGN.search(printed):
        return
    for match in _ENTITY.finditer(printed):
        name = match["name"]
        if name[0] == "#" or name in html5:
            sign = unescape(unescape(match[0]))
            message = _("“{entity}” is HTML, and would be printed as it stands: type the character itself")
            better = " " if sign.isspace() or not sign.isprintable() else sign
            if sign == "<" and (
                printed[match.end()].isalpha() or printed[match.end()] == "/" if printed[match.end() :] else False
            ):
                better = "\\<"
            yield raw_warning("entity", message.format(entity=match[0]), match.start(), match[0], better)
    for match in _LIGATURE.finditer(printed):
        message = _("“{words}” is one sign of a PDF, that no search finds: type its letters")
        better = unicodedata.normalize("NFKC", match[0])
        yield raw_warning("raw-marks", message.format(words=match[0]), match.start(), match[0], better)
    for match in _STYLED.finditer(printed):
        message = _(
            "“{words}” is drawn with signs that are no letters, which no search and no voice reads: type letters"
        )
        better = re.sub("[\u0332-\u0338]", "", unicodedata.normalize("NFKC", match[0]))
        yield raw_warning("raw-marks", message.format(words=match[0]), match.start(), match[0], better)
    for match in _MIXED.finditer(printed):
        better = match[0].translate(_ALIKE)
        if better != match[0] and any(letter < "\u0250" for letter in match[0]) and max(better) < "\u0250":
            message = _("“{words}” holds a letter of another alphabet that looks the same, and no search finds it")
            yield raw_warning("raw-marks", message.format(words=match[0]), match.start(), match[0], better)
    marks = _("these signs mean nothing here and would be printed: there is **bold**, *italic* and `code`")
    for match in _MARKED.finditer(printed):
        kind = str(match.lastgroup)
        inside = content[match.start(kind) : match.end(kind)]
        better = inside.translate(_SET.get(kind, {}))
        yield raw_warning("raw-marks", marks, match.start(), content[match.start() : match.end()], better)
    lacking = _("one of four asterisks is missing, and another would be printed: bold begins and ends with two, **so**")
    asterisks = _("an asterisk that marks nothing would be printed: italics begin and end against the words, *so*")
    for match in _SPACED.finditer(printed):
        yield raw_warning("stray-asterisks", asterisks, match.start(), match[0], f"*{match['words']}*")
    if not _CALL.search(content):
        yield from (
            raw_warning("stray-asterisks", asterisks, match.start(), "*") for match in _OPENED.finditer(printed)
        )
    for match in _EXCESS.finditer(printed):
        if content.startswith("***", match.start()):
            yield raw_warning("stray-asterisks", asterisks, match.start(), "*")
    for match in _LACKING.finditer(content):
        at = match.start() if match["first"] else match.end() - 2
        if "*" in printed[at : at + 2]:
            better = f"**{match['first'] or match['last']}**"
            yield raw_warning("stray-asterisks", lacking, match.start(), match[0], better)
    if (last := _LAST_BREAK.search(content)) is not None:
        message = _("a \\ breaks a line where another follows; here it would be printed: take it out")
        yield raw_warning("raw-marks", message, last.start(), last[0], "")
    for match in _NAMED.finditer(printed):
        message = _("“{words}” names a point of a list; elsewhere a key names, id: …, and this would be printed")
        yield raw_warning("raw-marks", message.format(words=match[0].strip()), match.start(), match[0], "")
    for match in _UNDERLINED.finditer(printed):
        yield raw_warning("raw-marks", marks, match.start(), "_")
    for first in (*_BOX.finditer(printed), *_CALLOUT.finditer(printed)):
        yield raw_warning("raw-marks", marks, first.start(), first[0], "")
    if lone := _BACKTICK.search(printed):
        before, after = printed[lone.start() - 1 : lone.start()], printed[lone.end() : lone.end() + 1]
        message = _("this ` would be printed: an apostrophe is typed ', and code stands between two of them")
        between = before.isalpha() and after.isalpha()
        yield raw_warning("raw-marks", message, lone.start(), lone[0], "'" if between else None)


def remarked(content: str, definitions: Mapping[str, str] | None = None) -> tuple[Spans, tuple[MarkdownRemark, ...]]:
    """``content`` as ``sentence`` reads it, with all remarks on it, those on its raw signs included."""
    spans, remarks = sentence(content)
    texts = printed_texts(spans)
    if (
        ")[" not in content
        and not foreign_markup.HINT.found_in(content)
        and not eaten_marks.HINT.found_in(content)
        and not loose_accents.HINT.search(content)
        and not any(_HINT.found_in(text) or leftovers.HINT.found_in(text) for text in texts)
    ):
        return spans, remarks
    found = (*remarks, *raw_signs(content, definitions or {}))
    return spans, tuple(sorted(found, key=lambda remark: remark.position)[:MOST_REMARKS])
