"""Judge messages in a process of its own, with limits (``child``): what comes in is written by strangers.

A message that takes too long, or too much memory, ends the process and is ``NOT_READ``; the next one gets a new one.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from select import select
from threading import Timer
from types import TracebackType

from composer.errors import OutsideWorld
from composer.locale import gettext as _
from composer.locale.os_errors import os_reason
from composer.newsroom.environment import plain_environment
from composer.returns.judgement import Cause, Judgement, ReturnKind, from_json

#: Seconds for one message, and for a process to begin.
_SECONDS, _SECONDS_TO_BEGIN = 10, 60
#: Bytes of a message; a larger one is not read.
MESSAGE_LIMIT = 10 * 1024**2

_MOST_ANSWER = 1024**2
#: Bytes that say how long a message is, as ``child`` reads them.
_LENGTH = 8
#: The folder that holds this package, installed or not.
_PACKAGE_ROOT = str(Path(__file__).resolve().parents[2])
#: -I: neither the environment nor the current folder says what is imported.
_PROGRAM = (
    f"import sys; sys.path.append({_PACKAGE_ROOT!r})\nfrom composer.returns.child import answer_all\nanswer_all()"
)


class JudgeProcess:
    """The process; begun with the first message, ended with the context."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> JudgeProcess:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end()

    def judge(self, content: bytes) -> Judgement:
        """What the message is. Raises ``OutsideWorld`` where no process can be begun."""
        if len(content) > MESSAGE_LIMIT:
            return Judgement(ReturnKind.OTHER, Cause.TOO_BIG)
        process = self._begun()
        assert process.stdin is not None
        assert process.stdout is not None
        timer = Timer(_SECONDS, process.kill)
        timer.start()
        try:
            process.stdin.write(len(content).to_bytes(_LENGTH) + content)
            process.stdin.flush()
            return from_json(json.loads(process.stdout.readline(_MOST_ANSWER)))
        except (OSError, ValueError, KeyError, TypeError):
            timer.cancel()
            self._end()
            return Judgement(ReturnKind.OTHER, Cause.NOT_READ)
        finally:
            timer.cancel()

    def _begun(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            command = [sys.executable, "-I", "-c", _PROGRAM]
            pipe = subprocess.PIPE
            try:
                self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, env=plain_environment())  # noqa: S603 # reason: our own
            except OSError as error:
                message = _("no process to read messages could be started: {why}").format(why=os_reason(error))
                raise OutsideWorld(message) from error
            assert self._process.stdout is not None
            ready = select([self._process.stdout], [], [], _SECONDS_TO_BEGIN)[0]
            if not ready or not self._process.stdout.readline(_LENGTH):
                self._end()
                raise OutsideWorld(_("the process that reads messages did not start"))
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            with suppress(OSError):
                self._process.communicate()
            self._process = None
