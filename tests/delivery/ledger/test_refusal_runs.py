"""Runs of refusals in the ledger: what counts, what ends one, and what becomes of its readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update

from composer.clock import elapsed
from composer.database import db_now, read_only
from composer.delivery.ledger import workers
from composer.delivery.ledger.claims import Claimed, Settlement, claim, settle, still_held
from composer.delivery.ledger.mailings import sweep
from composer.delivery.ledger.refusal_runs import IN_A_ROW, Effect, RefusalReport, domain_of, few_domains
from composer.delivery.smtp.reply import Outcome, Phase, Reply, Retry, judge, lost
from composer.delivery.state import MailingState
from composer.delivery.tables import deliveries, mailings, refusal_runs, run_refusals
from tests.delivery.support.sample_ledger import Ready, ready, states

pytestmark = pytest.mark.usefixtures("each_engine")

REFUSED = judge(Phase.RCPT, Reply(550, None, "no"), Retry())
LATER = Outcome(REFUSED.state, REFUSED.scope, REFUSED.reply, "given up after 2 attempts")


def mailing_to(folder: Path, emails: Sequence[str]) -> tuple[Ready, list[Claimed]]:
    """The ledger, and all its deliveries, claimed."""
    ledger = ready(folder, readers=emails)
    with ledger.engine.begin() as connection:
        return ledger, claim(connection, workers.join(connection), len(emails))


def refused(ledger: Ready, claimed: Claimed, accepted: Sequence[float] = (), few: bool = False) -> Effect:
    domain = domain_of(claimed.inputs.email or "", claimed.provider)
    with ledger.engine.begin() as connection:
        return settle(connection, [Settlement(claimed, REFUSED, RefusalReport(domain, accepted, few, LATER))])[0]


def in_turn(count: int, domains: int) -> list[str]:
    return [f"reader{number:02d}@d{number % domains}.example" for number in range(count)]


@pytest.mark.parametrize("domains", [3, 10])
def test_the_tenth_reader_of_three_domains_stops_the_mailing_and_all_ten_are_queued_again(
    tmp_path: Path, domains: int
) -> None:
    ledger, claims = mailing_to(tmp_path, in_turn(12, domains))
    effects = [refused(ledger, claimed) for claimed in claims[:11]]
    assert effects == [Effect.NONE] * 9 + [Effect.PAUSED, Effect.STOPPED]
    assert list(states(ledger.engine).values()) == ["queued"] * 11 + ["claimed"]


def test_a_refusal_whose_row_the_pause_took_back_says_that_the_mailing_is_stopped(tmp_path: Path) -> None:
    """Or its connection would go on to another reader."""
    ledger, claims = mailing_to(tmp_path, in_turn(12, 5))
    assert [refused(ledger, claimed) for claimed in claims[:10]][-1] is Effect.PAUSED
    with ledger.engine.begin() as connection:
        assert still_held(connection, claims[10].worker_id) == set()
    assert refused(ledger, claims[10]) is Effect.STOPPED
    assert set(states(ledger.engine).values()) == {"queued"}


def test_a_doubted_reader_s_refusal_says_too_that_the_mailing_is_stopped(tmp_path: Path) -> None:
    """Or its connection would go on, to one reader more than the bound says."""
    ledger, claims = mailing_to(tmp_path, in_turn(22, 5))
    assert [refused(ledger, claimed) for claimed in claims[:10]][-1] is Effect.PAUSED
    with ledger.engine.begin() as connection:
        connection.execute(update(mailings).values(state=MailingState.SENDING, reason=None))
        again = claim(connection, claims[0].worker_id, 10)
    assert refused(ledger, again[0]) is Effect.NONE
    assert [refused(ledger, claimed) for claimed in claims[10:20]][-1] is Effect.PAUSED
    assert refused(ledger, again[1]) is Effect.STOPPED


def test_ten_doubts_in_a_row_stop_the_mailing_and_stay_doubts_whatever_their_domain(tmp_path: Path) -> None:
    ledger, claims = mailing_to(tmp_path, in_turn(11, 1))
    doubt = lost(Phase.DOT, "the relay closed the connection", Retry())
    with ledger.engine.begin() as connection:
        connection.execute(update(deliveries).values(state="in_flight"))
    effects = []
    for claimed in claims[:10]:
        with ledger.engine.begin() as connection:
            effects += settle(connection, [Settlement(claimed, doubt, RefusalReport("d0.example", few=True))])
    assert effects == [Effect.NONE] * 9 + [Effect.PAUSED]
    assert list(states(ledger.engine).values()) == ["in_doubt"] * 10 + ["in_flight"]


def test_two_domains_stop_it_only_where_the_mailing_has_no_third(tmp_path: Path) -> None:
    ledger, claims = mailing_to(tmp_path, in_turn(30, 2))
    assert {refused(ledger, claimed) for claimed in claims[:20]} == {Effect.NONE}
    assert [refused(ledger, claimed, few=True) for claimed in claims[20:]][-1] != Effect.NONE


def test_who_accepts_messages_that_were_begun_since_has_ended_the_run(tmp_path: Path) -> None:
    ledger, claims = mailing_to(tmp_path, in_turn(40, 5))
    before = [elapsed() - 60] * 40
    assert [refused(ledger, claimed, before) for claimed in claims[:9]] == [Effect.NONE] * 9
    now = [elapsed() + 60] * 2 * IN_A_ROW  # begun after the first refusal, whatever the clock's grain
    assert refused(ledger, claims[9], now) is Effect.NONE
    assert [refused(ledger, claimed) for claimed in claims[10:19]] == [Effect.NONE] * 8 + [Effect.PAUSED]
    assert list(states(ledger.engine).values()) == ["rejected"] * 9 + ["queued"] * 10 + ["claimed"] * 21


def test_a_reader_counts_once_and_a_late_reply_not_at_all(tmp_path: Path) -> None:
    ledger, claims = mailing_to(tmp_path, in_turn(12, 5))
    assert [refused(ledger, claims[0]) for _time in range(20)] == [Effect.NONE] * 20
    stale = [replace(claimed, attempt=claimed.attempt - 1) for claimed in claims]
    assert [refused(ledger, claimed) for claimed in stale] == [Effect.NONE] * 12
    assert [refused(ledger, claimed) for claimed in claims[1:10]] == [Effect.NONE] * 8 + [Effect.PAUSED]


def test_readers_of_a_run_get_the_second_outcome_afterwards_and_count_in_none(tmp_path: Path) -> None:
    ledger, claims = mailing_to(tmp_path, in_turn(10, 5))
    assert [refused(ledger, claimed) for claimed in claims][-1] is Effect.PAUSED
    with ledger.engine.begin() as connection:
        connection.execute(update(mailings).values(state=MailingState.SENDING, reason=None))
        again = claim(connection, claims[0].worker_id, 10)
    assert [refused(ledger, claimed) for claimed in again] == [Effect.NONE] * 10
    with read_only(ledger.engine).connect() as connection:
        found = connection.execute(select(deliveries.c.state, deliveries.c.reply_text)).all()
    assert set(found) == {("rejected", "given up after 2 attempts: no")}
    with ledger.engine.begin() as connection:
        assert sweep(connection) == [ledger.mailing]
        left = [
            connection.execute(select(func.count()).select_from(of)).scalar_one() for of in (refusal_runs, run_refusals)
        ]
    assert left == [0, 0]


@pytest.mark.parametrize(
    ("emails", "few"),
    [
        (in_turn(30, 1), True),
        (in_turn(30, 2), True),
        (in_turn(30, 3), False),
        (["a@orange.fr", "b@Wanadoo.fr", "c@d.example", "d@D.example"], True),
        (["a@orange.fr", "b@gmail.com", "c@d.example"], False),
    ],
)
def test_a_mailing_with_one_or_two_domains_is_known_as_one(tmp_path: Path, emails: list[str], few: bool) -> None:
    """The domains of one provider are one."""
    ledger = ready(tmp_path, readers=emails)
    with read_only(ledger.engine).connect() as connection:
        assert few_domains(connection, ledger.mailing) is few
    with ledger.engine.begin() as connection:
        connection.execute(delete(deliveries))
        assert few_domains(connection, ledger.mailing)


@pytest.mark.parametrize(
    ("code", "accepted", "effect"), [(451, 3, Effect.PAUSED), (451, 40, Effect.NONE), (503, 40, Effect.PAUSED)]
)
def test_who_is_given_up_counts_unless_many_others_were_accepted_meanwhile(
    tmp_path: Path, code: int, accepted: int, effect: Effect
) -> None:
    """Dead servers are given up together, when nothing else of the mailing is left; they do not say 503."""
    ledger, claims = mailing_to(tmp_path, in_turn(50, 5))
    with ledger.engine.begin() as connection:
        others = deliveries.c.id.in_([claimed.id for claimed in claims[10 : 10 + accepted]])
        connection.execute(update(deliveries).where(others).values(state="accepted", changed_at=db_now()))
    given_up = judge(Phase.RCPT, Reply(code, None, "no answer"), Retry([timedelta(hours=1)], 1))
    effects = []
    for claimed in claims[:10]:
        report = RefusalReport(domain_of(claimed.inputs.email or "", ""), waited=given_up.waited)
        with ledger.engine.begin() as connection:
            effects += settle(connection, [Settlement(claimed, given_up, report)])
    assert effects == [Effect.NONE] * 9 + [effect]
