"""HTML → the features that it uses, as Can I email calls them.

What stands in ``<!--[if mso]>`` is written for Outlook and read by it alone; as a comment, it is ignored here.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml import etree

from composer.proofreading.caniemail import stylesheets
from composer.proofreading.caniemail.stylesheets import Uses

#: Element → feature, where it is not ``html-<element>``.
ELEMENTS: dict[str, str] = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "html-h1-h6"),
    **dict.fromkeys(("ul", "ol", "dl"), "html-lists"),
    **dict.fromkeys(("area", "map"), "html-image-maps"),
    **dict.fromkeys(
        ("article", "aside", "details", "figcaption", "figure", "footer", "header", "main", "mark", "nav", "section",
         "summary", "time"),
        "html-semantics",
    ),
    "b": "html-strong",
    "embed": "html-object",
    "s": "html-strike",
}  # fmt: skip

#: Attribute → feature, where it is not ``html-<attribute>``.
ATTRIBUTES: dict[str, str] = {
    "inert": "css-inert-attribute",
    "loading": "html-loading-attribute",
    "popovertarget": "html-popover",
    "sizes": "html-srcset",
    "usemap": "html-image-maps",
}

#: Suffix of a picture's name → feature.
PICTURES: dict[str, str] = {
    "apng": "image-apng",
    "avif": "image-avif",
    "bmp": "image-bmp",
    "gif": "image-gif",
    "heic": "image-heif",
    "heif": "image-heif",
    "ico": "image-ico",
    "jpeg": "image-jpg",
    "jpg": "image-jpg",
    "mp4": "image-mp4",
    "png": "image-png",
    "svg": "image-svg",
    "tif": "image-tiff",
    "tiff": "image-tiff",
    "webp": "image-webp",
}

# These are on elements that have an entry of their own, or have another meaning there.
_WITH_THEIR_ELEMENT = frozenset({"style", "code", "span", "label", "abbr", "address"})


def features(document: etree._Element) -> Uses:
    """The features that the letter uses, each with the first place where it does."""
    uses: Uses = {}
    doctype = document.getroottree().docinfo  # if it has none, lxml says HTML 4.0
    if doctype.root_name and not doctype.public_id:
        uses["html-doctype"] = "<!DOCTYPE html>"
    for element in document.iter():
        if not isinstance(element.tag, str):
            uses.setdefault("html-comments", "<!-- -->")
            continue
        for feature, example in _of_element(element):
            uses.setdefault(feature, example)
        styles = element.text or "" if element.tag == "style" else str(element.get("style", ""))
        for feature, example in stylesheets.features(styles).items() if styles else ():
            uses.setdefault(feature, example)
    return uses


def _of_element(element: etree._Element) -> Iterator[tuple[str, str]]:
    tag = str(element.tag)
    example = f"<{tag}>"
    yield ELEMENTS.get(tag, f"html-{tag}"), example
    for attribute, value in element.attrib.items():
        name, written = str(attribute), str(value)
        if name not in _WITH_THEIR_ELEMENT:
            yield ATTRIBUTES.get(name, f"html-{name}"), f"<{tag} {name}>"
        if name == "type" and tag in ("input", "button"):
            yield f"html-{tag}-{written.lower()}", f'<{tag} type="{written}">'
        if name == "href" and tag == "a" and written.startswith("#"):
            yield "html-anchor-links", written
        if name == "href" and tag == "a" and written.lower().startswith("mailto:"):
            yield "html-mailto-links", written
        if name in ("src", "srcset", "background", "poster"):
            yield from _of_picture(written)
    if tag == "meta" and element.get("name") == "color-scheme":
        yield "html-meta-color-scheme", '<meta name="color-scheme">'


def _of_picture(addresses: str) -> Iterator[tuple[str, str]]:
    if addresses.startswith("data:"):
        yield "image-base64", addresses[:20]
        return
    for candidate in addresses.split(","):
        path = urlsplit(candidate.strip().split(" ")[0]).path
        ending = path.rpartition(".")[2].lower()
        if ending in PICTURES:
            yield PICTURES[ending], path.rpartition("/")[2]
