"""The ledger's own words, as people read them."""

from __future__ import annotations

import pytest

from composer.delivery.ledger.labels import reply_words
from composer.delivery.ledger.workers import DIED, WENT_BACK
from composer.locale import use


@pytest.mark.parametrize("own", [DIED, WENT_BACK])
def test_what_the_ledger_says_of_itself_is_in_the_newsroom_s_language_and_a_relay_s_words_are_its_own(own: str) -> None:
    use("fr")
    try:
        assert reply_words(own) != own
        assert reply_words("450 4.2.2 Mailbox full") == "450 4.2.2 Mailbox full"
    finally:
        use("en")
    assert reply_words(own) == own
