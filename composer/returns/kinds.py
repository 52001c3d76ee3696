"""What kind of message it is, where no report says so: a bounce by its sender and words, or an automatic answer."""

from __future__ import annotations

import re

from composer.returns.parts import Opened

#: The sender of bounces. A reply or a bounce that a person forwards has the words of one, but a person's address.
_DAEMON = re.compile(
    r"mailer[-_.]?daemon|\bpostmaster\b|\bmail ?delivery\b|\bmail (?:delivery|administrator|system|server|subsystem)\b"
    r"|\bdelivery (?:system|subsystem|service|agent)\b|\bmdaemon\b|\bmail[-_.]?(?:admin|master|deamon|daemon|erro?r)\b"
    r"|\bbounce(?:s|d)?\b|\bnon[-_.]?delivery\b|\bsystem administrator\b|\bmmdf\b|\bmajordomo\b|\buucp\b"
    r"|\bmicrosoftexchange\w+|\bdaemon\b|\bno-?reply\b.{0,40}\bundeliver",
    re.IGNORECASE,
)
#: What a bounce says, in its subject or in its first lines.
_FAILED = re.compile(
    r"\bundeliver|\bnon[- ]?deliver|\bnot (?:be )?deliver"
    r"|\b(?:delivery|mail|message) (?:\w+ ){0,2}(?:failure|failed|failing|error|problem)"
    r"|\bfail(?:ure|ed) (?:notice|notification|delivery|to deliver|report)|\bfailed mail\b"
    r"|\breturned (?:mail|to sender|message)"
    r"|\breturning message\b|\bmail system error\b|\bdelivery (?:status|report|unsuccessful|incomplete|has failed)"
    r"|\bunable to deliver"
    r"|\b(?:could|can|did|was|were|is)(?: ?not|n.t) (?:be )?(?:deliver|sent|reach|transmit|accept|process|complet)"
    r"|\bhas not been delivered|\bnondeliverable|\brejected (?:by|mail|message)|\bmail (?:rejected|refused|returned)\b"
    r"|\buser unknown|\bunknown (?:user|address|recipient)|\bno such (?:user|recipient|address)"
    r"|\bpermanent(?: fatal)? errors?\b"
    r"|\bbounced?\b|\bnon remis|\bnon distribu|\bn.a (?:pas )?pu [êe]tre"
    r"|\b[ée]chec de (?:la )?(?:remise|distribution|livraison)"
    r"|\bunzustellbar|\bnicht zugestellt|\bno se (?:ha )?(?:pudo|podido) entregar|\bdevuelt"
    r"|\bmancato recapito|\bne peut [êe]tre",
    re.IGNORECASE,
)
#: The subject of an answer that a program gives for a person.
_AWAY = re.compile(
    r"\br[ée]ponse automatique\b|\babsen(?:t|te|ce)\b|\bout of (?:the )?office\b|\bauto(?:matic|matique|mated)?[- _]?"
    r"(?:reply|response|antwort|r[ée]ponse|answer)|\bautorepl|\baway from\b"
    r"|\bon (?:\w+ ){0,2}(?:leave|vacation|holiday)\b"
    r"|\bvacation\b|\bcong[ée]s\b|\babwesen|\bfuera de (?:la )?oficina|\brespuesta autom[áa]tica|\brisposta automatica"
    r"|\bfuori sede|\bafwezig",
    re.IGNORECASE,
)

_LEAVE = re.compile(
    r"unsubscribe|remove|d[ée]sabonne(?:ment|r|z-moi)|d[ée]sinscription|me d[ée]sinscrire|abmelden|darse de baja",
    re.IGNORECASE,
)


def is_bounce(opened: Opened) -> bool:
    """Whether a message without a report is one: it names the address that failed, or a mail system says that it did.

    An empty return path alone is an automatic answer's too (RFC 3834).
    """
    if opened.first("x-failed-recipients"):
        return True
    said = f"{opened.first('subject')}\n{opened.text[:4_000]}"
    if _FAILED.search(said) is None:
        return False
    sender = " ".join(map(opened.first, ("from", "sender", "return-path")))
    if _DAEMON.search(sender) is not None or opened.first("from") == "<>":
        return not _answers(opened)
    from_nothing = opened.first("return-path") == "<>" and not _answers(opened)
    return from_nothing and _FAILED.search(opened.first("subject")) is not None and not is_automatic(opened)


def is_automatic(opened: Opened) -> bool:
    """Whether a program answered for a person, or sent this by itself (RFC 3834)."""
    submitted = opened.first("auto-submitted").partition(";")[0].strip().lower()
    if submitted not in ("", "no") or opened.first("return-path") == "<>" or _answers(opened):
        return True
    precedence = opened.first("precedence").strip().lower()
    replies = bool(opened.first("in-reply-to") or opened.first("references"))
    if precedence in ("auto_reply", "junk") or (precedence == "bulk" and replies):
        return True
    return replies and _AWAY.search(opened.first("subject")) is not None


def is_wish(opened: Opened) -> bool:
    """Whether its subject is nothing but the wish to leave, as mail programs write it for their user."""
    return _LEAVE.fullmatch(opened.first("subject").strip()) is not None


def _answers(opened: Opened) -> bool:
    """Whether a field says that it is an answer, which no bounce has."""
    names = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply", "x-vacation")
    given = any(opened.first(name).strip().lower() not in ("", "no") for name in names)
    return given or opened.first("precedence").strip().lower() == "auto_reply"
