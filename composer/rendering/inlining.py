"""Styles written on each element, for the clients that drop ``<style>``. The one place that knows premailer."""

from __future__ import annotations

import logging
import re
from functools import lru_cache
from itertools import chain
from typing import Any

import cssutils
from lxml import etree
from premailer import Premailer

# cssutils reports every property younger than CSS 2.1 on stderr; premailer's own option adds a log handler a call.
cssutils.log.setLevel(logging.CRITICAL)

#: A sheet that knows elements by their names, their classes, and what they stand in.
_PLAIN = re.compile(r"(?:[\w\s.,-]+\{[^{}]*\})*\s*")
_NAME = re.compile(r"\.?[\w-]+")

_RECIPE: dict[str, Any] = {
    "method": "html",
    "keep_style_tags": False,
    "disable_leftover_css": True,
    "strip_important": False,
    "exclude_pseudoclasses": True,
    "include_star_selectors": False,
    "remove_classes": False,
    "disable_basic_attributes": ["width", "height", "bgcolor", "align", "valign"],
    "disable_validation": True,
    "align_floating_images": False,
    "remove_unset_properties": False,
    "capitalize_float_margin": False,
    "allow_network": False,
    "allow_loading_external_files": False,
    "cache_css_parsing": True,
}


class _Premailer(Premailer):  # type: ignore[misc] # reason: premailer has no types
    """Premailer would write out a sheet's properties again for each page, and look for elements that it lacks."""

    def _parse_style_rules(self, css_body: str, ruleset_index: int) -> tuple[list[Any], list[Any]]:
        rules, leftover = _rules(css_body, ruleset_index)
        if _names(css_body) is not None:
            held = set(chain.from_iterable(_named(element) for element in self.html.iter()))
            rules = [rule for rule in rules if held.issuperset(_NAME.findall(rule[1]))]
        return rules, leftover


@lru_cache(maxsize=16)  # a sheet a theme
def _rules(css: str, index: int) -> tuple[list[Any], list[Any]]:
    made: tuple[list[Any], list[Any]] = Premailer("", **_RECIPE)._parse_style_rules(css, index)
    return made


@lru_cache(maxsize=16)
def _names(css: str) -> frozenset[str] | None:
    """The elements and the ``.classes`` that the rules are for; None where they ask for more than that."""
    if not _PLAIN.fullmatch(css):
        return None
    return frozenset(name for _specificity, selector, _style in _rules(css, 0)[0] for name in _NAME.findall(selector))


def inline(html: str, css: str) -> str:
    """``html``, a whole page, with the rules of ``css`` in ``style`` attributes. ``<style>`` is left as it is.

    Premailer's defaults would drop the doctype (quirks mode), every ``!important``, ``[data-ogsc]`` rules, and write
    percentages into ``width`` attributes that Outlook reads as pixels; it would also fetch what it finds linked.
    """
    html = html.replace("<!doctype html>", "<!DOCTYPE html>", 1).strip()
    page = etree.fromstring(html, etree.HTMLParser())
    sample, kinds = _sample(page, _names(css))
    _Premailer(sample, css_text=[css], **_RECIPE).transform()
    for twin, elements in kinds.items():
        if style := twin.get("style"):
            # cssutils writes blanks: a twentieth of a letter.
            style = style.replace("; ", ";").replace(", ", ",")
            for element in elements:
                element.set("style", style)
    written: bytes = etree.tostring(page.getroottree(), method="html", encoding="utf-8")
    return written.decode()


def _named(element: etree._Element) -> list[str]:
    """What a plain rule may call ``element``."""
    return [element.tag, *(f".{name}" for name in element.get("class", "").split())]


def _sample(
    page: etree._Element, names: frozenset[str] | None
) -> tuple[etree._Element, dict[etree._Element, list[etree._Element]]]:
    """A page with one of each kind of element in ``page``'s body, and which ones in ``page`` are of that kind.

    Premailer looks through a whole page for each rule, and a letter is the same few elements over and over, in tables
    that no rule is for. Where rules may ask for more than ``names``, each element is a kind of its own.
    """
    sample = etree.Element(page.tag)
    twins: dict[etree._Element | None, etree._Element] = {page: sample}
    known: dict[tuple[object, ...], etree._Element] = {}
    kinds: dict[etree._Element, list[etree._Element]] = {}
    for body in page.iterchildren("body"):
        for element in body.iter(etree.Element):
            above = twins[element.getparent()]
            if element.tag == "style" or (names is not None and names.isdisjoint(_named(element))):
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
