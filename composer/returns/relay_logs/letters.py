"""What relays' logs say of our letters, as it is found: one row a letter and host, in a temporary database on disk.

A log may name a million letters; memory does not grow with them. The file has no name, and goes with the process.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from composer.delivery.smtp.reply import scrub
from composer.message.verp import read_return_path

#: Characters kept of a next hop's answer.
LONGEST_ANSWER = 500
#: Messages of a daemon that are followed at once. The one touched longest ago is forgotten, and stays unproven.
MOST_FOLLOWED = 200_000


class Letter(NamedTuple):
    """A message of ours, as its return path and its Message-ID name it."""

    mailing: int
    subscriber: int


class NextHopAnswer(NamedTuple):
    """What the next hop said of a letter: code and enhanced status where it gave them, text without addresses."""

    code: int | None
    status: str | None
    text: str


class KeptLetter(NamedTuple):
    """A letter that a relay kept: on which host, at what time of its log, and the last answer found."""

    host: str
    at: float
    answer: NextHopAnswer | None


@dataclass
class HostLog:
    """What the log of one host covers. ``minutes``: minute since 1970 → its earliest line, in seconds.

    ``disordered``: its lines are not in the order of time, so that what only their order shows is not believed.
    ``silent_before_end``: its daemon logs nothing of a message before it has it whole (Exim).
    ``unfinished``: when each message was begun that the log neither names nor ends.
    """

    first: float
    last: float
    minutes: dict[int, float] = field(default_factory=dict)
    disordered: bool = False
    silent_before_end: bool = False
    unfinished: list[float] = field(default_factory=list)


_TABLE = """CREATE TABLE letters (
  mailing INTEGER, subscriber INTEGER, host TEXT, begun INTEGER DEFAULT 0, dropped INTEGER DEFAULT 0,
  kept_at REAL, named_at REAL, answered_at REAL, code INTEGER, status TEXT, text TEXT,
  PRIMARY KEY (mailing, subscriber, host)) WITHOUT ROWID"""


class FoundLetters:
    """The letters found so far, and ``hosts``, whose logs were read. ``keys``: secret keys, the present and former
    ones, that tell a letter of ours from what looks like one."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = tuple(keys)
        self._rows = sqlite3.connect("", isolation_level=None)
        self._rows.execute(_TABLE)
        self._rows.execute("BEGIN")
        self.hosts: dict[str, HostLog] = {}

    def close(self) -> None:
        self._rows.close()

    def letter(self, address: str) -> Letter | None:
        """The letter whose return path, or Message-ID, ``address`` is; None where it is none that we made."""
        found = read_return_path(address.partition("@")[0], *self._keys)
        return None if found is None or not found[1] else Letter(found[1], found[0])

    def begun(self, letter: Letter, host: str) -> None:
        """The relay read the head of ``letter``: it may have got the whole, or not."""
        self._set(letter, host, "begun = begun + 1")

    def dropped(self, letter: Letter, host: str) -> None:
        """What was begun of ``letter`` never ended: the relay threw it away."""
        self._set(letter, host, "dropped = dropped + 1")

    def kept(self, letter: Letter, host: str, at: float, *, named: bool) -> None:
        """The relay has ``letter``. ``named``: the very line that says so names it; otherwise only the order of lines
        connects the two."""
        column = "named_at" if named else "kept_at"
        self._set(letter, host, f"{column} = min(coalesce({column}, ?), ?)", (at, at))

    def answered(self, letter: Letter, host: str, at: float, answer: NextHopAnswer) -> None:
        """The next hop's answer to ``letter``; the last one found stays."""
        text = scrub(answer.text)[:LONGEST_ANSWER]
        change = "code = ?, status = ?, text = ?, answered_at = ?"
        later = " AND coalesce(answered_at, 0) <= ?"
        self._set(letter, host, change, (answer.code, answer.status, text, at), later, (at,))

    def _set(
        self,
        letter: Letter,
        host: str,
        change: str,
        values: tuple[object, ...] = (),
        only: str = "",
        where: tuple[object, ...] = (),
    ) -> None:
        """``change`` and ``only`` are SQL of this class."""
        key = (*letter, host)
        self._rows.execute("INSERT OR IGNORE INTO letters (mailing, subscriber, host) VALUES (?, ?, ?)", key)
        one = f"UPDATE letters SET {change} WHERE mailing = ? AND subscriber = ? AND host = ?{only}"  # noqa: S608 # reason: no word of a log is in it
        self._rows.execute(one, (*values, *key, *where))

    def keeper(self, letter: Letter) -> KeptLetter | None:
        """The host that kept ``letter`` first, and the last answer to it; None where no log proves that it was kept."""
        found = self._rows.execute(
            "SELECT host, named_at, kept_at, answered_at, code, status, text FROM letters "
            "WHERE mailing = ? AND subscriber = ? ORDER BY answered_at",
            letter,
        )
        first: tuple[float, str] | None = None
        answer: NextHopAnswer | None = None
        for host, named, by_order, answered, code, status, text in found:
            at = named if named is not None else None if self.hosts[host].disordered else by_order
            if at is not None:
                first = min(first or (at, host), (at, host))
                answer = answer if answered is None else NextHopAnswer(code, status, text)
        return None if first is None else KeptLetter(first[1], first[0], answer)

    def half_seen(self, letter: Letter) -> bool:
        """Whether a log shows a beginning of ``letter`` and does not show that it ended nowhere."""
        found = self._rows.execute(
            "SELECT host, begun, dropped FROM letters WHERE mailing = ? AND subscriber = ?", letter
        )
        return any(begun > (0 if self.hosts[host].disordered else dropped) for host, begun, dropped in found)

    def mailings(self) -> list[int]:
        """The mailings of which the logs name a letter."""
        return [row[0] for row in self._rows.execute("SELECT DISTINCT mailing FROM letters ORDER BY 1")]

    def count(self, mailing: int) -> int:
        """Letters of ``mailing`` that a relay kept."""
        kept = "mailing = ? AND coalesce(named_at, kept_at) IS NOT NULL"
        row = self._rows.execute(f"SELECT count(DISTINCT subscriber) FROM letters WHERE {kept}", (mailing,))  # noqa: S608 # reason: ours
        return int(row.fetchone()[0])
