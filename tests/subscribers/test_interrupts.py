"""An interrupt between a commit and its count: it comes after both."""

from __future__ import annotations

import os
import signal

import pytest

from composer.subscribers.interrupts import interrupt_held


def committed_and_counted(done: list[str]) -> None:
    with interrupt_held():
        os.kill(os.getpid(), signal.SIGINT)
        done.append("committed")
        done.append("counted")
    done.append("never")


def failing() -> None:
    with interrupt_held():
        os.kill(os.getpid(), signal.SIGINT)
        raise OSError("disk")


def test_an_interrupt_waits_for_the_end_of_the_block() -> None:
    done: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        committed_and_counted(done)
    assert done == ["committed", "counted"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_fails_inside_is_what_is_raised() -> None:
    with pytest.raises(OSError, match="disk"):
        failing()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
