"""Pieces as blocks: what each begins, what goes on in it, and what of it has no place."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from composer.drafts.habits import is_sold, label_role
from composer.drafts.passage import DraftRun, plain_runs
from composer.drafts.piece import DraftPiece, NoPlace, trimmed_runs
from composer.drafts.written_text import BodyLines, bold_text, field_text
from composer.locale import Language

_EDITO = ("édito", "edito", "éditorial", "editorial")


@dataclass
class BuiltBlock:
    """A block to be: its name in English and the words of its fields, by their English keys. ``sources``: the numbers
    of the passages in it."""

    name: str
    fields: dict[str, str] = field(default_factory=dict)
    sources: list[int] = field(default_factory=list)


@dataclass
class BuiltDraft:
    """``front``: what was found of the front matter, by its English keys. ``named``: words of the draft that are names
    of the grammar now. ``places``: the number of each passage → the block it is in, None for the front matter."""

    front: dict[str, str] = field(default_factory=dict)
    blocks: list[BuiltBlock] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    pieces: tuple[DraftPiece, ...] = ()


class DraftBuilder:
    """Builds the blocks; names of boxes in ``language``. ``free``: keys of the front matter that are to be filled."""

    def __init__(self, language: Language, free: Collection[str] = ()) -> None:
        self._language, self._free = language, free
        self._draft = BuiltDraft()
        self._label: DraftPiece | None = None  # waits for its block
        self._waiting: list[DraftPiece] = []  # words without a place, before the first block
        self._block: BuiltBlock | None = None
        self._body = BodyLines(language)
        self._walled = False  # the text is cut already
        self._items: list[list[str]] = []  # of briefs or links: the paragraphs of each

    def built(self, pieces: Sequence[DraftPiece]) -> BuiltDraft:
        for piece in pieces:
            self._piece(piece)
        if self._label is not None:
            self._waiting.append(self._label.unplaced("footing"))
            self._label = None
        if self._waiting and self._block is None:
            self._open("article", self._waiting[0].source)
        self._close()
        self._draft.pieces = tuple(pieces)
        return self._draft

    def _piece(self, piece: DraftPiece) -> None:
        match piece.role:
            case "subject" | "preheader" | "also" | "summary" if self._front_matter(piece):
                return
            case "subject" | "preheader" | "also" | "summary":
                self._unplaced(piece.unplaced("subject"))
            case "section-label":
                self._section(piece)
            case "headline":
                self._headline(piece)
            case "standfirst" | "signature":
                self._once("standfirst" if piece.role == "standfirst" else "byline", piece)
            case "brief" | "names":
                self._brief(piece)
            case "link" | "links":
                self._link(piece)
            case "unplaced":
                self._unplaced(piece)
            case "picture":
                self._unplaced(piece.unplaced("picture"))
            case _:
                self._text(piece)

    def _front_matter(self, piece: DraftPiece) -> bool:
        key = piece.role
        text = field_text(piece.runs)
        if key not in self._free or key in self._draft.front or text is None:
            return False
        if key not in ("also", "summary"):
            text = " ".join(plain_runs(piece.runs).split())
        self._draft.front[key] = text
        self._named(piece)
        return True

    def _named(self, piece: DraftPiece) -> None:
        if piece.named:
            self._draft.named.append(piece.named)

    def _section(self, piece: DraftPiece) -> None:
        """A label: of a block that it begins at once, or of the next one."""
        text, role = plain_runs(piece.runs), label_role(plain_runs(piece.runs))
        if role in ("brief", "links", "teasers"):
            self._open({"brief": "briefs", "links": "links", "teasers": "teasers"}[role], piece.source)
            assert self._block is not None
            self._block.fields["label"] = field_text(piece.runs) or text
            return
        if self._label is not None:
            self._waiting.append(self._label.unplaced("footing"))
        self._label = piece
        if is_sold(text) or self._block is not None:
            self._close()

    def _headline(self, piece: DraftPiece) -> None:
        label = plain_runs(self._label.runs).strip().casefold() if self._label is not None else ""
        self._open("edito" if label in _EDITO else "article", piece.source)
        text = field_text(trimmed_runs(piece.runs))
        assert self._block is not None
        if text is None:
            self._body.unplace(piece.unplaced("raw"))
        else:
            self._block.fields["headline"] = text
        self._take_label()

    def _take_label(self) -> None:
        if self._label is None or self._block is None:
            return
        if self._block.name == "edito":
            self._draft.named.append(plain_runs(self._label.runs))
        elif (text := field_text(self._label.runs)) is not None and self._block.name in ("article", "briefs", "links"):
            self._block.fields["label"] = text
        else:
            self._body.unplace(self._label.unplaced("footing"))
        self._block.sources.append(self._label.source)
        self._label = None

    def _once(self, key: str, piece: DraftPiece) -> None:
        """A field of the article; a second one, or one below its text, is a paragraph."""
        block = self._block
        text = field_text(piece.runs)
        first = not self._draft.blocks and "subject" in self._draft.front and self._body and not self._walled
        if block is not None and key == "byline" and first and not piece.named and "label" not in block.fields:
            block.name = "edito"  # signed by a name alone, above all others
        if block is not None and block.name == "edito" and key == "byline":
            key = "author"
        early = key != "standfirst" or not self._body
        if block is None or block.name not in ("article", "edito") or key in block.fields or text is None or not early:
            named = (DraftRun(f"{piece.named} "),) if piece.named else ()
            self._text(DraftPiece("paragraph", (*named, *piece.runs), source=piece.source))
            return
        block.fields[key] = text if key == "standfirst" else " ".join(plain_runs(piece.runs).split())
        block.sources.append(piece.source)
        self._named(piece)

    def _brief(self, piece: DraftPiece) -> None:
        if self._block is None or self._block.name != "briefs" or (piece.role == "names" and self._items):
            self._open("briefs", piece.source)
            self._take_label()
        assert self._block is not None
        self._block.sources.append(piece.source)
        if piece.role == "names":
            self._block.fields["names"] = plain_runs(piece.runs)
            return
        head = bold_text(piece.lead or piece.runs)
        if head is None:
            self._unplaced(piece.unplaced("raw"))
            return
        self._items.append([head])
        if piece.lead and piece.runs:
            self._paragraph_of_item(DraftPiece("paragraph", piece.runs, source=piece.source))

    def _paragraph_of_item(self, piece: DraftPiece) -> None:
        lines = BodyLines(self._language)
        lines.add(piece)
        self._items[-1].append(lines.text)

    def _link(self, piece: DraftPiece) -> None:
        if self._block is None or self._block.name not in ("links", "teasers"):
            self._open("links", piece.source)
            self._take_label()
        assert self._block is not None
        self._block.sources.append(piece.source)
        if (text := field_text(piece.runs)) is None:
            self._unplaced(piece.unplaced("raw"))
        else:
            self._items.append([text])

    def _unplaced(self, piece: DraftPiece) -> None:
        block = self._block
        if block is None or block.name in ("links", "teasers"):
            self._waiting.append(piece)
        elif block.name == "briefs":
            if self._items:
                lines = BodyLines(self._language)
                lines.unplace(piece)
                self._items[-1].append(lines.text)
                block.sources.append(piece.source)
            else:
                self._waiting.append(piece)
        else:
            self._body.unplace(piece)
            block.sources.append(piece.source)

    def _text(self, piece: DraftPiece) -> None:
        block = self._block
        if block is not None and block.name == "briefs" and self._items and piece.role == "paragraph":
            block.sources.append(piece.source)
            self._paragraph_of_item(piece)
            return
        if block is None or block.name not in ("article", "edito"):
            self._open("article", piece.source)
            self._take_label()
        assert self._block is not None
        if piece.role == "paywall" and (self._walled or self._block.name != "article"):
            piece = DraftPiece("unplaced", (DraftRun("==="),), why="cut", source=piece.source)
        self._walled |= piece.role == "paywall"
        self._named_box(piece)
        self._body.add(piece)
        self._block.sources.append(piece.source)

    def _named_box(self, piece: DraftPiece) -> None:
        if piece.role in ("a_surveiller", "en_filigrane"):
            self._named(piece)

    def _open(self, name: str, source: int) -> None:
        self._close()
        self._block = BuiltBlock(name, sources=[source])
        if name in ("article", "edito"):
            for piece in self._waiting:
                self._body.unplace(piece)
                self._block.sources.append(piece.source)
            self._waiting = []

    def _close(self) -> None:
        """End the block that is open; what waits for a place and found none stands in a text of its own."""
        block, self._block = self._block, None
        if block is not None:
            self._finish(block)
        self._body, self._items, self._walled = BodyLines(self._language), [], False
        if self._waiting and (self._draft.blocks or block is None) and self._last_text() is not None:
            last = self._last_text()
            assert last is not None
            lines = BodyLines(self._language)
            for piece in self._waiting:
                lines.unplace(piece)
                last.sources.append(piece.source)
            last.fields["body"] = f"{last.fields['body']}\n\n{lines.text}"
            self._waiting = []

    def _last_text(self) -> BuiltBlock | None:
        return next((each for each in reversed(self._draft.blocks) if "body" in each.fields), None)

    def _finish(self, block: BuiltBlock) -> None:
        if block.name in ("article", "edito"):
            if "headline" not in block.fields:
                block.fields["headline"] = _mark("headline", self._language)
            block.fields["body"] = self._body.text or _mark("text", self._language)
        else:
            if not self._items:  # a label and nothing below it
                label = block.fields.get("label", "")
                names = block.fields.get("names", "")
                self._waiting.append(
                    DraftPiece(
                        "unplaced",
                        (DraftRun(" ".join((label, names)).strip()),),
                        why="footing",
                        source=block.sources[0],
                    )
                )
                return
            for paragraphs in self._items:
                if block.name == "briefs" and len(paragraphs) == 1:
                    paragraphs.append(_mark("text", self._language))
            block.fields["items"] = "\n".join(_item(paragraphs) for paragraphs in self._items)
        self._draft.blocks.append(block)


def _mark(why: NoPlace, language: Language) -> str:
    lines = BodyLines(language)
    lines.unplace(DraftPiece("unplaced", why=why))
    return lines.text


def _item(paragraphs: Sequence[str]) -> str:
    """A point of a Markdown list, its paragraphs under its words."""
    head, *below = paragraphs
    lines = [f"- {head}"]
    for each in below:
        lines += ["", *(f"  {line}".rstrip() for line in each.split("\n"))]
    return "\n".join(lines)


def unplaced_block(block: BuiltBlock, built: BuiltDraft, language: Language) -> BuiltBlock:
    """All that is in ``block``, which the grammar refuses, as words without a place."""
    lines = BodyLines(language)
    for piece in built.pieces:
        if piece.source in block.sources:
            lines.unplace(piece if piece.role == "unplaced" else piece.unplaced("raw"))
    fields = {"headline": _mark("headline", language), "body": lines.text}
    return BuiltBlock("article", fields, block.sources)
