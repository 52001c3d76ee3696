"""The header in which an operator of relays takes a value of ours, and hands it back with a bounce or a complaint.

The value is the left side of Message-ID: it has the MAC of the return path (``composer.message.verp``), and tells a
reader no more than what stands there anyway. Operators take these fields out, or write beside them: none is signed.
"""

from __future__ import annotations

from composer.message.template import TemplatePiece

#: Name of the value, where the header holds named ones.
TAG_NAME = "filigrane"

#: Operator → the field. Sources, as read in December 2026: Amazon SES Developer Guide, "Specify your configuration set
#: when you send email" (message tags: letters, digits, - and _); Mailgun, "Attaching metadata to emails via SMTP";
#: Brevo, "Transactional webhooks" (``X-Mailin-custom``); Postmark, "Custom metadata FAQ" (a value of 80 characters).
TAGS: dict[str, tuple[TemplatePiece, ...]] = {
    "ses": (f"X-SES-MESSAGE-TAGS: {TAG_NAME}=".encode(), "message_id", b"\r\n"),
    "mailgun": (f'X-Mailgun-Variables: {{"{TAG_NAME}": "'.encode(), "message_id", b'"}\r\n'),
    "brevo": (b"X-Mailin-custom: ", "message_id", b"\r\n"),
    "postmark": (f"X-PM-Metadata-{TAG_NAME}: ".encode(), "message_id", b"\r\n"),
}
