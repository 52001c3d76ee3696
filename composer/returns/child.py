"""The process that judges messages: limits, and one line of JSON for each message. ``judge_process`` begins it.

What it imports is what strangers' bytes meet; it holds no key and no password, and writes no file.
"""

from __future__ import annotations

import json
import logging
import resource
import sys
from typing import BinaryIO

from composer.returns.judge import judge_message
from composer.returns.judgement import Cause, Judgement, ReturnKind

#: Bytes of memory of the process.
_MEMORY = 200 * 1024**2
#: Bytes that say how long a message is.
_LENGTH = 8


def answer_all() -> None:
    """Judge each message of standard input until it ends."""
    asked, told = sys.stdin.buffer, sys.stdout.buffer
    _bound()
    logging.disable()  # flufl.bounce logs whatever a message makes it raise
    _say(told, "")
    while len(length := asked.read(_LENGTH)) == _LENGTH:
        content = asked.read(int.from_bytes(length))
        try:
            judged = judge_message(content)
        except RecursionError:
            judged = Judgement(ReturnKind.OTHER, Cause.TOO_DEEP)
        except Exception:  # noqa: BLE001 # reason: a hostile message makes the standard library raise anything
            judged = Judgement(ReturnKind.OTHER, Cause.NOT_READ)
        _say(told, json.dumps(judged.as_json()))


def _say(told: BinaryIO, line: str) -> None:
    told.write(line.encode() + b"\n")
    told.flush()


def _bound() -> None:
    for kind, most in ((resource.RLIMIT_AS, _MEMORY), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(kind)[1]
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (bound, bound))
