"""Judge one message: what kind it is, and of a bounce, for which address, how bad and why.

Reports come first (RFC 5965, RFC 3464), then the words of mail systems that write none, then what a program answers for
a person: a bounce may say that it is an automatic answer, as most do.
"""

from __future__ import annotations

import re
from dataclasses import replace

from composer.returns.addresses import answered, of_complaint, of_failure, of_group, tokens, written_to
from composer.returns.causes import rule_for
from composer.returns.evidence import before_returned, evidence_of, telling_lines
from composer.returns.judgement import BounceClass, Cause, Judgement, ReturnKind
from composer.returns.kinds import is_automatic, is_bounce, is_wish
from composer.returns.parts import Fields, Opened, TooDeep, groups_in, open_message

#: Maximum number of characters of the words that are kept, and of groups of a report that are read.
_MOST_KEPT, _MOST_GROUPS = 200, 100

#: Feedback types that complain (RFC 5965 7.3, and opt-out of draft-ietf-marf-base); the others praise or measure.
_COMPLAINTS = ("", "abuse", "fraud", "virus", "other", "opt-out", "opt-out-list")
#: Actions of a report that tell of no failure (RFC 3464 2.3.3).
_ARRIVED = ("delivered", "relayed", "expanded")
#: OpenSMTPD's last word on a letter is a delay (6.8 of Debian 12, 2026-11).
_EXPIRED = re.compile(r"\b(?:envelope|message|retry|time|delivery)(?: time)?(?: has| was)? expired\b", re.IGNORECASE)
#: Hotmail's field in the letters that its readers called junk, which came back without a report until June 2026.
_JUNKED = re.compile(r"^X-HmXmrOriginalRecipient:", re.IGNORECASE | re.MULTILINE)
_MUTE = re.compile(r"[^\W\d_]{3}")


def judge_message(content: bytes) -> Judgement:
    """What the message ``content`` is. Raises nothing for what is in it but ``RecursionError`` and ``MemoryError``."""
    if not _has_head(content):
        return Judgement(ReturnKind.OTHER, Cause.NO_MESSAGE)
    try:
        opened = open_message(content)
    except TooDeep:
        return Judgement(ReturnKind.OTHER, Cause.TOO_DEEP)
    addressed, carried = tokens(opened, content)
    found = _of_reports(opened) or _of_text(opened, addressed, content)
    return replace(found, addressed=addressed, carried=carried, answered=answered(opened))


def _has_head(content: bytes) -> bool:
    """Whether it begins as a message does: with a field, or with the line of an mbox."""
    return re.match(rb"(?:>?From [^\n]{1,500}\n|[!-9;-~]{1,76}[ \t]*:)", content) is not None


def _of_reports(opened: Opened) -> Judgement | None:
    if opened.feedback:
        kind = opened.feedback[0].get("feedback-type", "").strip().lower()
        complains = kind in _COMPLAINTS
        cause = Cause.REPORTED if complains else Cause.NO_COMPLAINT
        address = of_complaint(opened)
        return Judgement(ReturnKind.COMPLAINT if complains else ReturnKind.OTHER, cause, address, words=_kept(kind))
    if _JUNKED.search(opened.returned):
        return Judgement(ReturnKind.COMPLAINT, Cause.REPORTED, of_complaint(opened))
    said, returned = before_returned(opened.text)
    groups = [group for group in opened.statuses if "action" in group or "status" in group]
    if not groups:  # some servers write the report into the text
        groups = [group for group in groups_in(said) if "final-recipient" in group and "action" in group]
    groups = [group for group in groups if of_group(group) or "action" in group][:_MOST_GROUPS]
    if groups:
        opened.returned = opened.returned or returned
        return _of_groups(opened, groups, said)
    return Judgement(ReturnKind.OTHER, Cause.RECEIPT) if opened.receipt else None


def _of_groups(opened: Opened, groups: list[Fields], said: str) -> Judgement:
    """The judgement on the group of the reader: the one that the returned letter was written to, else the worst."""
    judged = [_of_group(group, opened, said) for group in groups]
    wanted = written_to(opened)
    for each in judged:
        if wanted is not None and each.address is not None and each.address.lower() == wanted.lower():
            return each
    order = [ReturnKind.BOUNCE, ReturnKind.OTHER]
    return min(judged, key=lambda each: (order.index(each.kind), each.bounce_class != BounceClass.HARD))


def _of_group(group: Fields, opened: Opened, said: str) -> Judgement:
    action = group.get("action", "failed").split("(")[0].strip().lower()
    status = (re.match(r"\s*([245]\.\d{1,3}\.\d{1,3})", group.get("status", "")) or ["", ""])[1]
    address = of_group(group) or of_failure(opened, said, b"")
    if action in _ARRIVED or status.startswith("2"):
        return Judgement(ReturnKind.OTHER, Cause.DELIVERED, address, status=status or None)
    diagnostic = group.get("diagnostic-code", "")
    kind, semicolon, words = diagnostic.partition(";")
    words = words if semicolon and len(kind) < 40 else diagnostic
    told = telling_lines(said) or said
    if action == "delayed" and status != "4.4.7" and _EXPIRED.search(f"{words}\n{told}") is None:
        return Judgement(ReturnKind.OTHER, Cause.DELAYED, address, status=status or None, words=_kept(words))
    return _bounce(address, status, words, told)


def _bounce(address: str | None, status: str, words: str, told: str) -> Judgement:
    """Judge by the words of the report; where they are mute, or only their codes say something, by the text's."""
    evidence = evidence_of(words, status)
    rule = rule_for(evidence)
    if told and (_MUTE.search(evidence.words) is None or not (rule.of_words or rule.temporary)):
        other = evidence_of(told, status)
        of_text = rule_for(other)
        if of_text.of_words or _MUTE.search(evidence.words) is None:
            evidence, rule = other, of_text
    shown = _kept(" ".join(filter(None, (evidence.code, evidence.words))))
    return Judgement(ReturnKind.BOUNCE, rule.cause, address, rule.bounce_class, evidence.status or None, shown)


def _of_text(opened: Opened, addressed: tuple[str, ...], content: bytes) -> Judgement:
    if is_bounce(opened):
        said, returned = before_returned(opened.text)
        opened.returned = opened.returned or returned
        address = of_failure(opened, said, content)
        return _bounce(address, "", "", telling_lines(said) or said)
    if is_wish(opened) or any(token.startswith("u-") for token in addressed):
        return Judgement(ReturnKind.UNSUBSCRIBE, Cause.LEAVES)
    if is_automatic(opened):
        return Judgement(ReturnKind.AUTO_REPLY, Cause.AUTOMATIC)
    return Judgement(ReturnKind.OTHER, Cause.ORDINARY)


def _kept(words: str) -> str:
    return " ".join(words.split())[:_MOST_KEPT]
