"""Write styles on each element, for the clients that drop ``<style>``."""

from __future__ import annotations

import json
from functools import cache as once
from importlib.metadata import version
from pathlib import Path

from lxml import etree

from composer.rendering import direction
from composer.rendering.cache import Cache, code, key
from composer.rendering.selectors import named, names_of

#: Our modules that decide which styles are written: part of the cache key.
_CODE = tuple(str(Path(__file__).with_name(name)) for name in ("inlining.py", "selectors.py", "styling.py"))


def inline_styles(html: str, css: str, cache: Cache | None = None) -> str:
    """Write the rules of ``css`` in ``style`` attributes of ``html``, a whole page. ``<style>`` is left as it is.

    And ``dir`` where words are written from right to left.
    """
    html = html.replace("<!doctype html>", "<!DOCTYPE html>", 1).strip()
    page = etree.fromstring(html, etree.HTMLParser())
    sample, kinds = _sample(page, names_of(css))
    for style, elements in zip(_styles(sample, [*kinds], css, cache), kinds.values(), strict=True):
        if style:
            for element in elements:
                element.set("style", style)
    if direction.holds_any(html):
        direction.turn(page)
    written: bytes = etree.tostring(page.getroottree(), method="html", encoding="utf-8")
    return written.decode().replace("</source>", "")  # libxml2 writes HTML 4, where no such element is empty


def _styles(sample: etree._Element, twins: list[etree._Element], css: str, cache: Cache | None) -> list[str | None]:
    """The ``style`` of each of ``twins`` in ``sample``, from ``cache``, or else made and cached.

    A letter of which only the words change has the same kinds of elements, so the same sample.
    """
    name = "" if cache is None else key("styles", code(*_CODE), _versions(), css, etree.tostring(sample))
    if cache is not None and (entry := cache.get(name)) is not None:
        kept: list[str | None] = json.loads(entry)
        return kept
    # Imported here: on a cache hit, premailer, cssutils and requests are not imported at all (250 ms).
    from composer.rendering.styling import write_styles

    write_styles(sample, css)
    # cssutils writes blanks: 5 % of a letter.
    styles = [style and style.replace("; ", ";").replace(", ", ",") for style in (twin.get("style") for twin in twins)]
    if cache is not None:
        cache.put(name, json.dumps(styles).encode())
    return styles


@once
def _versions() -> str:
    return " ".join(version(library) for library in ("premailer", "cssutils", "cssselect", "lxml"))


def _sample(
    page: etree._Element, names: frozenset[str] | None
) -> tuple[etree._Element, dict[etree._Element, list[etree._Element]]]:
    """A page with one of each kind of element in ``page``'s body, and the elements in ``page`` of each kind.

    Premailer searches a whole page for each rule, and a letter repeats few elements, in tables that no rule is for.
    Where rules may select by more than ``names``, each element is a kind of its own.
    """
    sample = etree.Element(page.tag)
    twins: dict[etree._Element | None, etree._Element] = {page: sample}
    known: dict[tuple[object, ...], etree._Element] = {}
    kinds: dict[etree._Element, list[etree._Element]] = {}
    for body in page.iterchildren("body"):
        for element in body.iter(etree.Element):
            above = twins[element.getparent()]
            if element.tag == "style" or (names is not None and names.isdisjoint(named(element))):
                twins[element] = above
                continue
            kind = (element,) if names is None else (above, element.tag, element.get("class"), element.get("style"))
            if (twin := known.get(kind)) is None:
                twin = known[kind] = etree.SubElement(
                    above, element.tag, {str(name): str(value) for name, value in element.items()}
                )
                kinds[twin] = []
            twins[element] = twin
            kinds[twin].append(element)
    return sample, kinds
