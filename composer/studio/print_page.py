"""The letter on paper: A4, by day, its links as numbered notes at the end."""

from __future__ import annotations

from lxml import etree
from lxml import html as lxml_html

from composer.locale import gettext as _
from composer.studio.letter import framed
from composer.studio.proof import ProofLetter
from composer.studio.view_options import ViewOptions

_SHEET = """
@page { size: A4; margin: 16mm 18mm 18mm }
html, body, .paper { background: #ffffff !important }
* { print-color-adjust: exact; -webkit-print-color-adjust: exact }
[class*="mj-column"] { display: block !important }
@media print { body { zoom: .85 } }
h1, h2, h3, h4, .label, .standfirst, .byline, .names { break-after: avoid }
tr:has(.label):not(:has(p:not(.label))) { break-after: avoid }
img, blockquote, tr:has(> .f) { break-inside: avoid }
tr:has(> .f):has(+ tr > .f) { break-after: avoid }
img { max-height: 230mm }
p, div, li, td { orphans: 3; widows: 3 }
sup.note { font: 10px/1 Helvetica, Arial, sans-serif; padding-left: 2px; vertical-align: super; font-weight: 400 }
.notes { max-width: 640px; margin: 24px auto; padding: 16px 24px 0; box-sizing: border-box;
  border-top: 1px solid #77736b; color: #1b1a18; font: 12px/18px Helvetica, Arial, sans-serif }
.notes h2 { margin: 0 0 8px; font: 700 14px/18px Helvetica, Arial, sans-serif }
.notes ol { margin: 0; padding-left: 28px }
.notes li { overflow-wrap: anywhere; break-inside: avoid }
"""


def on_paper(letter: ProofLetter) -> str:
    """The page of ``letter``. A link that leads to the web has its number after it; one of a single reader has none.

    Raises as ``framed`` does.
    """
    document = lxml_html.document_fromstring(framed(letter, ViewOptions()))
    own = (f"{letter.newsroom.settings.public_url.rstrip('/')}/u/",)
    notes: dict[str, int] = {}
    for link in [*document.iter("a")]:
        address = str(link.get("href", ""))
        if not address.startswith(("http://", "https://")) or address.startswith(own):
            continue
        if not "".join(map(str, link.itertext())).strip() or address in "".join(map(str, link.itertext())):
            continue  # a picture, or an address that is printed
        note = etree.SubElement(link, "sup", {"class": "note"})
        note.text = str(notes.setdefault(address, len(notes) + 1))
    head, body = document.find("head"), document.find("body")
    if head is not None:
        etree.SubElement(head, "style").text = _SHEET
    if notes and body is not None:
        listed = etree.SubElement(body, "div", {"class": "notes"})
        etree.SubElement(listed, "h2").text = _("Links")
        items = etree.SubElement(listed, "ol")
        for address in notes:
            etree.SubElement(items, "li").text = address
    return str(lxml_html.tostring(document, encoding="unicode", doctype="<!DOCTYPE html>"))
