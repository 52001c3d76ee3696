"""Claims that hold to the paces: whatever the number of workers, on both engines."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Integer, event, func, insert, literal_column, select, text, true, update

from composer.database import db_now, read_only
from composer.delivery.control import pause, resume
from composer.delivery.ledger import workers
from composer.delivery.ledger.claims import Claimed, Settlement, claim, mark, settle
from composer.delivery.limits.rate_limits import ClaimBatch, RateLimits, quiet_rates
from composer.delivery.providers import groups
from composer.delivery.smtp.reply import Phase, Reply, Retry, Throttle, judge
from composer.delivery.smtp.reply_table import ReplyMeaning
from composer.delivery.tables import deliveries, paces
from composer.errors import Refused
from composer.newsroom.model import Newsroom, Provider, Relay
from composer.newsroom.relay import WarmUp
from tests.delivery.support.sample_ledger import Reader, Ready, add_readers, opened, ready
from tests.delivery.support.sample_ledger import engine as engine_in
from tests.delivery.support.sample_newsroom import newsroom

pytestmark = pytest.mark.usefixtures("each_engine")

HALL, COURT = "hall", "court"
BOTH = {HALL: 1000, COURT: 1000}


def room_with(ledger: Ready, *relays: Relay) -> Newsroom:
    return replace(ledger.room, settings=ledger.room.settings.model_copy(update={"relays": relays}))


def joined(engine: Engine) -> int:
    with engine.begin() as connection:
        return workers.join(connection)


def claimed(
    engine: Engine, room: Newsroom, worker: int, count: int = 100, relays: dict[str, int] | None = None
) -> ClaimBatch:
    with engine.begin() as connection:
        return RateLimits(room).claim(connection, relays or BOTH, worker, count)


def by_relay(harvest: ClaimBatch) -> dict[str, Counter[str]]:
    """Relay → provider → how many."""
    return {taken.relay.key: Counter(one.provider for one in taken.claims) for taken in harvest.taken if taken.claims}


def strained(
    engine: Engine, room: Newsroom, provider: str, means: ReplyMeaning, lasts: timedelta, relay: str = HALL
) -> None:
    with engine.begin() as connection:
        RateLimits(room).strained(connection, Throttle(relay, provider, means, lasts), "450 no", 64.0)


def accept(engine: Engine, claims: Sequence[Claimed]) -> None:
    with engine.begin() as connection:
        assert all(mark(connection, claims)())
        kept = judge(Phase.DOT, Reply(250, None, ""), Retry())
        settle(connection, [Settlement(one, kept) for one in claims])


def readers(**counts: int) -> list[str]:
    """``gmail=3``: three readers with gmail.com."""
    domains = {"gmail": "gmail.com", "orange": "wanadoo.fr", "sfr": "neuf.fr", "others": "example.org"}
    return [f"r{number}@{domains[name]}" for name, count in counts.items() for number in range(count)]


def rows(engine: Engine) -> int:
    with read_only(engine).connect() as connection:
        return connection.execute(select(func.count()).select_from(paces)).scalar_one()


def test_the_opening_says_whose_mailbox_each_is(tmp_path: Path) -> None:
    addresses = ["a@orange.fr", "b@WANADOO.fr", "c@notorange.fr", "d@sub.orange.fr", "e@gmail.com", "f@bbox.fr"]
    ledger = ready(tmp_path, readers=addresses)
    with read_only(ledger.engine).connect() as connection:
        found = connection.execute(select(deliveries.c.provider).order_by(deliveries.c.subscriber_id)).scalars().all()
    assert found == ["orange", "orange", "", "", "gmail", "bouygues"]


def test_the_newsroom_s_own_providers_win_over_the_shipped_ones(tmp_path: Path) -> None:
    own = {"town": Provider(domains=("Example.org",), connections=1), "gmail": Provider(connections=9)}
    own["rest"] = Provider(domains=("wanadoo.fr",))
    found = groups(
        replace(newsroom(tmp_path), settings=newsroom(tmp_path).settings.model_copy(update={"providers": own}))
    )
    assert found["town"].domains == {"example.org"}
    assert found["gmail"].connections == 9
    assert "gmail.com" in found["gmail"].domains
    assert found["orange"].domains == {"orange.fr"}
    assert found["rest"].connections is None


def test_a_provider_s_name_may_be_as_long_as_the_configuration_lets_it(tmp_path: Path) -> None:
    """64 characters; PostgreSQL counts them."""
    town, made = "t" * 64, engine_in(tmp_path)
    room = newsroom(tmp_path, shape_providers=True)
    own = {town: Provider(domains=("ville.example",), connections=1, per_second=9)}
    room = replace(room, settings=room.settings.model_copy(update={"providers": own}))
    add_readers(made, [Reader(f"reader{number}@ville.example") for number in range(3)])
    opened(made, room)
    (taken,) = claimed(made, room, joined(made), relays={room.settings.relays[0].key: 9}).taken
    assert [one.provider for one in taken.claims] == [town]


def test_without_limits_claims_leave_no_trace_and_take_everybody_in_turn(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=readers(gmail=2, orange=2, others=2))
    room = room_with(ledger, Relay(name=HALL), Relay(name=COURT))
    first = claimed(ledger.engine, room, joined(ledger.engine), count=3)
    assert by_relay(first) == {HALL: {"gmail": 2, "orange": 1}}  # as they come, not provider after provider
    assert rows(ledger.engine) == 0


@pytest.mark.slow
def test_however_many_workers_claim_no_more_than_the_rate_is_taken(tmp_path: Path) -> None:
    rate, number = 40, 4
    ledger = ready(tmp_path, readers=readers(others=200))
    room = room_with(ledger, Relay(name=HALL, per_second=rate))
    ids = [joined(ledger.engine) for _ in range(number)]
    begun = time.monotonic()

    def busily(worker: int) -> int:
        taken = 0
        while time.monotonic() - begun < 1:
            taken += sum(len(one.claims) for one in claimed(ledger.engine, room, worker, 50).taken)
        return taken

    with ThreadPoolExecutor(number) as threads:
        taken = sum(threads.map(busily, ids))
    assert 0 < taken <= rate * (time.monotonic() - begun) + 1


def test_a_paced_claim_says_when_there_is_more(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=readers(others=3))
    room = room_with(ledger, Relay(name=HALL, per_second=0.5))
    worker = joined(ledger.engine)
    assert by_relay(claimed(ledger.engine, room, worker)) == {HALL: {"": 1}}
    harvest = claimed(ledger.engine, room, worker)
    assert by_relay(harvest) == {}
    assert harvest.wait is not None
    assert 1.0 < harvest.wait <= 2.0


def test_no_more_messages_are_under_way_to_a_provider_than_it_bears_over_all_workers(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=readers(orange=5, gmail=7, others=3))
    room = room_with(ledger, Relay(name=HALL, shape_providers=True))
    one, other = joined(ledger.engine), joined(ledger.engine)
    first = claimed(ledger.engine, room, one)
    assert by_relay(first) == {HALL: {"orange": 2, "gmail": 5, "": 3}}
    assert by_relay(claimed(ledger.engine, room, other)) == {}
    orange = [each for taken in first.taken for each in taken.claims if each.provider == "orange"]
    accept(ledger.engine, orange[:1])
    again = claimed(ledger.engine, room, other)
    assert by_relay(again) == {HALL: {"orange": 1}}
    assert again.wait is not None  # for the others that are under way


def test_a_relay_that_shapes_by_itself_gets_everybody_at_once(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=readers(orange=5, gmail=7))
    room = room_with(ledger, Relay(name=HALL))
    assert by_relay(claimed(ledger.engine, room, joined(ledger.engine))) == {HALL: {"orange": 5, "gmail": 7}}


def test_a_blocked_provider_waits_alone_and_its_readers_stay_queued(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=readers(sfr=3, gmail=2, others=1))
    room = room_with(ledger, Relay(name=HALL))
    strained(ledger.engine, room, "sfr", ReplyMeaning.BLOCKED, timedelta(hours=2))
    worker = joined(ledger.engine)
    assert by_relay(claimed(ledger.engine, room, worker)) == {HALL: {"gmail": 2, "": 1}}
    with read_only(ledger.engine).connect() as connection:
        (row,) = quiet_rates(connection)
        counters = select(deliveries.c.state, deliveries.c.attempt, deliveries.c.deferrals)
        left = connection.execute(counters.where(deliveries.c.provider == "sfr")).all()
    assert (row.relay, row.provider, row.means, row.reason) == (HALL, "sfr", "blocked", "450 no")
    assert set(left) == {("queued", 0, 0)}
    with ledger.engine.begin() as connection:
        connection.execute(update(paces).values(quiet_until=db_now(-1)))
    assert by_relay(claimed(ledger.engine, room, worker)) == {HALL: {"sfr": 3}}
    assert rows(ledger.engine) == 0  # nothing to remember: the next claims do not even look


def test_a_deferred_delivery_of_a_blocked_provider_waits_as_well(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=readers(sfr=1, gmail=1))
    with ledger.engine.begin() as connection:
        connection.execute(update(deliveries).values(state="deferred", not_before=db_now(-60)))
    room = room_with(ledger, Relay(name=HALL))
    strained(ledger.engine, room, "sfr", ReplyMeaning.BLOCKED, timedelta(hours=2))
    assert by_relay(claimed(ledger.engine, room, joined(ledger.engine))) == {HALL: {"gmail": 1}}


def test_what_is_quiet_at_one_relay_goes_through_the_next(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=readers(sfr=3, gmail=2))
    room = room_with(ledger, Relay(name=HALL), Relay(name=COURT))
    strained(ledger.engine, room, "sfr", ReplyMeaning.BLOCKED, timedelta(hours=2))
    assert by_relay(claimed(ledger.engine, room, joined(ledger.engine))) == {HALL: {"gmail": 2}, COURT: {"sfr": 3}}


def test_a_quiet_relay_hands_everybody_to_the_next(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=readers(sfr=3, gmail=2))
    room = room_with(ledger, Relay(name=HALL), Relay(name=COURT))
    strained(ledger.engine, room, "", ReplyMeaning.CONFIGURATION, timedelta(hours=1))
    assert by_relay(claimed(ledger.engine, room, joined(ledger.engine))) == {COURT: {"sfr": 3, "gmail": 2}}


def test_a_relay_at_its_rate_does_not_hand_over(tmp_path: Path) -> None:
    """The order is a preference, and a rate is no trouble: the second relay is for when the first does not work."""
    ledger = ready(tmp_path, readers=readers(others=5))
    room = room_with(ledger, Relay(name=HALL, per_second=0.1), Relay(name=COURT))
    assert by_relay(claimed(ledger.engine, room, joined(ledger.engine))) == {HALL: {"": 1}}
    assert by_relay(claimed(ledger.engine, room, joined(ledger.engine))) == {}


def test_a_new_relay_gets_its_first_day_s_messages_and_the_next_one_the_others(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=readers(others=8))
    room = room_with(ledger, Relay(name=HALL, warm_up=WarmUp(first_day=3)), Relay(name=COURT))
    worker = joined(ledger.engine)
    assert by_relay(claimed(ledger.engine, room, worker, 2)) == {HALL: {"": 2}}
    assert by_relay(claimed(ledger.engine, room, worker, 2)) == {HALL: {"": 1}}
    assert by_relay(claimed(ledger.engine, room, worker, 2)) == {COURT: {"": 2}}


def test_a_relay_that_is_being_tried_again_gets_one_message_and_the_next_the_others(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=readers(others=4))
    worker, tried = joined(ledger.engine), {HALL: 1, COURT: 1000}
    room = room_with(ledger, Relay(name=HALL), Relay(name=COURT))
    assert by_relay(claimed(ledger.engine, room, worker, 2, tried)) == {HALL: {"": 1}, COURT: {"": 1}}
    shaped = room_with(ledger, Relay(name=HALL, shape_providers=True), Relay(name=COURT))
    assert by_relay(claimed(ledger.engine, shaped, worker, 2, tried)) == {HALL: {"": 1}, COURT: {"": 1}}


def test_throttling_slows_every_worker_and_is_forgotten_when_it_is_over(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=readers(gmail=9, others=9))
    room = room_with(ledger, Relay(name=HALL))
    strained(ledger.engine, room, "gmail", ReplyMeaning.THROTTLED, timedelta(0))
    with read_only(ledger.engine).connect() as connection:
        row = connection.execute(select(paces)).one()
    assert (row.rate, row.base, row.means) == (32.0, 64.0, "throttled")
    found = by_relay(claimed(ledger.engine, room, joined(ledger.engine), 18))[HALL]
    assert found[""] == 9
    assert found["gmail"] <= 1  # a token may have come meanwhile
    with ledger.engine.begin() as connection:
        assert quiet_rates(connection) == []
        long_ago = {name: db_now(-90_000) for name in ("throttled_at", "grown_at", "refilled_at")}
        connection.execute(update(paces).values(**long_ago))
    claimed(ledger.engine, room, joined(ledger.engine), 1)
    assert rows(ledger.engine) == 0


def test_readers_of_a_group_taken_out_of_the_configuration_are_not_forgotten(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=readers(others=2, sfr=1))
    with ledger.engine.begin() as connection:
        connection.execute(update(deliveries).where(deliveries.c.provider == "").values(provider="town"))
    room = room_with(ledger, Relay(name=HALL))
    strained(ledger.engine, room, "sfr", ReplyMeaning.BLOCKED, timedelta(hours=2))
    assert by_relay(claimed(ledger.engine, room, joined(ledger.engine))) == {HALL: {"town": 2}}


def test_who_resumes_a_paused_mailing_has_mended_our_configuration_but_lifts_no_block(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=readers(gmail=1, sfr=1))
    room = room_with(ledger, Relay(name=HALL))
    strained(ledger.engine, room, "gmail", ReplyMeaning.CONFIGURATION, timedelta(hours=1))
    strained(ledger.engine, room, "sfr", ReplyMeaning.BLOCKED, timedelta(hours=2))
    pause(ledger.engine, ledger.mailing)
    resume(ledger.engine, ledger.mailing)
    assert by_relay(claimed(ledger.engine, room, joined(ledger.engine))) == {HALL: {"gmail": 1}}


def test_who_resumes_a_mailing_that_is_being_sent_wants_everybody_asked_again(tmp_path: Path) -> None:
    ledger = ready(tmp_path, readers=readers(gmail=1, sfr=1))
    room = room_with(ledger, Relay(name=HALL))
    with pytest.raises(Refused):
        resume(ledger.engine, ledger.mailing)  # nothing waits for anybody
    strained(ledger.engine, room, "sfr", ReplyMeaning.BLOCKED, timedelta(hours=2))
    resume(ledger.engine, ledger.mailing)
    assert by_relay(claimed(ledger.engine, room, joined(ledger.engine))) == {HALL: {"gmail": 1, "sfr": 1}}


def plans(ledger: Ready, each_engine: str, connection: Connection) -> list[str]:
    """How claims find their rows: those of anybody (deferred, queued), and those of one provider (the same)."""
    said: list[str] = []

    def explained(_connection: object, cursor: Any, statement: str, parameters: object, *_rest: object) -> None:
        if statement.startswith("WITH chosen"):
            own = cursor.connection.cursor()
            own.execute(("EXPLAIN QUERY PLAN " if each_engine == "sqlite" else "EXPLAIN ") + statement, parameters)
            said.append(str(own.fetchall()))
            own.close()

    event.listen(ledger.engine, "before_cursor_execute", explained)
    worker = workers.join(connection)
    claim(connection, worker, 1)
    claim(connection, worker, 1, ["orange"])
    event.remove(ledger.engine, "before_cursor_execute", explained)
    return said


def many_more(connection: Connection) -> None:
    """Rows enough for PostgreSQL to think about it."""
    connection.execute(text("ALTER TABLE deliveries DISABLE TRIGGER ALL"))
    given = {
        "subscriber_id": deliveries.c.subscriber_id + literal_column("n", Integer),
        "provider": literal_column("(ARRAY['gmail', 'orange', ''])[1 + n % 3]"),
    }
    columns = [column for column in deliveries.c if column.name != "id"]
    copies = select(*(given.get(column.name, column).label(column.name) for column in columns)).select_from(
        deliveries.join(text("generate_series(1, 20000) AS n"), true())
    )
    connection.execute(insert(deliveries).from_select([column.name for column in columns], copies))
    connection.execute(text("ANALYZE deliveries"))


def test_only_claims_after_a_provider_use_its_index(tmp_path: Path, each_engine: str) -> None:
    """With it, a claim that is not after one would take provider after provider; without it, it would read them all."""
    ledger = ready(tmp_path, readers=readers(gmail=1))
    with ledger.engine.begin() as connection:
        if each_engine == "postgresql":
            many_more(connection)
        said = plans(ledger, each_engine, connection)
    assert ["ix_deliveries_queued" in plan for plan in said] == [False, False, False, True]
    assert ["ix_deliveries_deferred" in plan for plan in said] == [True, False, True, False]
