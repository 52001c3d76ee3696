"""``filigrane returns``: what comes back by mail, judged."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from composer.cli.confirm import confirm
from composer.cli.json_output import json_array
from composer.cli.list_words import open_for
from composer.cli.return_hooks import hooks
from composer.cli.say import say
from composer.database import read_only
from composer.errors import FiligraneError, Refused
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.newsroom.environment import former_keys, secret_key
from composer.newsroom.load import SETTINGS
from composer.returns.hard_bounces import believe_held, held_by_provider
from composer.returns.identity import Identity, identify
from composer.returns.judge_process import JudgeProcess
from composer.returns.judgement import Judgement
from composer.returns.labels import act_label, cause_label, class_label, kind_label, why
from composer.returns.open_questions import OpenQuestion, open_questions
from composer.returns.sources import incoming
from composer.schedule.wording import day_and_hour

#: EX_TEMPFAIL of sysexits.h.
_COME_BACK = 75


@click.group()
def returns() -> None:
    """What comes back by mail: bounces, complaints, wishes to leave."""


returns.add_command(hooks)


@returns.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@click.pass_obj
def judge(folder: Path, files: Sequence[str], as_json: bool) -> None:
    """Say what each message is, for which address and why. Changes nothing.

    FILE is a message, an mbox, a maildir or a folder of these; - is standard input. Without a newsroom, no message is
    checked for a letter of ours.
    """
    judged = _judged(files, _keys(folder))
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
    from composer.newsroom import load_newsroom
    from composer.returns.receiving import received_line

    try:
        say(received_line(load_newsroom(ctx.obj), sys.stdin.buffer))
    except FiligraneError as error:
        say(error.shown(), err=True)
        ctx.exit(_COME_BACK)
    except Exception as error:  # noqa: BLE001 # reason: with another exit code the mail server would bounce the message
        say(_("not received: {why}").format(why=type(error).__name__), err=True)
        ctx.exit(_COME_BACK)


@returns.command()
@click.option("--dry-run", is_flag=True, help="Only say what each new message is: nothing changes, nothing is moved.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@click.pass_obj
def fetch(folder: Path, dry_run: bool, as_json: bool) -> None:
    """Read the mailbox of config/newsroom.yaml once, as `filigrane run` does, and do what follows.

    What was acted upon is moved to another folder; what was not stays in its place, unread. Nothing is deleted.
    """
    from composer.returns.mailbox_reading import look_through, read_mailbox
    from composer.returns.receiving import open_receiver

    newsroom, engine = open_for(folder)
    mailbox = newsroom.settings.returns.mailbox
    if mailbox is None:
        raise Refused(_("no mailbox is configured: docs/returns.md says what to write in config/newsroom.yaml"))
    with open_receiver(newsroom) as receiver:
        if dry_run:
            seen = look_through(mailbox, receiver, engine)
            if as_json:
                for piece in json_array(_as_json(str(uid), found.judgement, found.identity) for uid, found in seen):
                    say(piece, nl=False)
                return
            for uid, found in seen:
                say(_line(str(uid), found.judgement, found.identity))
            return
        done = read_mailbox(mailbox, receiver, engine, lambda line: None if as_json else say(line))
    if as_json:
        say(json.dumps(done.as_json()))
        return
    told = _(
        "read: {read}; acted upon: {acted}; answers counted: {answers}; of no letter of ours: {strangers}; not read: "
        "{failed}"
    )
    counted = {name: number for name, number in done.as_json().items() if name != "more"}
    say(told.format(**counted))
    if done.more:
        say(_("the mailbox holds more: give the command again"))


@returns.command("listen")
@click.pass_obj
def listen_(folder: Path) -> None:
    """Take messages by LMTP, where config/newsroom.yaml says, until a signal. `filigrane run` begins it by itself."""
    from composer.returns.listening import listen_until_signal

    newsroom, engine = open_for(folder)
    address = newsroom.settings.returns.lmtp
    if address is None:
        raise Refused(_("no address for LMTP is configured: docs/returns.md says what to write"))
    listen_until_signal(newsroom, engine, address, say)


@returns.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@click.pass_obj
def list_(folder: Path, as_json: bool) -> None:
    """What came back and wants a person: hard bounces that are held, readers who pay, refusals that are about us.

    Held ones as long as they are; the others of thirty days, newest first.
    """
    newsroom, engine = open_for(folder)
    with read_only(engine).connect() as connection:
        if as_json:
            for piece in json_array(_question_as_json(each) for each in open_questions(connection)):
                say(piece, nl=False)
            return
        found = False
        for each in open_questions(connection):
            found = True
            told = [day_and_hour(each.at, newsroom), _("mailing {mailing}").format(mailing=each.mailing)]
            told += [each.address or _("reader {subscriber}").format(subscriber=each.subscriber), each.provider]
            told += [cause_label(each.cause), *([each.status] if each.status else []), act_label(each.act)]
            say(" · ".join(told))
        if not found:
            say(_("nothing is held, no paying reader is out of reach, and nothing came back for what we are"))


@returns.command()
@click.argument("provider")
@click.option("--yes", is_flag=True, help="Yes, where it would ask.")
@click.pass_obj
def believe(folder: Path, provider: str, yes: bool) -> None:
    """Believe the hard bounces that are held of a mailbox provider: suppress their readers now, not after two days.

    PROVIDER is as `filigrane returns list` prints it.
    """
    _newsroom, engine = open_for(folder)
    with read_only(engine).connect() as connection:
        held = held_by_provider(connection)
    if provider not in held:
        if not held:
            raise Refused(_("nothing is held, of any provider"))
        message = _("nothing is held of {provider}; of these it is: {known}")
        raise Refused(message.format(provider=provider, known=", ".join(sorted(held))))
    what = ngettext(
        "{count} reader of {provider} gets no letter of the house any more, unless a later one was accepted",
        "{count} readers of {provider} get no letter of the house any more, but for those of whom a later one was "
        "accepted",
        held[provider],
    )
    confirm(yes, what.format(count=held[provider], provider=provider))
    settled = 0
    while True:
        with engine.begin() as connection:
            if not (some := believe_held(connection, provider)):
                break
        settled += some
    say(ngettext("{count} reader settled", "{count} readers settled", settled).format(count=settled))


def _question_as_json(each: OpenQuestion) -> dict[str, object]:
    return {
        "at": each.at,
        "mailing": each.mailing,
        "subscriber": each.subscriber,
        "address": each.address,
        "provider": each.provider,
        "act": each.act,
        "cause": each.cause,
        "status": each.status,
    }


def _keys(folder: Path) -> Sequence[bytes] | None:
    """The secret keys, the present one and former ones; None, and it is told, where there is no newsroom or no key."""
    why = _("there is no newsroom here")
    if (folder / SETTINGS).is_file():
        try:
            return (secret_key(folder), *former_keys())
        except FiligraneError as error:
            why = error.shown()
    say(_("Whose letter came back is not checked: {why}").format(why=why), err=True)
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
