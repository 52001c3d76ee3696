"""Links that do not parse, with the link as it was meant; and addresses in prose that are no links.

What a sentence prints is looked at, not what was typed: see ``raw_signs``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from composer.issue.addresses import completed, is_address, whole_address
from composer.issue.inline_markdown import MarkdownRemark
from composer.locale import gettext as _
from composer.source.finding import Severity
from composer.source.late_pattern import late

#: In a mask, a character of the sentence that is not printed as typed: a mark, an address, code, an escape.
NOT_TEXT = "\ue000"

_SPACE = r"[ \t\n\u00a0\u202f]"
#: A link as it was meant: words between brackets, and what may be its address between the next parentheses.
_LINK = late(
    rf"\[(?P<words>[^\[\]]{{1,300}})\](?P<gap>{_SPACE}{{0,3}})\((?P<address>[^()\[\]]{{1,500}})(?P<end>\)|\(|$)?"
)
_GLUED = late(r"\[(?P<words>[^\[\]]{1,300})\](?P<address>https?://[^\s()\[\]<>]{1,500})\)?")
_SWAPPED = late(r"\[(?P<words>[^\[\]]{1,300})\]\[(?P<address>https?://[^\s()\[\]]{1,500})\]")
_TURNED = late(r"\((?P<words>[^()\[\]]{1,300})\)\[(?P<address>[^\s()\[\]]{1,500})\]")
_WIKI = late(r"\[{1,2}(?P<address>https?://[^\s\[\]]{1,500})[ |]{1,3}(?P<words>[^\[\]]{1,300})\]{1,2}")
_TOUCHING = late(r"\w\]\([^()\s]{1,500}\)(?P<gap>\[)(?=\w[^\[\]]{0,300}\]\()")
_REFERENCE = late(r"\[(?P<words>[^\[\]]{1,300})\](?: ?\[(?P<label>[^\[\]\n]{0,100})\])?(?!\()")
DEFINITION = late(r" {0,3}\[(?P<label>[^\[\]\n^][^\[\]\n]{0,100})\]:[ \t]{0,10}<?(?P<address>[^\s<>]{1,500})")

#: An address with a parenthesis of its own that was not closed.
_PARENTHESES = late(r"[^\s()]{1,500}\([^\s()]{0,200}\)?[^\s()]{0,200}")
#: Words between brackets before a link, or that only a link has: they lost their address.
_LONELY = late(r"(?<![\w\])])\[(?P<words>[^\[\]\n\ue000]{1,300})\](?= ?(?P<link>\ue000))")
_HERE = late(
    r"(?<![\w\])])\[(?:[Ii]ci|[Ll]iens?|[Cc]liquez ici|[Vv]oir ici|[Hh]ere|[Ll]inks?|[Cc]lick here)\]"
    r"(?![(:\[])(?! ?\ue000)"
)
_WORDS = late(r"[^\W\d_]{2}")
#: A letter of the margin of Google Docs, and the comment at the foot of its text.
_COMMENT = late(r"\[(?P<label>[a-z]{1,2})\](?=[A-ZÀ-Þ][a-zà-ÿ])")

_SITES = "com|org|net|info|example|fr|eu|be|ch|ca|lu|uk|de|it|es|io|co"
#: A site between angle brackets, and what an address between them holds besides.
_ANGLED = late(rf"<(?P<site>(?:[\w-]{{1,60}}\.){{1,4}}(?:{_SITES})(?:/[^\s<>]{{0,500}})?)>")
_UP_TO_ANGLE = late(r"(?:[ \u00a0][^<>\s]{1,100}){0,4}[ \u00a0]?>")

#: An address in prose, without the marks that end its sentence.
_BARE = late(
    r"(?<![\w@./-])(?:[Hh]{1,2}[Tt]{1,3}[Pp]{1,2}[Ss]?(?::/{1,2}|//)(?=[\w-]+\.|[^/]+@|localhost|\d)|[Hh][Tt]{2}[Pp][Ss]?://|www\.(?=\w))[^\s<>«»“”\"\ue000]{1,500}"
    r"|(?<![\w@./-])(?:[\w-]{1,60}\.){1,4}(?:" + _SITES + r")/[^\s<>«»“”\"\ue000]{1,500}"
    r"|(?<![\w.+%/@-])(?:mailto:)?[\w+%-][\w.+%-]{0,63}@\w[\w-]{0,62}(?:\.[\w-]{1,62}){1,5}"
)
#: The beginning of an address that is not quite one.
_MISTYPED = re.compile(r"(?!https?://)h{1,2}t{1,3}p{1,2}s?:?/", re.IGNORECASE)
_AFTER = ".,;:!?…)]}'’*_"

#: What a paste leaves around an address, and the spaces that typography leaves inside one.
_AROUND = " \t\n\u00a0\u202f«»“”\"'<>"
_HEAD = late(r"mailto:|https?://[^/?#]*", re.IGNORECASE)
_SCHEME = late(rf"{_SPACE}{{0,3}}:{_SPACE}{{0,3}}//{_SPACE}{{0,3}}")
#: Words between brackets that are no link's, though an address follows.
_ASIDES = (
    "sic",
    "…",
    "...",
    "note",
    "ndlr",
    "vidéo",
    "video",
    "photo",
    "audio",
    "podcast",
    "pdf",
    "archive",
    "abonnés",
)


def raw_warning(code: str, message: str, position: int, wrong: str, better: str | None = None) -> MarkdownRemark:
    return MarkdownRemark(code, message, position, Severity.WARNING, wrong, better)


def broken_links(content: str, printed: str, definitions: Mapping[str, str]) -> Iterator[MarkdownRemark]:
    """Links that do not parse, with the link as it is read."""
    if "[" not in content:
        return
    if "[" in printed:
        yield from _links(content, printed)
    for match in _TOUCHING.finditer(content) if ")[" in content else ():
        message = _("two links touch, and their words too: a space is missing")
        at = match.start("gap") - 1
        yield raw_warning("glued-words", message, at, ")[", ") [")
    if "[" in printed:
        yield from _lonely(content, printed)
        yield from _references(content, printed, definitions)


def _links(content: str, printed: str) -> Iterator[MarkdownRemark]:
    for form in (_LINK, _GLUED, _SWAPPED, _TURNED, _WIKI):
        for match in form.finditer(printed):
            given = match.groupdict()
            gap, end = bool(given.get("gap")), given.get("end", ")")
            address, rest = _address(match["address"], end, gap)
            if form is _GLUED:
                address, rest = trimmed(address), address[len(trimmed(address)) :]
            words = content[match.start("words") : match.end("words")].strip()
            wrong = content[match.start() : match.end()]
            if "](" in words and not gap:
                message = _("a link stands within another: one of the two addresses is enough")
                yield raw_warning("broken-link", message, match.start(), wrong, words)
                continue
            if not address and end == ")" and not gap and _WORDS.search(words) and _WORDS.search(match["address"]):
                message = _("no address stands between these parentheses, and all would be printed: [words](https://…)")
                yield raw_warning("broken-link", message, match.start(), wrong)
            if not address or (gap and words.casefold() in _ASIDES):
                continue
            if end == "(" and (whole := _PARENTHESES.match(printed, match.start("address"))) is not None:
                address, rest, end = whole_address(trimmed(whole[0])), "", ")"
                wrong = content[match.start() : whole.end()]
            better = f"[{words}]({address})"
            message = _("this link would be printed as it stands; a link is written {better}, all in one piece")
            message = message.format(better=beginning_of(better))
            shown = None if end == "(" or "\n" in wrong else better + rest
            yield raw_warning("broken-link", message, match.start(), wrong, shown)


def _lonely(content: str, printed: str) -> Iterator[MarkdownRemark]:
    """Words between brackets that lost their address."""
    for match in (*_LONELY.finditer(printed), *_HERE.finditer(printed)):
        lonely = match.groupdict().get("words")
        if (
            lonely is None
            or (
                content[match.start("link")] == "["
                and lonely[0].islower()
                and len(lonely) != 2  # a language
                and lonely.casefold() not in _ASIDES
                and not lonely.startswith(("en ", "in "))
                and not _is_quoted(content[max(match.start() - 500, 0) : match.start()])
            )
        ):
            message = _("“{words}” has no address beside it, and its brackets would be printed: [words](https://…)")
            yield raw_warning("broken-link", message.format(words=beginning_of(match[0])), match.start(), match[0])


def _references(content: str, printed: str, definitions: Mapping[str, str]) -> Iterator[MarkdownRemark]:
    """Remarks on Markdown's reference links, ``[words][label]``, of which ``definitions`` gives the addresses."""
    for match in _REFERENCE.finditer(printed) if definitions else ():
        found = definitions.get((match["label"] or match["words"]).casefold())
        if found == "":
            if not match["label"]:
                message = _("“{words}” came with a paste, and would be printed: take it out")
                yield raw_warning("leftover", message.format(words=match[0]), match.start(), match[0], "")
        elif found is not None and printed[match.end() : match.end() + 1] != ":":
            better = f"[{content[match.start('words') : match.end('words')]}]({found})"
            message = _("a link has its address beside it: {better}").format(better=beginning_of(better))
            yield raw_warning("broken-link", message, match.start(), content[match.start() : match.end()], better)
    for start, line in _lines(printed):
        given_below = DEFINITION.match(line)
        if given_below and is_address(given_below["address"]):
            message = _("the address of a link stands beside its words, [words](https://…): take this line out")
            yield raw_warning("broken-link", message, start + given_below.start("label") - 1, line.strip())


def _lines(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for line in text.split("\n"):
        yield start, line
        start += len(line) + 1


def _address(written: str, end: str | None, gap: bool) -> tuple[str, str]:
    """The address that ``written`` was meant as, and the words after it that are none of it; empty where it is none.

    ``end`` is what follows it, a closing parenthesis or not; ``gap``: a space stands before it.
    """
    text = _SCHEME.sub("://", written.strip(_AROUND))
    if text[:4].casefold() == "tel:":
        number = re.sub(r"[^\d+().-]", "", text[4:])
        return (f"tel:{number}" if number else ""), ""
    parts = text.split()
    if not parts or (gap and (end != ")" or len(parts) > 1)):
        return "", ""
    if end != ")":
        first = trimmed(parts[0].rstrip(">"))
        return whole_address(first), text[len(first) :].removeprefix(">")
    if "\n" in text:
        return whole_address("".join(parts)), ""
    while len(parts) > 1 and _HEAD.fullmatch(parts[0]):  # a space in the name of a site is none of its letters
        parts[0:2] = ["".join(parts[0:2])]
    return whole_address("%20".join(parts)), ""


def trimmed(address: str) -> str:
    """``address`` without the marks of the sentence that it ends; a parenthesis that it opens belongs to it."""
    while address and address[-1] in _AFTER and not (address[-1] == ")" and address.count("(") >= address.count(")")):
        address = address[:-1]
    return address


def bare_addresses(content: str, unlinked: str) -> Iterator[MarkdownRemark]:
    """Addresses in prose that are no links, with the link; ``unlinked`` is the mask without the words of links."""
    if "/" not in unlinked and "@" not in unlinked and "www." not in unlinked and "<" not in unlinked:
        return
    yield from _sites(content, unlinked)
    for match in _BARE.finditer(unlinked):
        written = trimmed(match[0])
        shown = written.removeprefix("mailto:")
        shown = completed(shown) if _MISTYPED.match(shown) else shown
        whole = "://" in shown[:9] or "@" in written
        address = whole_address(shown) or ("" if whole else whole_address(f"https://{written}"))
        if not address:
            continue
        start, end = match.start(), match.start() + len(written)
        gap = content[start - 1 : start] in (" ", "\u00a0")
        opened = start - 1 - gap
        if content[opened : opened + 1] == "<" and content[opened - 1 : opened] != "\\" and opened >= 0:
            start = opened  # its beginning, or its end, may be lacking
            rest = _UP_TO_ANGLE.match(content, end)
            if whole and rest is not None and ("@" not in written or not rest[0][:-1].strip()):
                shown = "%20".join((shown, *rest[0][:-1].split()))
                end = rest.end() - 1
        end += content[end : end + 1] == ">"
        if "|" in (inside := content[start:end].strip("<>")) and content[start] == "<":
            address, _bar, words = inside.partition("|")
            message = _("“{words}” would be printed as it stands: write {better}")
            message = message.format(
                words=beginning_of(content[start:end]), better=beginning_of(f"[{words}]({address})")
            )
            yield raw_warning("broken-link", message, start, content[start:end], f"[{words}]({address})")
            continue
        better = f"<{shown}>" if whole else f"[{written}]({address})"
        message = _("this address is not a link: write {better}, or put it behind words, [words]({address})")
        message = message.format(better=beginning_of(better), address=beginning_of(address))
        yield MarkdownRemark("bare-address", message, start, Severity.NOTE, content[start:end], better)


def _sites(content: str, unlinked: str) -> Iterator[MarkdownRemark]:
    for match in _ANGLED.finditer(unlinked):
        better = f"[{match['site']}](https://{match['site']})"
        message = _("“{words}” is no link, and would be printed with its angle brackets: write {better}")
        message = message.format(words=match[0], better=beginning_of(better))
        yield raw_warning("bare-address", message, match.start(), content[match.start() : match.end()], better)


def _is_quoted(before: str) -> bool:
    """Whether a quotation of curly marks is open at the end of ``before``."""
    return max(map(before.rfind, "«“")) > max(map(before.rfind, "»”"))


def beginning_of(text: str) -> str:
    return text if len(text) <= 90 else text[:89] + "…"


def definitions_in(lines: Iterable[str]) -> dict[str, str]:
    """The addresses that lines ``[label]: address`` of a text give, by their labels without capitals.

    That of a comment of Google Docs, ``[a]Check this``, is empty.
    """
    given: dict[str, str] = {}
    for line in lines:
        if "]:" in line and (match := DEFINITION.match(line)) and is_address(match["address"]):
            given[match["label"].casefold()] = match["address"]
        elif line[:1] == "[" and (comment := _COMMENT.match(line)):
            given[comment["label"]] = ""
    return given
