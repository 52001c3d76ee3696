"""Relays that behave oddly, on real sockets: nobody twice, nobody lost, nobody blamed, and what is said is true."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from composer import locale
from composer.database import read_only
from composer.delivery.limits.temporary_refusals import IN_A_ROW
from composer.delivery.limits.token_bucket import Limits, RateState
from composer.delivery.smtp import reply
from composer.delivery.smtp.session import Timeouts
from composer.delivery.tables import deliveries, mailings, paces
from composer.delivery.worker.circuit_breaker import UNKNOWN_IN_A_ROW
from composer.subscribers.tables import suppressions
from tests.delivery.support.odd_relay import Conversation, OddRelay, Over
from tests.delivery.support.sample_ledger import Ready, ready, states
from tests.delivery.worker.test_relays import run, run_until, through

pytestmark = pytest.mark.slow
HASTY = Timeouts(connect=5, command=5, data=5, body=5, dot=5, quit=1)
TOWNS = ["amont.example", "aval.example", "ile.example", "port.example"]


def readers(count: int, domains: Sequence[str] = TOWNS) -> list[str]:
    return [f"reader{number}@{domains[number % len(domains)]}" for number in range(count)]


def mailing(ledger: Ready) -> tuple[str, str]:
    """The mailing's state and its reason."""
    with read_only(ledger.engine).connect() as connection:
        row = connection.execute(select(mailings)).one()
        return row.state, row.reason or ""


def suppressed(ledger: Ready) -> int:
    with read_only(ledger.engine).connect() as connection:
        return len(connection.execute(select(suppressions)).all())


def counted(ledger: Ready) -> dict[str, int]:
    found = list(states(ledger.engine).values())
    return {state: found.count(state) for state in set(found)}


class Forgetful(OddRelay):
    """Takes every message, and hangs up on every second one instead of saying so."""

    async def dot(self, talk: Conversation) -> None:
        self.kept[talk.reader] += 1
        if talk.messages % 2 == 0:
            raise Over
        await talk.say("250 2.0.0 kept")


async def test_a_relay_that_leaves_one_message_after_another_in_doubt_stops_the_mailing(tmp_path: Path) -> None:
    """Half the list would be in doubt otherwise, in a mailing that ends as done."""
    relay = Forgetful()
    async with relay.listening():
        ledger = ready(tmp_path, relay.port, readers(80))
        await run(ledger, timeouts=HASTY)
    state, reason = mailing(ledger)
    assert state == "paused"
    assert reason.startswith("of one message after another nobody knows whether the relay took it")
    assert f"filigrane deliveries {ledger.mailing} --in-doubt" in reason
    assert reason.endswith("The last one: the relay closed the connection")
    found = counted(ledger)
    assert found["in_doubt"] <= 2 * IN_A_ROW + 4
    assert found["queued"] > 20
    assert max(relay.kept.values()) == 1


@pytest.mark.parametrize("line", ["220 other.example ESMTP", "221 2.0.0 bye", "214 2.0.0 see RFC 5321"])
async def test_what_another_server_says_in_the_relay_s_place_accepts_nothing(line: str, tmp_path: Path) -> None:
    """A proxy that has lost its relay in the middle of a message greets with the next one."""

    class Proxy(OddRelay):
        async def dot(self, talk: Conversation) -> None:
            await talk.say(line)

    relay = Proxy()
    async with relay.listening():
        ledger = ready(tmp_path, relay.port, readers(2))
        await run(ledger, timeouts=HASTY)
    with read_only(ledger.engine).connect() as connection:
        found = set(connection.execute(select(deliveries.c.state, deliveries.c.reply_text)).all())
    assert found == {("in_doubt", f"what the relay said is no reply to a message: {line}")}


@pytest.mark.parametrize("shaped", [False, True])
async def test_a_provider_that_knows_none_of_its_readers_is_not_believed_because_others_are_accepted(
    shaped: bool, tmp_path: Path
) -> None:
    class Outage(OddRelay):
        def refusal(self, talk: Conversation) -> str | None:
            gone = talk.reader.endswith("gmail.com")
            return "550 5.1.1 The email account that you tried to reach does not exist" if gone else None

    relay = Outage()
    async with relay.listening():
        addresses = readers(120, ["gmail.com", *TOWNS[:2]])
        ledger = ready(tmp_path, relay.port, addresses, connections=1, shape_providers=shaped)
        await run(ledger)
    assert suppressed(ledger) == 0
    state, reason = mailing(ledger)
    assert (state, reason.partition(" in a row at gmail")[0]) == (
        "paused",
        f"the relay says of {UNKNOWN_IN_A_ROW} readers",
    )
    asked = {line for line in relay.heard if line.startswith("RCPT") and "gmail.com" in line}
    assert UNKNOWN_IN_A_ROW <= len(asked) <= UNKNOWN_IN_A_ROW + 2


@pytest.mark.parametrize("trouble", ["421 4.3.2 not here", "554 5.7.1 no PTR record for this address", ""])
async def test_an_address_of_the_relay_that_serves_nobody_does_not_hide_the_next_one(
    trouble: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Sick(OddRelay):
        async def greet(self, talk: Conversation) -> None:
            if trouble:
                await talk.say(trouble)
            raise Over

    relay, sick = OddRelay(), Sick()
    async with relay.listening(), sick.listening("127.0.0.2", relay.port):
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, relay.port)) for ip in ("127.0.0.2", "127.0.0.1")]
        ledger = ready(tmp_path, relay.port, readers(12), per_connection=3)
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: found)
        await run(ledger, timeouts=HASTY)
    assert counted(ledger) == {"accepted": 12}
    assert sick.connections <= 2  # once a connection; those after it begin with the other address


class OneConnection(OddRelay):
    """Answers one connection at a time, and tells the others so in its way."""

    def __init__(self, way: str) -> None:
        super().__init__()
        self._way = way

    async def greet(self, talk: Conversation) -> None:
        if self.open > 1 and self._way == "reset":
            talk.reset()
        if self.open > 1 and self._way == "554":
            await talk.say("554 5.7.0 too many connections from your address")
            raise Over
        if self.open > 1 and self._way == "close":
            raise Over
        talk.welcome = self.open == 1
        await super().greet(talk)

    async def mail(self, talk: Conversation, line: str) -> None:
        if talk.messages == 1 and not talk.welcome:
            await talk.say("421 4.7.0 too many concurrent sessions")
            raise Over
        await super().mail(talk, line)

    async def dot(self, talk: Conversation) -> None:
        await asyncio.sleep(0.02)
        await super().dot(talk)


@pytest.mark.parametrize("way", ["reset", "close", "554", "421 at MAIL"])
async def test_a_limit_of_connections_told_in_any_way_holds_up_those_beyond_it_alone(way: str, tmp_path: Path) -> None:
    relay = OneConnection(way)
    async with relay.listening():
        ledger = ready(tmp_path, relay.port, readers(100), connections=4)
        await run(ledger, timeouts=HASTY)
    assert counted(ledger) == {"accepted": 100}
    assert relay.connections < 50  # a connection a message, when everybody backed off
    with read_only(ledger.engine).connect() as connection:
        assert connection.execute(select(paces.c.rate)).all() == []


async def test_thirty_deferred_readers_of_one_domain_in_a_row_slow_nobody(tmp_path: Path) -> None:
    class Closed(OddRelay):
        def refusal(self, talk: Conversation) -> str | None:
            return "450 4.3.0 try later" if talk.reader.endswith("closed.example") else None

    relay = Closed()
    async with relay.listening():
        addresses = readers(10) + readers(30, ["closed.example"]) + [f"more-{each}" for each in readers(30)]
        ledger = ready(tmp_path, relay.port, addresses, retry=["1h"], connections=1)
        await run_until(ledger, lambda: relay.kept.total() == 40)
    with read_only(ledger.engine).connect() as connection:
        assert connection.execute(select(paces)).all() == []


async def test_one_reader_who_is_always_too_fast_slows_the_relay_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Jealous(OddRelay):
        def refusal(self, talk: Conversation) -> str | None:
            return "450 4.7.1 too many messages" if talk.reader.startswith("reader3@") else None

    slowed: list[str] = []

    def count(state: RateState, _limits: Limits, _now: datetime, _observed: float, reason: str) -> RateState:
        slowed.append(reason)
        return state

    monkeypatch.setattr(reply, "_SLOWDOWN", timedelta(seconds=0.05))
    monkeypatch.setattr("composer.delivery.limits.token_bucket.throttled", count)
    relay = Jealous()
    async with relay.listening():
        ledger = ready(tmp_path, relay.port, readers(20), connections=1)
        again = "RCPT TO:<reader3@port.example>"
        await run_until(ledger, lambda: relay.kept.total() == 19 and relay.heard.count(again) >= 6)
    assert len(slowed) <= 2  # once more where nothing was accepted between


async def test_an_idle_connection_that_the_relay_closes_costs_no_message_its_turn(tmp_path: Path) -> None:
    """Each message would be claimed twice otherwise, and a configured rate be halved."""

    class Impatient(OddRelay):
        async def dot(self, talk: Conversation) -> None:
            await super().dot(talk)
            await talk.say("421 4.4.2 idle too long")
            raise Over

    relay = Impatient()
    async with relay.listening():
        ledger = ready(tmp_path, relay.port, readers(5), per_second=2.0, connections=1)
        await run(ledger, timeouts=HASTY)
    with read_only(ledger.engine).connect() as connection:
        assert set(connection.execute(select(deliveries.c.state, deliveries.c.attempt)).all()) == {("accepted", 1)}


@pytest.mark.parametrize("refusal", ["501 5.5.4 syntax error", "555 5.5.4 unsupported option"])
async def test_a_relay_that_offers_size_and_refuses_it_gets_mail_without(refusal: str, tmp_path: Path) -> None:
    class Sizeless(OddRelay):
        async def mail(self, talk: Conversation, line: str) -> None:
            talk.welcome = "SIZE" not in line
            await talk.say("250 2.1.0 ok" if talk.welcome else refusal)

        def refusal(self, talk: Conversation) -> str | None:
            return None if talk.welcome else "503 5.5.1 MAIL first"

    relay = Sizeless()
    async with relay.listening():
        ledger = ready(tmp_path, relay.port, readers(4), connections=1)
        await run(ledger)
    assert counted(ledger) == {"accepted": 4}
    assert sum("SIZE" in line for line in relay.heard) == 1


async def test_a_refusal_before_windows_1252_was_given_up_is_understood(tmp_path: Path) -> None:
    class Old(OddRelay):
        async def mail(self, talk: Conversation, line: str) -> None:
            await talk.raw("450 4.7.1 Trop de messages : réessayez\r\n".encode("cp1252"))

    relay = Old()
    async with relay.listening():
        ledger = ready(tmp_path, relay.port, readers(1))
        await run_until(ledger, lambda: len(relay.heard) > 2)
    with read_only(ledger.engine).connect() as connection:
        assert connection.execute(select(paces.c.reason)).scalar() == "450 4.7.1 Trop de messages : réessayez"


async def test_what_is_said_of_a_lost_connection_is_in_the_newsroom_s_language(tmp_path: Path) -> None:
    class Odd(OddRelay):
        async def dot(self, talk: Conversation) -> None:
            await talk.raw(b"250OK kept\r\n")

    relay = Odd()
    locale.use("fr")
    try:
        async with relay.listening():
            ledger = ready(tmp_path, relay.port, readers(1))
            await run(ledger)
    finally:
        locale.use("en")
    with read_only(ledger.engine).connect() as connection:
        said = connection.execute(select(deliveries.c.reply_text)).scalar_one()
    assert said == "ce que le relais a dit n’est pas une réponse SMTP\N{NO-BREAK SPACE}: 250OK kept"


async def test_a_relay_with_an_empty_table_is_not_believed_because_the_other_relay_accepts(tmp_path: Path) -> None:
    """The other one sends to the provider that has shut this one out, meanwhile."""

    class Empty(OddRelay):
        def refusal(self, talk: Conversation) -> str | None:
            return "550 5.7.1 SFR_IN_105" if talk.reader.endswith("neuf.fr") else "550 5.1.1 user unknown"

    empty, well = Empty(), OddRelay()
    async with empty.listening(), well.listening():
        ledger = through(tmp_path, empty.port, well.port, readers=readers(150, ["neuf.fr", *TOWNS]))
        hall, court = ledger.room.settings.relays
        slow = hall.model_copy(update={"per_second": 20.0, "connections": 1})
        settings = ledger.room.settings.model_copy(update={"relays": (slow, court)})
        ledger.room = replace(ledger.room, settings=settings)
        await run(ledger)
    assert well.kept.total() == 150  # the empty one is left for it
    assert suppressed(ledger) == 0


class Balanced(OddRelay):
    """A name behind which several servers answer: every odd connection is to one that refuses all readers."""

    def __init__(self, line: str) -> None:
        super().__init__()
        self._line = line

    def refusal(self, talk: Conversation) -> str | None:
        return self._line if talk.number % 2 else None


async def test_one_server_of_several_that_knows_nobody_is_not_believed_because_another_accepts(tmp_path: Path) -> None:
    relay = Balanced("550 5.1.1 user unknown")
    async with relay.listening():
        ledger = ready(tmp_path, relay.port, readers(100), connections=2)
        await run(ledger)
    assert suppressed(ledger) <= 2  # whom it told so twice
    assert counted(ledger).get("accepted", 0) > 90 or mailing(ledger)[0] == "paused"


@pytest.mark.parametrize("well", [True, False])
async def test_one_server_of_several_that_takes_no_password_stops_no_mailing(
    well: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who resumed it was told so again with the next connection. A password that is refused in a row is wrong."""

    class Strict(OddRelay):
        offers = ("PIPELINING", "AUTH PLAIN")

        async def auth(self, talk: Conversation, line: str) -> None:
            refused = talk.number % 3 == 0 if well else talk.number > 2
            await talk.say("535 5.7.3 Authentication unsuccessful" if refused else "235 2.7.0 welcome")

    monkeypatch.setenv("FILIGRANE_SMTP_PASSWORD", "secret")
    relay = Strict()
    async with relay.listening():
        ledger = ready(tmp_path, relay.port, readers(40), user="gazette", per_connection=5, connections=2)
        await run(ledger, timeouts=HASTY)
    assert mailing(ledger)[0] == ("done" if well else "paused")
    assert counted(ledger) == ({"accepted": 40} if well else {"accepted": 10, "queued": 30})


async def test_one_server_of_several_that_defers_everybody_is_left_for_the_next_connection(tmp_path: Path) -> None:
    relay = Balanced("451 4.3.2 no backend")
    async with relay.listening():
        ledger = ready(tmp_path, relay.port, readers(60), retry=["0s"] * 6, connections=2)
        await run(ledger)
    assert counted(ledger) == {"accepted": 60}


@pytest.mark.parametrize("line", ["503 5.5.1 Error: send HELO/EHLO first", "503 5.5.1 nested MAIL command"])
async def test_a_server_that_was_begun_again_behind_a_proxy_stops_no_mailing(line: str, tmp_path: Path) -> None:
    class Proxy(OddRelay):
        async def mail(self, talk: Conversation, _line: str) -> None:
            await talk.say(line if talk.messages == 4 else "250 2.1.0 ok")

        def refusal(self, talk: Conversation) -> str | None:
            return "503 5.5.1 MAIL first" if talk.messages == 4 else None

    relay = Proxy()
    async with relay.listening():
        ledger = ready(tmp_path, relay.port, readers(20), connections=2)
        await run(ledger)
    assert counted(ledger) == {"accepted": 20}


async def test_a_reply_too_few_in_a_group_refuses_no_sender(tmp_path: Path) -> None:
    """The refusal of the reader would be taken for that of MAIL, and pause the mailing."""

    class Mute(OddRelay):
        async def mail(self, talk: Conversation, line: str) -> None:
            if self.kept.total() != 3 or "muted" in self.heard:
                await talk.say("250 2.1.0 ok")
            else:
                self.heard.append("muted")

        def refusal(self, talk: Conversation) -> str | None:
            return "550 5.1.1 user unknown" if self.heard[-2] == "muted" else None

    relay = Mute()
    async with relay.listening():
        ledger = ready(tmp_path, relay.port, readers(8), connections=1)
        await run(ledger, timeouts=replace(HASTY, data=0.3, command=0.5))
    assert counted(ledger) == {"accepted": 8}


async def test_connections_that_wait_for_a_message_another_one_took_stay_open(tmp_path: Path) -> None:
    """A paced mailing would open one for each message otherwise, which relays count."""
    relay = OddRelay()
    async with relay.listening():
        ledger = ready(tmp_path, relay.port, readers(24), per_second=8.0, connections=4)
        await run(ledger)
    assert counted(ledger) == {"accepted": 24}
    assert relay.connections <= 4


async def test_a_relay_that_greylists_every_reader_by_name_is_not_slowed_down(tmp_path: Path) -> None:
    class Grey(OddRelay):
        def refusal(self, talk: Conversation) -> str | None:
            first = self.heard.count(f"RCPT TO:<{talk.reader}>") == 1
            return "450 4.2.0 Recipient address rejected: Greylisted" if first else None

    relay = Grey()
    async with relay.listening():
        ledger = ready(tmp_path, relay.port, readers(60), retry=["0s"] * 6)
        await run(ledger)
    assert counted(ledger) == {"accepted": 60}
    with read_only(ledger.engine).connect() as connection:
        assert connection.execute(select(paces)).all() == []
