"""Write CSS rules in ``style`` attributes. The only module that uses premailer.

Premailer's defaults would drop the doctype (quirks mode), every ``!important``, ``[data-ogsc]`` rules, and write
percentages into ``width`` attributes that Outlook reads as pixels; it would also fetch linked resources.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from itertools import chain
from typing import Any

import cssutils
from lxml import etree
from premailer import Premailer

from composer.rendering.selectors import named, names_in, names_of

# cssutils reports every property newer than CSS 2.1 on stderr; premailer's own option adds a log handler per call.
cssutils.log.setLevel(logging.CRITICAL)

RECIPE: dict[str, Any] = {
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
    """Premailer with its parsed rules cached from page to page, and rules skipped that no element can match."""

    def _parse_style_rules(self, css_body: str, ruleset_index: int) -> tuple[list[Any], list[Any]]:
        rules, leftover = _rules(css_body, ruleset_index)
        if names_of(css_body) is not None:
            held = set(chain.from_iterable(named(element) for element in self.html.iter()))
            rules = [rule for rule in rules if held.issuperset(names_in(rule[1]))]
        return rules, leftover


@lru_cache(maxsize=16)  # one style sheet a theme
def _rules(css: str, index: int) -> tuple[list[Any], list[Any]]:
    made: tuple[list[Any], list[Any]] = Premailer("", **RECIPE)._parse_style_rules(css, index)
    return made


def write_styles(page: etree._Element, css: str) -> None:
    """Write the rules of ``css`` on the elements of ``page``."""
    _Premailer(page, css_text=[css], **RECIPE).transform()
