"""Pictures keep their rights, and nothing else of their metadata."""

from __future__ import annotations

import zlib
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops
from PIL.PngImagePlugin import PngInfo

from composer.rendering import gif, xmp
from composer.rendering.cache import Cache
from composer.rendering.embedding import with_packet
from composer.rendering.media import made_picture
from composer.rendering.picture import Made
from composer.rendering.rights import AI_SOURCES, Rights, rights_in
from tests.rendering.support.pictures_with_rights import AI, ALL, CAMERA, SPACES, iim, packet, published, write

ARTIST, COPYRIGHT = 0x013B, 0x8298


def made(path: Path, width: int = 640) -> Made:
    return made_picture(path, width)


@pytest.mark.parametrize("width", [640, 100])
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.gif"])
def test_every_right_in_xmp_is_published_and_nothing_else(name: str, width: int, tmp_path: Path) -> None:
    assert published(made(write(tmp_path / name, packet()), width).medium.content) == ALL


@pytest.mark.parametrize("field", ALL)
def test_each_right_stands_alone(field: str, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jpg", packet({field: ALL[field]}))
    assert published(made(path).medium.content) == {field: ALL[field]}


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp"])
def test_exif_is_read_where_xmp_says_nothing(name: str, tmp_path: Path) -> None:
    path = write(tmp_path / name, exif={ARTIST: "Lise Ancelin; Paul Garnier", COPYRIGHT: "(c) Rive\0(c) Le Samedi"})
    assert published(made(path).medium.content) == {
        "dc:creator": ["Lise Ancelin", "Paul Garnier"],
        "dc:rights": ["(c) Rive, (c) Le Samedi"],
    }


def test_exif_in_utf_8_is_no_mojibake() -> None:
    found = rights_in(None, {ARTIST: "Zoé".encode().decode("latin-1")}, {})
    assert found.said == {"creators": ("Zoé",)}
    assert rights_in(None, {ARTIST: "Zoé"}, {}).said == {"creators": ("Zoé",)}


def test_iptc_iim_comes_before_exif_and_after_xmp(tmp_path: Path) -> None:
    block = iim((80, "Zoé Lac"), (80, "Inès Valmont"), (90, "Quai des Brumes"), (110, "Rive"), (116, "© Rive"))
    path = write(tmp_path / "a.jpg", None, {ARTIST: "Une autre"}, block)
    assert published(made(path).medium.content) == {
        "dc:creator": ["Zoé Lac", "Inès Valmont"],
        "photoshop:Credit": ["Rive"],
        "dc:rights": ["© Rive"],
    }
    path = write(tmp_path / "b.jpg", packet({"dc:creator": ["Maëlle Quéré"]}), {ARTIST: "Une autre"}, block)
    assert published(made(path).medium.content)["dc:creator"] == ["Maëlle Quéré"]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "mac_roman"])
@pytest.mark.parametrize("name", ["Zoé Lac", "Hélène", "Noël Dévé", "Anne Duval © Rive"])
def test_the_encoding_of_iptc_iim_is_the_one_in_which_it_reads(name: str, encoding: str) -> None:
    value = name.encode(encoding)
    block = b"\x1c\x02\x50" + len(value).to_bytes(2) + value
    assert rights_in(None, {}, {0x0404: block}).said == {"creators": (name,)}


IIM = iim((80, "Zoé Lac"), (110, "Rive"), (116, "© Rive"))[14:]


@pytest.mark.parametrize(
    ("keyword", "text", "said"),
    [
        ("Raw profile type xmp", packet(), ALL),
        ("Raw profile type iptc", IIM, ["Zoé Lac"]),
        ("Raw profile type 8bim", IIM, ["Zoé Lac"]),
        ("Raw profile type iptc", IIM[12:], ["Zoé Lac"]),
        ("Raw profile type xmp", "\nxmp\n 4\nno hex", None),
        ("Author", "Zoé Lac", ["Zoé Lac"]),
        ("Author", "  ", None),
    ],
)
def test_rights_in_a_png_s_own_texts_are_carried(keyword: str, text: bytes | str, said: object, tmp_path: Path) -> None:
    """As ImageMagick and ExifTool write them, the mark of an AI among them."""
    if isinstance(text, bytes):
        text = f"\n{keyword[-4:]}\n{len(text):8}\n{text.hex()}\n"
    notes = PngInfo()
    notes.add_itxt(keyword, text)
    Image.new("RGB", (300, 200)).save(tmp_path / "a.png", pnginfo=notes)
    found = published(made(tmp_path / "a.png").medium.content)
    assert said in (found, found.get("dc:creator"))


@pytest.mark.parametrize("block", [b"\x1c", b"\x1c\x02\x50\xff\xff", b"\x1c\x02\x50\0\x40abc", b"\x1c\x02", b"x", b""])
def test_a_damaged_iim_says_nothing(block: bytes) -> None:
    assert rights_in(None, {}, {0x0404: block}) == Rights()


def test_properties_written_as_attributes_and_as_resources_are_read() -> None:
    text = (
        f'<rdf:RDF xmlns:rdf="{SPACES["rdf"]}"><rdf:Description xmlns:p="{SPACES["photoshop"]}" p:Credit=" Rive "/>'
        f'<rdf:Description xmlns:i="{SPACES["Iptc4xmpExt"]}"><i:DigitalSourceType rdf:resource="{AI}"/>'
        f'</rdf:Description><rdf:Description xmlns:d="{SPACES["dc"]}"><d:rights><rdf:Alt>'
        '<rdf:li xml:lang="en">in English</rdf:li><rdf:li xml:lang="x-default">par défaut</rdf:li></rdf:Alt></d:rights>'
        "<d:creator><rdf:Bag><rdf:li/><rdf:li>Zoé</rdf:li></rdf:Bag></d:creator></rdf:Description></rdf:RDF>"
    )
    assert xmp.read_packet(text.encode()) == {
        "credit": ("Rive",),
        "source_type": (AI,),
        "copyright": ("par défaut",),
        "creators": ("Zoé",),
    }


@pytest.mark.parametrize(("before", "said"), [(199, {"credit": ("Rive",)}), (50_000, {})])
def test_a_packet_of_descriptions_without_end_is_not_read_to_its_end(before: int, said: object) -> None:
    last = f'<rdf:Description xmlns:p="{SPACES["photoshop"]}" p:Credit="Rive"/></rdf:RDF>'
    text = f'<rdf:RDF xmlns:rdf="{SPACES["rdf"]}">{"<rdf:Description/>" * before}{last}'
    assert xmp.read_packet(text.encode()) == said


@given(st.dictionaries(st.sampled_from(["credit", "copyright", "terms", "address"]), st.text(min_size=1), min_size=1))
def test_what_is_written_is_what_is_read(fields: dict[xmp.RightsField, str]) -> None:
    said = {name: (words,) for name, value in fields.items() if (words := xmp.clean(value))}
    assert xmp.read_packet(xmp.packet_of(said)) == said


def test_the_fullest_packet_fits_one_segment_of_a_jpeg(tmp_path: Path) -> None:
    values = {name: ["&" * 3_000] * (30 if name == "dc:creator" else 1) for name in ALL}
    result = made(write(tmp_path / "a.png", packet(values)))
    assert result.rights.lost == ("cut",)
    assert 40_000 < len(xmp.packet_of(result.rights.said)) < 65_502
    assert [len(values) for values in published(result.medium.content).values()] == [10] + [1] * 9


def test_control_characters_and_turned_texts_are_cleaned() -> None:
    assert xmp.clean(" a\x00\x1b[31m\u202eb\n\tc\ufffe ") == "a [31m b c"


BOMB = (
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(12))
    + b']><x:xmpmeta xmlns:x="adobe:ns:meta/">&m;</x:xmpmeta>'
)


HOSTILE: list[tuple[bytes, xmp.Loss]] = [
    (BOMB, "entities"),
    (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>', "entities"),
    (b"<x:xmpmeta", "malformed"),
    (b"Quai des Brumes", "malformed"),
    (b"<a>" * 400 + b"</a>" * 400, "malformed"),
    (packet().decode().encode("utf-16"), "malformed"),
]


@pytest.mark.parametrize(
    ("name", "hostile", "loss"),
    [
        (name, hostile, loss)
        for name in ("a.jpg", "a.png", "a.webp", "a.gif")
        for hostile, loss in HOSTILE
        if b"\0" not in hostile or name in ("a.jpg", "a.webp")  # the others cannot hold a zero byte there
    ],
)
def test_a_hostile_packet_costs_the_rights_and_not_the_picture(
    name: str, hostile: bytes, loss: xmp.Loss, tmp_path: Path
) -> None:
    result = made(write(tmp_path / name, hostile, {ARTIST: "Zoe Lac"}))
    assert result.rights.lost == (loss,)
    assert published(result.medium.content) == ({} if name == "a.gif" else {"dc:creator": ["Zoe Lac"]})


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.gif"])
def test_a_packet_of_ten_megabytes_costs_the_rights_and_not_the_picture(name: str, tmp_path: Path) -> None:
    result = made(write(tmp_path / name, packet({"dc:rights": ["©" * 5_000_000]})))
    assert result.rights.lost == ("large",)
    assert published(result.medium.content) == {}


def test_many_bombs_in_a_png_cost_the_rights_and_not_the_picture(tmp_path: Path) -> None:
    """Each unpacks to a megabyte; Pillow refuses the whole file past 64."""
    content = write(tmp_path / "a.png", packet({"dc:rights": ["© Rive"]})).read_bytes()
    body = b"zTXtComment\0\0" + zlib.compress(b"x" * 1_000_000, 9)
    bomb = (len(body) - 4).to_bytes(4) + body + zlib.crc32(body).to_bytes(4)
    (tmp_path / "a.png").write_bytes(content[:33] + bomb * 200 + content[33:])
    result = made(tmp_path / "a.png")
    assert result.rights.lost == ("large",)
    assert len(result.medium.content) < 50_000


def test_a_picture_without_rights_is_published_as_before_and_one_with_them_has_the_same_pixels(tmp_path: Path) -> None:
    for name in ("a.jpg", "a.png", "a.gif"):
        bare = made(write(tmp_path / name)).medium
        told = made(write(tmp_path / name, packet())).medium
        said = xmp.packet_of(made(tmp_path / name).rights.said)
        assert published(bare.content) == {}
        assert told.content == with_packet(bare.content, told.type.partition("/")[2].upper(), said)
        assert told.content != bare.content
        shown, other = Image.open(BytesIO(told.content)), Image.open(BytesIO(bare.content))
        assert ImageChops.difference(shown.convert("RGB"), other.convert("RGB")).getbbox() is None
        assert getattr(shown, "n_frames", 1) == getattr(other, "n_frames", 1)


def test_the_name_of_a_picture_without_rights_is_what_it_was(tmp_path: Path) -> None:
    """A letter rendered again keeps its addresses; a picture with rights has another, for its bytes are others."""
    from hashlib import sha256

    content = write(tmp_path / "a.jpg").read_bytes()
    name = sha256(b"1 300x200 " + sha256(content).digest()).hexdigest()[:32]
    assert made(tmp_path / "a.jpg").medium.name == f"{name}.jpg"
    content = write(tmp_path / "b.jpg", packet()).read_bytes()
    name = sha256(b"1 300x200 " + sha256(content).digest()).hexdigest()[:32]
    assert made(tmp_path / "b.jpg").medium.name != f"{name}.jpg"


def test_the_cache_keeps_the_rights_and_gives_the_same_bytes(tmp_path: Path) -> None:
    from composer.rendering import media

    path, cache = write(tmp_path / "a.jpg", packet()), Cache(tmp_path / "cache")
    found = []
    for _time in range(2):
        media._made.clear()
        found.append(made_picture(path, 640, cache=cache))
    assert len([entry for entry in (tmp_path / "cache").iterdir() if entry.name != "swept"]) == 1
    assert found[0] == found[1]
    assert found[1].rights.said["creators"] == tuple(ALL["dc:creator"])


@pytest.mark.parametrize(
    ("value", "ai"),
    [
        (AI, "trainedAlgorithmicMedia"),
        (AI.replace("http:", "https:"), "trainedAlgorithmicMedia"),
        ("digsrctype:compositeSynthetic", "compositeSynthetic"),
        ("compositewithtrainedalgorithmicmedia", "compositeWithTrainedAlgorithmicMedia"),
        (CAMERA, None),
        (CAMERA.replace("digitalCapture", "algorithmicMedia"), None),
        (CAMERA.replace("digitalCapture", "algorithmicallyEnhanced"), None),
        (CAMERA.replace("digitalCapture", "composite"), None),
        ("https://example.org/trainedAlgorithmicMedia", None),
        ("", None),
    ],
)
def test_which_sources_are_ai(value: str, ai: str | None) -> None:
    assert Rights({"source_type": (value,)} if value else {}).ai == ai
    assert ai is None or ai in AI_SOURCES


def test_a_gif_of_1987_becomes_one_that_may_hold_a_packet(tmp_path: Path) -> None:
    content = write(tmp_path / "a.gif").read_bytes()
    old = gif.stripped(b"GIF87a" + content[6:])
    assert gif.xmp_packet(gif.with_packet(old, b"<x/>")) == b"<x/>"
    assert gif.with_packet(old, b"<x/>").startswith(b"GIF89a")
    assert gif.xmp_packet(b"GIF89a") is None
