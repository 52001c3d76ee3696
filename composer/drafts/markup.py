"""HTML as passages: a file, mammoth's output, what was copied from Google Docs, from Word or from a page of the web.

One walk over lxml's tree. What is drawn nowhere is not read; whatever else has words ends in a passage, or is said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lxml import etree

from composer.drafts.counted_words import drawable, tallied
from composer.drafts.element_text import letters_in
from composer.drafts.markup_style import Declarations, SheetRules, TextMarks, marks_under
from composer.drafts.passage import (
    DraftPassage,
    DraftRun,
    Omission,
    PassageKind,
    ReadDraft,
    Runs,
    Unplaceable,
    plain_runs,
)
from composer.drafts.word_marks import ParagraphForm
from composer.drafts.zip_walk import Unreadable

_UNDRAWN = frozenset(
    ["script", "style", "head", "template", "meta", "link", "object", "iframe", "title", "base", "noframes"]
)
_INLINE = re.compile(
    "a|abbr|acronym|b|bdi|bdo|big|br|button|cite|code|data|del|dfn|em|font|i|img|input|ins|kbd|label|mark|o:p|picture|q"
    "|s|samp|small|source|span|st1|strike|strong|sub|sup|svg|time|tt|u|var|wbr"
)
_MOST_ELEMENTS, _MOST_LETTERS = 150_000, 3_000_000
_LIST = re.compile(r"level(\d)")
_ORDERED = re.compile(r"\s*\(?(?:\d{1,3}|[a-zA-Z])[.)]")
_CALL = re.compile(r"#(?:.*-)?(?:footnote|endnote|_?ftn|_?edn|fn:?)-?\d", re.IGNORECASE)
_BACK = re.compile(r"#(?:.*-)?(?:footnote-ref|endnote-ref|_?ftnref|_?ednref|fnref:?)-?\d", re.IGNORECASE)
_NOTE = re.compile(r"(?:.*-)?(?:footnote|endnote|ftn|edn|fn:?)-?(\d+)", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\n\f]+")
#: A no-break space that French wants, or that holds a number: others came with a paste.
_WANTED = re.compile(r"(?<=[«\d])[\u00a0\u202f]|[\u00a0\u202f](?=[;:!?»%€$£])")
_KEPT = {"\u00a0": "\ue0a0", "\u202f": "\ue0a1"}
_CELL_WORDS = 60


@dataclass
class _Block:
    kind: PassageKind = "text"
    level: int = 0
    style: str = ""
    form: ParagraphForm | None = None
    why: Unplaceable | None = None
    label: str = ""  # of a note: its number
    runs: list[tuple[DraftRun, float]] = field(default_factory=list)


def read_html(html: str, forms: Sequence[ParagraphForm] = ()) -> ReadDraft:
    """The passages of ``html``. ``forms``: what the classes ``f0``, ``f1``… of mammoth's output stand for.

    Raises ``Unreadable`` for what is deeper, or more, than a text is.
    """
    parser = etree.HTMLParser(no_network=True, remove_pis=True, remove_comments=True)
    try:
        root = etree.fromstring(html.replace("\x00", "") or "<p></p>", parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable("bad-html") from error
    if root is None:
        return ReadDraft(())
    if any("depth" in each.message.lower() for each in parser.error_log):
        raise Unreadable("too-deep")
    if sum(1 for _each in root.iter()) > _MOST_ELEMENTS or len(html) > _MOST_LETTERS:
        raise Unreadable("too-many-elements")
    reader = _Reader(root, forms)
    reader.flow(root, TextMarks(), _Block())
    reader.flush()
    return ReadDraft((*reader.passages, *reader.dropped(root)), tuple(reader.omissions))


class _Reader:
    def __init__(self, root: etree._Element, forms: Sequence[ParagraphForm]) -> None:
        self.passages: list[DraftPassage] = []
        self.omissions: list[Omission] = []
        self._sheets, self._forms = SheetRules(root), forms
        self._block = _Block()
        self._after: list[DraftPassage] = []  # what a paragraph holds that is no part of its text
        self._unread: Counter[str] = Counter()  # words that a page repeats, or counts by itself

    def flow(self, element: etree._Element, marks: TextMarks, block: _Block) -> None:
        """Read what stands in ``element``, which begins no block of its own."""
        self.say(element.text, marks)
        for child in element:
            if isinstance(child.tag, str):
                self._element(child, marks, block)
            self.say(child.tail, marks)

    def say(self, text: str | None, marks: TextMarks) -> None:
        if not text:
            return
        words = _SPACES.sub(" ", drawable(text))
        if marks.hidden:
            if words.strip():
                self._after.append(DraftPassage("unplaced", (DraftRun(words.strip()),), why="hidden"))
        elif words:
            self._block.runs.append((DraftRun(words, marks.strong, marks.em, marks.href), marks.size))

    def _element(self, element: etree._Element, marks: TextMarks, block: _Block) -> None:
        tag, said = str(element.tag).lower(), self._sheets.of(element)
        if tag in _UNDRAWN:
            return None
        inner = marks_under(marks, element, said)
        if _INLINE.fullmatch(tag):
            return self._inline(element, tag, said, inner, block)
        if tag == "table":
            return self._table(element, inner, block)
        if tag == "hr":
            self.flush()
            if "footnote" not in (element.get("class") or ""):
                self.passages.append(DraftPassage("rule"))
            return None
        new = self._begun(element, tag, said, block)
        merging = (
            block.kind in ("point", "numbered", "unplaced") and tag in ("p", "div", "span") and self._block is block
        )
        if merging and new.kind in ("text", block.kind):
            if block.runs:
                block.runs.append((DraftRun("\n"), 0))
            return self.flow(element, inner, block)
        self.flush()
        self._block = new
        self.flow(element, inner, new)
        self.flush()
        self._block = _Block(
            block.kind if block.kind != "heading" else "text", block.level, block.style, block.form, block.why
        )
        return None

    def _begun(self, element: etree._Element, tag: str, said: Declarations, block: _Block) -> _Block:
        """The block that ``element`` begins."""
        classes = (element.get("class") or "").split()
        number = next((int(each[1:]) for each in classes if re.fullmatch(r"f\d{1,3}", each)), None)
        form = self._forms[number] if number is not None and number < len(self._forms) else None
        style = form.style if form else self._sheets.style_name(element) or block.style
        new = _Block(
            block.kind if block.kind != "heading" else "text", block.level, style, form or block.form, block.why
        )
        if (note := _NOTE.fullmatch(element.get("id") or "")) is not None:
            return _Block("unplaced", why="footnote", label=note[1])
        listed = said.get("mso-list", "")
        if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            new.kind, new.level = "heading", int(tag[1])
        elif tag == "blockquote":
            new.kind = "quote"
        elif tag in ("ul", "ol"):
            new.level = block.level + 1 if block.kind in ("point", "numbered") else 1
            new.kind = "numbered" if tag == "ol" else "point"
        elif tag == "li" and block.kind not in ("point", "numbered"):
            new.kind, new.level = "point", 1
        elif listed and listed != "none" and "ignore" not in listed and tag in ("p", "li", "div"):
            ignored = next(
                (each for each in element.iter("span") if "ignore" in (each.get("style") or "").lower()), None
            )
            mark = letters_in(ignored) if ignored is not None else ""
            found = _LIST.search(listed)
            new.kind, new.level = ("numbered" if _ORDERED.match(mark) else "point"), int(found[1]) if found else 1
        elif tag in ("figcaption", "caption"):
            new.style = "caption"
        if form is not None and form.level and new.kind == "text":
            new.kind, new.level = "heading", form.level
        return new

    def _inline(self, element: etree._Element, tag: str, said: Declarations, marks: TextMarks, block: _Block) -> None:
        classes = (element.get("class") or "").split()
        if tag == "br":
            self._block.runs.append((DraftRun("\n"), 0))
        elif tag == "img":
            self._picture(element)
        elif "ignore" in said.get("mso-list", ""):
            self._unread += tallied(letters_in(element))
        elif tag == "del":
            self.omissions.append(Omission("deletion", " ".join(letters_in(element).split())))
            self._unread += tallied(letters_in(element))
        elif "equation" in classes:
            self._after.append(DraftPassage("unplaced", (DraftRun(_line(element)),), why="equation"))
        elif (
            tag == "a" and (_CALL.match(element.get("href") or "") or _BACK.match(element.get("href") or ""))
        ) or "msocomanchor" in (element.get("class") or "").lower():
            self._unread += tallied(letters_in(element))
        else:
            if tag == "ins":
                self.omissions.append(Omission("insertion", _line(element)))
            self.flow(element, marks, block)

    def _picture(self, element: etree._Element) -> None:
        source = (element.get("src") or "").strip()
        name = "" if source.startswith("data:") else source.rpartition("/")[2][:80]
        words = " ".join(drawable(element.get("alt") or "").split())
        told = f"{words} ({name})" if words and name else words or name
        self._after.append(DraftPassage("unplaced", (DraftRun(told),) if told else (), why="picture"))

    def _table(self, element: etree._Element, marks: TextMarks, block: _Block) -> None:
        self.flush()
        rows = [[each for each in row if each.tag in ("td", "th")] for row in element.iter("tr")]
        nested = next(element.iterdescendants("table"), None) is not None
        long = any(len(_line(cell).split()) > _CELL_WORDS for row in rows for cell in row)
        if nested or long or max(map(len, rows), default=0) < 2:
            self._block = _Block()
            self.flow(element, marks, self._block)
            self.flush()
            return
        outer, held = self.passages, self._after
        read: list[tuple[Runs, ...]] = []
        extras: list[DraftPassage] = []
        for row in rows:
            cells: list[Runs] = []
            for cell in row:
                self.passages, self._after, self._block = [], [], _Block()
                self.flow(cell, marks_under(marks, cell, self._sheets.of(cell)), self._block)
                self.flush()
                cells.append(_joined([each for each in self.passages if each.kind != "unplaced"]))
                extras += [each for each in self.passages if each.kind == "unplaced"]
            read.append(tuple(cells))
        self.passages, self._after, self._block = outer, held, _Block()
        for caption in element.iter("caption"):
            self.flow(caption, marks, self._block)
            self.flush()
        read = [row for row in read if any(plain_runs(cell).strip() for cell in row)]
        heads = bool(rows) and all(cell.tag == "th" for cell in rows[0])
        self.passages += [DraftPassage("table", rows=tuple(read), heads=heads), *extras]

    def flush(self) -> None:
        """End the block that is open, and put what it held beside its text after it."""
        block, after = self._block, self._after
        self._block, self._after = _Block(block.kind, block.level, block.style, block.form, block.why, block.label), []
        runs = _tidied([run for run, _size in block.runs])
        if runs:
            sizes: Counter[float] = Counter()
            for run, size in block.runs:
                sizes[size] += len(run.text.strip())
            size = block.form.size if block.form else sizes.most_common(1)[0][0]
            if block.label:
                runs = (DraftRun(f"{block.label} "), *runs)
            self.passages.append(DraftPassage(block.kind, runs, block.style, block.level, size, block.why))
        self.passages += after

    def dropped(self, root: etree._Element) -> list[DraftPassage]:
        """The words that are in the page and in no passage, if this reader has overlooked any."""
        drawn = tallied("".join(_drawn(root)))
        kept = Counter(self._unread)
        for passage in self.passages:
            kept += tallied(passage.text)
        lost = drawn - kept
        return [DraftPassage("unplaced", (DraftRun(" ".join(lost.elements())),), why="unread")] if lost else []


def _drawn(root: etree._Element) -> Iterator[str]:
    """The letters that a browser draws or hides, parted where a block begins or ends."""
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if not isinstance(element.tag, str):
            yield element.tail or "" if event == "end" else ""
            continue
        undrawn = element.tag in _UNDRAWN or any(above.tag in _UNDRAWN for above in element.iterancestors())
        apart = "" if _INLINE.fullmatch(element.tag) and element.tag not in ("br", "img") else " "
        if event == "start":
            yield apart + (drawable(element.text or "") if not undrawn else "")
        else:
            within = any(above.tag in _UNDRAWN for above in element.iterancestors())
            yield apart + (drawable(element.tail or "") if not within else "")


def _line(element: etree._Element) -> str:
    return " ".join(drawable(letters_in(element)).split())


def _joined(passages: Sequence[DraftPassage]) -> Runs:
    runs: list[DraftRun] = []
    for each in passages:
        runs += [DraftRun(" ")] if runs else []
        runs += each.runs
    return tuple(run.with_text(run.text.replace("\n", " ")) for run in runs)


def _tidied(runs: Sequence[DraftRun]) -> Runs:
    """``runs`` with one space between words, no space at the ends and around breaks, alike ones joined."""
    kept: list[DraftRun] = []
    for run in runs:
        text = _WANTED.sub(lambda space: _KEPT[space[0]], run.text)
        text = (
            text.replace("\u00a0", " ").replace("\u202f", " ").replace("\ue0a0", "\u00a0").replace("\ue0a1", "\u202f")
        )
        text = re.sub(r" {2,}", " ", text.replace("\t", " "))
        before = kept[-1].text if kept else "\n"
        if text.startswith(" ") and before[-1] in " \n":
            text = text[1:]
        if text.startswith("\n") and kept:
            while kept and not kept[-1].text.rstrip(" "):
                kept.pop()
            if kept:
                kept[-1] = kept[-1].with_text(kept[-1].text.rstrip(" "))
        if not text or (text == "\n" and not kept):
            continue
        if kept and (kept[-1].strong, kept[-1].em, kept[-1].href) == (run.strong, run.em, run.href):
            kept[-1] = kept[-1].with_text(kept[-1].text + text)
        else:
            kept.append(run.with_text(text))
    while kept and not kept[-1].text.strip():
        kept.pop()
    if kept:
        kept[-1] = kept[-1].with_text(kept[-1].text.rstrip())
    return tuple(kept) if plain_runs(kept).strip() else ()
