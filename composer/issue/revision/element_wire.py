"""A new element of a text as it travels from the browser: JSON of our own, with sentences as ``wire`` has them.

``{"kind": "paragraph" | "crosshead", "text": […]}``, ``{"kind": "points" | "numbered", "items": [{"lead": […], "text":
[…]}]}`` (``lead`` where there is one), ``{"kind": "citation", "paragraphs": [[…]]}``, ``{"kind": "asterism" |
"paywall"}``; a box by the name of its block: ``{"kind": "quote", "argument": "…", "options": {"source": "…"}, "lines":
["…"]}``, where ``lines`` are Markdown as it is typed in the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from composer.issue.blocks import DIRECTIVES
from composer.issue.body import Asterism, Citation, Crosshead, Element, Paragraph, Paywall, Point, Points
from composer.issue.revision.element_lines import NewBox
from composer.issue.revision.model import Unwritable, shortened_words
from composer.issue.revision.wire import MOST_CHARACTERS, spans_of
from composer.locale import gettext as _
from composer.source.characters import UNWANTED, recomposed, unwanted, without_invisible

#: Most points, paragraphs, options or lines of one new element.
MOST_LINES_SENT = 200


def element_of(json: object) -> Element | NewBox:
    """The element that ``json`` says. Raises ``Unwritable`` for what the grammar has not, and for what is too long."""
    match json:
        case {"kind": "paragraph", "text": text, **others} if not others:
            return Paragraph(spans_of(text))
        case {"kind": "crosshead", "text": text, **others} if not others:
            return Crosshead(spans_of(text))
        case {"kind": "points" | "numbered" as kind, "items": [_first, *_rest] as items, **others} if not others:
            return Points(tuple(_point(each) for each in _few(items)), ordered=kind == "numbered")
        case {"kind": "citation", "paragraphs": [_first, *_rest] as paragraphs, **others} if not others:
            return Citation(tuple(spans_of(each) for each in _few(paragraphs)))
        case {"kind": "asterism", **others} if not others:
            return Asterism()
        case {"kind": "paywall", **others} if not others:
            return Paywall()
        case {"kind": str(name), **given} if name in DIRECTIVES and not given.keys() - {"argument", "options", "lines"}:
            return _box(name, given)
    named = json.get("kind") if isinstance(json, dict) else json
    raise _refused(named if isinstance(named, str) else type(named).__name__)


def _box(name: str, given: dict[Any, Any]) -> NewBox:
    match given.get("argument", ""), given.get("options", {}), given.get("lines", []):
        case str(argument), dict(options), list(lines) if len(options) <= MOST_LINES_SENT:
            words = {clean_words(key): clean_words(value) for key, value in options.items()}
            return NewBox(name, clean_words(argument), words, tuple(clean_words(each) for each in _few(lines)))
    raise _refused(name)


def clean_words(given: object) -> str:
    """One line of words, as a file is read: without invisible characters. Raises ``Unwritable``."""
    if not isinstance(given, str) or len(given) > MOST_CHARACTERS or "\n" in given or "\r" in given:
        raise _refused(given if isinstance(given, str) else type(given).__name__)
    if found := UNWANTED.search(without_invisible(given)):
        raise Unwritable(unwanted(found[0]))
    return recomposed(without_invisible(given))


def _point(given: object) -> Point:
    match given:
        case {"text": text, "lead": lead, **others} if not others:
            return Point(spans_of(text), spans_of(lead) or None)
        case {"text": text, **others} if not others:
            return Point(spans_of(text))
    raise _refused(type(given).__name__)


def _few(given: Sequence[object]) -> Sequence[object]:
    if len(given) > MOST_LINES_SENT:
        raise Unwritable(_("an element of more than {most} lines is not written: part it").format(most=MOST_LINES_SENT))
    return given


def _refused(what: str) -> Unwritable:
    message = _("there is no such element of a text: “{what}”")
    return Unwritable(message.format(what=UNWANTED.sub(" ", shortened_words(what))))
