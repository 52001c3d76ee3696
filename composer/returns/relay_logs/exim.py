"""Exim's main log, line by line (its specification, chapter 52), from its own file or through syslog.

One line says that the relay has a message: ``<=``, with the sender and the Message-ID. Nothing is logged before it.
"""

from __future__ import annotations

import re
from collections import OrderedDict

from composer.returns.relay_logs.letters import MOST_FOLLOWED, FoundLetters, Letter, NextHopAnswer
from composer.returns.relay_logs.lines import LogLine

_PROGRAM = re.compile(r"exim\d?")
#: Exim's own time, where syslog's stands before it; then a message's id: 16 characters, 23 since 4.97.
_STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?(?: [+-]\d{4})? (?:\[\d{1,10}\] )?")
_MESSAGE = re.compile(r"([0-9A-Za-z]{6}-(?:[0-9A-Za-z]{6}-[0-9A-Za-z]{2}|[0-9A-Za-z]{11}-[0-9A-Za-z]{4})) (.*)")
_ARRIVED = re.compile(r"<= (\S+) (.*)")
#: The name a client gives in HELO stands in parentheses, and a subject between quotes, last but for the recipients.
_HELO = re.compile(r"\([^()]*\)")
_MESSAGE_ID = re.compile(r" id=([^\s@]{1,64})@\S*")
_DELIVERED = re.compile(r"(=>|->|\*\*|==) (\S+) (.*)")
_CONFIRMED = re.compile(r' C="(?:(\d{3})[ -](?:(\d\.\d{1,3}\.\d{1,3}) )?)?((?:[^"\\]|\\.)*)"')
_REFUSED = re.compile(
    r"SMTP error from remote mail server after [^:]{1,100}(?::<[^<>]*>)?: (\d{3})[ -](?:(\d\.\d{1,3}\.\d{1,3}) )?(.*)"
)


class EximLog:
    """``read`` each line."""

    def __init__(self, found: FoundLetters) -> None:
        self._found = found
        self._letters: OrderedDict[tuple[str, str], Letter] = OrderedDict()

    def read(self, line: LogLine) -> bool:
        """Whether it is a line of Exim."""
        if _PROGRAM.fullmatch(line.program) is None:
            return False
        self._found.hosts[line.host].silent_before_end = True
        text = line.text
        if line.host and (stamp := _STAMP.match(text)):
            text = text[stamp.end() :]
        if message := _MESSAGE.match(text):
            self._message(line, (line.host, message[1]), message[2])
        return True

    def _message(self, line: LogLine, key: tuple[str, str], text: str) -> None:
        if arrived := _ARRIVED.match(text):
            self._letters.pop(key, None)
            if (letter := self._arrived(arrived[1], arrived[2])) is not None:
                self._found.kept(letter, line.host, line.at, named=True)
                self._letters[key] = letter
                if len(self._letters) > MOST_FOLLOWED:
                    self._letters.popitem(last=False)
        elif text == "Completed":
            self._letters.pop(key, None)
        elif key in self._letters and (delivered := _DELIVERED.match(text)):
            self._found.answered(self._letters[key], line.host, line.at, _answer(delivered[3]))

    def _arrived(self, sender: str, fields: str) -> Letter | None:
        """By the sender; where the relay writes another one, by the only ``id=`` outside of what a client says."""
        if (letter := self._found.letter(sender)) is not None:
            return letter
        named = _MESSAGE_ID.findall(" " + _HELO.sub("", fields.partition(' T="')[0]))
        return self._found.letter(named[0]) if len(named) == 1 else None


def _answer(fields: str) -> NextHopAnswer:
    found = _CONFIRMED.search(fields) or _REFUSED.search(fields)
    if found is None:
        return NextHopAnswer(None, None, fields.partition(": ")[2] or "")
    return NextHopAnswer(int(found[1]) if found[1] else None, found[2], found[3])
