"""Retention: what leaves the ledger is counted, and what must stay does."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from datetime import date as Date
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, Table, delete, event, func, insert, select, update

from composer.approval.freeze import approve
from composer.approval.model import Sealed
from composer.approval.translations import whole_verdict
from composer.delivery.ledger import retention, workers
from composer.delivery.ledger.folded import taken
from composer.delivery.ledger.listing import ids
from composer.delivery.ledger.mailings import counts
from composer.delivery.ledger.resend import choose, resend
from composer.delivery.state import OPEN, MailingState, State
from composer.delivery.tables import (
    deliveries,
    mailing_counts,
    mailing_editions,
    mailing_retention,
    mailings,
    sweeps,
)
from composer.delivery.tables import workers as workers_table
from composer.errors import Refused
from composer.newsroom import load_newsroom
from composer.newsroom.model import Newsroom
from composer.newsroom.retention import Retention
from composer.subscribers.tables import consents, subscribers, subscriptions, suppressions
from tests.delivery.support.sample_ledger import Reader, add_readers, engine, opened, ready
from tests.delivery.support.sample_newsroom import newsroom
from tests.support.newsrooms import FRIDAY, write_issue, write_newsroom

NOW = datetime.now(UTC)
KEPT: tuple[Table, ...] = (suppressions, consents, subscribers, subscriptions)


@dataclass(frozen=True)
class Letter:
    """A mailing that ended ``months`` ago, with a delivery in each of ``states``."""

    state: MailingState
    months: int
    states: tuple[State, ...]

    @property
    def held(self) -> bool:
        over = self.state in (MailingState.DONE, MailingState.CANCELLED)
        return not over or any(state in (*OPEN, State.IN_DOUBT) for state in self.states)


LETTERS = st.lists(
    st.builds(
        Letter,
        st.sampled_from(MailingState),
        st.sampled_from((0, 11, 13, 35, 37, 50)),
        st.lists(st.sampled_from(State), max_size=8).map(tuple)
        | st.lists(st.sampled_from((State.ACCEPTED, State.REJECTED)), max_size=8).map(tuple),
    ),
    max_size=4,
)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of three rows, so that a small ledger takes many."""
    monkeypatch.setattr(retention, "BATCH", 3)


def written(made: Engine, letters: list[Letter]) -> list[int]:
    """A ledger of ``letters`` in place of the one before; the mailings' ids."""
    ids = []
    with made.begin() as connection:
        for table in (mailing_counts, mailing_retention, deliveries, mailing_editions, mailings):
            connection.execute(delete(table))
        people = connection.execute(select(subscriptions.c.id, subscriptions.c.subscriber_id)).all()
        for number, letter in enumerate(letters):
            values = {
                "publication": "vendredi", "date": Date(2020, 1, 1) + timedelta(days=number),
                "subject": "s", "seal": "0", "state": letter.state, "dated": NOW,
                "secret_fingerprint": "0", "return_domain": "example.org",
                "closed_at": retention.months_before(NOW, letter.months),
            }  # fmt: skip
            mailing = connection.execute(insert(mailings).values(**values).returning(mailings.c.id)).scalar_one()
            edition = insert(mailing_editions).values(
                mailing_id=mailing, audience="free", language="fr", template=b"frozen"
            )
            edition_id = connection.execute(edition.returning(mailing_editions.c.id)).scalar_one()
            for state, person in zip(letter.states, people, strict=False):
                connection.execute(
                    insert(deliveries).values(
                        mailing_id=mailing, edition_id=edition_id, subscriber_id=person.subscriber_id,
                        subscription_id=person.id, email="a@example.org", reply_text="said", state=state,
                    )
                )  # fmt: skip
            ids.append(mailing)
    return ids


def all_of(made: Engine, table: Table) -> list[tuple[Any, ...]]:
    with made.connect() as connection:
        return [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]


def counted(made: Engine, ids: list[int]) -> dict[int, dict[str, int]]:
    with made.connect() as connection:
        return counts(connection, ids)


def rows_of(made: Engine, mailing: int) -> list[Any]:
    with made.connect() as connection:
        return list(
            connection.execute(select(deliveries).where(deliveries.c.mailing_id == mailing).order_by(deliveries.c.id))
        )


def swept(made: Engine, room: Newsroom, most: int | None = None) -> Counter[str]:
    """What a sweep took; with ``most``, one that is killed after so many transactions."""
    total: Counter[str] = Counter()
    for step in islice(retention.steps(made, room), most):
        total += step
    return total


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Engine]:
    made = engine(tmp_path)
    ids = add_readers(made, [Reader(f"reader{number}@example.org") for number in range(8)])
    with made.begin() as connection:
        connection.execute(insert(suppressions).values(address_key="k", reason="manual"))
        connection.execute(insert(consents).values(subscription_id=ids[0], source="salon", at=NOW))
    yield made
    made.dispose()


@pytest.mark.slow
@pytest.mark.usefixtures("each_engine", "small")
def test_whatever_the_ledger_and_wherever_it_is_killed_counts_are_conserved_and_what_must_stay_does(
    made: Engine, tmp_path: Path
) -> None:
    room = newsroom(tmp_path)
    stays = [all_of(made, table) for table in KEPT]

    @settings(max_examples=40, suppress_health_check=list(HealthCheck))
    @given(LETTERS, st.integers(0, 12))
    def holds(letters: list[Letter], killed_after: int) -> None:
        ids = written(made, letters)
        before, held = (
            counted(made, ids),
            {mailing: rows_of(made, mailing) for mailing, letter in zip(ids, letters, strict=True) if letter.held},
        )
        with made.connect() as connection:
            foreseen = retention.due(connection, room)
        first = swept(made, room, killed_after)
        assert counted(made, ids) == before
        total = first + swept(made, room)
        assert counted(made, ids) == before
        for what in ("addresses", "rows", "mailings", "editions"):
            assert total[what] == foreseen[what], what
        for mailing, letter in zip(ids, letters, strict=True):
            found = rows_of(made, mailing)
            if letter.held:
                assert found == held[mailing]
            elif letter.months > 36:
                assert found == []
            elif letter.months > 12:
                assert [(row.email, row.reply_text) for row in found] == [(None, None)] * len(letter.states)
            else:
                assert [row.email for row in found] == ["a@example.org"] * len(letter.states)
        assert [all_of(made, table) for table in KEPT] == stays
        assert len(all_of(made, mailings)) == len(all_of(made, mailing_editions)) == len(letters)
        assert not swept(made, room)

    holds()


@pytest.mark.usefixtures("each_engine", "small")
def test_a_letter_that_somebody_turns_meanwhile_is_left_alone(made: Engine, tmp_path: Path) -> None:
    room, settled = newsroom(tmp_path), (State.ACCEPTED,) * 7
    (mailing,) = written(made, [Letter(MailingState.DONE, 40, settled)])
    steps = retention.steps(made, room)
    assert next(steps) == Counter(rows=3, addresses=3)
    last = rows_of(made, mailing)[-1].id
    with made.begin() as connection:
        connection.execute(update(deliveries).where(deliveries.c.id == last).values(state="in_doubt"))
    assert not sum(steps, Counter())
    assert len(rows_of(made, mailing)) == 4
    assert counted(made, [mailing]) == {mailing: {"accepted": 6, "in_doubt": 1}}


@pytest.mark.usefixtures("each_engine")
def test_never_means_never(made: Engine, tmp_path: Path) -> None:
    room = newsroom(tmp_path)
    kept_for_ever = room.settings.model_copy(
        update={"retention": Retention.model_validate({"addresses": "never", "rows": "jamais"})}
    )
    written(made, [Letter(MailingState.DONE, 50, (State.ACCEPTED,) * 3)])
    assert not swept(made, replace(room, settings=kept_for_ever))


@pytest.mark.usefixtures("each_engine")
def test_nothing_is_sent_again_once_addresses_have_begun_to_leave(tmp_path: Path) -> None:
    mailing = (start := ready(tmp_path)).mailing
    with start.engine.begin() as connection:
        connection.execute(update(deliveries).values(state=State.REJECTED))
        connection.execute(update(mailings).values(state="done", closed_at=retention.months_before(NOW, 13)))
    assert swept(start.engine, start.room)["addresses"] == 1
    found = ids(start.engine, mailing)
    with pytest.raises(Refused, match="nothing of it is sent again"):
        choose(start.engine, mailing, found)
    with start.engine.connect() as connection:
        assert (gone := taken(connection, mailing)) is not None
        assert (gone.rows, gone.folded) == (0, None)
    with pytest.raises(Refused, match="retention"):
        resend(start.engine, mailing, found)
    start.engine.dispose()


@pytest.mark.usefixtures("each_engine")
def test_a_frozen_edition_goes_only_while_its_approval_lies_whole_in_the_folder(tmp_path: Path) -> None:
    root = write_newsroom(tmp_path)
    path = write_issue(root, "vendredi", FRIDAY)
    room = load_newsroom(root)
    approve(path, room, "Odile")
    approved = whole_verdict(path, room)
    assert isinstance(approved, Sealed)
    made = engine(tmp_path)
    add_readers(made, [Reader("anne@example.org")])
    assert opened(made, room, approved.seal) is not None
    with made.begin() as connection:
        connection.execute(update(deliveries).values(state=State.ACCEPTED))
        connection.execute(update(mailings).values(state="done", closed_at=retention.months_before(NOW, 37)))
    aside = shutil.move(path.with_suffix(".sealed"), tmp_path / "aside")
    assert swept(made, room) == Counter(rows=1, addresses=1, mailings=1)
    shutil.copytree(aside, path.with_suffix(".sealed"))
    (path.with_suffix(".sealed") / "free.fr.txt").write_text("damaged")
    assert not swept(made, room)
    shutil.rmtree(path.with_suffix(".sealed"))
    shutil.move(aside, path.with_suffix(".sealed"))
    path.write_text(path.read_text() + "\n# changed since\n")
    assert swept(made, room) == Counter(editions=2)
    assert all_of(made, mailing_editions) == []
    made.dispose()


@pytest.mark.usefixtures("each_engine")
def test_workers_go_once_they_are_long_dead_and_no_row_names_them(made: Engine, tmp_path: Path) -> None:
    long_ago = NOW - timedelta(days=31)
    with made.begin() as connection:
        named, forgotten, last = (workers.join(connection) for _ in range(3))
        connection.execute(update(workers_table).values(stopped_at=long_ago, heartbeat_at=long_ago))
        connection.execute(
            update(workers_table).where(workers_table.c.id == last).values(heartbeat_at=long_ago + timedelta(hours=1))
        )
    written(made, [Letter(MailingState.DONE, 1, (State.ACCEPTED,))])
    with made.begin() as connection:
        connection.execute(update(deliveries).values(worker_id=named))
    assert swept(made, newsroom(tmp_path)) == Counter(workers=1)
    assert [row[0] for row in all_of(made, workers_table)] == [named, last]
    assert forgotten not in (named, last)


@pytest.mark.usefixtures("each_engine")
def test_a_used_ledger_has_thirty_days_notice_and_who_asks_has_none(made: Engine) -> None:
    with made.begin() as connection:
        times = retention.times(connection)
        assert times is not None
        assert times.begun, "a new database begins at once"
        retention.begin(connection, retention.NOTICE_PERIOD)
        waits = retention.times(connection)
        assert waits is not None
        assert timedelta(days=29) < waits.begins - waits.now < timedelta(days=31)
        connection.execute(delete(sweeps))
        assert retention.times(connection) is None
        retention.begin(connection)
        now = retention.times(connection)
        assert now is not None
        assert now.begun


@pytest.mark.parametrize(("state", "waits"), [("queued", True), ("in_flight", True), ("deferred", False)])
def test_it_waits_while_letters_leave(made: Engine, state: str, waits: bool) -> None:
    written(made, [Letter(MailingState.SENDING, 0, (State(state),))])
    with made.connect() as connection:
        assert retention.must_wait(connection) is waits


def test_no_step_reads_a_whole_mailing(made: Engine, tmp_path: Path) -> None:
    """Each is reached through UNIQUE(mailing_id, subscriber_id): a million rows cost a thousand times a thousand."""
    written(
        made, [Letter(MailingState.DONE, 40, (State.ACCEPTED,) * 3), Letter(MailingState.DONE, 20, (State.REJECTED,))]
    )
    plans: list[str] = []

    def explain(_c: Any, cursor: Any, statement: str, parameters: Any, _x: Any, _m: Any) -> None:
        if statement.startswith(("DELETE FROM deliveries", "UPDATE deliveries")):
            found = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            plans.append(found[0][-1])

    event.listen(made, "before_cursor_execute", explain)
    swept(made, newsroom(tmp_path))
    assert len(plans) == 2
    assert all("autoindex" in plan and "subscriber_id>? AND subscriber_id<?" in plan for plan in plans), plans


@pytest.mark.parametrize(
    ("instant", "months", "then"),
    [("2026-03-31", 1, "2026-02-28"), ("2026-01-15", 12, "2025-01-15"), ("2024-02-29", 36, "2021-02-28")],
)
def test_months_are_of_the_calendar(instant: str, months: int, then: str) -> None:
    assert retention.months_before(datetime.fromisoformat(instant), months) == datetime.fromisoformat(then)


def test_the_counts_are_those_that_mailings_shows(made: Engine, tmp_path: Path) -> None:
    (mailing,) = written(made, [Letter(MailingState.CANCELLED, 40, (State.ACCEPTED, State.CANCELLED, State.ACCEPTED))])
    swept(made, newsroom(tmp_path))
    assert counted(made, [mailing]) == {mailing: {"accepted": 2, "cancelled": 1}}
    with made.connect() as connection:
        assert connection.execute(select(func.count()).select_from(deliveries)).scalar_one() == 0
        gone = taken(connection, mailing)
        assert gone is not None
        assert gone.rows == 3
        assert gone.folded is not None
