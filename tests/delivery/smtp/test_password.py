"""Relays that ask for the password in their own way, on a real socket."""

from __future__ import annotations

from base64 import b64decode, b64encode

import pytest

from composer.delivery.smtp.handshake import RelayUnreachable
from composer.delivery.smtp.session import Timeouts, connect
from composer.newsroom.model import Relay
from tests.delivery.support.odd_relay import Conversation, OddRelay, Over

HASTY = Timeouts(connect=2, command=2, data=2, body=2, dot=2, quit=1)


class Asking(OddRelay):
    """Takes ``gazette`` and ``secret`` by LOGIN, in questions, as ``way`` says; what it was told is in ``told``."""

    offers = ("AUTH LOGIN PLAIN",)

    def __init__(self, way: str) -> None:
        super().__init__()
        self._way = way
        self.told: list[bytes] = []

    async def auth(self, talk: Conversation, line: str) -> None:
        words = line.split()
        if self._way == "refuses the words sent with AUTH" and len(words) > 2:
            await talk.say("501 5.5.4 one word too many")
            return
        asked = [b""] if words[1] == "PLAIN" else [b"Username:", b"Password:"]  # it reads nothing that came with AUTH
        questions = [b64encode(each).decode() for each in asked]
        answers = []
        for question in questions:
            await talk.say(f"334 {question}")
            answers.append(b64decode(await talk.line()))
        right = answers in ([b"gazette", b"secret"], [b"\0gazette\0secret"])
        await talk.say("235 2.7.0 welcome" if right else "535 5.7.8 no")


async def opened(relay: OddRelay) -> None:
    settings = Relay.model_validate({"host": "127.0.0.1", "port": relay.port, "security": "none", "user": "gazette"})
    session = await connect(settings, "secret", HASTY)
    await session.quit()


@pytest.mark.parametrize("mechanisms", ["LOGIN", "PLAIN", "LOGIN PLAIN"])
@pytest.mark.parametrize("way", ["asks for all", "refuses the words sent with AUTH"])
async def test_the_password_is_given_as_the_relay_asks_for_it(way: str, mechanisms: str) -> None:
    relay = Asking(way)
    relay.offers = (f"AUTH {mechanisms}",)
    async with relay.listening():
        await opened(relay)


class Refusing(OddRelay):
    """``replies``: what it says to one mechanism after another; it closes the connection after the last."""

    offers = ("AUTH CRAM-MD5 PLAIN LOGIN",)

    def __init__(self, *replies: str) -> None:
        super().__init__()
        self._replies = list(replies)

    async def auth(self, talk: Conversation, line: str) -> None:
        await talk.say(self._replies.pop(0))
        if not self._replies:
            raise Over


@pytest.mark.parametrize(
    ("replies", "told", "ours"),
    [
        (["535 5.7.8 wrong password"], "535 5.7.8 wrong password", True),
        (["535 5.7.8 wrong password", "421 4.7.0 too many errors"], "535 5.7.8 wrong password", True),
        (["504 5.5.4 no such mechanism", "535 5.7.8 no", "504 5.5.4 what?"], "535 5.7.8 no", True),
        (["535 5.7.8 no", "454 4.7.0 later"], "454 4.7.0 later", False),
        (["421 4.3.2 shutting down"], "421 4.3.2 shutting down", False),
        (["250 fine"], "what it says is no reply to what it was asked: 250 fine", False),
    ],
)
async def test_what_the_relay_says_of_the_password_is_told_though_it_hangs_up(
    replies: list[str], told: str, ours: bool
) -> None:
    relay = Refusing(*replies)
    async with relay.listening():
        with pytest.raises(RelayUnreachable) as unreachable:
            await opened(relay)
    assert (str(unreachable.value), unreachable.value.ours) == (f"127.0.0.1:{relay.port}: {told}", ours)


async def test_a_challenge_that_is_none_is_cancelled_and_the_next_mechanism_is_tried() -> None:
    class Odd(OddRelay):
        offers = ("AUTH CRAM-MD5 PLAIN",)

        async def auth(self, talk: Conversation, line: str) -> None:
            if "CRAM-MD5" in line:
                await talk.raw(b"334 \xe9\xe8 not base64\r\n")
                self.heard.append(await talk.line())
                await talk.say("501 5.7.0 cancelled")
            else:
                await talk.say("235 2.7.0 welcome")

    relay = Odd()
    async with relay.listening():
        await opened(relay)
    assert "*" in relay.heard
