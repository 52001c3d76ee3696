"""Receive one message: judge it, find its delivery, and do what follows, in one transaction."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from composer.database import open_database
from composer.locale import gettext as _
from composer.newsroom import load_newsroom
from composer.newsroom.environment import database_url, former_keys, secret_key
from composer.returns.acts import act_on
from composer.returns.identity import Identity, identify
from composer.returns.judge_process import MESSAGE_LIMIT, JudgeProcess
from composer.returns.judgement import Judgement
from composer.returns.labels import act_label, class_label, kind_label
from composer.returns.return_act import ReturnAct


def received_line(folder: Path, stream: BinaryIO) -> str:
    """Receive the message of ``stream`` for the newsroom in ``folder``; say what it was, on a line without an address.

    Raises ``FiligraneError`` where it could not be received: the newsroom, its key or its database is not there, or
    away. Then nothing was done, and the message may come again.
    """
    newsroom = load_newsroom(folder)
    keys = (secret_key(newsroom.root), *former_keys())
    engine = open_database(database_url(newsroom), newsroom.root)
    try:
        with JudgeProcess() as process:
            judgement = process.judge(_whole(stream))
        identity = identify(judgement, keys)
        act = ReturnAct.NONE
        if identity is not None:
            with engine.begin() as connection:
                act = act_on(connection, judgement, identity)
        return _line(judgement, identity, act)
    finally:
        engine.dispose()


def _whole(stream: BinaryIO) -> bytes:
    """The message; of one that is too long, a byte more than the limit. The rest is read, for a mail server waits."""
    content = stream.read(MESSAGE_LIMIT + 1)
    while stream.read(1024**2):
        pass
    return content


def _line(judgement: Judgement, identity: Identity | None, act: ReturnAct) -> str:
    said = [kind_label(judgement.kind)]
    said += [class_label(judgement.bounce_class)] if judgement.bounce_class else []
    if identity is None:
        said.append(_("of no delivery of ours"))
    else:
        told = _("mailing {mailing}, reader {subscriber}")
        said.append(told.format(mailing=identity.mailing, subscriber=identity.subscriber))
    return " · ".join([*said, act_label(act)])
