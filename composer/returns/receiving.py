"""Receive messages, whichever way they come: judge each, find its delivery, and do what follows, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import BinaryIO

from sqlalchemy import Engine

from composer.database import open_database
from composer.locale import gettext as _
from composer.newsroom.environment import database_url, former_keys, secret_key
from composer.newsroom.model import Newsroom
from composer.returns.acts import act_on
from composer.returns.answers import count_answer
from composer.returns.identity import Identity, identify
from composer.returns.judge_process import MESSAGE_LIMIT, JudgeProcess
from composer.returns.judgement import Cause, Judgement, ReturnKind
from composer.returns.labels import act_label, class_label, kind_label
from composer.returns.return_act import ReturnAct


@dataclass(frozen=True)
class ReceivedMessage:
    """What a message was, of which delivery, and what was done: ``NONE`` where it is of none of ours."""

    judgement: Judgement
    identity: Identity | None
    act: ReturnAct

    @property
    def acted(self) -> bool:
        """Whether the message did something, now or the last time that it came."""
        kinds = (ReturnKind.OTHER, ReturnKind.AUTO_REPLY)
        return self.judgement.kind not in kinds and self.act not in (ReturnAct.NONE, ReturnAct.UNKNOWN)

    @property
    def claims(self) -> bool:
        """Whether it would act, were it of a delivery of ours, and is of none: told, so that a person may look."""
        return self.identity is None and self.judgement.kind not in (ReturnKind.OTHER, ReturnKind.AUTO_REPLY)

    @property
    def line(self) -> str:
        """In words, without an address."""
        said = [kind_label(self.judgement.kind)]
        said += [class_label(self.judgement.bounce_class)] if self.judgement.bounce_class else []
        if self.identity is None:
            said.append(_("of no delivery of ours"))
        else:
            told = _("mailing {mailing}, reader {subscriber}")
            said.append(told.format(mailing=self.identity.mailing, subscriber=self.identity.subscriber))
        return " · ".join([*said, act_label(self.act)])


class Receiver:
    """Receives for one newsroom: its keys, its database, and the process that judges. One thread at a time."""

    def __init__(self, engine: Engine, keys: Sequence[bytes]) -> None:
        self._engine, self._keys, self._process = engine, keys, JudgeProcess()

    def __enter__(self) -> Receiver:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.__exit__(kind, error, at)
        self._engine.dispose()

    def look(self, content: bytes, addressed: str | None = None) -> ReceivedMessage:
        """What the message is; changes nothing. ``addressed``: the local part that the envelope names, where there is
        one: nothing that is written in the message overrules it. Raises ``OutsideWorld`` without a process to judge."""
        judgement = self._process.judge(content)
        if addressed is not None:
            judgement = replace(judgement, addressed=(addressed.lower(),))
        if judgement.kind is ReturnKind.OTHER and judgement.cause is Cause.ORDINARY:
            identity = identify(replace(judgement, addressed=(), carried=judgement.answered), self._keys)
            return ReceivedMessage(judgement, identity, ReturnAct.NONE)
        return ReceivedMessage(judgement, identify(judgement, self._keys), ReturnAct.NONE)

    def receive(self, content: bytes, addressed: str | None = None) -> ReceivedMessage:
        """Do what follows of the message. Raises what the database raises; then nothing was done."""
        found = self.look(content, addressed)
        if found.identity is None:
            return found
        with self._engine.begin() as connection:
            if found.judgement.cause is Cause.ORDINARY:
                counted = count_answer(connection, found.identity, self._keys[0])
                return replace(found, act=ReturnAct.COUNTED if counted else ReturnAct.NONE)
            return replace(found, act=act_on(connection, found.judgement, found.identity))


def open_receiver(newsroom: Newsroom) -> Receiver:
    """Raises ``FiligraneError`` where the newsroom's key or its database is not there, or away."""
    keys = (secret_key(newsroom.root), *former_keys())
    return Receiver(open_database(database_url(newsroom), newsroom.root), keys)


def received_line(newsroom: Newsroom, stream: BinaryIO) -> str:
    """Receive the message of ``stream``; say what it was, on a line without an address.

    Raises ``FiligraneError`` where it could not be received. Then nothing was done, and the message may come again.
    """
    with open_receiver(newsroom) as receiver:
        return receiver.receive(_whole(stream)).line


def _whole(stream: BinaryIO) -> bytes:
    """The message; of one that is too long, a byte more than the limit. The rest is read, for a mail server waits."""
    content = stream.read(MESSAGE_LIMIT + 1)
    while stream.read(1024**2):
        pass
    return content
