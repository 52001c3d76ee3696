"""The frozen letter as what a page, a feed and the search need. Its words are those that were sent, in their order.

What only a mail client wants is left out: conditional comments, Outlook's rules, the hidden preheader. So is what only
its reader may have: the way out, a link with a token. Styles written on elements become classes of one style
sheet, which a policy can name by its digest.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from functools import partial

from lxml import etree, html

from composer.archive.corrected import PageCorrection, correct, corrected_title, correction_notes
from composer.archive.stylesheet import page_style
from composer.archive.words import plain_words, semantic
from composer.errors import Refused
from composer.locale import gettext as _
from composer.message.template import SlotValues, Template

#: Fills the slots of a message that is never sent. It may be nowhere in a page.
_TOKEN = "NO-READER-HAS-THIS-TOKEN"  # noqa: S105 # reason: it opens nothing
_NOBODY = SlotValues(to="nobody@example.invalid", message_id="none", unsubscribe=_TOKEN, paid_copy=_TOKEN)

#: A published picture or calendar file, by its address in a letter; ``public_url`` may have changed since.
_MEDIUM = re.compile(r"https?://[^\s\"'<>]{1,300}?/media/([0-9a-f]{32}\.(?:png|jpg|jpeg|gif|webp|ics))\b")

#: What fills up a short preheader, for lists of messages.
_PADDING = re.compile("[\u034f\u200c\u00a0 ]+$")

#: What parts one link of a line from the next.
_SEPARATORS = " \u00a0·"

#: Most characters of a description.
_DESCRIBED = 300

#: Least width in pixels of a picture that stands for a letter elsewhere.
_WIDE = 300

#: Attributes that mean something to a mail client only.
_MAIL_ONLY = ("aria-roledescription", "bgcolor", "background")


@dataclass(frozen=True)
class LetterImage:
    """The picture that stands for a letter: its published name, and its text alternative."""

    name: str
    alt: str


@dataclass(frozen=True)
class LetterReading:
    """A letter for the web. ``body`` and ``style`` are its page's, with pictures below ``up``; ``content`` is the
    same in plain elements with absolute addresses, without the nameplate, the title and the foot, for feeds; ``words``
    are what the search knows of it."""

    title: str
    description: str
    style: str
    body: str
    content: str
    words: str
    image: LetterImage | None
    media: tuple[str, ...]


def frozen_page(template: bytes) -> tuple[str, str]:
    """Subject and HTML of the frozen message, its slots filled with ``_TOKEN``. Raises ``Refused`` where damaged."""
    message = email.message_from_bytes(Template.loads(template).fill(_NOBODY), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    part = message.get_body(("html",))
    if part is None:
        raise Refused(_("the frozen message has no HTML part"))
    return str(message["Subject"]), str(part.get_content())


def letter_reading(
    template: bytes,
    address: str,
    public_url: str,
    up: str,
    corrections: Sequence[PageCorrection] = (),
    said_in: str = "",
) -> LetterReading:
    """The letter frozen as ``template``, with its page at ``address``; ``up`` leads from there to ``public_url``.

    ``said_in``: the language of the notes that ``corrections`` leave. Raises ``Refused`` where a token would be left in
    it, and as ``correct``.
    """
    subject, frozen = frozen_page(template)
    page = html.document_fromstring(frozen)
    etree.strip_elements(page, etree.Comment, with_tail=False)
    body = page.find("body")
    if body is None:
        raise Refused(_("the frozen message has no HTML part"))
    description = _take_preheader(body)
    made = correct(body, corrections)
    notes, title = correction_notes(made, said_in), corrected_title(subject, made)
    for named in body.iter(etree.Element):
        if title != subject and named.get("aria-label") == subject:
            named.set("aria-label", title)
    own = [link for link in body.iter("a") if link.get("href") == address]
    ends = [link for link in body.iter("a") if _TOKEN in (link.get("href") or "")]
    absolute = f"{public_url.rstrip('/')}/media/"
    content = semantic(body, until=ends[0] if ends else None, media=partial(_MEDIUM.sub, rf"{absolute}\1"))
    for link in (*ends, *own):
        _take_out(link)
    image = _image(body)
    media = tuple(dict.fromkeys(name for each in body.iter(etree.Element) for name in _published(each)))
    style = page_style(page, body)
    for element in body.iter(etree.Element):
        for name, value in [(str(name), str(value)) for name, value in element.attrib.items()]:
            if name in _MAIL_ONLY:
                del element.attrib[name]
            elif "/media/" in value:
                element.set(name, _MEDIUM.sub(rf"{up}media/\1", value))
    inner = "".join(_markup(child) for child in body)
    if _TOKEN in inner or _TOKEN in content or _TOKEN in style:
        raise Refused(
            _("a template prints the reader's token elsewhere than in a link: no page is made of that letter")
        )
    inner += "".join(f'<p class="frame corrected">{note}</p>' for note in notes)
    content += "".join(f"\n<p>{note}</p>" for note in notes)
    words = plain_words(content)
    if not description:
        description = words
    return LetterReading(title, _cut(description), style, inner, content, words, image, media)


def _markup(element: etree._Element) -> str:
    written: str = html.tostring(element, encoding="unicode")
    return written.replace("</source>", "")  # libxml2 writes HTML 4, where no such element is empty


def _said(element: etree._Element) -> str:
    return "".join(str(part) for part in element.itertext())


def _take_preheader(body: etree._Element) -> str:
    """Take out the hidden line that lists of messages show, and return its words."""
    for element in body.iter("div"):
        if "display:none" in (element.get("style") or "").replace(" ", ""):
            words = _PADDING.sub("", _said(element)).strip()
            _drop(element)
            return words
    return ""


def _take_out(link: etree._Element) -> None:
    """Take out a link with the paragraph that it closes; its words alone stay of one that stands in a longer text."""
    for element in link.iterancestors("p", "li", "td", "div"):
        if element.tag in ("p", "li") and _said(element).strip().endswith(_said(link).strip()):
            _drop(element)
            return
        break
    if not (link.getprevious() is not None or (getattr(link.getparent(), "text", "") or "").strip()):
        link.tail = (link.tail or "").lstrip(_SEPARATORS)  # it began the line: what parted it from the next goes too
    _drop(link)


def _drop(element: etree._Element) -> None:
    """Remove the element and keep what follows it."""
    parent, tail = element.getparent(), element.tail
    if parent is None:
        return
    before = element.getprevious()
    if tail and before is not None:
        before.tail = (before.tail or "") + tail
    elif tail:
        parent.text = (parent.text or "") + tail
    parent.remove(element)


def _published(element: etree._Element) -> Iterator[str]:
    for value in element.attrib.values():
        for found in _MEDIUM.finditer(str(value)):
            yield found[1]


def _image(body: etree._Element) -> LetterImage | None:
    for element in body.iter("img"):
        width = element.get("width") or "0"
        found = _MEDIUM.search(element.get("src") or "")
        drawn = "logo" in (element.get("class") or "").split()
        if found is not None and not drawn and width.isdecimal() and int(width) >= _WIDE:
            return LetterImage(found[1], element.get("alt") or "")
    return None


def _cut(text: str) -> str:
    """At most ``_DESCRIBED`` characters, whole words."""
    if len(text) <= _DESCRIBED:
        return text
    return text[:_DESCRIBED].rpartition(" ")[0].rstrip(" ,;:") + "…"
