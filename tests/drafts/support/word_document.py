"""Documents of Word written for the tests: the XML of ECMA-376, as word processors write it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

from composer.drafts.passage import DraftRun

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_SPACES = (
    f'{_W} xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
)
_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
_NUMBERING = (
    f"<w:numbering {_W}>"
    + "".join(
        f'<w:abstractNum w:abstractNumId="{id}"><w:lvl w:ilvl="0"><w:numFmt w:val="{kind}"/></w:lvl></w:abstractNum>'
        for id, kind in ((1, "bullet"), (2, "decimal"))
    )
    + "".join(f'<w:num w:numId="{id}"><w:abstractNumId w:val="{id}"/></w:num>' for id in (1, 2))
    + "</w:numbering>"
)


_DEFAULTS = '<w:docDefaults><w:rPrDefault><w:rPr><w:sz w:val="22"/></w:rPr></w:rPrDefault></w:docDefaults>'


class WordDocument:
    """A document that grows, paragraph by paragraph. ``styles``: name → the XML in its definition."""

    def __init__(self, styles: dict[str, str] | None = None) -> None:
        self._styles = {"Normal": ""} | (styles or {})
        self._body: list[str] = []
        self._notes: list[str] = []
        self._links: list[str] = []
        self.parts: dict[str, str] = {}

    def paragraph(
        self, runs: Iterable[DraftRun] | str, style: str = "", *, size: int = 0, number: int = 0, extra: str = ""
    ) -> None:
        """``size`` of the letters, in points; ``number``: 1 for a bullet, 2 for a number; ``extra``: XML."""
        runs = [DraftRun(runs)] if isinstance(runs, str) else [*runs]
        properties = f'<w:pStyle w:val="{self._id(style)}"/>' if style else ""
        if number:
            properties += f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{number}"/></w:numPr>'
        inner = "".join(self._run(run, size) for run in runs)
        self._body.append(f"<w:p><w:pPr>{properties}</w:pPr>{inner}{extra}</w:p>")

    def xml(self, xml: str) -> None:
        self._body.append(xml)

    def footnote(self, text: str) -> str:
        """The XML of a call of a note that says ``text``."""
        self._notes.append(text)
        return f'<w:r><w:footnoteReference w:id="{len(self._notes)}"/></w:r>'

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        cells = ("".join(f"<w:tc><w:p>{self._run(DraftRun(cell), 0)}</w:p></w:tc>" for cell in row) for row in rows)
        self._body.append("<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>")

    def _id(self, style: str) -> str:
        return f"S{[*self._styles].index(style)}"

    def _run(self, run: DraftRun, size: int) -> str:
        marks = "<w:b/>" * run.strong + "<w:i/>" * run.em + (f'<w:sz w:val="{size * 2}"/>' if size else "")
        parts = run.text.split("\n")
        text = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(part)}</w:t>' for part in parts)
        xml = f"<w:r><w:rPr>{marks}</w:rPr>{text}</w:r>"
        if not run.href:
            return xml
        self._links.append(run.href)
        return f'<w:hyperlink r:id="L{len(self._links)}">{xml}</w:hyperlink>'

    def _style_xml(self, name: str) -> str:
        default = ' w:default="1"' if name == "Normal" else ""
        head = f'<w:style w:type="paragraph" w:styleId="{self._id(name)}"{default}>'
        return f"{head}<w:name w:val={quoteattr(name)}/>{self._styles[name]}</w:style>"

    def saved(self) -> bytes:
        buffer = BytesIO()
        with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
            for name, part in {**self._parts(), **self.parts}.items():
                archive.writestr(name, part)
        return buffer.getvalue()

    def _parts(self) -> dict[str, str]:
        styles = "".join(map(self._style_xml, self._styles))
        notes = "".join(
            f'<w:footnote w:id="{id}"><w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p></w:footnote>'
            for id, text in enumerate(self._notes, 1)
        )
        links = "".join(
            f'<Relationship Id="L{n}" Type="{_OFFICE}/hyperlink" Target={quoteattr(href)} TargetMode="External"/>'
            for n, href in enumerate(self._links, 1)
        )
        for n, name in enumerate(("styles", "numbering", "footnotes", "comments")):
            links += f'<Relationship Id="P{n}" Type="{_OFFICE}/{name}" Target="{name}.xml"/>'
        root = f'<Relationship Id="D" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>'
        return {
            "[Content_Types].xml": _TYPES,
            "_rels/.rels": f'<Relationships xmlns="{_RELATIONSHIPS}">{root}</Relationships>',
            "word/_rels/document.xml.rels": f'<Relationships xmlns="{_RELATIONSHIPS}">{links}</Relationships>',
            "word/document.xml": f"<w:document {_SPACES}><w:body>{''.join(self._body)}</w:body></w:document>",
            "word/styles.xml": f"<w:styles {_W}>{_DEFAULTS}{styles}</w:styles>",
            "word/numbering.xml": _NUMBERING,
            "word/footnotes.xml": f"<w:footnotes {_SPACES}>{notes}</w:footnotes>",
            "word/comments.xml": f"<w:comments {_SPACES}/>",
        }
