"""Read relays' logs for letters of ours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import IO
from zoneinfo import ZoneInfo

from composer.errors import Refused
from composer.locale import gettext as _
from composer.returns.relay_logs.exim import EximLog
from composer.returns.relay_logs.letters import FoundLetters, HostLog
from composer.returns.relay_logs.lines import LineParser, LogLine, log_lines
from composer.returns.relay_logs.postfix import PostfixLog

#: Seconds by which a line may be earlier than the one before it: several processes write, to the second.
_JITTER = 1.5
#: Hosts, and minutes of each, that are remembered. What is not remembered proves nothing.
MOST_HOSTS, MOST_MINUTES = 100, 500_000


def read_logs(
    files: Sequence[tuple[str, IO[bytes]]], keys: Sequence[bytes], zone: ZoneInfo, around: datetime
) -> FoundLetters:
    """What the logs ``files`` (name, open file; in any order, perhaps compressed) say of the letters made with one of
    ``keys``. ``zone`` and ``around`` as ``LineParser`` says.

    Raises ``Refused`` where none has a line of a relay, ``OutsideWorld`` where one cannot be read.
    """
    found = FoundLetters(keys)
    postfix, exim = PostfixLog(found), EximLog(found)
    for line in log_lines(files, LineParser(zone, around)):
        if line.program.startswith(("postfix", "exim")) and _covers(found.hosts, line):
            postfix.read(line) or exim.read(line)
    postfix.close()
    if not found.hosts:
        names = ", ".join(name for name, _file in files)
        said = _("{files}: no line of Postfix or Exim is there. Is it the relay’s log (often /var/log/mail.log)?")
        raise Refused(said.format(files=names))
    return found


def _covers(hosts: dict[str, HostLog], line: LogLine) -> bool:
    """Note that the log of its host has ``line``; False for one more host than can be followed."""
    if line.host not in hosts and len(hosts) == MOST_HOSTS:
        return False
    log = hosts.setdefault(line.host, HostLog(line.at, line.at))
    log.disordered = log.disordered or line.at < log.last - _JITTER
    log.first, log.last = min(log.first, line.at), max(log.last, line.at)
    minute = int(line.at // 60)
    if minute in log.minutes or len(log.minutes) < MOST_MINUTES:
        log.minutes[minute] = min(log.minutes.get(minute, line.at), line.at)
    return True
