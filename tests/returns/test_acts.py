"""What follows from a judged message: once a delivery and kind, on both engines."""

from __future__ import annotations

from datetime import date as Date
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, update

from composer.database import db_now, read_only
from composer.delivery.metrics import exposition
from composer.delivery.state import State
from composer.delivery.tables import deliveries, mailings
from composer.issue.model import IssueKey
from composer.returns.acts import SOFT_BOUNCES, act_on
from composer.returns.hard_bounces import FEW, believe_held, held_by_provider
from composer.returns.identity import Identity
from composer.returns.judgement import BounceClass, Cause, Judgement, ReturnKind
from composer.returns.late import move_late
from composer.returns.metrics import ReturnsCollector
from composer.returns.purging import blank_provider, purge_returned
from composer.returns.return_act import ReturnAct
from composer.returns.tables import returned
from composer.subscribers.tables import subscribers, subscriptions, suppressions
from tests.delivery.support.sample_ledger import Ready, opened, ready, seal

pytestmark = pytest.mark.usefixtures("each_engine")

HARD = Judgement(ReturnKind.BOUNCE, Cause.UNKNOWN, bounce_class=BounceClass.HARD)
SOFT = Judgement(ReturnKind.BOUNCE, Cause.QUOTA, bounce_class=BounceClass.SOFT)
CLOSED = Judgement(ReturnKind.BOUNCE, Cause.DISABLED, bounce_class=BounceClass.SOFT)
POLICY = Judgement(ReturnKind.BOUNCE, Cause.REFUSED, bounce_class=BounceClass.POLICY)
COMPLAINT = Judgement(ReturnKind.COMPLAINT, Cause.REPORTED)
LEAVE = Judgement(ReturnKind.UNSUBSCRIBE, Cause.LEAVES)
AWAY = Judgement(ReturnKind.AUTO_REPLY, Cause.AUTOMATIC)


class Ledger:
    """A mailing of which every letter was accepted."""

    def __init__(self, root: Path, readers: int = 1) -> None:
        self.of: Ready = ready(root, readers=[f"reader{number}@orange.fr" for number in range(readers)])
        self.engine = self.of.engine
        self._accept()
        with read_only(self.engine).connect() as connection:
            self.readers = list(connection.execute(select(subscribers.c.id).order_by(subscribers.c.id)).scalars())

    def _accept(self) -> None:
        with self.engine.begin() as connection:
            connection.execute(update(deliveries).where(deliveries.c.state == "queued").values(state=State.ACCEPTED))

    def mailing(self, day: int, days_ago: float) -> int:
        """One more mailing, opened so long ago."""
        key = IssueKey("vendredi", Date(2026, 10, day))
        number = opened(self.engine, self.of.room, seal(key), key)
        assert number is not None
        self._accept()
        with self.engine.begin() as connection:
            before = db_now(-timedelta(days=days_ago).total_seconds())
            connection.execute(update(mailings).where(mailings.c.id == number).values(opened_at=before))
        return number

    def act(self, judgement: Judgement, reader: int = 0, mailing: int | None = None) -> ReturnAct:
        with self.engine.begin() as connection:
            return act_on(connection, judgement, Identity(self.readers[reader], mailing or self.of.mailing))

    def suppressed(self) -> dict[int, str]:
        """Reader's place → why nothing is sent to them."""
        key = suppressions.c.address_key == subscribers.c.address_key
        with read_only(self.engine).connect() as connection:
            rows = connection.execute(select(subscribers.c.id, suppressions.c.reason).where(key))
            return {self.readers.index(reader): reason for reader, reason in rows}

    def state(self) -> str:
        with read_only(self.engine).connect() as connection:
            first = select(deliveries.c.state).where(deliveries.c.mailing_id == self.of.mailing)
            return str(connection.execute(first.order_by(deliveries.c.id).limit(1)).scalar_one())


@pytest.mark.parametrize(
    ("judgement", "act", "state", "reason"),
    [
        (HARD, ReturnAct.SUPPRESSED, State.BOUNCED, "hard-bounce"),
        (SOFT, ReturnAct.NOTED, State.BOUNCED, None),
        (POLICY, ReturnAct.NOTED, State.BOUNCED, None),
        (COMPLAINT, ReturnAct.SUPPRESSED, State.COMPLAINED, "complaint"),
        (LEAVE, ReturnAct.UNSUBSCRIBED, State.ACCEPTED, None),
        (AWAY, ReturnAct.NONE, State.ACCEPTED, None),
    ],
)
def test_a_message_acts_once(
    judgement: Judgement, act: ReturnAct, state: State, reason: str | None, tmp_path: Path
) -> None:
    ledger = Ledger(tmp_path)
    assert ledger.act(judgement) is act
    assert ledger.state() == state
    assert ledger.suppressed() == ({0: reason} if reason else {})
    assert ledger.act(judgement) is (ReturnAct.NONE if judgement is AWAY else ReturnAct.AGAIN)
    with read_only(ledger.engine).connect() as connection:
        left = connection.execute(select(subscriptions.c.unsubscribed_by)).scalar_one()
    assert left == ("mail" if judgement is LEAVE else None)


def test_a_complaint_after_a_bounce_is_a_complaint_and_no_delivery_of_ours_is_none(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    assert ledger.act(SOFT) is ReturnAct.NOTED
    assert ledger.act(COMPLAINT) is ReturnAct.SUPPRESSED
    assert ledger.state() == State.COMPLAINED
    assert ledger.act(HARD, mailing=999) is ReturnAct.UNKNOWN


def set_to(ledger: Ledger, state: State) -> None:
    with ledger.engine.begin() as connection:
        connection.execute(update(deliveries).values(state=state))


@pytest.mark.parametrize(("judgement", "state"), [(POLICY, State.BOUNCED), (COMPLAINT, State.COMPLAINED)])
def test_what_comes_back_of_a_letter_in_doubt_says_that_it_was_out(
    judgement: Judgement, state: State, tmp_path: Path
) -> None:
    ledger = Ledger(tmp_path)
    set_to(ledger, State.IN_DOUBT)
    ledger.act(judgement)
    assert ledger.state() == state


@pytest.mark.parametrize(
    ("judgements", "state"),
    [
        ((SOFT,), State.BOUNCED),
        ((COMPLAINT,), State.COMPLAINED),
        ((HARD, COMPLAINT), State.COMPLAINED),
        ((LEAVE,), None),
    ],
)
def test_what_came_back_before_the_acceptance_was_recorded_moves_the_row_after_it(
    judgements: tuple[Judgement, ...], state: State | None, tmp_path: Path
) -> None:
    """A relay on the same host bounces within milliseconds; the database may be away for minutes."""
    ledger = Ledger(tmp_path, readers=2)
    set_to(ledger, State.IN_FLIGHT)
    for judgement in judgements:
        ledger.act(judgement)
    assert ledger.state() == State.IN_FLIGHT
    assert move_late(ledger.engine) == 0
    set_to(ledger, State.ACCEPTED)
    moved = move_late(ledger.engine)
    assert (moved > 0) is (state is not None)
    assert ledger.state() == (state or State.ACCEPTED)
    assert move_late(ledger.engine) == 0
    with read_only(ledger.engine).connect() as connection:
        others = select(deliveries.c.state).where(deliveries.c.subscriber_id == ledger.readers[1])
        assert connection.execute(others).scalar_one() == State.ACCEPTED


def test_what_came_back_is_counted_for_prometheus_by_mailing_kind_and_class(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, readers=4)
    for reader, judgement in enumerate((HARD, HARD, POLICY, COMPLAINT)):
        ledger.act(judgement, reader)
    ledger.act(LEAVE, 0)
    ledger.mailing(9, 0)
    told = exposition(ledger.engine, ReturnsCollector(ledger.engine)).decode()
    assert [line for line in told.splitlines() if line.startswith("filigrane_returned")] == [
        f'filigrane_returned{{class="{bounce_class}",kind="{kind}",mailing="{ledger.of.mailing}"}} {number}'
        for kind, bounce_class, number in (
            ("bounce", "hard", 2.0),
            ("bounce", "policy", 1.0),
            ("complaint", "", 1.0),
            ("unsubscribe", "", 1.0),
        )
    ]


def test_a_provider_that_says_it_of_many_is_not_believed_at_once(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, readers=FEW + 2)
    acts = [ledger.act(HARD, reader) for reader in range(FEW + 2)]
    assert acts == [ReturnAct.SUPPRESSED] * FEW + [ReturnAct.HELD] * 2
    assert ledger.suppressed() == {}
    with ledger.engine.begin() as connection:
        assert held_by_provider(connection) == {"orange": FEW + 2}
        assert believe_held(connection) == 0
        connection.execute(update(returned).values(at=db_now(-49 * 3600)))
    later = ledger.mailing(9, 0)
    with ledger.engine.begin() as connection:
        gone = deliveries.c.mailing_id == later, deliveries.c.subscriber_id != ledger.readers[0]
        connection.execute(update(deliveries).where(*gone).values(state=State.REJECTED))
        assert believe_held(connection) == FEW + 2
        assert held_by_provider(connection) == {}
    assert set(ledger.suppressed()) == set(range(1, FEW + 2))  # a later letter to the first one was accepted


def test_a_provider_that_often_says_it_of_many_is_believed(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, readers=FEW + 2)
    before = ledger.mailing(9, 20)
    with ledger.engine.begin() as connection:
        for reader in ledger.readers[:5]:
            row = insert(returned).values(
                mailing_id=before, subscriber_id=reader, kind="bounce", bounce_class="hard", cause="unknown",
                provider="orange", act="noted", at=db_now(-20 * 86400),
            )  # fmt: skip
            connection.execute(row)
    assert {ledger.act(HARD, reader) for reader in range(FEW + 2)} == {ReturnAct.SUPPRESSED}


@pytest.mark.parametrize("act", [ReturnAct.HELD, ReturnAct.FREED])
def test_a_day_that_was_not_believed_does_not_make_the_next_one_usual(act: ReturnAct, tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, readers=FEW + 2)
    before = ledger.mailing(9, 20)
    with ledger.engine.begin() as connection:
        for reader in ledger.readers:
            row = insert(returned).values(
                mailing_id=before, subscriber_id=reader, kind="bounce", bounce_class="hard", cause="unknown",
                provider="orange", act=act, at=db_now(-20 * 86400),
            )  # fmt: skip
            connection.execute(row)
    acts = [ledger.act(HARD, reader) for reader in range(FEW + 2)]
    assert acts == [ReturnAct.SUPPRESSED] * FEW + [ReturnAct.HELD] * 2


@pytest.mark.parametrize("pays", [False, True])
def test_the_fifth_soft_bounce_in_a_month_suppresses_unless_the_reader_pays(pays: bool, tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    if pays:
        with ledger.engine.begin() as connection:
            connection.execute(update(subscriptions).values(tier="paid"))
    numbers = [ledger.mailing(day, 29 - day) for day in range(1, SOFT_BOUNCES + 1)]
    acts = [ledger.act(SOFT, mailing=number) for number in numbers]
    assert acts == [ReturnAct.NOTED] * 4 + [ReturnAct.LISTED if pays else ReturnAct.SUPPRESSED]
    assert ledger.suppressed() == ({} if pays else {0: "hard-bounce"})


def test_a_letter_that_stayed_between_soft_bounces_begins_anew(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    numbers = [ledger.mailing(day, 29 - day) for day in range(1, SOFT_BOUNCES + 2)]
    acts = [ledger.act(SOFT, mailing=number) for place, number in enumerate(numbers) if place != 3]
    assert acts == [ReturnAct.NOTED] * SOFT_BOUNCES


def test_what_came_back_leaves_with_its_row(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, readers=3)
    assert [ledger.act(SOFT, reader) for reader in range(3)] == [ReturnAct.NOTED] * 3
    with ledger.engine.begin() as connection:
        assert purge_returned(connection, 10) == 0
        connection.execute(delete(deliveries).where(deliveries.c.subscriber_id != ledger.readers[1]))
        assert [purge_returned(connection, 1) for _time in range(3)] == [1, 1, 0]
        assert connection.execute(select(returned.c.subscriber_id)).scalars().all() == [ledger.readers[1]]
    assert ledger.act(COMPLAINT, 0) is ReturnAct.SUPPRESSED  # its row is gone, its reader is not


def test_of_a_forgotten_reader_no_digest_of_their_domain_stays(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, readers=2)
    with ledger.engine.begin() as connection:
        connection.execute(update(deliveries).values(provider="", email="anne@chez-nous.example"))
    for reader in (0, 1):
        assert ledger.act(HARD, reader) is ReturnAct.SUPPRESSED
    with ledger.engine.begin() as connection:
        connection.execute(update(returned).values(act=ReturnAct.HELD))
    assert blank_provider(ledger.engine, ledger.readers[0]) == 1
    with read_only(ledger.engine).connect() as connection:
        rows = connection.execute(select(returned).order_by(returned.c.subscriber_id)).all()
    assert [(row.provider == "", row.act) for row in rows] == [(True, "freed"), (False, "held")]


def test_a_mailbox_that_is_closed_a_week_later_still_is_gone(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    first, second = ledger.mailing(1, 20), ledger.mailing(9, 12)
    assert ledger.act(CLOSED, mailing=first) is ReturnAct.NOTED
    assert ledger.act(CLOSED, mailing=second) is ReturnAct.NOTED
    with ledger.engine.begin() as connection:
        connection.execute(update(returned).values(at=db_now(-8 * 86400)))
    assert ledger.act(CLOSED) is ReturnAct.SUPPRESSED
