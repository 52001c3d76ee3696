"""One style sheet for a letter's page, out of its ``<style>`` and of the styles written on its elements."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

#: Selectors that no browser's page needs: Outlook's, Thunderbird's, and columns for programs that know no CSS.
_MAIL_ONLY = re.compile(r"\[data-ogs[cb]\]|\.moz-text-html|#outlook|#MessageViewBody|\.ExternalClass", re.IGNORECASE)

#: Declarations of one program alone.
_DECLARED = re.compile(r"(?:^|(?<=[;{]))\s*(?:mso-[\w-]+|-ms-[\w-]+|direction)\s*:[^;}]*;?", re.IGNORECASE)


def page_style(page: etree._Element, body: etree._Element) -> str:
    """The rules of ``page``'s style sheets, then one class for each style that stands on an element of ``body``.

    Those attributes are replaced by the classes. A written style wins over any rule without ``!important``: so do the
    classes; their selectors have the weight of an id.
    """
    kept = [str(each.text or "") for each in page.iter("style") if not each.get("media")]
    for each in list(body.iter("style")):
        each.getparent().remove(each)  # type: ignore[union-attr] # reason: it is below the body
    names: dict[str, str] = {}
    for element in body.iter(etree.Element):
        if "style" not in element.attrib:
            continue
        style = _DECLARED.sub("", str(element.attrib.pop("style"))).strip().rstrip(";")
        if style:
            name = names.setdefault(style, f"s{len(names)}")
            element.set("class", f"{element.get('class') or ''} {name}".strip())
    classes = "\n".join(f".{name}:not(#_){{{style}}}" for style, name in names.items())
    return "\n".join([*(rule for sheet in kept for rule in _browsers(sheet)), classes])


def _browsers(sheet: str) -> Iterator[str]:
    """The rules of ``sheet`` that a browser needs, those in a query with it. All of it where it is not balanced."""
    rules = list(_rules(sheet))
    if "".join(rules).count("{") != sheet.count("{"):
        yield sheet.strip()
        return
    for rule in rules:
        if not _MAIL_ONLY.search(rule.partition("{")[0]):
            yield re.sub(r"\s+", " ", _DECLARED.sub("", rule)).strip()


def _rules(sheet: str) -> Iterator[str]:
    depth, start = 0, 0
    for at, sign in enumerate(sheet):
        if sign == "{":
            depth += 1
        elif sign == "}":
            depth -= 1
            if depth == 0:
                yield sheet[start : at + 1]
                start = at + 1
