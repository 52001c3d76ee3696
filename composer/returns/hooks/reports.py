"""What each operator reports, read into one form. Places and names are those of its documentation.

A token of ours is looked for only where an operator puts back what it was given: anything else in a report may be what
a stranger wrote. Sources, read in December 2026: Amazon SES Developer Guide, "Amazon SNS notification contents for
Amazon SES"; Mailgun, "Webhook Payloads" and the Events API; Brevo, "Transactional webhooks"; Postmark, "Bounce webhook"
and "Spam complaint webhook".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from composer.message.provider_tags import TAG_NAME
from composer.returns.hooks.json_body import items, part, text


@dataclass(frozen=True)
class HookReport:
    """``event`` and ``type`` are the operator's words (``vocabulary``); ``words`` and ``status`` are the far host's.
    ``tokens``: local parts of ours, none of them verified yet."""

    provider: str
    event: str
    type: str = ""
    words: str = ""
    status: str = ""
    address: str = ""
    tokens: tuple[str, ...] = ()


def ses_report(said: Mapping[str, Any]) -> HookReport:
    """A notification of Amazon SES. A letter of ours has one recipient: a report of several is of no letter of ours."""
    event, mail = text(said, "eventType") or text(said, "notificationType"), part(said, "mail")
    headers = [each for each in items(mail, "headers") if isinstance(each, dict)]
    named = [text(each, "value") for each in headers if text(each, "name").lower() == "message-id"]
    given = [each for each in items(part(mail, "tags"), TAG_NAME) if isinstance(each, str)]
    tokens = _tokens(text(mail, "source"), text(part(mail, "commonHeaders"), "messageId"), *given, *named)
    if len(items(mail, "destination")) > 1:
        tokens = ()
    if event == "Complaint":
        complaint = part(said, "complaint")
        kind = text(complaint, "complaintSubType") or text(complaint, "complaintFeedbackType")
        return HookReport("ses", event, kind, address=_recipient(complaint, "complainedRecipients"), tokens=tokens)
    bounce = part(said, "bounce")
    failed = next((each for each in items(bounce, "bouncedRecipients") if isinstance(each, dict)), {})
    kind = "/".join(filter(None, (text(bounce, "bounceType"), text(bounce, "bounceSubType"))))
    scheme, semicolon, words = text(failed, "diagnosticCode").partition(";")
    said_there = words if semicolon and len(scheme) < 40 else text(failed, "diagnosticCode")
    return HookReport("ses", event, kind, said_there, text(failed, "status"), text(failed, "emailAddress"), tokens)


def mailgun_report(said: Mapping[str, Any]) -> HookReport:
    """``event-data`` of a report of Mailgun's."""
    data = part(said, "event-data")
    status = part(data, "delivery-status")
    words = " ".join(text(status, name) for name in ("code", "message", "description"))
    given = text(part(data, "user-variables"), TAG_NAME)
    named = text(part(part(data, "message"), "headers"), "message-id")
    tokens = _tokens(given, text(part(data, "envelope"), "sender"), named)
    return HookReport(
        "mailgun", text(data, "event"), text(data, "severity"), words, "", text(data, "recipient"), tokens
    )


def brevo_report(said: Mapping[str, Any]) -> HookReport:
    """A report of Brevo's: one event a request."""
    tokens = _tokens(text(said, "X-Mailin-custom"), text(said, "message-id"))
    return HookReport("brevo", text(said, "event"), "", text(said, "reason"), "", text(said, "email"), tokens)


def postmark_report(said: Mapping[str, Any]) -> HookReport:
    """A report of Postmark's. ``Details`` are the far host's words, ``Description`` Postmark's own."""
    tokens = _tokens(text(part(said, "Metadata"), TAG_NAME))
    event, kind = text(said, "RecordType"), text(said, "Type")
    return HookReport("postmark", event, kind, text(said, "Details"), "", text(said, "Email"), tokens)


#: Operator → reader of what it posts.
READERS: Mapping[str, Callable[[Mapping[str, Any]], HookReport]] = {
    "ses": ses_report,
    "mailgun": mailgun_report,
    "brevo": brevo_report,
    "postmark": postmark_report,
}


def _recipient(within: Mapping[str, Any], name: str) -> str:
    found = next((each for each in items(within, name) if isinstance(each, dict)), {})
    return text(found, "emailAddress")


def _tokens(*values: str) -> tuple[str, ...]:
    """The left sides of addresses and Message-IDs."""
    return _distinct(value.strip().lstrip("<").partition("@")[0].lower() for value in values)


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value.startswith("b-")))
