"""Texts whose paragraphs are known for what they are, as writers hand them in: with styles, by habit, pasted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from composer.drafts.counted_words import tallied
from composer.drafts.passage import DraftRun, Runs, plain_runs
from composer.drafts.piece import DraftPiece
from composer.issue.blocks.a_surveiller import ASurveiller
from composer.issue.blocks.en_filigrane import EnFiligrane
from composer.issue.blocks.insight import Insight
from composer.issue.body import Body, Citation, Crosshead, Paragraph, Points
from composer.issue.inline import Break, Code, Emphasis, Inline, Link, Spans, Strong, Text
from composer.issue.model import Issue
from tests.drafts.support.word_document import WordDocument

_BOXES = {"a_surveiller": "À SURVEILLER", "en_filigrane": "EN FILIGRANE", "insight": "LA BONNE ÉCHELLE"}
_STYLES = {
    "subject": "Title",
    "section-label": "Rubrique",
    "headline": "heading 1",
    "standfirst": "Chapô",
    "signature": "Signature",
    "crosshead": "Intertitre",
    "brief": "Brève",
    "citation": "Quote",
}


@dataclass(frozen=True)
class Typed:
    """A paragraph of a draft: what it is, its letters, and before them the lead of a point or the title of a box."""

    role: str
    runs: Runs = ()
    lead: Runs = ()

    @property
    def words(self) -> Counter[str]:
        return tallied(plain_runs(self.lead)) + tallied(plain_runs(self.runs))


def typed_issue(issue: Issue) -> Iterator[Typed]:
    """The prose of ``issue`` as its writers typed it: articles, briefs, links."""
    yield Typed("subject", _words(issue.front.subject))
    for block in issue.front.blocks:
        if getattr(block, "type", "") in ("edito", "article", "interview"):
            label = getattr(block, "label", None)
            if isinstance(label, Inline) or (isinstance(label, str) and label not in ("none", "")):
                yield Typed("section-label", _words(label))
            yield Typed("headline", _runs(block.headline.spans))  # type: ignore[attr-defined] # reason: one of three blocks
            if standfirst := getattr(block, "standfirst", None):
                yield Typed("standfirst", _runs(standfirst.spans))
            yield from _typed_body(block.body)  # type: ignore[attr-defined] # reason: one of three blocks
        elif getattr(block, "type", "") == "briefs":
            yield Typed("section-label", _words("En bref"))
            for item in block.items:  # type: ignore[attr-defined] # reason: briefs
                yield Typed("brief", _runs(item.headline.spans))
                yield from _typed_body(item.text)


def _typed_body(body: Body) -> Iterator[Typed]:
    for element in body:
        match element:
            case Paragraph(spans):
                yield Typed("paragraph", _runs(spans))
            case Crosshead(spans):
                yield Typed("crosshead", _runs(spans))
            case Points(items, ordered):
                for item in items:
                    yield Typed("numbered" if ordered else "point", _runs(item.spans), _runs(item.lead or ()))
            case Citation(paragraphs):
                for each in paragraphs:
                    yield Typed("citation", _runs(each))
            case ASurveiller() | EnFiligrane() | Insight():
                texts = [each for each in element.text if isinstance(each, Paragraph)]
                if len(texts) == len(element.text.elements) == 1:
                    yield Typed(element.type, _runs(texts[0].spans), _runs(element.title.spans))


def _words(text: object) -> Runs:
    return _runs(text.spans) if isinstance(text, Inline) else (DraftRun(str(text)),)


def _runs(spans: Spans, strong: bool = False, em: bool = False, href: str = "") -> Runs:
    runs: list[DraftRun] = []
    for span in spans:
        match span:
            case Text(text) | Code(text):
                runs.append(DraftRun(text, strong, em, href))
            case Break():
                runs.append(DraftRun("\n", strong, em, href))
            case Strong(children):
                runs += _runs(children, True, em, href)
            case Emphasis(children):
                runs += _runs(children, strong, True, href)
            case Link(url, children):
                runs += _runs(children, strong, em, url if not url.startswith("#") else "")
    return tuple(runs)


def styled_word(draft: Sequence[Typed]) -> bytes:
    """With the house's styles; boxes by their first words."""
    document = WordDocument(dict.fromkeys((*_STYLES.values(), "List Bullet"), ""))
    for each in draft:
        if each.role in _BOXES:
            document.paragraph(boxed(each))
        elif each.role in ("point", "numbered"):
            document.paragraph(led(each, " :"), "List Bullet", number=2 if each.role == "numbered" else 1)
        else:
            document.paragraph(each.runs, _STYLES.get(each.role, ""))
    return document.saved()


def habitual_word(draft: Sequence[Typed]) -> bytes:
    """Without a style: bars around labels, drawn bullets, titles on lines of their own, in bold or larger."""
    document = WordDocument()
    for each in draft:
        bold = tuple(DraftRun(run.text, True, run.em, run.href) for run in each.runs)
        match each.role:
            case "section-label":
                document.paragraph(f"| {plain_runs(each.runs).upper()} |")
            case "point":
                document.paragraph((DraftRun("• "), *led(each, " •", bold=False)))
            case "numbered":
                document.paragraph(led(each, " :"), number=2)
            case "headline":
                document.paragraph(each.runs, size=18)
            case "crosshead" | "brief":
                document.paragraph(bold)
            case "standfirst":
                document.paragraph(tuple(DraftRun(run.text, run.strong, True, run.href) for run in each.runs))
            case role if role in _BOXES:
                document.paragraph(boxed(each))
            case _:
                document.paragraph(each.runs)
    return document.saved()


def docs_html(draft: Sequence[Typed]) -> str:
    """As copied from Google Docs: bold all over that is none, styles on spans."""

    def span(run: DraftRun) -> str:
        style = f"font-weight:{700 if run.strong else 400};font-style:{'italic' if run.em else 'normal'};font-size:11pt"
        return _linked(run, f'<span style="{style}">{_broken(run.text)}</span>')

    lines = []
    for each in draft:
        tag = {"headline": "h1", "subject": "h1", "crosshead": "h2", "brief": "h3"}.get(each.role, "p")
        inner = "".join(map(span, each.runs))
        if each.role == "section-label":
            inner = f"<span>| {escape(plain_runs(each.runs))} |</span>"
        elif each.role in _BOXES:
            inner = "".join(map(span, boxed(each)))
        elif each.role in ("point", "numbered"):
            outer = "ol" if each.role == "numbered" else "ul"
            inner = "".join(map(span, led(each, " :")))
            lines.append(f'<{outer}><li dir="ltr"><p dir="ltr" role="presentation">{inner}</p></li></{outer}>')
            continue
        lines.append(f'<{tag} dir="ltr">{inner}</{tag}>')
    return '<meta charset="utf-8"><b style="font-weight:normal;" id="docs-internal-guid-1">' + "".join(lines) + "</b>"


def word_html(draft: Sequence[Typed]) -> str:
    """As copied from Word: its classes and their names, its lists drawn with signs."""

    def run_html(run: DraftRun) -> str:
        text = f"<b>{_broken(run.text)}</b>" if run.strong else _broken(run.text)
        return _linked(run, f"<i>{text}</i>" if run.em else text)

    sheet = "".join(f'p.St{n} {{mso-style-name:"{name}";}}' for n, name in enumerate(_STYLES.values()))
    lines = []
    for each in draft:
        inner = "".join(map(run_html, boxed(each) if each.role in _BOXES else each.runs))
        if each.role in ("point", "numbered"):
            mark = "1." if each.role == "numbered" else "·"
            ignored = (
                f"<![if !supportLists]><span style='mso-list:Ignore'>{mark}<span>&nbsp;&nbsp; </span></span><![endif]>"
            )
            inner = "".join(map(run_html, led(each, " :")))
            lines.append(f"<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'>{ignored}{inner}<o:p></o:p></p>")
        elif each.role in _STYLES:
            lines.append(f"<p class=St{[*_STYLES].index(each.role)}>{inner}<o:p></o:p></p>")
        else:
            lines.append(f"<p class=MsoNormal>{inner}<o:p></o:p></p>")
    return f"<html><head><style><!--{sheet}--></style></head><body>{''.join(lines)}</body></html>"


def _linked(run: DraftRun, html: str) -> str:
    return f'<a href="{escape(run.href)}">{html}</a>' if run.href else html


def _broken(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def boxed(each: Typed) -> Runs:
    return (
        DraftRun(f"{_BOXES[each.role]} : "),
        *(DraftRun(run.text, True, run.em, run.href) for run in each.lead),
        DraftRun(" • "),
        *each.runs,
    )


def led(each: Typed, sign: str, bold: bool = True) -> Runs:
    if not each.lead:
        return each.runs
    return (*(DraftRun(run.text, bold, run.em, run.href) for run in each.lead), DraftRun(f"{sign} ", bold), *each.runs)


FORMS: dict[str, Callable[[Sequence[Typed]], bytes | str]] = {
    "word": styled_word,
    "habits": habitual_word,
    "docs": docs_html,
    "pasted": word_html,
}


def rightly_typed(draft: Sequence[Typed], pieces: Sequence[DraftPiece]) -> int:
    """How many paragraphs of ``draft`` became what they are, with their words."""
    found: Counter[tuple[str, str]] = Counter((piece.role, _key(piece.lead, piece.runs)) for piece in pieces)
    right = 0
    for each in draft:
        key = each.role, _key(each.lead, each.runs)
        if found[key]:
            found[key] -= 1
            right += 1
    return right


def _key(lead: Runs, runs: Runs) -> str:
    return " ".join(sorted((tallied(plain_runs(lead).casefold()) + tallied(plain_runs(runs).casefold())).elements()))
