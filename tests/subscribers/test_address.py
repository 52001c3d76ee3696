"""Addresses: what is written to, and the key."""

from __future__ import annotations

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from composer.errors import Refused
from composer.subscribers.address import read_address

LETTERS = st.text("abZ09.-_+'@é ß\"<>()\u00a0\u200b,;:\\[]\r\n", max_size=20)


@pytest.mark.parametrize(
    ("typed", "email"),
    [
        ("  Zoe.Dupre@Example.ORG\u00a0", "Zoe.Dupre@example.org"),
        ("\ufeffzoe@example.org", "zoe@example.org"),
        ("zoe@café-du-pont.example", "zoe@xn--caf-du-pont-dbb.example"),
        ("zoe@CAFÉ-du-pont.example", "zoe@xn--caf-du-pont-dbb.example"),
        ("o'neil+news@sub.example.co", "o'neil+news@sub.example.co"),
    ],
)
def test_spaces_go_and_the_domain_is_its_a_label(typed: str, email: str) -> None:
    assert read_address(typed).email == email


def test_the_local_part_is_folded_beside_what_is_written_to() -> None:
    one, other = read_address("Zoe@Example.org"), read_address("zOE@example.ORG")
    assert one.folded == other.folded == "zoe@example.org"
    assert (one.email, other.email) == ("Zoe@example.org", "zOE@example.org")


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("zoé@example.org", "outside ASCII"),
        ("zoe", "no @"),
        ("", "no @"),
        ("a@b@example.org", "not an email address"),
        ("a..b@example.org", "not an email address"),
        (f"{'a' * 65}@example.org", "too long"),
        (f"a@{'b.' * 125}org", "too long|not an email address"),
        ("zoe@localhost", "not an email address"),
        ("zoe@example.invalid", "nothing can be delivered"),
        ("zoe@[127.0.0.1]", "not an email address"),
        ("zoe@exam\rple.org", "not an email address"),
        ("Zoe <zoe@example.org>", "not an email address"),
    ],
)
def test_what_cannot_be_written_to_is_refused_with_the_reason(typed: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        read_address(typed)


def by_the_library(typed: str) -> str | None:
    try:
        parts = validate_email(typed, check_deliverability=False)
    except EmailNotValidError:
        return None
    typed_local = typed.rpartition("@")[0]
    if not typed_local.isascii():
        return None
    return f"{typed_local}@{parts.ascii_domain}"


@given(st.tuples(LETTERS, LETTERS | st.just("example.org") | st.just("x--y.org")).map("@".join) | LETTERS)
def test_the_fast_path_agrees_with_the_library(typed: str) -> None:
    typed = typed.strip().strip("\u200b").strip()
    try:
        mine: str | None = read_address(typed).email
    except Refused:
        mine = None
    assert mine == by_the_library(typed)


@given(st.emails())
def test_reading_twice_changes_nothing(email: str) -> None:
    try:
        address = read_address(email)
    except Refused:
        return
    assert read_address(address.email) == address
    assert address.email.isascii()
