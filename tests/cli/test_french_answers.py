"""Reasons of the system, and questions of a terminal: in French, without a newsroom."""

from __future__ import annotations

import errno
import os
import socket
import ssl

import click
import pytest
from click.testing import CliRunner

from composer.cli.say import ask
from composer.locale import use
from composer.locale.os_errors import connection_reason, os_reason


def test_a_reason_of_the_system_is_in_french() -> None:
    use("fr")
    for code in (errno.EACCES, errno.ENOSPC, errno.EROFS, errno.EEXIST, errno.EADDRINUSE):
        assert os_reason(OSError(code, os.strerror(code))) != os.strerror(code)
    rare = OSError(errno.EXDEV, os.strerror(errno.EXDEV))
    assert os_reason(rare) == os.strerror(errno.EXDEV)


def test_why_nothing_answered_is_in_french() -> None:
    use("fr")
    assert "aucun serveur" in connection_reason(socket.gaierror(socket.EAI_NONAME, "Name or service not known"))
    assert "rien ne répond" in connection_reason(ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"))
    of_tls = ssl.SSLError(errno.EPERM, "handshake failure")  # its number is of OpenSSL
    assert connection_reason(of_tls) == str(of_tls)


@pytest.mark.parametrize(("answer", "yes"), [("o", True), ("Oui", True), ("y", True), ("n", False), ("", False)])
def test_a_question_is_answered_in_french(answer: str, yes: bool) -> None:
    @click.command()
    def asking() -> None:
        click.echo(f"= {ask('?')}")

    use("fr")
    assert f"= {yes}" in CliRunner().invoke(asking, input=f"{answer}\n").output


def test_an_answer_that_is_none_is_asked_for_three_times() -> None:
    @click.command()
    def asking() -> None:
        click.echo(f"= {ask('?')}")

    use("fr")
    shown = CliRunner().invoke(asking, input="peut-être\n" * 3).output
    assert "= False" in shown
    assert shown.count("répondez o (oui) ou n (non)") == 3
