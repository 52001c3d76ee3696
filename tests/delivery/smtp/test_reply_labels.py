"""Real replies, labelled by hand before the table was extended: how many of them the table's words alone understand.

``replies.tsv`` holds key words of replies published by ActiveCampaign's SMTP field manual (MIT), found in the bounces
of Sisimai (BSD-2-Clause), or printed on the page or in the issue that is named. The labels are the five meanings that
differ in what follows:

unknown    no such mailbox at that address: the reader may be suppressed
recipient  this reader only: full, disabled or closed to us, a limit of that mailbox, a forwarder behind it, a list that
           takes nothing from outside
message    this message only: its size, its syntax, its attachments, its content
slow       temporary trouble of the relay or the provider, or a request to be slower
us         our configuration, reputation, account or quota: the next reader's message would be refused too

A permanent refusal that no row of the table fits has no meaning here: it counts against recall, and against no
precision. A temporary one means ``slow``. The replies of ``HELD_OUT`` providers were not looked at while rows were
added; their figures say how the table does on relays that it does not know.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from composer.delivery.smtp.reply_table import ReplyMeaning, look_up

LABELS = ("unknown", "recipient", "message", "slow", "us")
HELD_OUT = {
    *("apple", "att", "comcast", "cox", "emailit", "exim", "gmx", "godaddy"),
    *("hey", "hostpoint", "mimecast", "qq", "sendmail", "spectrum", "webde", "zoho"),
}
SAME = {
    ReplyMeaning.CONFIGURATION: "us",
    ReplyMeaning.BLOCKED: "us",
    ReplyMeaning.RELAYING: "us",
    ReplyMeaning.THROTTLED: "slow",
    ReplyMeaning.SESSION: "slow",
    ReplyMeaning.UNKNOWN: "unknown",
    ReplyMeaning.RECIPIENT: "recipient",
    ReplyMeaning.MESSAGE: "message",
}
#: Percent, rounded down: (precision, recall) as measured. A table that does worse is a step back.
FLOORS = {
    "known": {"unknown": (100, 100), "recipient": (97, 100), "message": (100, 100), "slow": (94, 97), "us": (100, 92)},
    "held out": {"unknown": (100, 35), "recipient": (72, 44), "message": (87, 63), "slow": (72, 72), "us": (100, 47)},
}


@dataclass(frozen=True)
class Labelled:
    """A row of ``replies.tsv``."""

    provider: str
    code: int
    status: str | None
    words: str
    label: str
    source: str


def labelled() -> list[Labelled]:
    lines = Path(__file__).with_name("replies.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return [
        Labelled(provider, int(code), None if status == "-" else status, words, label, source)
        for provider, code, status, words, label, source in rows
    ]


def meaning(reply: Labelled) -> str | None:
    row = look_up(reply.code, reply.status, reply.words)
    if row is not None:
        return SAME[row.means]
    return "slow" if reply.code < 500 else None


def figures(replies: Sequence[Labelled]) -> dict[str, tuple[int, int]]:
    """Precision and recall of each meaning, in percent, rounded down."""
    found = [(reply.label, meaning(reply)) for reply in replies]
    told = {}
    for label in LABELS:
        right = sum(said == is_ == label for is_, said in found)
        said_so, are = sum(said == label for _, said in found), sum(is_ == label for is_, _ in found)
        told[label] = (100 * right // max(1, said_so), 100 * right // max(1, are))
    return told


def part(name: str) -> list[Labelled]:
    return [reply for reply in labelled() if (reply.provider in HELD_OUT) == (name == "held out")]


def test_the_labels_are_what_they_say() -> None:
    replies = labelled()
    assert len(replies) >= 250
    assert {reply.label for reply in replies} == set(LABELS)
    assert {reply.provider for reply in replies} >= HELD_OUT
    assert 0.25 < len(part("held out")) / len(replies) < 0.4
    assert [reply for reply in replies if not reply.source or len(reply.words) > 80] == []
    assert len({(reply.provider, reply.code, reply.status, reply.words) for reply in replies}) == len(replies)


@pytest.mark.parametrize("name", FLOORS)
def test_precision_and_recall_of_each_meaning_do_not_fall(name: str) -> None:
    found = figures(part(name))
    for label, (precision, recall) in found.items():
        print(f"{name:>9} {label:>9}: precision {precision} %, recall {recall} %")
    fallen = {label: each for label, each in found.items() if any(map(int.__lt__, each, FLOORS[name][label]))}
    assert fallen == {}
