"""Build one edition's message template (RFC 5322, 2045, 2369, 2919, 8058). Everything is encoded here, once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256

from composer.errors import Refused
from composer.locale import gettext as _
from composer.message.address import ascii_address
from composer.message.carried import CarriedPicture, picture_parts, pointing_inside, related_head
from composer.message.headers import field, mailbox, token
from composer.message.provider_tags import TAGS
from composer.message.quoted import quoted_printable
from composer.message.template import MessageSlot, SlotValues, Template, TemplatePiece

_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_HALF = re.compile("[\ud800-\udfff]")
_PREFIX = re.compile(r"https?://[A-Za-z0-9._~:/@%+-]+/")

#: Exchange then answers no letter for a reader who is away (MS-OXCMAIL 2.1.3.2.20). Never NDR, DR or All: they suppress
#: bounces too. Auto-Submitted is not for letters: RFC 3834 defines it for automatic answers and notices.
_NO_ANSWER = b"X-Auto-Response-Suppress: OOF, AutoReply\r\n"


def build(
    *,
    subject: str,
    from_name: str,
    from_address: str,
    reply_to: str | None,
    list_name: str,
    list_id: str,
    language: str,
    date: datetime | None,
    message_id_domain: str,
    unsubscribe_prefix: str,
    leave_domain: str | None = None,
    html: str,
    text: str,
    sentinel: str,
    paid_copy: str | None = None,
    feedback_id: str | None = None,
    returned_by: Sequence[str] = (),
    pictures: Sequence[CarriedPicture] = (),
) -> Template:
    """The message template of an edition; a pure function of its arguments.

    ``sentinel`` marks the place of the unsubscribe token in ``html`` and ``text``, ``paid_copy`` that of the other
    token, where the letter links to a paid copy; ``unsubscribe_prefix`` is the URL up to the first, ``https://.../u/``.
    ``leave_domain``: the domain of addresses for leaving by mail (RFC 2369), where mail to it is read; None where not.
    With plain http (a demonstration) List-Unsubscribe-Post is left out, because RFC 8058 requires https. ``date`` is
    aware; without it the header is a slot, each reader's own. ``feedback_id`` comes from the function of that name;
    ``returned_by`` are operators of relays that hand a header of ours back (``TAGS``). ``pictures`` go into the
    message; none do in a mailing.

    Raises ``Refused`` for a control character in a header, half a surrogate pair anywhere, an address or domain without
    an ASCII form, and a missing unsubscribe link.
    """
    for part in (html, text):
        if _HALF.search(part):
            raise Refused(_("the letter holds half a character (a surrogate), which no message can carry"))
        if sentinel not in part:
            raise Refused(_("the letter has no unsubscribe link, in HTML or in text: the masthead template prints it"))
    domains = (message_id_domain, list_id, *([leave_domain] if leave_domain else []))
    for value, pattern in (*((domain, _DOMAIN) for domain in domains), (unsubscribe_prefix, _PREFIX)):
        if not pattern.fullmatch(value):
            raise Refused(_("{value}: only ASCII letters, digits, dots and hyphens here").format(value=value))
    boundary = "=_" + sha256(f"{html}\0{text}".encode()).hexdigest()[:32]  # "=_" cannot occur in quoted-printable
    pieces: list[TemplatePiece] = [
        mailbox("From", from_name, ascii_address(from_address)).encode(),
        *(b"To: <", "to", b">\r\n"),
        *([mailbox("Reply-To", "", ascii_address(reply_to)).encode()] if reply_to else []),
        field("Subject", subject).encode(),
        *((b"Date: ", "date", b"\r\n") if date is None else (f"Date: {format_datetime(date)}\r\n".encode(),)),
        *(b"Message-ID: <", "message_id", f"@{message_id_domain}>\r\n".encode()),
        mailbox("List-Id", list_name, list_id).encode(),
        *(f"List-Unsubscribe: <{unsubscribe_prefix}".encode(), "unsubscribe", b">"),
        *((b",\r\n <mailto:", "leave", f"@{leave_domain}?subject=unsubscribe>".encode()) if leave_domain else ()),
        b"\r\n",
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" if unsubscribe_prefix.startswith("https:") else b"",
        token("Feedback-ID", feedback_id).encode() if feedback_id else b"",
        *(piece for name in returned_by for piece in TAGS[name]),
        _NO_ANSWER,
        field("Content-Language", language).encode(),
        b"MIME-Version: 1.0\r\n",
        f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n\r\n'.encode(),
    ]
    sentinels: dict[str, MessageSlot] = {sentinel: "unsubscribe"}
    if paid_copy is not None:
        sentinels[paid_copy] = "paid_copy"
    body: list[TemplatePiece] = []
    within = f"=_pictures.{boundary[2:]}"  # neither boundary begins with the other (RFC 2046, section 5.1.2)
    for subtype, part in (("plain", text), ("html", pointing_inside(html, pictures))):
        has_pictures = bool(pictures) and subtype == "html"
        body.append(f"--{boundary}\r\n".encode() + (related_head(within) if has_pictures else b""))
        body.append(f"Content-Type: text/{subtype}; charset=utf-8\r\n".encode())
        body.append(b"Content-Transfer-Encoding: quoted-printable\r\n\r\n")
        body += quoted_printable(part, sentinels)
        body.append(b"\r\n" + (picture_parts(within, pictures) if has_pictures else b""))
    body.append(f"--{boundary}--\r\n".encode())
    _assert_canonical(Template.of(body))
    return Template.of([*pieces, *body])


def feedback_id(campaign: str, publication: str, edition: str, *, sender: str) -> str | None:
    """The value of Feedback-ID, campaign:publication:edition:sender, or None where ``sender`` is too short.

    Gmail requires at most four fields, the last (SenderId) of 5 to 15 characters, and no identifier twice; no field may
    identify a reader.
    """
    clean = [re.sub(r"[^a-z0-9-]", "", _ascii(name)) for name in (campaign, publication, edition, sender)]
    clean[3] = clean[3].replace("-", "")[:15]
    if len(clean[3]) < 5:
        return None
    kept = [name for position, name in enumerate(clean[:3]) if name and name not in clean[position + 1 :]]
    return ":".join([*kept, clean[3]])


def _ascii(name: str) -> str:
    """``name`` in small letters, without its accents: « rédaction » is redaction."""
    whole = name.casefold().replace("œ", "oe").replace("æ", "ae")
    return "".join(letter for letter in unicodedata.normalize("NFKD", whole) if letter.isascii())


def _assert_canonical(body: Template) -> None:
    """Assert that the body equals its relaxed canonical form (RFC 6376, section 3.4.4), whatever fills its slots."""
    filled = body.fill(SlotValues(to="a@b", message_id="x", unsubscribe="x" * 75, paid_copy="x" * 75))
    assert filled.isascii()
    assert filled.endswith(b"\r\n")
    assert not filled.endswith(b"\r\n\r\n")
    assert not any(bad in filled for bad in (b"\t", b"  ", b" \r\n", b"\r\n."))
    assert all(len(line) <= 76 for line in filled.split(b"\r\n"))
