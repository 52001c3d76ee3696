"""Styles written on each element, for the clients that drop ``<style>``. The one place that knows premailer."""

from __future__ import annotations

import logging
import re
from functools import lru_cache
from typing import Any

import cssutils
from premailer import Premailer

# cssutils reports every property younger than CSS 2.1 on stderr; premailer's own option adds a log handler a call.
cssutils.log.setLevel(logging.CRITICAL)

# Quoted values are passed over whole: what an editor wrote in an alt is never taken for a style.
_TAG = re.compile(r"""<[a-z](?:"[^"]*"|'[^']*'|[^'"<>])* style=(?:"[^"]*"|'[^']*'|[^'"<>])*>""")
_ATTRIBUTE = re.compile(r"""([a-z-]+)=(?:"[^"]*"|'[^']*')""")
_BLANK = re.compile(r"([;,]) ")

_MARK = ' data-premailer="ignore"'
_CLASSES = re.compile(r"""\bclass\s*=\s*["']([^"']*)["']""", re.IGNORECASE)
_CLASS = re.compile(r"\.([\w-]+)")

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
    """Half of premailer's time went into writing out a sheet's properties again for each letter, and a quarter into
    searching each letter for classes of components that it does not hold."""

    def _parse_style_rules(self, css_body: str, ruleset_index: int) -> tuple[list[Any], list[Any]]:
        rules, leftover = _rules(css_body, ruleset_index)
        held = {name for names in _CLASSES.findall(self.html) for name in names.split()}
        return [rule for rule in rules if held.issuperset(_CLASS.findall(rule[1]))], leftover


@lru_cache(maxsize=16)  # a sheet a theme
def _rules(css: str, index: int) -> tuple[list[Any], list[Any]]:
    made: tuple[list[Any], list[Any]] = Premailer("", **_RECIPE)._parse_style_rules(css, index)
    return made


def inline(html: str, css: str) -> str:
    """``html`` with the rules of ``css`` in ``style`` attributes. What stands in ``<style>`` is left as it is.

    Premailer's defaults would drop the doctype (quirks mode), every ``!important``, ``[data-ogsc]`` rules, and write
    percentages into ``width`` attributes that Outlook reads as pixels; it would also fetch what it finds linked.
    """
    html = html.replace("<!doctype html>", "<!DOCTYPE html>", 1)
    html = re.sub(r"<style(?=[\s>])", f"<style{_MARK}", html)
    inlined: str = _Premailer(html, css_text=[css], **_RECIPE).transform(pretty_print=False)
    return _TAG.sub(_tight, inlined.replace(_MARK, ""))


def _tight(tag: re.Match[str]) -> str:
    """A tag without the blanks that cssutils writes into its style: they are a twentieth of a letter."""
    return _ATTRIBUTE.sub(lambda found: _BLANK.sub(r"\1", found[0]) if found[1] == "style" else found[0], tag[0])
