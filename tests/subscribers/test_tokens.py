"""Tokens cannot be made, nor altered."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from hypothesis import assume, example, given
from hypothesis import strategies as st

from composer.subscribers.tokens import (
    copy_token,
    fingerprint,
    read_copy_token,
    read_unsubscribe_token,
    token_reader,
    unsubscribe_token,
)

KEY, OTHER = b"k" * 32, b"o" * 32
NUMBERS = st.integers(0, 2**48 - 1)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@given(NUMBERS)
@example(0)
@example(2**48 - 1)
def test_a_token_is_read_back_and_fits_a_url(number: int) -> None:
    token = unsubscribe_token(number, KEY)
    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", token)
    assert read_unsubscribe_token(token, KEY) == number


@given(NUMBERS, st.integers(0, 31), st.sampled_from(ALPHABET + "+/= \n.é"))
def test_no_altered_letter_is_accepted(number: int, at: int, letter: str) -> None:
    token = unsubscribe_token(number, KEY)
    assume(token[at] != letter)
    assert read_unsubscribe_token(token[:at] + letter + token[at + 1 :], KEY) is None


@given(NUMBERS, st.text(max_size=5), st.text(max_size=5))
@example(1, "", "\n")
@example(1, "", "=")
def test_nothing_may_stand_around_a_token(number: int, before: str, after: str) -> None:
    assume(before or after)
    assert read_unsubscribe_token(before + unsubscribe_token(number, KEY) + after, KEY) is None


@given(st.text(max_size=40) | st.text(ALPHABET, min_size=32, max_size=32))
def test_nothing_made_up_is_accepted(token: str) -> None:
    assert read_unsubscribe_token(token, KEY) is None


@given(NUMBERS, NUMBERS)
@example(0, 1)  # their first 44 bits are the same
def test_the_proof_of_one_number_is_none_of_another(one: int, other: int) -> None:
    assume(one != other)
    claim, proof = (urlsafe_b64decode(unsubscribe_token(number, KEY)) for number in (one, other))
    mixed = urlsafe_b64encode(claim[:8] + proof[8:]).decode()
    assert read_unsubscribe_token(mixed, KEY) is None


@given(NUMBERS)
def test_a_former_key_is_accepted_only_where_it_is_named(number: int) -> None:
    token = unsubscribe_token(number, OTHER)
    assert read_unsubscribe_token(token, KEY) is None
    assert read_unsubscribe_token(token, KEY, OTHER) == number


def test_every_bit_counts() -> None:
    token = unsubscribe_token(12345, KEY)
    altered = {
        token[:at] + ALPHABET[ALPHABET.index(letter) ^ 1 << bit] + token[at + 1 :]
        for at, letter in enumerate(token)
        for bit in range(6)
    }
    assert len(altered) == 192
    assert {read_unsubscribe_token(one, KEY) for one in altered} == {None}


def test_a_link_already_sent_works_in_the_next_version() -> None:
    """Written down once: another value means that the links of the messages in mailboxes no longer work."""
    assert unsubscribe_token(12345, KEY) == "dZYAAAAAMDmGXy_QoDZrWQugTv5OmRBJ"
    assert read_unsubscribe_token("dZYAAAAAMDmGXy_QoDZrWQugTv5OmRBJ", KEY) == 12345


def test_a_token_signed_for_another_purpose_ends_no_subscription() -> None:
    # As the one above in all but its first byte, and signed with the same key.
    assert read_unsubscribe_token("dpYAAAAAMDmAJViZeXeiruJNc3G-0cru", KEY) is None


@given(NUMBERS, NUMBERS)
@example(0, 0)
@example(2**48 - 1, 2**48 - 1)
def test_a_copys_token_is_read_back_and_is_of_no_other_purpose(number: int, edition: int) -> None:
    token, way_out = copy_token(number, edition, OTHER), unsubscribe_token(number, OTHER)
    assert re.fullmatch(r"[A-Za-z0-9_-]{40}", token)
    assert read_copy_token(token, KEY, OTHER) == (number, edition)
    assert read_copy_token(token, KEY) is None
    reader = token_reader(OTHER)
    assert (reader.leaving(token), reader.copy(way_out)) == (None, None)
    for cut in (token[:32], token[8:], way_out + token[32:], way_out + way_out[:8]):
        assert (reader.leaving(cut), reader.copy(cut)) == (number if cut == way_out else None, None)


@given(NUMBERS, st.integers(0, 39), st.sampled_from(ALPHABET + "+/= \n.é"))
def test_no_altered_letter_of_a_copys_token_is_accepted(number: int, at: int, letter: str) -> None:
    token = copy_token(number, 7, KEY)
    assume(token[at] != letter)
    assert read_copy_token(token[:at] + letter + token[at + 1 :], KEY) is None
    assert read_copy_token(token + letter, KEY) is None


def test_a_copys_link_already_sent_works_in_the_next_version() -> None:
    assert copy_token(12345, 678, KEY) == "Y5YAAAAAMDkAAAAAAqZgCIjKuE1tldVki5TTxYVF"


def test_a_mailing_begun_by_the_former_version_knows_its_key() -> None:
    """The ledger and a backup keep a fingerprint: another value would say that the key was replaced."""
    assert fingerprint(KEY) == "d2e22a7d6c0e6d74ea61772eebcc32b0"
    assert fingerprint(OTHER) != fingerprint(KEY)
