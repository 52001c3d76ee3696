"""What messages that came back are: the tables beside this file, each judged as it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from composer.message.verp import return_path
from composer.returns.causes import RULES
from composer.returns.identity import Identity, identify
from composer.returns.judge import judge_message
from composer.returns.judgement import BounceClass, Cause, Judgement, ReturnKind, from_json
from composer.returns.labels import class_label, kind_label, why

KEY, FORMER = b"k" * 32, b"f" * 32
READER = Identity(subscriber=1000, mailing=47)
#: Word in the tables → local part.
LOCAL = {
    "token": return_path(1000, 47, KEY),
    "another": return_path(1001, 47, KEY),
    "leave": "u" + return_path(1000, 47, FORMER)[1:],
    "forged": return_path(1000, 47, b"s" * 32),
}


def table(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name(name).read_text(encoding="utf-8"))
    return rows


def report(row: dict[str, Any]) -> bytes:
    """A delivery report of one address, as a mail system writes it."""
    diagnostic = f"Diagnostic-Code: smtp; {row['diagnostic']}\n" if row.get("diagnostic") else ""
    head = "From: MAILER-DAEMON@mx.example\nTo: x@bounces.example\nSubject: Undelivered\n"
    return (
        f"{head}Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n"
        f"--x\nContent-Type: text/plain; charset=utf-8\n\n{row.get('text', 'It could not be delivered.')}\n"
        "--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        f"Final-Recipient: rfc822; a@b.example\nAction: {row.get('action', 'failed')}\nStatus: {row['status']}\n"
        f"{diagnostic}--x--\n"
    ).encode()


@pytest.mark.parametrize(
    "row", table("causes.yaml"), ids=lambda row: row.get("diagnostic") or row.get("text") or "mute"
)
def test_a_bounce_means_what_its_words_and_codes_say(row: dict[str, Any]) -> None:
    found = judge_message(report(row))
    assert (found.kind, found.bounce_class, found.cause) == (ReturnKind.BOUNCE, row["class"], row["cause"])
    assert found.address == "a@b.example"
    assert "@" not in found.words


@pytest.mark.parametrize("row", table("messages.yaml"), ids=lambda row: row["name"])
def test_a_message_is_what_the_table_says(row: dict[str, Any]) -> None:
    text = row["message"]
    for word, local in LOCAL.items():
        text = text.replace(f"{word}@", f"{local}@").replace(f"{word.upper()}@", f"{local.upper()}@")
    found = judge_message(text.encode())
    assert (found.kind, found.bounce_class) == (row["kind"], row.get("class"))
    assert "address" not in row or found.address == row["address"]
    assert "reader" not in row or (identify(found, (KEY, FORMER)) == READER) is row["reader"]
    assert identify(found, (b"x" * 32,)) is None
    assert from_json(found.as_json()) == found


def test_every_row_of_the_table_has_a_source_with_a_date_or_a_standard() -> None:
    assert len(RULES) > 20
    bare = [rule for rule in RULES if "20" not in rule.source and "RFC" not in rule.source]
    assert bare == []
    last = RULES[-1]
    assert (last.text, last.link, last.code, last.status, last.temporary) == (None, None, None, None, False)


def test_all_that_is_judged_has_a_name_for_people() -> None:
    assert len({why(Judgement(ReturnKind.OTHER, cause)) for cause in Cause}) == len(Cause)
    assert len({*map(kind_label, ReturnKind), *map(class_label, BounceClass)}) == len(ReturnKind) + len(BounceClass)
