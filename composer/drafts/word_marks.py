"""Word's own marks, written so that mammoth keeps them apart: hidden text, equations, text boxes, styles and sizes.

mammoth reads hidden text as any other, drops equations, and reads a text box only in the form for old versions. Here
each paragraph gets a style of ours, by which its own style, the size of its letters and its level are found again.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field

from lxml import etree

from composer.drafts.element_text import letters_in
from composer.drafts.passage import LeftOut, Omission
from composer.drafts.zip_walk import Unreadable

#: Styles of runs that mammoth is told of.
HIDDEN_STYLE, EQUATION_STYLE = "FiligraneHidden", "FiligraneEquation"

_W = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
)
_OFF = ("0", "false", "off", "none")
_MOST_STYLES = 400
_GONE = ("del", "moveFrom")


@dataclass(frozen=True)
class ParagraphForm:
    """What a paragraph's style says of it: name, size in points, level of a title or 0."""

    style: str = ""
    size: float = 0
    level: int = 0


@dataclass
class WordStyles:
    """The styles of a document, by their ids."""

    names: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, float] = field(default_factory=dict)
    levels: dict[str, int] = field(default_factory=dict)
    lists: dict[str, etree._Element] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    default: str = ""

    @classmethod
    def of(cls, part: bytes | None) -> WordStyles:
        found = cls()
        if part is None:
            return found
        root = parsed(part)
        parents: dict[str, str] = {}
        base = _size(next(_named(root, "docDefaults"), None))
        for style in _named(root, "style"):
            id = _value(style, "styleId")
            found.names[id] = _value(_child(style, "name"))
            parents[id] = _value(_child(style, "basedOn"))
            if _value(style, "type") == "paragraph" and _value(style, "default") not in ("", *_OFF):
                found.default = id
            if size := _size(_child(style, "rPr")):
                found.sizes[id] = size
            properties = _child(style, "pPr")
            if (level := _level(properties)) is not None:
                found.levels[id] = level
            if (numbering := _child(properties, "numPr")) is not None:
                found.lists[id] = numbering
            if _is_on(_child(_child(style, "rPr"), "vanish")):
                found.hidden.add(id)
        for id in found.names:
            for held in (found.sizes, found.levels, found.lists):
                _inherit(held, id, parents)
            found.sizes.setdefault(id, base)
        found.sizes.setdefault("", found.sizes.get(found.default, base))
        return found


def _inherit(
    held: dict[str, object] | dict[str, float] | dict[str, int] | dict[str, etree._Element],
    id: str,
    parents: dict[str, str],
) -> None:
    above, seen = id, set[str]()
    while above and above not in held and above not in seen:
        seen.add(above)
        above = parents.get(above, "")
    if above in held and above != id:
        held[id] = held[above]  # type: ignore[assignment] # reason: one table, one kind of value


def parsed(part: bytes) -> etree._Element:
    """A part that was walked; without its comments and instructions."""
    reader = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(part, reader)
    except etree.XMLSyntaxError as error:
        raise Unreadable("bad-xml") from error


class MarkedParts:
    """The parts of a document with marks. ``forms``: what each of our styles stands for; ``omissions``: what is out."""

    def __init__(self, parts: dict[str, bytes]) -> None:
        self.styles = WordStyles.of(parts.get("word/styles.xml"))
        self.forms: list[ParagraphForm] = []
        self.omissions: list[Omission] = []
        self.texts: list[str] = []  # of each paragraph, as the document has them
        self.parts = dict(parts)
        for name in sorted(parts):
            stem = name.removeprefix("word/").rstrip("0123456789.xml")
            if name == "word/document.xml" or name in ("word/footnotes.xml", "word/endnotes.xml"):
                self.parts[name] = self._marked(parts[name])
            elif stem in ("header", "footer"):
                self._said("header" if stem == "header" else "footer", parsed(parts[name]))
            elif name.startswith("word/diagrams/data"):
                root = parsed(parts[name])
                self.texts += [letters_in(each) for each in _named(root, "t")]
        if (comments := parts.get("word/comments.xml")) is not None:
            for each in _named(parsed(comments), "comment"):
                self._said("comment", each)

    def _said(self, what: LeftOut, element: etree._Element) -> None:
        words = " ".join(text for each in _named(element, "p") if (text := _text_of(each).strip()))
        if words:
            self.omissions.append(Omission(what, words))

    def _marked(self, part: bytes) -> bytes:
        root = parsed(part)
        if next(_named(root, "altChunk"), None) is not None:
            raise Unreadable("alt-chunk")
        for each in [*_named(root, "AlternateContent")]:
            _open_alternate(each)
        for each in [*_named(root, "oMathPara"), *_named(root, "oMath")]:
            _spell_equation(each)
        for name in _GONE:
            for each in _named(root, name):
                words = " ".join(letters_in(t) for t in each.iter() if _local(t) in ("delText", "t")).strip()
                if words:
                    self.omissions.append(Omission("deletion", words))
        for each in _named(root, "ins"):
            words = " ".join(letters_in(t) for t in _named(each, "t")).strip()
            if words:
                self.omissions.append(Omission("insertion", words))
        for run in [*_named(root, "r")]:
            self._hide(run)
        for paragraph in [*_named(root, "p")]:
            if paragraph.tag.startswith("{") and etree.QName(paragraph).namespace in _W:
                self.texts.append(_text_of(paragraph))
                self._style(paragraph)
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8")

    def _hide(self, run: etree._Element) -> None:
        properties = _child(run, "rPr")
        vanish = _child(properties, "vanish")
        own = _value(_child(properties, "rStyle")) in self.styles.hidden and vanish is None
        paragraph = next((each for each in run.iterancestors() if _local(each) == "p"), None)
        whole = _value(_child(_child(paragraph, "pPr"), "pStyle")) in self.styles.hidden and vanish is None
        if _is_on(vanish) or own or whole:
            _set_run_style(run, HIDDEN_STYLE)

    def _style(self, paragraph: etree._Element) -> None:
        properties = _child(paragraph, "pPr")
        if properties is None:
            properties = etree.Element(_tag(paragraph, "pPr"))
            paragraph.insert(0, properties)
        style = _child(properties, "pStyle")
        id = _value(style) if style is not None else self.styles.default
        level = _level(properties)
        level = self.styles.levels.get(id, 0) if level is None else level
        name = "" if id == self.styles.default else self.styles.names.get(id, id)
        form = ParagraphForm(
            name, _own_size(paragraph) or self.styles.sizes.get(id, self.styles.sizes.get("", 0)), level
        )
        if form not in self.forms:
            if len(self.forms) >= _MOST_STYLES:
                form = ParagraphForm(name)
            if form not in self.forms:
                self.forms.append(form)
        if style is None:
            style = etree.Element(_tag(paragraph, "pStyle"))
            properties.insert(0, style)
        style.set(_tag(paragraph, "val"), f"F{self.forms.index(form)}")
        if _child(properties, "numPr") is None and id in self.styles.lists:
            properties.append(deepcopy(self.styles.lists[id]))


def _open_alternate(element: etree._Element) -> None:
    """Put the newer form of a drawing in the place of both, its text as a box that mammoth reads."""
    parent = element.getparent()
    choice = next(_named(element, "Choice"), None)
    if parent is None or choice is None:
        return
    texts = [*_named(choice, "txbxContent")]
    outer = [
        each
        for each in texts
        if not any(_local(above) == "txbxContent" and above in texts for above in each.iterancestors())
    ]
    new = []
    for text in outer:
        picture = etree.Element(_tag(text, "pict"))
        picture.append(text)
        new.append(picture)
    at = parent.index(element)
    kept = new or [each for each in choice if _local(each) in ("drawing", "pict", "r", "p", "t")]
    if not kept:
        return
    for offset, each in enumerate(kept):
        each.tail = None
        parent.insert(at + offset, each)
    parent.remove(element)


def _spell_equation(element: etree._Element) -> None:
    """Put the letters of an equation, in a row, in its place."""
    parent = element.getparent()
    words = " ".join(letters_in(each) for each in _named(element, "t"))
    holder = next((each for each in element.iterancestors() if _local(each) in ("p", "body")), None)
    if parent is None or holder is None or any(_local(each) == "oMathPara" for each in element.iterancestors()):
        return
    run = etree.Element(_tag(holder, "r"))
    text = etree.SubElement(run, _tag(holder, "t"))
    text.text = f" {words} "
    _set_run_style(run, EQUATION_STYLE)
    parent.replace(element, run)


def _set_run_style(run: etree._Element, style: str) -> None:
    properties = _child(run, "rPr")
    if properties is None:
        properties = etree.Element(_tag(run, "rPr"))
        run.insert(0, properties)
    old = _child(properties, "rStyle")
    if old is None:
        old = etree.Element(_tag(run, "rStyle"))
        properties.insert(0, old)
    old.set(_tag(run, "val"), style)


def _text_of(paragraph: etree._Element) -> str:
    """The words of a paragraph, those of the boxes in it and those that are deleted left out."""
    parts = []
    for each in paragraph.iter():
        name = _local(each)
        if name in ("tab", "br", "cr"):
            parts.append(" ")
        if name not in ("t", "noBreakHyphen"):
            continue
        above = [_local(one) for one in each.iterancestors()]
        if next((one for one in each.iterancestors() if _local(one) == "p"), None) is paragraph and not {*_GONE} & {
            *above
        }:
            parts.append("\u2011" if name == "noBreakHyphen" else letters_in(each))
    return "".join(parts)


def _own_size(paragraph: etree._Element) -> float:
    """The size that its runs give themselves, where they all do, by the most letters."""
    letters: dict[float, int] = {}
    for run in _named(paragraph, "r"):
        count = sum(len(letters_in(each)) for each in _named(run, "t"))
        size = _size(_child(run, "rPr"))
        letters[size] = letters.get(size, 0) + count
    return max(letters, key=lambda size: letters[size]) if letters and any(letters.values()) else 0


def _size(properties: etree._Element | None) -> float:
    value = _value(next(_named(properties, "sz"), None)) if properties is not None else ""
    return int(value) / 2 if value.isascii() and value.isdigit() and len(value) < 4 else 0


def _level(properties: etree._Element | None) -> int | None:
    """The level of a title from 1; 0 for a text; None where nothing is said."""
    value = _value(_child(properties, "outlineLvl"))
    return (int(value) + 1) % 10 if len(value) == 1 and value.isdigit() else None


def _is_on(element: etree._Element | None) -> bool:
    return element is not None and _value(element) not in _OFF


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _named(element: etree._Element | None, name: str) -> Iterator[etree._Element]:
    return element.iter("{*}" + name) if element is not None else iter(())


def _child(element: etree._Element | None, name: str) -> etree._Element | None:
    return element.find("{*}" + name) if element is not None else None


def _value(element: etree._Element | None, name: str = "val") -> str:
    if element is None:
        return ""
    return next((str(value) for key, value in element.attrib.items() if etree.QName(key).localname == name), "")


def _tag(near: etree._Element, name: str) -> str:
    return f"{{{etree.QName(near).namespace}}}{name}"
