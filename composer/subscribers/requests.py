"""What readers ask for at the pages: added by the process that faces the internet, taken out by the daemon.

The pages hold no key of addresses and may count the rows, no more: whether an address is known is decided elsewhere,
after the answer. One row a request, of bounded length.

To add a kind: its constant here, a function that adds its row (``permit`` and deploy/database-pages.sql allow the
columns already), and its branch in ``composer.doors.answering``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from secrets import token_hex
from typing import Any, Literal

from sqlalchemy import Connection, delete, exists, func, insert, select

from composer.database import insert_or_ignore
from composer.errors import Refused
from composer.subscribers.address import Address, read_address
from composer.subscribers.tables import requests, subscribers

RequestKind = Literal["join", "confirm", "back", "why", "link", "choose", "address", "erase"]

#: What a reader may do at the page of their choices.
ChoiceAct = Literal["save", "leave", "held", "forget", "move"]

#: Most rows that wait: beyond, the pages say that they cannot take any more now. A daemon takes hundreds a second.
MOST_REQUESTS = 5_000

#: The id of a subscription, as short as a database's ids are.
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)


@dataclass(frozen=True)
class JoinRequest:
    """A form as it was sent. ``email``: as typed; ``form``, ``wording``: which words were seen; ``page``: where."""

    email: str
    letters: tuple[str, ...]
    language: str
    form: str
    wording: str
    page: str


@dataclass(frozen=True)
class LinkRequest:
    """A link to choices was asked for, for this address as it was typed."""

    email: str
    language: str


@dataclass(frozen=True)
class ChoiceRequest:
    """An act behind the link to choices. ``following``: the hash of the token that is next; ``letters``:
    those that stay; ``language``: one of ours, ``own`` for each letter's own, empty to leave it as it is; ``email``:
    the address to which the letters are to go."""

    token: str
    following: str
    act: str
    letters: tuple[str, ...] = ()
    pause: bool = False
    language: str = ""
    email: str = ""


@dataclass(frozen=True)
class ReaderRequest:
    """A row as it was taken out: a request to join, for a ``link``, a ``choice``; the ``token`` of a link that
    confirms; the subscription that was taken up again; or why (``reason``) a reader left a publication (``letters``).
    """

    kind: str
    at: datetime
    join: JoinRequest | None
    link: LinkRequest | None
    choice: ChoiceRequest | None
    token: str | None
    subscription_id: int | None
    letters: tuple[str, ...]
    reason: str


def ask_to_join(connection: Connection, asked: JoinRequest) -> bool:
    """Add a request to join; False, and nothing is added, where ``MOST_REQUESTS`` wait already."""
    if count_requests(connection) >= MOST_REQUESTS:
        return False
    values = {name: getattr(asked, name) for name in ("email", "language", "form", "wording", "page")}
    _add(connection, "join", **values, letters=" ".join(asked.letters))
    return True


def ask_for_link(connection: Connection, asked: LinkRequest) -> bool:
    """Add a request for a link; False, and nothing is added, where ``MOST_REQUESTS`` wait already."""
    if count_requests(connection) >= MOST_REQUESTS:
        return False
    _add(connection, "link", email=asked.email, language=asked.language)
    return True


def ask_to_choose(connection: Connection, asked: ChoiceRequest) -> str | None:
    """Add an act; return its id, by which ``is_waiting`` finds it; None, and nothing is added, where ``MOST_REQUESTS``
    wait already."""
    if count_requests(connection) >= MOST_REQUESTS:
        return None
    said = {"token": asked.token, "wording": asked.following, "form": asked.act, "language": asked.language}
    pause = "pause" if asked.pause else None
    return _add(connection, "choose", **said, letters=" ".join(asked.letters), page=pause, email=asked.email or None)


def ask_to_confirm(connection: Connection, token: str) -> None:
    """Add a request to confirm with this token; one that waits already is the same."""
    _add_once(connection, "confirm", token)


def ask_to_confirm_address(connection: Connection, token: str) -> str:
    """Add a request to confirm a change of address, as ``ask_to_confirm``; return its id."""
    return _add_once(connection, "address", token)


def ask_to_record_return(connection: Connection, subscription_id: int) -> str:
    """Add a request to record the consent of a reader's return; return its id, by which ``is_waiting`` finds it."""
    return _add(connection, "back", token=str(subscription_id))


def tell_why(connection: Connection, publication: str, reason: str) -> bool:
    """Add an answer to be counted: nothing in it tells the reader. False, and nothing is added, where ``MOST_REQUESTS``
    wait already."""
    if count_requests(connection) >= MOST_REQUESTS:
        return False
    _add(connection, "why", letters=publication, form=reason)
    return True


def _add(connection: Connection, kind: RequestKind, **values: Any) -> str:
    # Inline: nothing is read back, for the pages may read nothing but the rows' ids.
    added = token_hex(16)
    connection.execute(insert(requests).inline().values(id=added, kind=kind, **values))
    return added


def _add_once(connection: Connection, kind: RequestKind, token: str) -> str:
    # The id is that of the link: however often it is posted while no daemon runs, one row waits.
    added = sha256(f"{kind} {token}".encode()).hexdigest()[:32]
    connection.execute(insert_or_ignore(connection, requests).inline().values(id=added, kind=kind, token=token))
    return added


def ask_to_erase(connection: Connection, subscriber_id: int) -> None:
    """Add what is left to do for a forgotten reader: it stays until ``erasure_over``."""
    _add(connection, "erase", token=str(subscriber_id))


def due_erasures(connection: Connection) -> dict[str, int | None]:
    """Id of the request → the reader, of each erasure that is to be completed; None where nobody is forgotten: the
    pages may add rows."""
    rows = connection.execute(select(requests.c.id, requests.c.token).where(requests.c.kind == "erase")).all()
    asked = {row.id: int(row.token) if _NUMBER.fullmatch(row.token or "") else None for row in rows}
    theirs = subscribers.c.id.in_([each for each in asked.values() if each is not None])
    gone = select(subscribers.c.id).where(theirs, subscribers.c.forgotten_at.is_not(None))
    forgotten = set(connection.execute(gone).scalars()) if rows else set()
    return {each: reader if reader in forgotten else None for each, reader in asked.items()}


def erasure_over(connection: Connection, request_id: str) -> None:
    """Take the request out: nothing of the reader is left."""
    connection.execute(delete(requests).where(requests.c.id == request_id))


def is_waiting(connection: Connection, request_id: str) -> bool:
    """Whether this request was not taken out yet."""
    return connection.execute(select(requests.c.id).where(requests.c.id == request_id)).first() is not None


def any_request(connection: Connection) -> bool:
    """Whether one waits."""
    return connection.execute(select(exists(select(requests.c.id)))).scalar_one()


def count_requests(connection: Connection) -> int:
    """How many wait."""
    return int(connection.execute(select(func.count(requests.c.id))).scalar_one())


def take_requests(connection: Connection, most: int) -> list[ReaderRequest]:
    """Take out up to ``most`` requests, the oldest first, and none of ``due_erasures``; those that another host takes
    are left to it."""
    theirs = requests.c.kind != "erase"
    oldest = select(requests.c.id).where(theirs).order_by(requests.c.at).limit(most).with_for_update(skip_locked=True)
    ids: Sequence[str] = connection.execute(oldest).scalars().all()
    if not ids:
        return []
    rows = connection.execute(select(requests).where(requests.c.id.in_(ids)).order_by(requests.c.at)).all()
    connection.execute(delete(requests).where(requests.c.id.in_(ids)))
    return [_taken(row) for row in rows]


def _taken(row: Any) -> ReaderRequest:
    number = (row.token or "") if row.kind == "back" else ""
    return ReaderRequest(
        row.kind,
        row.at,
        join=_joining(row) if row.kind == "join" else None,
        link=LinkRequest(row.email or "", row.language or "") if row.kind == "link" else None,
        choice=_choosing(row) if row.kind == "choose" else None,
        token=row.token if row.kind in ("confirm", "address") else None,
        subscription_id=int(number) if _NUMBER.fullmatch(number) else None,
        letters=tuple((row.letters or "").split()),
        reason=(row.form or "") if row.kind == "why" else "",
    )


def _joining(row: Any) -> JoinRequest:
    letters = tuple((row.letters or "").split())
    return JoinRequest(row.email or "", letters, row.language or "", row.form or "", row.wording or "", row.page or "")


def _choosing(row: Any) -> ChoiceRequest:
    letters = tuple((row.letters or "").split())
    said = row.token or "", row.wording or "", row.form or ""
    return ChoiceRequest(*said, letters, row.page == "pause", row.language or "", row.email or "")


def erase_requests(connection: Connection, address: Address) -> int:
    """Delete what was asked for this address, however it was typed; return how many rows."""
    waiting = connection.execute(select(requests.c.id, requests.c.email).where(requests.c.email.is_not(None))).all()
    theirs = [row.id for row in waiting if is_same_mailbox(row.email, address)]
    return connection.execute(delete(requests).where(requests.c.id.in_(theirs))).rowcount


def is_same_mailbox(typed: str, address: Address) -> bool:
    """Whether a text that a stranger typed is this address."""
    if address.folded.rpartition("@")[0] not in typed.casefold():  # fast path
        return False
    try:
        return read_address(typed).folded == address.folded
    except Refused:
        return False
