from __future__ import annotations

from datetime import UTC, datetime, timedelta

from composer.message.trial import DEAD_TOKEN, trial_subject, trial_values

AT = datetime(2026, 11, 26, 17, 0, tzinfo=UTC)


def test_a_test_send_is_marked_and_nothing_in_it_is_alive() -> None:
    assert trial_subject("La rade s’envase") == "[test] La rade s’envase"
    assert trial_values("lea@example.org", AT).unsubscribe == DEAD_TOKEN


def test_a_second_test_send_is_not_hidden_as_a_duplicate() -> None:
    first, second = trial_values("lea@example.org", AT), trial_values("lea@example.org", AT + timedelta(seconds=1))
    assert first.message_id != second.message_id
