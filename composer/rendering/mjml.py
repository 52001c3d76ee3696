"""MJML → HTML, with the checks that mrml does not make. The only module that uses mjml-python.

mrml passes unknown tags into the letter, ignores unknown attributes, swallows sections after an unbalanced raw tag,
and its errors carry no line. So each fragment is checked here first: it must be well-formed XML, and use only the
components and attributes below, which every client displays correctly (documentation.mjml.io).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.entities import name2codepoint

import mjml
from lxml import etree

from composer.errors import Refused
from composer.locale import gettext as _

_TEXT = (
    "align color css-class container-background-color padding"
    " font-family font-size font-weight letter-spacing line-height"
)
_BOX = "background-color css-class direction padding text-align border-top border-bottom"

#: Component → attributes allowed on it.
COMPONENTS: dict[str, frozenset[str]] = {
    name: frozenset(attributes.split())
    for name, attributes in {
        "mjml": "lang dir",
        "mj-head": "",
        "mj-title": "",
        "mj-preview": "",
        "mj-attributes": "",
        "mj-all": "font-family",
        "mj-style": "",
        "mj-raw": "",
        "mj-body": "width background-color css-class",
        "mj-section": _BOX,
        "mj-group": "css-class direction width vertical-align",
        "mj-column": "css-class background-color padding vertical-align width",
        "mj-text": _TEXT,
        "mj-table": _TEXT + " cellpadding cellspacing width role",
        "mj-image": "align alt border container-background-color css-class fluid-on-mobile height href padding src"
        " target title width",
        "mj-button": _TEXT + " background-color border border-radius href inner-padding text-decoration title width",
        "mj-spacer": "container-background-color css-class height",
    }.items()
}

#: MJML components that are refused, and why.
_REFUSED = {
    "mj-include": "its sections lose the width of the letter: use Jinja's include",
    "mj-accordion": "Gmail drops the style sheet of a letter that holds one",
    "mj-carousel": "Gmail drops the style sheet of a letter that holds one",
    "mj-font": "a letter never fetches a font: it would tell its host who reads",
}

_BETWEEN = re.compile(r"(</?mj[^<>]*>) ")
# mrml writes attributes (and the title, also used in an aria-label) as Rust debug strings: a no-break space becomes
# \\u{a0}, a backslash is doubled. Numeric character references pass through.
_ATTRIBUTES = re.compile(r"""<mj-title>.*?</mj-title>|<[A-Za-z](?:[^<>"']|"[^"]*"|'[^']*')*>""", re.DOTALL)
_NOT_PLAIN = re.compile(r"[^\x20-\x7e]|\\")
_MARK = re.compile(" ?(<!--block [0-9]+-->) ?")
_TEXTS = re.compile(r"(<mj-text[^>]*>|</mj-text>)")
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]*);")
_XML = frozenset({"amp", "lt", "gt", "quot", "apos"})
_SIZE = re.compile(r"\d+(px|%)")
_UNITS = frozenset({"width", "height", "font-size", "line-height"})


def fragment(mjml: str, template: str) -> str:
    """Check ``mjml``, one or several elements made by ``template``, and put it on one line.

    Line ends become spaces: mrml drops them between two inline tags, and the words would be glued. Raises ``Refused``
    naming the template and the line in what it made.
    """
    if "<![CDATA[" in mjml or "<?" in mjml or "<!DOCTYPE" in mjml:
        raise Refused(_("{template}: a CDATA section, a <? or a doctype has no place here").format(template=template))
    mjml = _ENTITY.sub(_character, mjml)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    try:
        root = etree.fromstring(f"<_>{mjml}</_>", parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        excerpt = mjml.splitlines()[min(line, mjml.count("\n") + 1) - 1].strip() if mjml.strip() else ""
        message = _("{template} makes MJML that is not well-formed: {why}\n    {excerpt}")
        raise Refused(message.format(template=template, why=error.msg, excerpt=excerpt[:200])) from error
    for element in root.iter():
        if isinstance(element.tag, str) and element.tag.startswith("mj"):
            _check(element, template)
    return _joined(_ATTRIBUTES.sub(_numbered, _unspaced(_one_line(mjml)).strip()))


def _one_line(mjml: str) -> str:
    return " ".join([stripped for line in mjml.split("\n") if (stripped := line.strip(" \t\r"))])


def mark_slots(number: int) -> str:
    """The placeholder of a block while the letter is checked: a comment, which no text can contain."""
    return f"<!--block {number}-->"


def filled(letter: str, blocks: Mapping[str, str]) -> str:
    """``letter``, a fragment, with its placeholders replaced by the fragments of ``blocks``."""
    return _joined(_MARK.sub(lambda found: blocks.get(found[1], ""), letter))


def _joined(mjml: str) -> str:
    """Merge consecutive texts with the same attributes: each costs 300 bytes of tables.

    One with a padding of its own is left alone: merged, two pictures in a row would lose the gap between them.
    """
    opened = ""
    parts: list[str] = []
    for part in _TEXTS.split(mjml):
        if part.startswith("<mj-text"):
            if part == opened and " padding=" not in part and parts[-2:] == ["</mj-text>", ""]:
                del parts[-2:]
                continue
            opened = part
        parts.append(part)
    return "".join(parts)


def _unspaced(mjml: str) -> str:
    """Remove the blanks on either side of components' tags; ``mjml`` is one line."""
    return _BETWEEN.sub(r"\1", mjml).replace(" <mj", "<mj").replace(" </mj", "</mj")


def _numbered(match: re.Match[str]) -> str:
    tag = match[0]
    if tag.isascii() and tag.isprintable() and "\\" not in tag:
        return tag
    return _NOT_PLAIN.sub(lambda letter: f"&#{ord(letter[0])};", tag)


def _character(match: re.Match[str]) -> str:
    name = match[1]
    return match[0] if name in _XML or name not in name2codepoint else chr(name2codepoint[name])


def _check(element: etree._Element, template: str) -> None:
    name = str(element.tag)
    if name not in COMPONENTS:
        if name in _REFUSED:
            raise Refused(_("{template}: <{name}>: {why}").format(template=template, name=name, why=_(_REFUSED[name])))
        raise Refused(_("{template}: there is no component <{name}> in a letter").format(template=template, name=name))
    for attribute, value in element.attrib.items():
        if attribute not in COMPONENTS[name]:
            message = _("{template}: <{name}> has no attribute {attribute}; it may have {known}")
            known = ", ".join(sorted(COMPONENTS[name])) or "–"
            raise Refused(message.format(template=template, name=name, attribute=attribute, known=known))
        if attribute in _UNITS and not _SIZE.fullmatch(str(value)):
            message = _('{template}: {attribute}="{value}" on <{name}>: whole pixels are expected, such as 640px')
            raise Refused(message.format(template=template, name=name, attribute=attribute, value=value))


def html(document: str, template: str) -> str:
    """The HTML of a whole MJML document. Raises ``Refused`` naming ``template`` where mrml refuses it."""
    try:
        made: str = mjml.mjml2html(document, fonts={})  # without fonts={} mrml links Google Fonts
    except ValueError as error:
        raise Refused(_("{template}: MJML refuses it: {why}").format(template=template, why=error)) from error
    if "<mj-" in made:
        raise Refused(_("{template}: an MJML component stands where none may").format(template=template))
    # mrml ends a conditional and begins the same one again between the parts of a section; mjml merges them
    return made.replace("<![endif]--><!--[if mso | IE]>", "")
