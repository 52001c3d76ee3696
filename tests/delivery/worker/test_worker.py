"""The worker against a relay on a real socket."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import dkim
import pytest
from sqlalchemy import Connection, select, update
from sqlalchemy.exc import OperationalError

from composer.database import db_now, read_only
from composer.delivery.control import cancel, pause, resume
from composer.delivery.ledger import claims as ledger_gates
from composer.delivery.ledger import workers
from composer.delivery.ledger.claims import Claimed, Settlement
from composer.delivery.ledger.mailings import outcomes
from composer.delivery.ledger.messages import MailingTemplates, MessageInputs, build_message, mailing_templates
from composer.delivery.ledger.refusal_runs import Effect
from composer.delivery.tables import deliveries, mailings
from composer.delivery.tables import workers as workers_table
from composer.delivery.worker.worker import Worker
from composer.message.dkim import new_key, public_record
from composer.subscribers import unsubscribe
from tests.delivery.support.fake_relay import SILENCE, at, listening, once
from tests.delivery.support.sample_ledger import Ready, ready, states
from tests.delivery.support.sample_newsroom import SECRET

pytestmark = pytest.mark.usefixtures("each_engine")


async def run(ledger: Ready, **options: object) -> None:
    """A worker, until nothing is left to do."""
    worker = Worker(ledger.engine, ledger.room, SECRET, poll=0.05, **options)  # type: ignore[arg-type] # reason: as given
    await asyncio.wait_for(worker.run(asyncio.Event(), until_idle=True), 30)


async def test_one_message_reaches_the_relay_and_the_ledger_says_so(tmp_path: Path) -> None:
    async with listening() as relay:
        ledger = ready(tmp_path, relay.port)
        await run(ledger)
        assert outcomes(ledger.engine, ledger.mailing) == {"accepted": 1}
        assert relay.accepted == ["anne@example.org"]
        assert b"Subject: La digue tiendra\r\n" in relay.messages["anne@example.org"]
        assert states(ledger.engine) == {"anne@example.org": "accepted"}


async def test_a_deferred_reader_is_tried_again_and_accepted(tmp_path: Path) -> None:
    async with listening(once("RCPT", b"450 4.2.1 busy")) as relay:
        ledger = ready(tmp_path, relay.port, retry=["0s"])
        await run(ledger)
        assert states(ledger.engine) == {"anne@example.org": "accepted"}
        assert relay.asked["RCPT", "anne@example.org"] == 2


async def test_connections_are_reused_capped_in_number_and_replaced_in_time(tmp_path: Path) -> None:
    readers = [f"reader{number}@example.org" for number in range(12)]
    async with listening() as relay:
        ledger = ready(tmp_path, relay.port, readers, connections=2, per_connection=3)
        await run(ledger)
        assert sorted(relay.accepted) == sorted(readers)
        assert 4 <= relay.connections <= 5  # twelve messages, three on each; the last two may share unevenly
        assert relay.most_at_once <= 2


@pytest.mark.parametrize("step", ["GREETING", "EHLO", "MAIL", "RCPT", "DATA"])
async def test_a_worker_that_is_stopped_does_not_wait_for_a_relay_that_is_silent(step: str, tmp_path: Path) -> None:
    """Where no dot was written: nothing is in flight, and the message is queued with all its retries."""
    async with listening(at(step, SILENCE)) as relay:
        ledger = ready(tmp_path, relay.port, ["reader@example.org"], connections=1)
        stop = asyncio.Event()
        running = asyncio.create_task(Worker(ledger.engine, ledger.room, SECRET, poll=0.05).run(stop))
        await relay.reached[step].wait()
        stop.set()
        await asyncio.wait_for(running, 20)  # the shortest limit of these steps is 60 s
        assert set(states(ledger.engine).values()) == {"queued"}


async def test_the_rate_holds_over_all_connections(tmp_path: Path) -> None:
    readers = [f"reader{number}@example.org" for number in range(6)]
    async with listening() as relay:
        ledger = ready(tmp_path, relay.port, readers, connections=3, per_second=20)
        begun = asyncio.get_running_loop().time()
        await run(ledger)
        assert asyncio.get_running_loop().time() - begun >= 5 / 20


@pytest.mark.slow
async def test_who_unsubscribes_while_the_body_travels_gets_no_dot(tmp_path: Path) -> None:
    def leave(step: str, address: str) -> bytes | None:
        if step == "DATA":
            with ledger.engine.begin() as connection:
                unsubscribe(connection, ledger.subscriptions[0], "one-click")
        return None

    async with listening(leave) as relay:
        ledger = ready(tmp_path, relay.port)
        await run(ledger)
        assert states(ledger.engine) == {"anne@example.org": "suppressed"}
        assert relay.accepted == []


async def test_a_mailing_paused_under_way_stops_and_goes_on(tmp_path: Path) -> None:
    readers = [f"reader{number}@example.org" for number in range(20)]

    def after_five(step: str, address: str) -> bytes | None:
        if step == "DOT" and len(relay.accepted) == 4:
            pause(ledger.engine, ledger.mailing)
        return None

    async with listening(after_five) as relay:
        ledger = ready(tmp_path, relay.port, readers, connections=2)
        await run(ledger)
        assert 5 <= len(relay.accepted) <= 6  # one may have been in flight on the other connection
        assert set(outcomes(ledger.engine, ledger.mailing)) == {"accepted", "queued"}
        resume(ledger.engine, ledger.mailing)
        await run(ledger)
        assert sorted(relay.accepted) == sorted(readers)


async def test_staging_is_asked_again_before_each_message(tmp_path: Path) -> None:
    """A copy of the production database, mailing under way, in a newsroom that may write to one address: it pauses.

    Nobody is suppressed for it: on the machine that only forgot to read its configuration again, all would be lost.
    """
    async with listening() as relay:
        ledger = ready(tmp_path, relay.port, ["anne@example.org", "boris@example.org"])
        settings = ledger.room.settings.model_copy(update={"only_to": ("anne@example.org",)})
        ledger.room = replace(ledger.room, settings=settings)
        await run(ledger)
        assert states(ledger.engine)["boris@example.org"] == "queued"
        assert set(relay.accepted) <= {"anne@example.org"}
        with read_only(ledger.engine).connect() as connection:
            mailing = connection.execute(select(mailings)).one()
        assert mailing.state == "paused"
        assert "only_to" in mailing.reason


async def test_the_log_holds_no_address_at_info(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def script(step: str, address: str) -> bytes | None:
        if step != "RCPT" or address.startswith("chloe"):
            return None
        code = b"550 5.1.1" if address.startswith("anne") else b"450 4.2.1"
        return code + b" <" + address.encode() + b">: " + address.split("@")[0].encode() + b" is unknown"

    async with listening(script) as relay:
        readers = ["anne.martin@example.org", "boris@example.org", "chloe@example.org"]
        ledger = ready(tmp_path, relay.port, readers, retry=[])
        await run(ledger)
        assert sorted(states(ledger.engine).values()) == ["accepted", "rejected", "rejected"]
    logged = capsys.readouterr().out
    assert "5.1.1" in logged
    assert "given up" in logged
    for trace in ("anne", "boris", "chloe", "@"):
        assert trace not in logged


@pytest.mark.slow
async def test_a_rebuilt_message_is_the_bytes_that_were_sent(tmp_path: Path) -> None:
    (tmp_path / "dkim.pem").write_bytes(pem := new_key())
    async with listening() as relay:
        ledger = ready(tmp_path, relay.port, dkim=True)
        await run(ledger)
        sent = relay.messages["anne@example.org"]
    with read_only(ledger.engine).connect() as connection:
        row = connection.execute(select(deliveries)).one()
        written = MessageInputs(row.mailing_id, row.edition_id, row.subscriber_id, row.subscription_id, row.email)
        again = build_message(mailing_templates(connection, ledger.mailing, lambda: pem, SECRET), written, SECRET)
    assert again.content == sent
    assert again.envelope.mail_from.endswith("@retours.example.org")
    record = public_record(pem).encode()
    assert dkim.verify(sent, dnsfunc=lambda *_name, **_options: record)


async def test_two_workers_share_a_mailing_and_send_each_message_once(tmp_path: Path) -> None:
    readers = [f"reader{number:02d}@example.org" for number in range(60)]
    async with listening() as relay:
        ledger = ready(tmp_path, relay.port, readers)
        await asyncio.gather(run(ledger), run(ledger))
        assert sorted(relay.accepted) == readers


async def test_a_worker_taken_for_dead_begins_again_and_sends_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its heartbeats stopped (a suspended machine, say) while a message was in flight and others were claimed."""
    monkeypatch.setattr(workers, "HEARTBEAT", 0.05)

    def bury(step: str, address: str) -> bytes | None:
        if step == "DOT" and len(relay.accepted) == 2:
            with ledger.engine.begin() as connection:
                connection.execute(update(workers_table).values(stopped_at=db_now()))
                assert workers.sweep_dead(connection)[1] == 1
        return None

    readers = [f"reader{number:02d}@example.org" for number in range(10)]
    async with listening(bury) as relay:
        ledger = ready(tmp_path, relay.port, readers, connections=1)
        await run(ledger)
        assert sorted(relay.accepted) == readers
        assert set(states(ledger.engine).values()) == {"accepted"}  # the late reply settled the doubt


async def test_a_worker_that_begins_again_writes_no_dot_for_what_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It gives its row up while a mark of that row is being committed: from there on others may take it for dead."""
    monkeypatch.setattr(workers, "HEARTBEAT", 0.05)
    real = ledger_gates.mark

    def mark(connection: Connection, claims: Sequence[Claimed]) -> Callable[[], list[bool]]:
        if not begun:
            begun.append(True)
            worker._registration.id = 999
        return real(connection, claims)

    begun: list[bool] = []
    monkeypatch.setattr(ledger_gates, "mark", mark)
    async with listening() as relay:
        ledger = ready(tmp_path, relay.port)
        worker = Worker(ledger.engine, ledger.room, SECRET, poll=0.05)
        await asyncio.wait_for(worker.run(asyncio.Event(), until_idle=True), 30)
        assert states(ledger.engine) == {"anne@example.org": "accepted"}
        assert relay.accepted == ["anne@example.org"]
        assert relay.asked["DATA", "anne@example.org"] == 2
    assert "no-dot-written" in capsys.readouterr().out


@pytest.mark.slow
async def test_no_dot_is_written_before_the_outcome_of_the_message_before_is_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though recording it failed once, alone, and the next mark did not: a crash leaves one doubt a connection."""
    real, failures, found = ledger_gates.settle, 1, []

    def settle(connection: Connection, settlements: Sequence[Settlement]) -> list[Effect]:
        nonlocal failures
        failures -= 1
        if failures >= 0:
            raise OperationalError("UPDATE", {}, sqlite3.OperationalError("disk I/O error"))
        return real(connection, settlements)

    def look(step: str, address: str) -> bytes | None:
        if step == "DOT" and address.startswith("boris"):
            found.append(states(ledger.engine)["anne@example.org"])
        return None

    monkeypatch.setattr(ledger_gates, "settle", settle)
    async with listening(look) as relay:
        ledger = ready(tmp_path, relay.port, ["anne@example.org", "boris@example.org"], connections=1)
        unhurried = Worker(ledger.engine, ledger.room, SECRET, poll=2)  # no claim to fail with it
        await asyncio.wait_for(unhurried.run(asyncio.Event(), until_idle=True), 30)
        assert relay.accepted == ["anne@example.org", "boris@example.org"]
    assert found == ["accepted"]


async def test_a_database_that_comes_back_costs_no_outcome(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, failures = ledger_gates.settle, 2

    def settle(connection: Connection, settlements: Sequence[Settlement]) -> list[Effect]:
        nonlocal failures
        failures -= 1
        if failures >= 0:
            raise OperationalError("UPDATE", {}, sqlite3.OperationalError("disk I/O error"))
        return real(connection, settlements)

    monkeypatch.setattr(ledger_gates, "settle", settle)
    async with listening() as relay:
        ledger = ready(tmp_path, relay.port)
        await run(ledger)
        assert states(ledger.engine) == {"anne@example.org": "accepted"}
        assert relay.accepted == ["anne@example.org"]


@pytest.mark.slow
@pytest.mark.parametrize("gate", ["composer.delivery.limits.rate_limits.claim", "composer.delivery.ledger.claims.mark"])
async def test_a_gate_whose_commit_went_through_and_whose_answer_was_lost_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gate: str
) -> None:
    """The server went away at COMMIT: nobody can know whether it was done, and it was."""
    module, _, name = gate.rpartition(".")
    real = getattr(import_module(module), name)
    passed: list[object] = []

    def noted(*given: object, **named: object) -> object:
        answer = real(*given, **named)
        passed.extend([answer] if callable(answer) else answer)
        return answer

    def commit(connection: Any) -> None:
        connection.commit()
        if passed and not lost:
            lost.extend(passed)
            raise dialect.loaded_dbapi.OperationalError("the server closed the connection unexpectedly")

    lost: list[object] = []
    monkeypatch.setattr(gate, noted)
    async with listening() as relay:
        ledger = ready(tmp_path, relay.port, ["anne@example.org", "boris@example.org"], connections=1)
        dialect = ledger.engine.dialect
        monkeypatch.setattr(dialect, "do_commit", commit)
        await run(ledger)
        assert lost
        assert outcomes(ledger.engine, ledger.mailing) == {"accepted": 2}
        assert sorted(relay.accepted) == ["anne@example.org", "boris@example.org"]


@pytest.mark.slow
async def test_a_worker_forgets_the_letters_of_a_mailing_that_somebody_else_closed(tmp_path: Path) -> None:
    """Months of mailings would be in its memory; each host closes some."""

    def cancelled(step: str, address: str) -> bytes | None:
        if step == "MAIL" and not stopped:
            stopped.append(address)
            cancel(ledger.engine, ledger.mailing)
        return None

    stopped: list[str] = []
    async with listening(cancelled) as relay:
        ledger = ready(tmp_path, relay.port)
        stop = asyncio.Event()
        working = asyncio.create_task(Worker(ledger.engine, ledger.room, SECRET, poll=0.05).run(stop))
        async with asyncio.timeout(20):
            while not stopped or _in_memory(MailingTemplates):  # noqa: ASYNC110 # reason: another task's memory
                await asyncio.sleep(0.05)
        stop.set()
        await working
        assert outcomes(ledger.engine, ledger.mailing) == {"cancelled": 1}


def _in_memory(kind: type) -> int:
    return sum(isinstance(one, kind) for one in gc.get_objects())
