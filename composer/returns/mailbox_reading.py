"""One reading of the mailbox: what is new is judged, acted upon and moved; what is not acted upon stays as it is.

How far it was read is written after each message, and a message is moved once its act is in the ledger: interrupted
anywhere, the next reading sees again what it may not have done, and a message acts once. A message in which three
readings in a row ended is left where it is.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from errno import ETIMEDOUT
from imaplib import IMAP4
from os import strerror
from types import FrameType

from sqlalchemy import Connection, Engine, delete, insert, select, update
from sqlalchemy.exc import InterfaceError, OperationalError

from composer.database import db_now, read_only
from composer.errors import FiligraneError
from composer.newsroom.returns import ReturnsMailbox
from composer.returns.mailbox import OpenMailbox, open_mailbox
from composer.returns.mailbox_name import mailbox_digest
from composer.returns.receiving import ReceivedMessage, Receiver
from composer.returns.return_act import ReturnAct
from composer.returns.tables import mailboxes

#: Messages of one reading, seconds after which it begins no other one, and seconds for a message.
MOST_MESSAGES, ENOUGH, EACH = 200, 120.0, 120
#: Readings that may end in the same message.
_ENDS = 3


@dataclass
class MailboxReading:
    """What one reading did: messages looked at, acted upon, answers counted, failed and left in place; ``strangers``:
    bounces, complaints and wishes to leave that are of no delivery of ours; ``more``: the mailbox holds others."""

    read: int = 0
    acted: int = 0
    answers: int = 0
    strangers: int = 0
    failed: int = 0
    more: bool = False

    def as_json(self) -> dict[str, int | bool]:
        return asdict(self)


def look_through(
    configured: ReturnsMailbox, receiver: Receiver, engine: Engine
) -> Iterator[tuple[int, ReceivedMessage]]:
    """(UID, what it is) of the messages that ``read_mailbox`` would take; changes nothing."""
    with open_mailbox(configured) as box, read_only(engine).connect() as connection:
        for uid in box.after(_position(connection, configured, box.validity)[0])[:MOST_MESSAGES]:
            if (content := box.take(uid).content) is not None:
                yield uid, receiver.look(content)


def read_mailbox(
    configured: ReturnsMailbox, receiver: Receiver, engine: Engine, tell: Callable[[str], None]
) -> MailboxReading:
    """Read what is new; ``tell`` is called with a line without an address for each message that is one of ours, or
    claims to be.

    For the main thread of a process: SIGALRM ends what takes too long. Raises ``FiligraneError`` where the mailbox or
    the database is away, or goes away meanwhile; what was done before that stays done.
    """
    done, until = MailboxReading(), time.monotonic() + ENOUGH
    with open_mailbox(configured) as box:
        with engine.begin() as connection:
            position, failures = _position(connection, configured, box.validity)
            _write(connection, configured, box.validity, position, failures)
        waiting = box.after(position)
        for place, uid in enumerate(waiting):
            if place == MOST_MESSAGES or time.monotonic() > until:
                done.more = True
                break
            if failures < _ENDS:
                try:
                    with _within(EACH):
                        _take(box, uid, receiver, done, tell)
                except (FiligraneError, OperationalError, InterfaceError):
                    raise  # nothing of the message: the database, or no process to judge
                except (OSError, IMAP4.abort):
                    _note_failure(engine, configured)
                    raise
                except Exception:  # noqa: BLE001 # reason: whatever a message does, the others are read
                    done.failed += 1
            else:
                done.failed += 1
            failures = 0
            with engine.begin() as connection:
                _write(connection, configured, box.validity, uid, 0)
    return done


def _take(box: OpenMailbox, uid: int, receiver: Receiver, done: MailboxReading, tell: Callable[[str], None]) -> None:
    content = box.take(uid).content
    if content is None:
        return
    done.read += 1
    found = receiver.receive(content)
    done.answers += found.act is ReturnAct.COUNTED
    done.strangers += found.claims
    if found.identity is not None or found.claims:
        tell(found.line)
    if found.acted:
        done.acted += 1
        box.put_away(uid)


def _position(connection: Connection, configured: ReturnsMailbox, validity: int) -> tuple[int, int]:
    """The last UID that was looked at, and readings that ended in the one after it. 0 where UIDs are others now."""
    row = connection.execute(select(mailboxes).where(mailboxes.c.mailbox == mailbox_digest(configured))).first()
    return (row.uid, row.failures) if row is not None and row.validity == validity else (0, 0)


def _write(connection: Connection, configured: ReturnsMailbox, validity: int, uid: int, failures: int) -> None:
    values = {"validity": validity, "uid": uid, "failures": failures, "read_at": db_now()}
    mine = mailboxes.c.mailbox == mailbox_digest(configured)
    if connection.execute(update(mailboxes).where(mine).values(**values)).rowcount == 0:
        connection.execute(delete(mailboxes))  # of another account, or of another folder
        connection.execute(insert(mailboxes).values(mailbox=mailbox_digest(configured), **values))


def _note_failure(engine: Engine, configured: ReturnsMailbox) -> None:
    mine = mailboxes.c.mailbox == mailbox_digest(configured)
    with engine.begin() as connection:
        connection.execute(update(mailboxes).where(mine).values(failures=mailboxes.c.failures + 1))


@contextmanager
def _within(seconds: int) -> Iterator[None]:
    """Raise ``TimeoutError`` in the body after ``seconds``."""

    def late(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError(ETIMEDOUT, strerror(ETIMEDOUT))

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
