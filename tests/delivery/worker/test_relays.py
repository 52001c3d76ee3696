"""Several relays: the next one takes over, and the first is tried again; what is in doubt goes through no other."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from composer.database import db_now, read_only
from composer.delivery.control import resume
from composer.delivery.ledger.mailings import outcomes
from composer.delivery.limits.rate_limits import quiet_rates
from composer.delivery.smtp.session import Timeouts
from composer.delivery.tables import deliveries, mailings, paces
from composer.delivery.worker.worker import Worker
from composer.newsroom.model import Relay
from composer.subscribers.tables import suppressions
from tests.delivery.support.fake_relay import HANG_UP, at, listening
from tests.delivery.support.fake_relay import Relay as FakeRelay
from tests.delivery.support.sample_ledger import Ready, ready, states
from tests.delivery.support.sample_newsroom import SECRET

READERS = [f"reader{number:02d}@example.org" for number in range(30)]
MIXED = [f"r{number}@{domain}" for number in range(5) for domain in ("gmail.com", "neuf.fr", "example.org")]


def through(folder: Path, *ports: int, readers: list[str] = READERS, **relay: object) -> Ready:
    """A mailing in a newsroom with relays on these ports, in this order: hall, court."""
    ledger = ready(folder, readers=readers)
    common = {"host": "127.0.0.1", "security": "none", "connections": 2, "ehlo": "essai.example"} | relay
    both = tuple(
        Relay.model_validate(common | {"name": name, "port": port})
        for name, port in zip(("hall", "court"), ports, strict=False)
    )
    ledger.room = replace(ledger.room, settings=ledger.room.settings.model_copy(update={"relays": both}))
    return ledger


def worker(ledger: Ready, **options: object) -> Worker:
    return Worker(ledger.engine, ledger.room, SECRET, poll=0.05, **options)  # type: ignore[arg-type] # reason: as given


async def run(ledger: Ready, **options: object) -> None:
    await asyncio.wait_for(worker(ledger, **options).run(asyncio.Event(), until_idle=True), 30)


async def run_until(ledger: Ready, enough: Callable[[], bool]) -> None:
    """A worker that is stopped when that is true, though there is more to do."""
    stop = asyncio.Event()
    running = asyncio.create_task(worker(ledger).run(stop))
    async with asyncio.timeout(30):
        while not enough():  # noqa: ASYNC110 # reason: what the relays and the database hold
            await asyncio.sleep(0.02)
    stop.set()
    await running


async def closed_port() -> int:
    async with listening() as gone:
        return gone.port


async def test_the_preferred_relay_gets_everything(tmp_path: Path) -> None:
    async with listening() as hall, listening() as court:
        ledger = through(tmp_path, hall.port, court.port)
        await run(ledger)
        assert sorted(hall.accepted) == READERS
        assert court.connections == 0


async def test_the_next_relay_takes_over_from_one_that_cannot_be_reached(tmp_path: Path) -> None:
    async with listening() as court:
        ledger = through(tmp_path, await closed_port(), court.port)
        await run(ledger)
        assert sorted(court.accepted) == READERS
        with read_only(ledger.engine).connect() as connection:
            assert set(connection.execute(select(deliveries.c.deferrals)).scalars()) == {0}


@pytest.mark.slow
async def test_a_relay_that_comes_back_is_the_preferred_one_again(tmp_path: Path) -> None:
    down = True

    def script(step: str, address: str) -> bytes | None:
        return HANG_UP if down and step == "GREETING" else None

    def first_five(step: str, address: str) -> bytes | None:
        nonlocal down
        if step == "DOT" and len(court.accepted) >= 5:
            down = False
        return None

    async with listening(script) as hall, listening(first_five) as court:
        ledger = through(tmp_path, hall.port, court.port, readers=[f"r{n}@example.org" for n in range(600)])
        await run(ledger)
        assert len(hall.accepted) > 0
        assert sorted(hall.accepted + court.accepted) == sorted(f"r{n}@example.org" for n in range(600))


@pytest.mark.slow
async def test_what_is_in_hand_for_a_relay_that_dies_goes_through_the_other(tmp_path: Path) -> None:
    """All of it at once: a letter at each knock, and the pause between two doubles, would take hours."""
    readers = [f"r{number}@example.org" for number in range(600)]

    def script(step: str, address: str) -> bytes | None:
        return HANG_UP if step in ("GREETING", "MAIL") and len(hall.accepted) >= 200 else None

    async with listening(script) as hall, listening() as court:
        ledger = through(tmp_path, hall.port, court.port, readers=readers)
        await run(ledger)
        assert sorted(hall.accepted + court.accepted) == sorted(readers)
        assert len(court.accepted) >= 390  # all but those whose dot was under way


@pytest.mark.slow
async def test_a_doubt_at_one_relay_is_not_sent_through_the_other(tmp_path: Path) -> None:
    """The first dies of each message, after the dot: what it may have is never offered to another relay."""
    async with listening(at("DOT", HANG_UP)) as hall, listening() as court:
        ledger = through(tmp_path, hall.port, court.port)
        await run(ledger)
        found = states(ledger.engine)
        doubtful = {address for address, state in found.items() if state == "in_doubt"}
        assert doubtful == set(hall.accepted)
        assert doubtful.isdisjoint(court.accepted)
        assert doubtful | set(court.accepted) == set(READERS)
        assert Counter(hall.accepted + court.accepted).most_common(1)[0][1] == 1


@pytest.mark.slow
async def test_a_relay_that_refuses_our_configuration_is_left_for_the_next_one_and_the_mailing_goes_on(
    tmp_path: Path,
) -> None:
    async with listening(at("MAIL", b"530 5.7.0 authentication required")) as hall, listening() as court:
        ledger = through(tmp_path, hall.port, court.port)
        await run(ledger)
        assert sorted(court.accepted) == READERS
        with read_only(ledger.engine).connect() as connection:
            (row,) = quiet_rates(connection)
            assert connection.execute(select(mailings.c.state)).scalar_one() == "done"
            assert set(connection.execute(select(deliveries.c.deferrals)).scalars()) == {0}
        assert (row.relay, row.provider, row.means) == ("hall", "", "configuration")
        assert "530" in row.reason
        assert hall.asked["MAIL", ""] <= 8  # those that were on their way, and not one a reader


@pytest.mark.parametrize(
    ("step", "what"), [("RCPT", HANG_UP), ("RCPT", b"503 5.5.1 what?"), ("MAIL", b"421 4.7.0 too many messages")]
)
async def test_no_reader_is_the_one_with_whom_an_ill_relay_is_tried_again_and_again(
    tmp_path: Path, step: str, what: bytes
) -> None:
    """Who is deferred comes first, and would use up every retry there while the other relay sends."""
    async with listening(at(step, what)) as hall, listening() as court:
        ledger = through(tmp_path, hall.port, court.port)
        settings = ledger.room.settings.model_copy(update={"retry": (timedelta(0),)})
        ledger.room = replace(ledger.room, settings=settings)
        await run(ledger)
        assert sorted(court.accepted) == READERS


@pytest.mark.parametrize("refusal", [b"554 the bridge is up", b"550 5.1.1 user unknown"])
@pytest.mark.parametrize("step", ["RCPT", "DOT"])
async def test_a_relay_that_refuses_one_reader_after_another_is_left_for_the_next_one(
    tmp_path: Path, step: str, refusal: bytes, each_engine: str
) -> None:
    """Nobody is refused for it, or suppressed. Where the next one does the same, the mailing pauses."""
    readers = [f"r{number}@{town}.example" for number in range(20) for town in ("est", "ouest", "nord")]
    async with listening(at(step, refusal)) as hall, listening() as court:
        ledger = through(tmp_path, hall.port, court.port, readers=readers)
        await run(ledger)
        assert sorted(court.accepted) == sorted(readers)
        assert sum(number for (of, _), number in hall.asked.items() if of == step) <= 44  # twenty, each twice at most
        with read_only(ledger.engine).connect() as connection:
            (row,) = quiet_rates(connection)
            assert connection.execute(select(mailings.c.state)).scalar_one() == "done"
            assert connection.execute(select(suppressions)).all() == []
        assert (row.relay, row.means) == ("hall", "configuration")
        assert row.reason.startswith("the relay ")


async def test_two_relays_that_refuse_one_reader_after_another_pause_the_mailing(tmp_path: Path) -> None:
    readers = [f"r{number}@{town}.example" for number in range(20) for town in ("est", "ouest", "nord")]
    async with listening(at("RCPT", b"554 closed")) as hall, listening(at("RCPT", b"554 closed")) as court:
        ledger = through(tmp_path, hall.port, court.port, readers=readers)
        await run(ledger)
        assert outcomes(ledger.engine, ledger.mailing) == {"queued": 60}
        with read_only(ledger.engine).connect() as connection:
            assert connection.execute(select(mailings.c.state)).scalar_one() == "paused"
            assert connection.execute(select(suppressions)).all() == []


async def test_where_every_relay_refuses_us_the_mailing_waits_and_resuming_asks_them_all_again(tmp_path: Path) -> None:
    mended = False

    def script(step: str, address: str) -> bytes | None:
        return b"530 5.7.0 authentication required" if step == "MAIL" and not mended else None

    async with listening(script) as hall, listening(script) as court:
        ledger = through(tmp_path, hall.port, court.port)
        await run(ledger)
        assert outcomes(ledger.engine, ledger.mailing) == {"queued": 30}
        with read_only(ledger.engine).connect() as connection:
            assert connection.execute(select(mailings.c.state)).scalar_one() == "paused"
        mended = True
        resume(ledger.engine, ledger.mailing)
        await run(ledger)
        assert sorted(hall.accepted) == READERS  # the preferred one: nobody waits for its hour to be over


@pytest.mark.parametrize("reply", [b"450 4.7.1 SFR_IN_101", b"550 5.7.26 unauthenticated", b"550 5.7.515 no"])
async def test_a_provider_that_shuts_us_out_waits_alone_and_no_reader_pays_for_it(
    tmp_path: Path, reply: bytes, each_engine: str
) -> None:
    shut = "neuf.fr"

    def script(step: str, address: str) -> bytes | None:
        return reply if step == "RCPT" and address.endswith(shut) else None

    async with listening(script) as hall:
        ledger = through(tmp_path, hall.port, readers=MIXED)
        others = [address for address in MIXED if not address.endswith(shut)]
        await run_until(ledger, lambda: len(hall.accepted) == len(others))
        assert sorted(hall.accepted) == sorted(others)
        with read_only(ledger.engine).connect() as connection:
            rows = connection.execute(select(deliveries).where(deliveries.c.provider == "sfr")).all()
            assert {(row.state, row.deferrals) for row in rows} == {("queued", 0)}
            assert connection.execute(select(mailings.c.state)).scalar_one() == "sending"
            (row,) = quiet_rates(connection)
            assert (row.relay, row.provider) == ("hall", "sfr")


async def test_what_is_over_the_block_is_sent_after_all(tmp_path: Path) -> None:
    blocked = True

    def script(step: str, address: str) -> bytes | None:
        return b"550 5.2.0 Mail rejete. OFR_506" if blocked and step == "DOT" else None

    async with listening(script) as hall:
        ledger = through(tmp_path, hall.port, readers=[f"r{n}@orange.fr" for n in range(12)])
        await run_until(
            ledger, lambda: bool(hall.asked["DOT", "r0@orange.fr"]) and outcomes(ledger.engine, 1) == {"queued": 12}
        )
        blocked = False
        with ledger.engine.begin() as connection:
            assert connection.execute(update(paces).values(quiet_until=db_now(-1))).rowcount == 1
        await run(ledger)
        assert set(states(ledger.engine).values()) == {"accepted"}


@pytest.mark.slow
async def test_a_relay_that_throttles_is_sent_to_more_slowly_and_nobody_s_retries_are_used_up(tmp_path: Path) -> None:
    refused = 0

    def script(step: str, address: str) -> bytes | None:
        nonlocal refused
        if step != "DATA" or refused >= 3:
            return None
        refused += 1
        return b"454 Throttling failure: Maximum sending rate exceeded."

    async with listening(script) as hall:
        ledger = through(tmp_path, hall.port)
        await run_until(ledger, lambda: refused >= 3 and bool(hall.accepted))
        with read_only(ledger.engine).connect() as connection:
            row = connection.execute(select(paces)).one()
            deferred = connection.execute(select(deliveries).where(deliveries.c.state == "deferred")).all()
        assert row.rate is not None
        assert (row.relay, row.provider, row.means) == ("hall", "", "throttled")
        assert len(deferred) == 3
        assert {one.deferrals for one in deferred} == {0}


@pytest.mark.slow
async def test_a_provider_s_cap_holds_over_all_connections_of_all_workers(tmp_path: Path, each_engine: str) -> None:
    at_once = most = 0

    def script(step: str, address: str) -> bytes | None:
        nonlocal at_once, most
        if address.endswith("orange.fr"):
            at_once += {"RCPT": 1, "DOT": -1}.get(step, 0)
            most = max(most, at_once)
        return None

    async with listening(script) as hall:
        addresses = [f"r{n}@{domain}" for n in range(20) for domain in ("orange.fr", "example.org")]
        ledger = through(tmp_path, hall.port, readers=addresses, connections=4, shape_providers=True)
        await asyncio.gather(run(ledger), run(ledger))
        assert sorted(hall.accepted) == sorted(addresses)
        assert 1 <= most <= 2


@pytest.mark.slow
async def test_a_silent_relay_does_not_keep_the_other_one_from_sending(tmp_path: Path) -> None:
    """A server that takes connections and says nothing: one message at a time tries it, everybody else goes on."""
    async with listening(at("GREETING", b"<silence>")) as hall, listening() as court:
        ledger = through(tmp_path, hall.port, court.port)
        await run(ledger, timeouts=Timeouts(connect=0.5))
        assert sorted(court.accepted) == READERS


async def test_a_relay_that_turns_us_away_is_asked_no_more_and_somebody_hears_of_it(tmp_path: Path) -> None:
    """At the greeting, for what we are: it is quiet for all workers, and the other one takes over."""
    async with listening(at("GREETING", b"554 5.7.25 no PTR record")) as hall, listening() as court:
        ledger = through(tmp_path, hall.port, court.port)
        await run(ledger)
        assert sorted(court.accepted) == READERS
        with read_only(ledger.engine).connect() as connection:
            (one,) = quiet_rates(connection)
        assert (one.relay, one.means) == ("hall", "configuration")
        assert "no PTR record" in one.reason
        assert hall.connections <= 4


@pytest.mark.slow
async def test_a_relay_stopped_in_mid_mailing_loses_nobody_and_gets_the_rest_once_it_is_started_again(
    tmp_path: Path,
) -> None:
    readers = [f"r{number:03d}@example.org" for number in range(300)]
    stop = asyncio.Event()

    async def enough(relay: FakeRelay, count: int) -> None:
        async with asyncio.timeout(30):
            while len(relay.accepted) < count:  # noqa: ASYNC110 # reason: what the relay holds
                await asyncio.sleep(0.01)

    async with listening(pause=0.02) as court:
        async with listening(pause=0.02) as hall:
            ledger = through(tmp_path, hall.port, court.port, readers=readers)
            running = asyncio.create_task(worker(ledger).run(stop, until_idle=True))
            await enough(hall, 20)
        await enough(court, 20)
        async with listening(port=hall.port) as again:
            await enough(again, 20)
            await asyncio.wait_for(running, 30)
            found = states(ledger.engine)
            kept = hall.accepted + court.accepted + again.accepted
    doubtful = {address for address, state in found.items() if state == "in_doubt"}
    assert len(doubtful) <= 2  # hall's connections
    assert {address for address, state in found.items() if state == "accepted"} == set(readers) - doubtful
    assert len(kept) == len(set(kept))
    assert set(kept) | doubtful == set(readers)
