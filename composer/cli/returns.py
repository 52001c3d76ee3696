"""``filigrane returns``: what comes back by mail, judged."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from composer.cli.json_output import json_array
from composer.cli.say import say
from composer.errors import FiligraneError
from composer.locale import gettext as _
from composer.newsroom.environment import former_keys, secret_key
from composer.newsroom.load import SETTINGS
from composer.returns.identity import Identity, identify
from composer.returns.judge_process import JudgeProcess
from composer.returns.judgement import Judgement
from composer.returns.labels import class_label, kind_label, why
from composer.returns.sources import incoming

#: EX_TEMPFAIL of sysexits.h.
_COME_BACK = 75


@click.group()
def returns() -> None:
    """What comes back by mail: bounces, complaints, wishes to leave."""


@returns.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@click.pass_obj
def judge(folder: Path, files: Sequence[str], as_json: bool) -> None:
    """Say what each message is, for which address and why. Changes nothing.

    FILE is a message, an mbox, a maildir or a folder of these; - is standard input. Without a newsroom, no message is
    checked for a letter of ours.
    """
    keys = _keys(folder)
    if keys is None:
        say(_("no secret key of a newsroom here: whose letter came back is not checked"), err=True)
    judged = _judged(files, keys)
    if as_json:
        for piece in json_array(_as_json(*each) for each in judged):
            say(piece, nl=False)
        return
    for name, found, identity in judged:
        say(_line(name, found, identity))


@returns.command()
@click.pass_context
def receive(ctx: click.Context) -> None:
    """Take one message from standard input, as a mail server hands it over, and do what follows.

    Exit code 0: it is read, whatever it was. 75: not now, the mail server keeps it and comes back. There is no other:
    a mail server would answer the sender, and nothing that came in is ever answered.
    """
    from composer.returns.receiving import received_line

    try:
        say(received_line(ctx.obj, sys.stdin.buffer))
    except FiligraneError as error:
        say(error.shown(), err=True)
        ctx.exit(_COME_BACK)
    except Exception as error:  # noqa: BLE001 # reason: with another exit code the mail server would bounce the message
        say(_("not received: {why}").format(why=type(error).__name__), err=True)
        ctx.exit(_COME_BACK)


def _keys(folder: Path) -> Sequence[bytes] | None:
    """The secret keys, the present one and former ones; None where there is no newsroom, or no key."""
    if not (folder / SETTINGS).is_file():
        return None
    try:
        return (secret_key(folder), *former_keys())
    except FiligraneError as error:
        say(error.shown(), err=True)
        return None


def _judged(files: Sequence[str], keys: Sequence[bytes] | None) -> Iterator[tuple[str, Judgement, Identity | None]]:
    with JudgeProcess() as process:
        for name, content in incoming(files):
            found = process.judge(content)
            yield name, found, None if keys is None else identify(found, keys)


def _as_json(name: str, found: Judgement, identity: Identity | None) -> dict[str, object]:
    return {
        "file": name,
        "kind": found.kind,
        "address": found.address,
        "class": found.bounce_class,
        "status": found.status,
        "why": why(found),
        "subscriber": identity.subscriber if identity else None,
        "mailing": identity.mailing if identity else None,
    }


def _line(name: str, found: Judgement, identity: Identity | None) -> str:
    said = [kind_label(found.kind)]
    said += [class_label(found.bounce_class)] if found.bounce_class else []
    said += [found.address] if found.address else []
    said += [found.status] if found.status else []
    said.append(why(found))
    if identity is not None:
        told = _("mailing {mailing}, reader {subscriber}")
        said.append(told.format(mailing=identity.mailing, subscriber=identity.subscriber))
    return f"{name}: {' · '.join(said)}"
