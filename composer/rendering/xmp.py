"""XMP: read the properties about rights, and write a new packet with nothing else in it (ISO 16684-1).

A packet from elsewhere is never copied: it may hold a position, a device, a thumbnail and the history of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from itertools import islice
from typing import Literal, TypeVar, get_args

from lxml import etree

#: creators; copyright notice; credit line; usage terms, and the web page with them; DigitalSourceType; what PLUS says
#: of data mining, and its constraints in words; TDM reservation and policy.
# fmt: off
RightsField = Literal[
    "creators", "copyright", "credit", "terms", "address", "source_type",
    "data_mining", "constraints", "reservation", "policy",
]
# fmt: on

#: The names of some properties.
F = TypeVar("F", bound=str)

#: Why a file's rights are not published whole: too large a packet, no XML, entities declared, a value cut.
Loss = Literal["large", "malformed", "entities", "cut"]

#: Bytes of a packet that is read: larger ones hold thumbnails and histories.
MOST_BYTES = 1_000_000
#: Characters of a value that are published, of a creator's name, and names: whatever they are, the packet fits one
#: segment of a JPEG (65,502 bytes).
LONGEST_VALUE = 1_000
LONGEST_NAME = 200
MOST_NAMES = 10

_MOST_DESCRIPTIONS = 200  # programs write one, or one for each namespace
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
#: What XML cannot hold, what a terminal obeys, and what turns the direction of a text around.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff ]+")


class UnreadablePacket(ValueError):
    """A packet that is not read; ``loss`` says why."""

    def __init__(self, loss: Loss) -> None:
        self.loss: Loss = loss
        super().__init__(loss)


@dataclass(frozen=True)
class XmpProperty:
    """``spaces``: its namespace, and others under which it is read; ``kind``: the RDF container of its values."""

    prefix: str
    name: str
    spaces: tuple[str, ...]
    kind: Literal["Seq", "Alt", ""] = ""


_DC = ("http://purl.org/dc/elements/1.1/",)
_RIGHTS = ("http://ns.adobe.com/xap/1.0/rights/",)
_PLUS = ("http://ns.useplus.org/ldf/xmp/1.0/",)
_TDM = ("http://www.w3.org/ns/tdmrep/", "http://www.w3.org/ns/tdmrep#")
#: IPTC Photo Metadata Standard 2025.1 (iptc.org/std/photometadata/specification); TDMRep, section on PDF (w3.org).
_PROPERTIES: Mapping[RightsField, XmpProperty] = {
    "creators": XmpProperty("dc", "creator", _DC, "Seq"),
    "copyright": XmpProperty("dc", "rights", _DC, "Alt"),
    "credit": XmpProperty("photoshop", "Credit", ("http://ns.adobe.com/photoshop/1.0/",)),
    "terms": XmpProperty("xmpRights", "UsageTerms", _RIGHTS, "Alt"),
    "address": XmpProperty("xmpRights", "WebStatement", _RIGHTS),
    "source_type": XmpProperty("Iptc4xmpExt", "DigitalSourceType", ("http://iptc.org/std/Iptc4xmpExt/2008-02-29/",)),
    "data_mining": XmpProperty("plus", "DataMining", _PLUS),
    "constraints": XmpProperty("plus", "OtherConstraints", _PLUS, "Alt"),
    "reservation": XmpProperty("tdm", "reservation", _TDM),
    "policy": XmpProperty("tdm", "policy", _TDM),
}


def clean(value: str) -> str:
    """``value`` in one line, without control characters."""
    return _UNSAFE.sub(" ", value).strip(" ")


def read_packet(packet: bytes) -> dict[RightsField, tuple[str, ...]]:
    """The rights in ``packet``, in UTF-8; fields without a value are left out. Raises ``UnreadablePacket``."""
    return read_properties(packet, _PROPERTIES)


def read_properties(packet: bytes, wanted: Mapping[F, XmpProperty]) -> dict[F, tuple[str, ...]]:
    """The values of the properties ``wanted`` in ``packet``, in UTF-8; those without one are left out. Raises
    ``UnreadablePacket``."""
    if len(packet) > MOST_BYTES:
        raise UnreadablePacket("large")
    packet = packet.strip(b"\0 \t\r\n")
    if not packet:
        return {}
    if b"<!DOCTYPE" in packet or b"<!ENTITY" in packet:  # no packet needs one; entities grow without end
        raise UnreadablePacket("entities")
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(packet, parser)
    except etree.XMLSyntaxError as error:
        raise UnreadablePacket("malformed") from error
    every = (each for rdf in root.iter(f"{{{_RDF}}}RDF") for each in rdf.iterfind(f"{{{_RDF}}}Description"))
    descriptions = list(islice(every, _MOST_DESCRIPTIONS))
    found: dict[F, tuple[str, ...]] = {}
    for name, each_property in wanted.items():
        values = (tuple(_values(each, each_property)) for each in descriptions)
        if given := next(filter(None, values), None):
            found[name] = given
    return found


def _values(description: etree._Element, wanted: XmpProperty) -> Iterator[str]:
    """The values of the property in ``description``, cleaned, none empty; of one in several languages, the default."""
    for space in wanted.spaces:
        tag = f"{{{space}}}{wanted.name}"
        elements = description.findall(tag)
        written = [description.get(tag, "")]
        for element in elements:
            items = [
                item for box in ("Alt", "Seq", "Bag") for item in element.iterfind(f"{{{_RDF}}}{box}/{{{_RDF}}}li")
            ]
            if wanted.kind == "Alt":
                items = [item for item in items if item.get(_LANGUAGE) == "x-default"] or items
            written += [item.text or "" for item in items]
            written += [element.text or "", element.get(f"{{{_RDF}}}resource", "")] if not items else []
        values = [value for each in written if (value := clean(each))]
        yield from values if wanted.kind == "Seq" else values[:1]
        if values:
            return


def cut(said: Mapping[RightsField, tuple[str, ...]]) -> dict[RightsField, tuple[str, ...]]:
    """``said`` with no more than is published."""
    names = tuple(name[:LONGEST_NAME] for name in said.get("creators", ())[:MOST_NAMES])
    shorter = {field: tuple(value[:LONGEST_VALUE] for value in values) for field, values in said.items()}
    return shorter | {"creators": names} if names else shorter


def packet_of(said: Mapping[RightsField, tuple[str, ...]]) -> bytes:
    """A packet that holds ``said`` and nothing else; the same bytes for the same fields."""
    properties = [(_PROPERTIES[name], said[name]) for name in get_args(RightsField) if said.get(name)]
    spaces = {each.prefix: each.spaces[0] for each, _said in properties}
    declared = "".join(f' xmlns:{prefix}="{space}"' for prefix, space in spaces.items())
    inside = "".join(_element(each, values) for each, values in properties)
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        f'<rdf:RDF xmlns:rdf="{_RDF}"><rdf:Description rdf:about=""{declared}>{inside}</rdf:Description></rdf:RDF>'
        '</x:xmpmeta><?xpacket end="r"?>'
    ).encode()


def _element(wanted: XmpProperty, values: tuple[str, ...]) -> str:
    language = ' xml:lang="x-default"' if wanted.kind == "Alt" else ""
    inside = escape(values[0], quote=False)
    if wanted.kind:
        items = "".join(f"<rdf:li{language}>{escape(value, quote=False)}</rdf:li>" for value in values)
        inside = f"<rdf:{wanted.kind}>{items}</rdf:{wanted.kind}>"
    return f"<{wanted.prefix}:{wanted.name}>{inside}</{wanted.prefix}:{wanted.name}>"
