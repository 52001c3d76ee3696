"""Postfix's log, line by line (postconf(5), and what the daemons of 3.4 to 3.10 write).

A message is followed by its queue id, on its host, from ``client=`` to ``removed``: ids are used again. ``message-id=``
is logged while the message still comes in: only the queue manager's line says that the relay has the whole. Where smtpd
says "lost connection after DATA", the message is thrown away; cleanup may name it before that line or after it.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import TypeVar

from composer.returns.relay_logs.letters import MOST_FOLLOWED, FoundLetters, Letter, NextHopAnswer
from composer.returns.relay_logs.lines import LogLine

_PROGRAM = re.compile(r"postfix[\w.-]*(?:/[\w.-]+)?/([a-z]+)")
#: Short ids are hexadecimal, long ones alphanumeric; NOQUEUE has a letter that neither has.
_QUEUED = re.compile(r"([0-9A-Za-z]{5,24}): (.*)")
_CLIENT = re.compile(r"client=[^\s,]+\[")
_MESSAGE_ID = re.compile(r"message-id=<([^<>@\s]{1,64})@[^<>\s]*>$")
_ACTIVE = re.compile(r"from=<([^<>]*)>, size=\d+, nrcpt=\d+ \(queue active\)$")
_STATUS = re.compile(
    r"to=<[^<>]*>, (?:orig_to=<[^<>]*>, )?relay=[^\s,]+, (?:conn_use=\d+, )?delay=[\d.]+, delays=[\d./]+, "
    r"dsn=(\d\.\d{1,3}\.\d{1,3}), status=(?:sent|bounced|deferred) \((.*)\)$"
)
_REPLY = re.compile(r"(?:host \S+ (?:said|refused to talk to me): )?(\d{3})(?:[ -](?:\d\.\d{1,3}\.\d{1,3} )?(.*))?$")
_CUT_OFF = re.compile(r"(?:lost connection|timeout|too many errors) after (?:DATA|BDAT)\b")
_SESSION = re.compile(r"(?:connect from|disconnect from|lost connection after|timeout after|too many errors after) ")
_DELIVERERS = frozenset(("smtp", "lmtp", "local", "virtual", "pipe", "error", "discard", "retry"))

_Value = TypeVar("_Value")


class PostfixLog:
    """``read`` each line, then ``close``."""

    def __init__(self, found: FoundLetters) -> None:
        self._found = found
        self._letters: OrderedDict[tuple[str, str], Letter] = OrderedDict()
        self._begun: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._cut_off: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._sessions: OrderedDict[tuple[str, str], str] = OrderedDict()

    def read(self, line: LogLine) -> bool:
        """Whether it is a line of Postfix."""
        program = _PROGRAM.fullmatch(line.program)
        if program is None:
            return False
        queued = _QUEUED.match(line.text)
        if program[1] == "smtpd":
            self._smtpd(line, queued)
        elif queued is not None:
            self._queued(line, program[1], (line.host, queued[1]), queued[2])
        return True

    def _smtpd(self, line: LogLine, queued: re.Match[str] | None) -> None:
        process = line.host, line.pid
        if queued is not None and _CLIENT.match(queued[2]):
            self._end(process)
            key = line.host, queued[1]
            self._letters.pop(key, None)  # the id of another message before
            self._cut_off.pop(key, None)
            _keep(self._begun, key, line.at)
            _keep(self._sessions, process, queued[1])
        elif _SESSION.match(line.text):
            key = line.host, self._sessions.get(process, "")
            if _CUT_OFF.match(line.text):
                _keep(self._cut_off, key, None)
                if (letter := self._letters.pop(key, None)) is not None:
                    self._found.dropped(letter, line.host)
            self._end(process)

    def _end(self, process: tuple[str, str]) -> None:
        if (queue_id := self._sessions.pop(process, None)) is not None:
            self._begun.pop((process[0], queue_id), None)

    def _queued(self, line: LogLine, program: str, key: tuple[str, str], text: str) -> None:
        if program == "cleanup" and text.startswith("message-id="):
            self._begun.pop(key, None)
            self._letters.pop(key, None)
            named = _MESSAGE_ID.match(text)
            if named is not None and (letter := self._found.letter(named[1])) is not None:
                self._found.begun(letter, line.host)
                if key in self._cut_off:
                    self._found.dropped(letter, line.host)
                else:
                    _keep(self._letters, key, letter)
        elif program == "qmgr" and text == "removed":
            self._letters.pop(key, None)
        elif program == "qmgr" and (active := _ACTIVE.match(text)):
            followed, named_here = self._letters.get(key), self._found.letter(active[1])
            if (letter := named_here or followed) is not None:
                self._found.kept(letter, line.host, line.at, named=named_here is not None)
                _keep(self._letters, key, letter)
        elif program in _DELIVERERS and key in self._letters and (status := _STATUS.match(text)):
            reply = _REPLY.match(status[2])
            code, words = (int(reply[1]), reply[2] or "") if reply else (None, status[2])
            self._found.answered(self._letters[key], line.host, line.at, NextHopAnswer(code, status[1], words))

    def close(self) -> None:
        """Say of each host when the messages were begun of which the log has neither the name nor the end."""
        for (host, _queue_id), at in self._begun.items():
            self._found.hosts[host].unfinished.append(at)


def _keep(where: OrderedDict[tuple[str, str], _Value], key: tuple[str, str], value: _Value) -> None:
    where[key] = value
    where.move_to_end(key)
    if len(where) > MOST_FOLLOWED:
        where.popitem(last=False)
