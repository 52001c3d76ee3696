"""A sentence as it travels to the editor in the browser and back: the JSON of a fragment of ProseMirror.

``[{"type": "text", "text": "…", "marks": [{"type": "strong"}, {"type": "em"}, {"type": "link", "attrs": {"href":
"…"}}]}, {"type": "break"}, {"type": "code", "text": "…"}]``, without ``marks`` where there are none.
"""

from __future__ import annotations

from typing import Any

from composer.issue.addresses import is_address
from composer.issue.inline import Spans
from composer.issue.revision.letters import EMPHASIS, STRONG, InlineMark, MarkedLetter, lettered, link_mark, nested
from composer.issue.revision.model import Unwritable, shortened_words
from composer.locale import gettext as _
from composer.source.characters import UNWANTED, recomposed, unwanted, without_invisible

#: Most characters of a sentence, addresses included, and most of its parts.
MOST_CHARACTERS, MOST_NODES = 20_000, 2_000

_IN_ORDER = {"strong": 0, "em": 1, "link": 2}


def spans_of(json: object) -> Spans:
    """The sentence that ``json`` says, without characters that no file is read with (zero-width spaces…).

    Raises ``Unwritable`` for what the grammar has not, and for what is too long.
    """
    if not isinstance(json, list) or len(json) > MOST_NODES:
        raise _refused(json)
    letters: list[MarkedLetter] = []
    size = 0
    for node in json:
        if not isinstance(node, dict):
            raise _refused(node)
        text = _text(node)
        marks = _marks(node)
        size += len(text) + sum(len(mark.href) for mark in marks)
        if size > MOST_CHARACTERS:
            message = _("a sentence of more than {most} characters is not written: part it into paragraphs")
            raise Unwritable(message.format(most=MOST_CHARACTERS))
        match node.get("type"):
            case "text":
                letters += [MarkedLetter(letter, "text", marks) for letter in text]
            case "code":
                letters += [MarkedLetter(text, "code", marks)] if text else []
            case _:
                letters.append(MarkedLetter("\n", "break", marks))
    return nested(letters)


def json_of(spans: Spans) -> list[dict[str, Any]]:
    """``spans`` for the browser: ``spans_of`` gives the same letters under the same marks."""
    nodes: list[dict[str, Any]] = []
    before: MarkedLetter | None = None
    for letter in lettered(spans):
        if before is not None and before.kind == letter.kind == "text" and before.marks == letter.marks:
            nodes[-1]["text"].append(letter.text)
        else:
            node: dict[str, Any] = {"type": letter.kind}
            if letter.kind != "break":
                node["text"] = [letter.text]
            if letter.marks:
                node["marks"] = [
                    _mark_json(mark) for mark in sorted(letter.marks, key=lambda mark: _IN_ORDER[mark.kind])
                ]
            nodes.append(node)
        before = letter
    return [{**node, "text": "".join(node["text"])} if "text" in node else node for node in nodes]


def _mark_json(mark: InlineMark) -> dict[str, Any]:
    return {"type": "link", "attrs": {"href": mark.href}} if mark.kind == "link" else {"type": mark.kind}


def _text(node: dict[Any, Any]) -> str:
    """The characters of ``node``; empty for a break."""
    kind = node.get("type")
    text = node.get("text", "")
    if kind not in ("text", "code", "break") or not isinstance(text, str) or node.keys() - {"type", "text", "marks"}:
        raise _refused(kind)
    if kind == "break":
        if "text" in node:
            raise _refused(kind)
        return ""
    if len(text) > MOST_CHARACTERS:
        return text  # refused for its length
    if "\n" in text or "\r" in text:
        raise Unwritable(_("a line ends within these words: a break of line is typed with Shift and Enter"))
    if found := UNWANTED.search(text):
        raise Unwritable(unwanted(found[0]))
    return recomposed(without_invisible(text))


def _marks(node: dict[Any, Any]) -> frozenset[InlineMark]:
    given = node.get("marks", [])
    if not isinstance(given, list) or len(given) > 3:
        raise _refused(given)
    marks = [_mark(each) for each in given]
    if len({mark.kind for mark in marks}) < len(marks):
        raise _refused(given)
    return frozenset(marks)


def _mark(given: object) -> InlineMark:
    match given:
        case {"type": "strong", **others} if not others:
            return STRONG
        case {"type": "em", **others} if not others:
            return EMPHASIS
        case {"type": "link", "attrs": {"href": str(href), **attributes}, **others} if not attributes and not others:
            if len(href) > MOST_CHARACTERS or UNWANTED.search(href) or not is_address(href.strip()):
                message = _("“{url}” is not an address a letter may link to: https://…, mailto:…, tel:… or #id are")
                raise Unwritable(message.format(url=UNWANTED.sub(" ", href[:80])))
            return link_mark(href.strip())
    raise _refused(given)


def _refused(what: object) -> Unwritable:
    named = what if isinstance(what, str) else type(what).__name__
    message = _("a sentence holds words, bold, italics, links, code and breaks of line: “{what}” is none of them")
    return Unwritable(message.format(what=UNWANTED.sub(" ", shortened_words(named))))
