"""The secret keys, in a process beside the readers' pages that only answers what a valid token says.

The process that strangers reach holds no key: it can neither make a token nor a return path, whatever it is made to
tell or do. The two talk through a pair of sockets, one token a message; when the pages end, the keeper does.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import socket
from contextlib import suppress

from composer.errors import OutsideWorld
from composer.locale import gettext as _
from composer.subscribers.tokens import CopyClaim, TokenReader, token_reader

#: Seconds in which the keeper answers; it takes a few microseconds.
_ANSWERS = 5.0

#: Bytes of a token, by what it is for (composer.subscribers.tokens).
_LEAVING, _COPY = 32, 40

#: Bytes of an answer: the subscription's id plus one, 0 for a token that is not valid; and the edition's, or 0.
_ANSWER = 16

#: PR_SET_DUMPABLE of prctl(2).
_DUMPABLE = 4


def keep_to_itself() -> None:
    """Let no other process of the account read this one's memory, environment or open files (proc(5)), nor trace it."""
    with suppress(OSError, AttributeError):  # Linux's alone
        ctypes.CDLL(None).prctl(_DUMPABLE, 0, 0, 0, 0)


def begin_keeper(keys: int) -> socket.socket:
    """Fork the keeper, which reads its pickled keys from the descriptor ``keys``; return the socket to ask it on.

    For a process that has no threads yet. The descriptor is closed here, unread.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if os.fork() == 0:
        with suppress(BaseException):
            ours.close()
            os.close(0)  # what is handed over to the pages is not for this process
            signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it ends with the pages, after their last request
            keep_to_itself()
            with os.fdopen(keys, "rb") as given:
                _answer(theirs, token_reader(*pickle.load(given)))  # noqa: S301 # reason: written by the process that began this one
        os._exit(0)
    theirs.close()
    os.close(keys)
    ours.settimeout(_ANSWERS)
    return ours


def asking(channel: socket.socket) -> TokenReader:
    """A ``token_reader`` that asks the keeper. Raises ``OutsideWorld``, and ends the process, where none answers."""

    def ask(token: str, length: int) -> CopyClaim | None:
        asked = token.encode("utf-8", "replace")
        if len(asked) != length:
            return None
        try:
            channel.send(asked)
            answer = channel.recv(_ANSWER)
        except OSError:
            answer = b""
        if len(answer) != _ANSWER:
            os.kill(os.getpid(), signal.SIGTERM)  # an answer that comes late would be taken for the next token's
            raise OutsideWorld(_("the process that knows the secret key does not answer"))
        number = int.from_bytes(answer[:8])
        return CopyClaim(number - 1, int.from_bytes(answer[8:])) if number else None

    def leaving(token: str) -> int | None:
        said = ask(token, _LEAVING)
        return None if said is None else said.subscription_id

    return TokenReader(leaving, lambda token: ask(token, _COPY))


def _answer(channel: socket.socket, read: TokenReader) -> None:
    while asked := channel.recv(_COPY + 1):
        token = asked.decode("utf-8", "replace")
        ended, claim = (None, read.copy(token)) if len(asked) == _COPY else (read.leaving(token), None)
        subscription, edition = claim if claim is not None else (ended, 0)
        channel.send((0 if subscription is None else subscription + 1).to_bytes(8) + edition.to_bytes(8))
