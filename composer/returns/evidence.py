"""What a bounce is judged by: the far host's words, its reply code and enhanced code, in a report or in a text."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Maximum number of characters of words that are looked at, and of lines of a text that are searched for them.
_MOST_WORDS, _MOST_LINES = 2_000, 2_000

_LINK = re.compile(r"\bhttps?://([\w.-]{1,253})[^\s<>]*", re.IGNORECASE)
_ADDRESS = re.compile(r"<?(?<![\w.+-])[\w.+/=!#$%&'*?^`{|}~-]{1,64}@[\w.-]{1,253}>?")
_CODE = re.compile(r"(?<![\w.\[(#/-])([45]\d\d)(?=[ -]|$)")
_STATUS = re.compile(r"(?<![\w.])([245]\.\d{1,3}\.\d{1,3})(?!\.?\d)")
#: Before each line of a reply: they break a sentence in two.
_BEFORE_LINES = re.compile(r"(?<![\w.])[245]\d\d[- ]#?(?:[245]\.\d{1,3}\.\d{1,3}(?!\.?\d))?")

#: A line that quotes a reply.
_QUOTES = re.compile(r"(?<![\w.\[(#/-])[45]\d\d[ -]|(?<![\w.])[45]\.\d{1,3}\.\d{1,3}(?!\.?\d)|^\s*<<< ")
#: A line after which the reason stands, beyond an empty line too.
_ANNOUNCES = re.compile(
    r"\bsaid:|\b(?:returned|response|error|reason|explanation|diagnostic|message)(?: \w+)? (?:was|is|were):?\s*$"
    r"|\b(?:reason|error|response|diagnostic\S*|cause|raison|motif)\s*:|\baddress(?:es|\(es\))? (?:\w+ )?(?:failed|had)"
    r"|\bpermanent(?: fatal)? errors?\b|\bfatal errors?\b|\bfollowing (?:\w+ )?(?:address|recipient|destination)"
    r"|\blist of recipients\b|\bthis is a permanent error\b|\bnot delivered to\b|\bdid not reach\b"
    r"|\b(?:could not|couldn.t|cannot|can.t|wasn.t able to|unable to|failed to) (?:be )?deliver|\bn.a pas pu\b",
    re.IGNORECASE,
)
#: Where the message that is returned begins.
_RETURNED = re.compile(
    r"^(?:Received|Return-Path|Message-ID|DKIM-Signature|List-Id|X-\w[\w-]{0,60}):"
    r"|^[\s>*=_-]*(?:this|below|here)\b.{0,60}\bcopy of\b"
    r"|^\s*[-=*_>]{2,}.{0,60}\b(?:original|returned|unsent|undelivered|copy of)\b"
    r"|^\W*(?:original|returned|undelivered|unsent|your) (?:message|mail)(?: \w+)? (?:follows|headers?|text|below)\b",
    re.IGNORECASE,
)
_AFTER_QUOTE, _AFTER_ANNOUNCE = 3, 6


@dataclass(frozen=True)
class Evidence:
    """``words`` are on one line, without addresses, links and codes; ``hosts`` are those of the links. ``code`` and
    ``status`` are empty where unknown. ``temporary``: the first of the code and the enhanced code that is known is
    a 4xx."""

    words: str
    code: str
    status: str
    temporary: bool
    hosts: tuple[str, ...]


def evidence_of(said: str, status: str = "") -> Evidence:
    """The evidence in what a host said, with the Status of its report where there is one."""
    line = " ".join(said.split())[:_MOST_WORDS]
    hosts = tuple(host.lower().rstrip(".") for host in _LINK.findall(line))
    line = _ADDRESS.sub("<>", _LINK.sub("<>", line))
    code, own = _CODE.search(line), _STATUS.search(line)
    enhanced = own[1] if own and not own[1].endswith(".0.0") else status or (own[1] if own else "")
    first = code[1] if code else own[1] if own else status
    words = " ".join(_STATUS.sub(" ", _BEFORE_LINES.sub(" ", line)).split())
    return Evidence(words, code[1] if code else "", enhanced, first.startswith("4"), hosts)


def before_returned(text: str) -> tuple[str, str]:
    """``text`` in two: what was written about the message, and the message itself, where it is returned."""
    lines = text.split("\n")
    for number, line in enumerate(lines[:_MOST_LINES]):
        if number and _RETURNED.search(line[:200]):
            return "\n".join(lines[:number]), "\n".join(lines[number:])
    return text, ""


def telling_lines(text: str) -> str:
    """The lines of ``text`` that quote a reply or give a reason; empty where there are none."""
    found: list[str] = []
    left, over_blank = 0, False
    for line in text.split("\n")[:_MOST_LINES]:
        line = line[:1_000]
        if _QUOTES.search(line):
            left, over_blank = 1 + _AFTER_QUOTE, False
        elif _ANNOUNCES.search(line):
            left, over_blank = max(left, 1 + _AFTER_ANNOUNCE), True
        if not line.strip():
            left = left if over_blank else 0
        elif left:
            left -= 1
            found.append(line)
    return "\n".join(found)
