"""What can be put into an issue, for the lists of the studio: its name, a line about it, a drawing, what it needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from composer.issue.blocks import BLOCKS, DIRECTIVES
from composer.locale import gettext as _
from composer.source.field_spec import RecordField, record_of

#: Fields that are asked for though a block or a box can do without.
_ASKED_TOO: Mapping[str, tuple[str, ...]] = {
    "article": ("standfirst",),
    "edito": ("standfirst",),
    "interview": ("standfirst",),
    "quote": ("author",),
    "links": ("items",),
    "number": ("unit", "source"),
    "table": ("title",),
    "notice": ("url",),
}

#: How a list is written, for the fields that hold one.
_PATTERNS = {
    "briefs": "- **…** …",
    "agenda": "- 2026-12-12 **…**, …",
    "reading": "- [… ](https://…)",
    "letters": "- …\n  — …",
    "links": "- [… ](https://…)",
    "table": "… | …\n… | …",
}

#: Rows of each drawing, from above: see ``drawing.html.j2``.
_DRAWINGS: Mapping[str, str] = {
    "paragraph": "ttts",
    "crosshead": "tHtt",
    "points": "PtPt",
    "numbered": "NtNt",
    "citation": "qqqs",
    "asterism": "t*tt",
    "paywall": "twtt",
    "edito": "Httts",
    "article": "Hsttt",
    "interview": "HBtBt",
    "briefs": "BtBtB",
    "en_filigrane": "bHtt",
    "a_surveiller": "bHPt",
    "insight": "bHts",
    "figure": "is",
    "quote": "qqs",
    "links": "PPP",
    "number": "ns",
    "table": "cccc",
    "notice": "btt",
    "sponsor": "bit",
    "teasers": "PPws",
    "agenda": "NPNP",
    "reading": "BsBs",
    "letters": "qsqs",
    "replay": "isP",
    "masthead": "wsss",
}


@dataclass(frozen=True)
class AskedField:
    """A field that is asked for. ``role``: of a box, ``argument``, ``lines`` or ``option``; of a sentence, ``lead`` or
    ``text``; of a block, ``given``. ``several``: it has lines."""

    name: str
    label: str
    role: str
    several: bool = False
    required: bool = True
    pattern: str = ""


@dataclass(frozen=True)
class Choice:
    name: str
    title: str
    line: str
    drawing: str
    asked: tuple[AskedField, ...]


def element_choices() -> list[Choice]:
    """What a text can hold, in the order of the grammar."""
    words = AskedField("text", _("Its words"), "text", several=True)
    line = AskedField("text", words.label, "text")
    lead = AskedField("lead", _("What it begins with, in bold"), "lead", required=False)
    sentences = [
        ("paragraph", _("Paragraph"), _("Words, as those around"), (words,)),
        (
            "crosshead",
            _("Crosshead"),
            _("A short title between paragraphs"),
            (line,),
        ),
        ("points", _("Points"), _("A list; each point may begin with a lead in bold"), (lead, words)),
        ("numbered", _("Numbered points"), _("A list in order: steps, ranks"), (words,)),
        ("citation", _("Citation"), _("Words of another, set in between paragraphs"), (words,)),
        ("asterism", _("Ornament"), _("A pause between two paragraphs"), ()),
        ("paywall", _("Paywall"), _("What stands below it is for subscribers"), ()),
    ]
    titles = _block_words()
    boxes = [(name, *titles[name], tuple(_of_box(name))) for name in DIRECTIVES]
    return [Choice(name, title, about, _DRAWINGS[name], asked) for name, title, about, asked in (*sentences, *boxes)]


def block_choices() -> list[Choice]:
    """The blocks that can be added, in the grammar's order. A picture's page asks for its words, once it has a file."""
    titles = _block_words()
    return [Choice(name, *titles[name], _DRAWINGS[name], tuple(_of_block(name))) for name in BLOCKS]


def block_titles() -> Mapping[str, str]:
    """How the blocks are called."""
    return {name: title for name, (title, _line) in _block_words().items()}


def _of_block(name: str) -> Iterable[AskedField]:
    fields = record_of(BLOCKS[name]).fields
    for each in fields.values():
        if (each.required or each.key in _ASKED_TOO.get(name, ())) and name not in ("sponsor", "figure"):
            yield _asked(name, each, "given", required=each.required or name == "links")


def _of_box(name: str) -> Iterable[AskedField]:
    model = DIRECTIVES[name]
    fields, boxed = record_of(model).fields, model.boxed
    if boxed is None or name == "figure":
        return
    main = [(boxed.argument, "argument"), *((each, "option") for each in boxed.options), (boxed.text, "lines")]
    for key, role in main:
        field = fields.get(key or "")
        if field is None or (role != "argument" and not field.required and key not in _ASKED_TOO.get(name, ())):
            continue
        if role == "option" and key in (boxed.argument, boxed.text):
            continue
        needed = field.required or (name, key) == ("links", "items")
        yield _asked(name, field, role, required=needed)


def _asked(name: str, field: RecordField, role: str, *, required: bool) -> AskedField:
    several = role == "lines" or field.shape.holds_lines or field.shape.takes_points
    pattern = _PATTERNS.get(name, "") if field.key in ("items", "rows") else ""
    return AskedField(field.key, _(field.description), role, several, required, pattern)


def _block_words() -> Mapping[str, tuple[str, str]]:
    return {
        "edito": (_("Editorial"), _("The editor’s own words, signed")),
        "article": (_("Article"), _("A headline, a standfirst, a text")),
        "interview": (_("Interview"), _("Questions, and the answers to them")),
        "briefs": (_("Briefs"), _("Short news, each with its headline")),
        "en_filigrane": (_("Behind the news"), _("What lies behind, in a box: “En filigrane”")),
        "a_surveiller": (_("To watch"), _("What comes next, and when: “À surveiller”")),
        "insight": (_("Insight"), _("A box under a label of its own")),
        "figure": (_("Picture"), _("A file of yours, with its description and its credit")),
        "quote": (_("Quotation"), _("Words of a person, in large")),
        "links": (_("Links"), _("Where to read on")),
        "number": (_("Number"), _("A figure that is worth a headline, and a line below it")),
        "table": (_("Table"), _("Lines and columns")),
        "notice": (_("Notice"), _("A word from the house to its readers")),
        "sponsor": (_("Advertisement"), _("A booked slot; its words come from the booking")),
        "teasers": (_("What subscribers get"), _("The list of it, made by itself")),
        "agenda": (_("Agenda"), _("Dates, each to be put into a calendar")),
        "reading": (_("Reading"), _("Pages of others, with a line each")),
        "letters": (_("Letters"), _("What readers write, and the answers")),
        "replay": (_("Replay"), _("A broadcast to listen to again")),
        "masthead": (_("Masthead"), _("Who made the issue; credits, lives, latest issues")),
    }
