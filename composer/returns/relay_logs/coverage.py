"""Whether logs would show a letter of a given time, had the relay kept it: only then does their silence prove anything.

The ledger's own letters are the measure. A relay accepted them in its reply to us, at a time that the ledger has; so a
complete log names each of them, and one that was lost, thinned out, or is another relay's does not. All times are the
ledger's: neither the log's clock nor its zone is trusted.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

from composer.returns.relay_logs.letters import HostLog

#: Seconds around a letter in which the logs must hold all that was accepted, and something on either side.
JUST_AROUND = 600.0
#: Seconds that a relay may still work on a message after its dot (RFC 5321, 4.5.3.2.6, asks us to wait as long).
STILL_COMING = 600.0
#: Seconds after which a message that the log never ends is over: its process is gone.
GIVEN_UP = 3600.0
#: Seconds by which a log's time may differ: it has no fractions, and the queue manager writes after the reply.
_SLACK = 2.0


class Why(StrEnum):
    """Why the silence of the logs about a letter proves nothing."""

    BEFORE = "nothing-before"  #: they hold nothing from just before it
    AFTER = "nothing-after"  #: they hold no letter that was accepted just after it
    HOLE = "hole"  #: letters accepted around it are missing in them
    ENDS = "ends-too-soon"  #: the relay may still have been working on it when they end
    RELAY = "other-relay"  #: the worker had another relay too, and the log of that one was not given
    HALF = "half-seen"  #: they show how it begins, and not how it ends


@dataclass(frozen=True)
class Missing:
    """``why`` nothing is proven, and the time that the logs should also cover, in seconds since 1970; ``letters``:
    how many accepted ones are missing there; ``relays``: whose log."""

    why: Why
    since: float
    until: float
    letters: int = 0
    relays: frozenset[str] = frozenset()


class Coverage:
    """``accepted``: of each accepted letter, when, and on which host and at what time its log names it, None where none
    does. ``hosts``: what the logs cover."""

    def __init__(
        self, accepted: Iterable[tuple[float, tuple[str, float] | None]], hosts: Mapping[str, HostLog]
    ) -> None:
        self._hosts = hosts
        names = sorted(hosts)
        number = {name: index for index, name in enumerate(names)}
        at, where, logged = array("d"), array("h"), array("d")
        for time, named in accepted:
            at.append(time)
            where.append(-1 if named is None else number[named[0]])
            logged.append(0.0 if named is None else named[1])
        order = sorted(range(len(at)), key=at.__getitem__)
        self._at = array("d", (at[index] for index in order))
        self._absent = array("l", accumulate((where[index] < 0 for index in order), initial=0))
        #: Of each host that names a letter: when its letters were accepted, and their times in its log.
        self._held: dict[str, tuple[array[float], array[float]]] = {}
        for index in order:
            if where[index] >= 0:
                times, logs = self._held.setdefault(names[where[index]], (array("d"), array("d")))
                times.append(at[index])
                logs.append(logged[index])

    def missing(self, since: float, until: float, relays: frozenset[str]) -> Missing | None:
        """What the logs lack to show a letter whose dot was written between ``since`` and ``until``; None where they
        would show it. ``relays``: those that it may have gone to."""
        first, last = bisect_left(self._at, since - JUST_AROUND), bisect_right(self._at, until + JUST_AROUND)
        if absent := self._absent[last] - self._absent[first]:
            earliest = bisect_right(self._absent, self._absent[first]) - 1
            latest = bisect_left(self._absent, self._absent[last]) - 1
            return Missing(Why.HOLE, self._at[earliest], self._at[latest], absent)
        found = [self._missing_of(host, since, until) for host in self._held]
        if not found:  # not one letter of ours is in them
            return Missing(Why.AFTER, until, until + JUST_AROUND)
        if lacks := [one for one in found if one is not None]:
            return lacks[0]
        if len(found) < len(relays):  # two relays write two logs, each with letters of that time
            return Missing(Why.RELAY, since, until, relays=relays)
        return None

    def _missing_of(self, host: str, since: float, until: float) -> Missing | None:
        times, logged = self._held[host]
        log, skew = self._hosts[host], self._skew(host, since)
        before = bisect_right(times, since)
        if not (before and times[before - 1] >= since - JUST_AROUND) and not self._speaks(host, since - skew - _SLACK):
            return Missing(Why.BEFORE, since - JUST_AROUND, since)
        after = bisect_left(times, until)
        if after == len(times) or times[after] > until + JUST_AROUND:
            return Missing(Why.AFTER, until, until + JUST_AROUND)
        settled = logged[after] + STILL_COMING
        coming = any(log.last - GIVEN_UP <= begun <= settled for begun in log.unfinished)
        if coming or (log.silent_before_end and log.last < settled):
            return Missing(Why.ENDS, until, settled + skew)
        return None

    def _skew(self, host: str, since: float) -> float:
        """What added to a time of the host's log gives the ledger's, about and at most: a letter is logged before its
        acceptance is recorded. By the letters that follow ``since``, for clocks are set and zones change."""
        times, logged = self._held[host]
        first = bisect_left(times, since)
        near = range(first, min(first + 100, len(times))) or range(len(times) - 1, len(times))
        return min(times[index] - logged[index] for index in near)

    def _speaks(self, host: str, at: float) -> bool:
        """Whether the host's log has any line in the ``JUST_AROUND`` seconds before ``at``, by its own clock."""
        minutes = self._hosts[host].minutes
        some = (minutes.get(minute) for minute in range(int((at - JUST_AROUND) // 60), int(at // 60) + 1))
        return any(line is not None and at - JUST_AROUND <= line <= at for line in some)
