"""Messages made to harm: each is judged within its limits, none ends more than its own process."""

from __future__ import annotations

import os
import signal
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from composer.returns import judge_process
from composer.returns.judge_process import MESSAGE_LIMIT, JudgeProcess
from composer.returns.judgement import Cause, ReturnKind

BOUNCE = b"From: MAILER-DAEMON@mx.example\nSubject: Undeliverable\n\na@b.example: 550 5.1.1 User unknown\n"


def nested(deep: int, kind: bytes = b"multipart/mixed; boundary=b%d") -> bytes:
    opened = b"".join(
        b"Content-Type: " + (kind % n if b"%d" in kind else kind) + b"\n\n--b%d\n" % n for n in range(deep)
    )
    return b"From: a@b.example\n" + opened + b"Content-Type: text/plain\n\nhello\n"


def with_charset(name: bytes) -> bytes:
    head = b"From: MAILER-DAEMON@mx.example\nSubject: Undeliverable\nContent-Type: text/plain; charset=" + name
    return head + b"\n\na@b.example: 550 5.1.1 User unknown \xff\xfe\xc3(\n"


OTHER, RETURNED = {ReturnKind.OTHER}, {ReturnKind.BOUNCE}
EITHER = OTHER | RETURNED
#: What is wrong → message, and the kinds that it may be taken for.
HOSTILE: dict[str, tuple[Callable[[], bytes], set[ReturnKind]]] = {
    "nothing": (lambda: b"", OTHER),
    "no message": (lambda: b"\x00\x01\x02" * 1000, OTHER),
    "a program": (lambda: b"\x7fELF" + os.urandom(5000), OTHER),
    "deep parts": (lambda: nested(40), OTHER),
    "bottomless parts": (lambda: nested(5_000), OTHER),
    "messages in messages": (
        lambda: b"From: a@b.example\n" + b"Content-Type: message/rfc822\n\n" * 3_000,
        OTHER,
    ),
    "many parts": (
        lambda: b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 15_000,
        OTHER,
    ),
    "many fields": (lambda: b"X-A: b\n" * 60_000 + BOUNCE, EITHER),
    "one long field": (lambda: b"Subject: " + b"a" * 2_000_000 + b"\n" + BOUNCE, EITHER),
    "a folded field": (lambda: b"Subject: a\n" + b" a\n" * 60_000 + BOUNCE, EITHER),
    "encoded words": (
        lambda: b"Subject: " + b"=?utf-8?q?=41?= " * 10_000 + b"\n" + BOUNCE,
        EITHER,
    ),
    "too big": (lambda: BOUNCE + b"x" * MESSAGE_LIMIT, OTHER),
    "tags": (
        lambda: BOUNCE.replace(b"\n\n", b"\nContent-Type: text/html\n\n") + b"<" * 80_000 + b"<style" * 10_000,
        RETURNED,
    ),
    "entities": (
        lambda: BOUNCE.replace(b"\n\n", b"\nContent-Type: text/html\n\n") + b"&lt" * 30_000,
        RETURNED,
    ),
    "at signs": (lambda: BOUNCE + b"a@" * 30_000 + b"a." * 30_000, RETURNED),
    "digits": (lambda: BOUNCE + b"5.1." * 30_000 + b"550-" * 30_000, RETURNED),
    "words": (lambda: BOUNCE + b"mailbox user account " * 10_000, RETURNED),
    "tokens": (lambda: BOUNCE + b"b-aaaaab6qaaac7yexaecsxkh2iu@b.example " * 10_000, RETURNED),
    "a report of many groups": (
        lambda: (
            b"From: a@b.example\nContent-Type: message/delivery-status\n\n"
            + b"Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n\n" * 5_000
        ),
        RETURNED,
    ),
    "a base64 of base64": (
        lambda: (
            b"From: a@b.example\nContent-Transfer-Encoding: base64\nContent-Type: message/delivery-status\n\n"
            + b64encode(b"A" * 1_000_000)
        ),
        OTHER,
    ),
    "half a surrogate": (lambda: BOUNCE + "\ud800".encode("utf-8", "surrogatepass"), RETURNED),
    "odd field names": (lambda: b"\xff\xfe: a\nSubject: b\n\nhello", OTHER),
    "a boundary that is missing": (
        lambda: b"From: a@b.example\nContent-Type: multipart/report\n\nhello",
        OTHER,
    ),
    **{
        f"charset {name.decode('latin-1')}": (lambda name=name: with_charset(name), RETURNED)  # type: ignore[misc] # reason: bound now
        for name in (b"x-none", b"idna", b"punycode", b"rot13", b"zlib", b"utf-7", b"undefined", b'"a\\"', b"\xff")
    },
}


@pytest.fixture(scope="module")
def process() -> Iterator[JudgeProcess]:
    with JudgeProcess() as begun:
        yield begun


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_message_is_judged_or_told_to_be_unread(name: str, process: JudgeProcess) -> None:
    make, kinds = HOSTILE[name]
    found = process.judge(make())
    assert found.kind in kinds
    assert len(found.words) <= 200
    assert len(found.addressed) + len(found.carried) <= 40
    assert process.judge(BOUNCE).kind == ReturnKind.BOUNCE


def test_deep_parts_are_told_to_be_too_deep(process: JudgeProcess) -> None:
    assert process.judge(nested(40)).cause == Cause.TOO_DEEP
    assert process.judge(nested(5_000)).cause == Cause.TOO_DEEP
    assert process.judge(nested(10)).cause == Cause.ORDINARY


def test_words_of_a_bounce_cannot_break_a_line(process: JudgeProcess) -> None:
    """What is printed and logged is one line, whatever a far host answered; addresses are taken out of it."""
    said = b"550 5.1.1 User unknown\r\n level=error event=forged a@b.example \x1b[2J\xe2\x80\xae"
    words = process.judge(BOUNCE.replace(b"550 5.1.1 User unknown", said)).words
    assert "\n" not in words
    assert "\r" not in words
    assert "@" not in words


def test_a_process_that_dies_loses_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    with JudgeProcess() as process:
        assert process.judge(BOUNCE).kind == ReturnKind.BOUNCE
        assert process._process is not None
        os.kill(process._process.pid, signal.SIGKILL)
        assert process.judge(BOUNCE).cause == Cause.NOT_READ
        assert process.judge(BOUNCE).kind == ReturnKind.BOUNCE
        os.kill(process._process.pid, signal.SIGSTOP)  # it answers nothing, as on a message without end
        monkeypatch.setattr(judge_process, "_SECONDS", 0.2)
        assert process.judge(BOUNCE).cause == Cause.NOT_READ
        monkeypatch.undo()
        assert process.judge(BOUNCE).kind == ReturnKind.BOUNCE


def test_the_process_holds_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILIGRANE_SECRET_KEY", "k" * 64)
    with JudgeProcess() as process:
        process.judge(BOUNCE)
        assert process._process is not None
        assert b"FILIGRANE" not in Path(f"/proc/{process._process.pid}/environ").read_bytes()
