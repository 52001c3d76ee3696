"""Authentication with a relay (RFC 4954): CRAM-MD5, PLAIN, LOGIN, in this order, until one is accepted.

Not aiosmtplib's ``login``: where a relay refuses the password and closes the connection, it tells of the closing alone;
and a relay that ignores the words sent with AUTH, and asks for them, it gives the password as the user's name.
"""

from __future__ import annotations

import binascii
import hmac
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass

import aiosmtplib

_ROUNDS = 3  #: questions that a relay may ask of one mechanism
_NO_SUCH = (500, 501, 502, 504)  #: of AUTH: the words sent with it, or the mechanism, are not known

#: The answer to a relay's question, both decoded; None if it is no question of this mechanism.
Answer = Callable[[bytes], bytes | None]


@dataclass(frozen=True)
class _Mechanism:
    """``initial``: words sent with AUTH itself, empty if there are none."""

    name: str
    answer: Answer
    initial: bytes = b""


async def authenticate(client: aiosmtplib.SMTP, user: str, password: str) -> None:
    """Authenticate, in the mechanisms that the relay offers.

    Raises ``SMTPAuthenticationError`` with the relay's refusal, ``SMTPException`` if it offers no mechanism known here,
    ``SMTPServerDisconnected`` if it closed the connection without a refusal.
    """
    if not client.supports_extension("auth"):
        raise aiosmtplib.SMTPException("The SMTP AUTH extension is not supported by this server.")
    refusal: aiosmtplib.SMTPResponse | None = None
    offered = [one for one in _mechanisms(user, password) if one.name.lower() in client.server_auth_methods]
    for mechanism in offered:
        try:
            reply = await _tried(client, mechanism)
        except aiosmtplib.SMTPServerDisconnected:
            if refusal is None:
                raise
            break  # many hang up on a wrong password: what they said of it is the reason
        if reply.code == 235:
            return
        if refusal is None or reply.code not in (421, *_NO_SUCH):
            refusal = reply
        if not client.is_connected:
            break
    if refusal is None:
        raise aiosmtplib.SMTPException("No suitable authentication method found.")
    raise aiosmtplib.SMTPAuthenticationError(refusal.code, refusal.message)


def _mechanisms(user: str, password: str) -> tuple[_Mechanism, ...]:
    name, secret = user.encode(), password.encode()
    whole = b"\0" + name + b"\0" + secret

    def digest(challenge: bytes) -> bytes | None:
        return name + b" " + hmac.new(secret, challenge, "md5").hexdigest().encode() if challenge else None

    asked: list[bytes] = []

    def in_turn(question: bytes) -> bytes:
        """By what is asked; where that is unreadable, the name first."""
        asked.append(question)
        if b"user" in question.lower() or b"name" in question.lower():
            return name
        return secret if b"pass" in question.lower() or len(asked) > 1 else name

    return (
        _Mechanism("CRAM-MD5", digest),
        _Mechanism("PLAIN", lambda _question: whole, whole),
        _Mechanism("LOGIN", in_turn),
    )


async def _tried(client: aiosmtplib.SMTP, mechanism: _Mechanism) -> aiosmtplib.SMTPResponse:
    """The relay's last reply: 235 if it accepted."""
    auth = (b"AUTH", mechanism.name.encode())
    reply = await client.execute_command(*auth, *([b64encode(mechanism.initial)] if mechanism.initial else []))
    if mechanism.initial and reply.code in _NO_SUCH and client.is_connected:
        reply = await client.execute_command(*auth)
    for _number in range(_ROUNDS):
        if reply.code != 334:
            return reply
        answer = mechanism.answer(_decoded(reply.message))
        reply = await client.execute_command(b"*" if answer is None else b64encode(answer))
    # Still asking: cancelled, which a relay refuses (RFC 4954 4).
    return await client.execute_command(b"*") if reply.code == 334 else reply


def _decoded(question: str) -> bytes:
    try:
        return b64decode(question, validate=True)
    except (binascii.Error, ValueError):
        return b""
