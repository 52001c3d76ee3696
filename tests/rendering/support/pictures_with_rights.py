"""Pictures whose files say their rights, among what else a telephone or an agency writes; a reader of published ones.

The reader shares nothing with the house's own: another parser of XML, and Pillow for the containers.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

from PIL import Image
from PIL.PngImagePlugin import PngInfo

#: What must not be published, in each of the ways in which it is written.
SECRETS = ("Quai des Brumes", "48.0001", "Boitier Modele", "VIGNETTE", "historique-interne")

AI = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
CAMERA = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"

#: Every field, as the tests compare it: qualified name → values.
ALL = {
    "dc:creator": ["Maëlle Quéré", "Atelier <Lune> & Cie"],
    "dc:rights": ["© 2026 Maëlle Quéré"],
    "photoshop:Credit": ["Agence Rive"],
    "xmpRights:UsageTerms": ["Un usage, dans une lettre."],
    "xmpRights:WebStatement": ["https://rive.example/droits?a=1&b=2"],
    "Iptc4xmpExt:DigitalSourceType": [CAMERA],
    "plus:DataMining": ["http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-AIMLTRAINING"],
    "plus:OtherConstraints": ["Ni fouille, ni apprentissage."],
    "tdm:reservation": ["1"],
    "tdm:policy": ["https://rive.example/tdm.json"],
}
SPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "plus": "http://ns.useplus.org/ldf/xmp/1.0/",
    "tdm": "http://www.w3.org/ns/tdmrep/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
}
_KINDS = {"dc:creator": "Seq", "dc:rights": "Alt", "xmpRights:UsageTerms": "Alt", "plus:OtherConstraints": "Alt"}


def packet(fields: Mapping[str, list[str]] = ALL) -> bytes:
    """A packet as programs write it: ``fields``, among what is private."""
    rdf = f"{{{SPACES['rdf']}}}"
    root = ElementTree.Element("{adobe:ns:meta/}xmpmeta")
    description = ElementTree.SubElement(ElementTree.SubElement(root, f"{rdf}RDF"), f"{rdf}Description")
    secret = dict(
        zip(("exif:GPSLatitude", "xmp:CreatorTool", "xmpMM:History", "photoshop:City"), SECRETS[1:], strict=True)
    )
    for name, values in (*fields.items(), *((name, [value]) for name, value in secret.items())):
        prefix, _colon, local = name.partition(":")
        element = ElementTree.SubElement(description, f"{{{SPACES[prefix]}}}{local}")
        if name not in _KINDS:
            element.text = values[0]
            continue
        box = ElementTree.SubElement(element, f"{rdf}{_KINDS[name]}")
        for value in values:
            item = ElementTree.SubElement(box, f"{rdf}li")
            item.text = value
            if _KINDS[name] == "Alt":
                item.set("{http://www.w3.org/XML/1998/namespace}lang", "x-default")
    return b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>' + ElementTree.tostring(root) + b'<?xpacket end="w"?>'


def iim(*datasets: tuple[int, str]) -> bytes:
    """A Photoshop block with IPTC-IIM in UTF-8: numbers of record 2 and their values."""
    held = b"\x1c\x01\x5a\0\3\x1b%G" + b"".join(
        b"\x1c\x02" + bytes((number,)) + struct.pack(">H", len(value.encode())) + value.encode()
        for number, value in datasets
    )
    return b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(held)) + held + b"\0" * (len(held) % 2)


def write(
    path: Path, xmp: bytes | None = None, exif: Mapping[int, str] | None = None, photoshop: bytes | None = None
) -> Path:
    """A picture with these metadata, and with a position and a device in its EXIF."""
    image = Image.linear_gradient("L").convert("RGB").resize((300, 200))
    tags = image.getexif()
    tags[0x0110], tags[0x010E] = SECRETS[2], SECRETS[0]
    tags.get_ifd(0x8825)[29] = SECRETS[1]
    for tag, value in (exif or {}).items():
        tags[tag] = value
    notes = PngInfo()
    if path.suffix == ".png" and xmp is not None:
        notes.add_itxt("XML:com.adobe.xmp", xmp.decode(), zip=True)
    match path.suffix:
        case ".png":
            image.save(path, exif=tags, pnginfo=notes)
        case ".gif":
            frames = [image.convert("P"), image.rotate(90).convert("P")]
            frames[0].save(path, save_all=True, append_images=frames[1:], duration=100, loop=0)
            content = path.read_bytes()
            tail = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
            path.write_bytes(content[:-1] + b"\x21\xff\x0bXMP DataXMP" + (xmp or b"") + tail + b";")
        case _:
            image.save(path, exif=tags, xmp=xmp or b"", quality=90)
    if photoshop is not None:
        content = path.read_bytes()
        segment = b"\xff\xed" + struct.pack(">H", len(photoshop) + 2) + photoshop
        path.write_bytes(content[:2] + segment + content[2:])
    return path


def published(content: bytes) -> dict[str, list[str]]:
    """The rights in a published picture; everything else in its metadata fails here."""
    with Image.open(BytesIO(content)) as image:
        image.load()
        assert not image.getexif()
        assert not {"photoshop", "comment", "exif", "icc_profile"} & set(image.info)
        found = image.info.get("xmp")
        if image.format == "GIF":
            _before, _name, found = content.partition(b"XMP DataXMP")
            found = found[: found.index(b"\x01\xff\xfe")] if found else None
    assert not [secret for secret in SECRETS if secret.encode() in content]
    if not found:
        return {}
    rdf = f"{{{SPACES['rdf']}}}"
    description = ElementTree.fromstring(found).find(f"{rdf}RDF/{rdf}Description")
    assert description is not None
    names = {f"{{{space}}}": f"{prefix}:" for prefix, space in SPACES.items()}
    rights: dict[str, list[str]] = {}
    for element in description:
        space, _brace, local = element.tag.partition("}")
        items = [item.text or "" for item in element.iter(f"{rdf}li")]
        rights[names[space + "}"] + local] = items or [element.text or ""]
    return rights
