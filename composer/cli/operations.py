"""Commands about the installation: doctor, demo, version.

Packages are imported by the function that uses them: ``version`` is in this module too, and needs none.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from composer import __version__
from composer import locale as words
from composer.cli.i18n import system_language
from composer.cli.say import console, say
from composer.errors import OutsideWorld
from composer.locale import gettext as _
from composer.locale.os_errors import os_reason

if TYPE_CHECKING:
    from composer.doctor.examining import Check


@click.command()
@click.option("--offline", is_flag=True, help="Ask neither the DNS nor public_url.")
@click.option(
    "--resolver",
    "resolvers",
    multiple=True,
    metavar="ADDRESS",
    help="Name server to ask instead of this system's, with :PORT where it is not 53. May be repeated.",
)
@click.option(
    "--received",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="A test as its mailbox shows its source: where its relay sends from.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_context
def doctor(ctx: click.Context, offline: bool, resolvers: tuple[str, ...], received: Path | None, as_json: bool) -> None:
    """Say whether all that sending needs is there, and what mailbox providers see. Sends nothing."""
    from composer.daemon.doctor import examinations
    from composer.doctor.examining import Outside
    from composer.doctor.lookups import NameServers
    from composer.doctor.received import sending_address
    from composer.newsroom import load_newsroom

    newsroom = load_newsroom(ctx.obj)
    from_test = (sending_address(received),) if received is not None else ()
    outside = None if offline else Outside(NameServers(resolvers), from_test)
    checks = list(examinations(newsroom, outside))
    if as_json:
        say(json.dumps({check.name: _check_json(check) for check in checks}, indent=2))
    else:
        _print_checks(checks)
    if any(
        check.unanswered or (check.ok is False and check.name.split()[0] in ("database", "relay")) for check in checks
    ):
        ctx.exit(3)
    if any(check.ok is False for check in checks):
        ctx.exit(1)


def _check_json(check: Check) -> dict[str, object]:
    """A check as scripts get it: ``ok`` is null where it is not known; what each provider does is by its name."""
    from composer.doctor.terms import provider_consequences

    faults = [
        {"code": fault.code, "says": fault.says, "record": fault.record, "providers": provider_consequences(fault)}
        for fault in check.faults
    ]
    return {"ok": check.ok, "says": check.says, "faults": faults}


def _print_checks(checks: Sequence[Check]) -> None:
    """A line or more for each check; what one says as another of its kind did is said once."""
    width = max(len(_check_word(check.name)) for check in checks)
    marks = {True: click.style("ok", fg="green"), False: click.style(_("no"), fg="red", bold=True)}
    said: dict[tuple[str, str], str] = {}
    for check in checks:
        mark = click.style("?", fg="yellow") if check.ok is None else marks[check.ok]
        kind, _space, own = check.name.partition(" ")
        before = said.setdefault((kind, check.says), own)
        says = check.says if before == own else _("as {name}").format(name=before)
        first, *others = says.splitlines() or [""]
        room = " " * (4 - len(click.unstyle(mark)))
        say(f"  {_check_word(check.name):{width}}  {first}", mark=room + mark)
        for line in others:
            say(f"{'':{width + 7}} {line}")


def _check_word(name: str) -> str:
    """A check's name in the newsroom's language; of a relay or a publication, with its own."""
    words = {
        "configuration": _("configuration"),
        "database": _("database"),
        "mailings": _("mailings"),
        "retention": _("retention"),
        "readers": _("readers"),
        "secret": _("secret"),
        "addresses": _("addresses"),
        "files": _("files"),
        "disk": _("disk"),
        "clock": _("clock"),
        "dkim": "DKIM",
        "dns": "DNS",
        "archive": _("archive"),
        "welcome": _("welcome path"),
        "relay": _("relay"),
        "returns": _("returns"),
        "mailbox": _("mailbox of returns"),
        "hooks": _("operators’ reports"),
        "web": _("web"),
        "identity": _("identity"),
        "published": _("DKIM, published"),
        "spf": "SPF",
        "dmarc": "DMARC",
        "alignment": _("alignment"),
        "mx": "MX",
        "ptr": "PTR",
        "orange": "Orange",
        "public": _("public address"),
    }
    kind, _space, own = name.partition(" ")
    return " ".join(filter(None, [words[kind], own]))


@click.command()
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    default=Path("var/demo"),
    show_default=True,
    help="Where the demonstration lives; remove it to play from the start.",
)
@click.option(
    "--language", type=click.Choice(get_args(words.Language)), help="Language of what is told; the system's otherwise."
)
def demo(folder: Path, language: words.Language | None) -> None:
    """Compose, approve and send the example's two issues to a real SMTP server on this machine."""
    from rich.table import Table

    from composer.daemon.log import configure
    from composer.demo import demonstrate, outcome_table, proofs

    screen = console()
    words.use(language or system_language())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        log = (folder / "log.json").open("a", encoding="utf-8")
    except OSError as error:
        raise OutsideWorld(_("{file} cannot be written: {why}").format(file=folder, why=os_reason(error))) from error
    with log:
        configure("json", to=log)
        told = demonstrate(folder, lambda line: screen.print(line, highlight=False, soft_wrap=True))
    table = Table(title=_("What became of each mailing"))
    rows = outcome_table(told)
    for heading in rows[0]:
        table.add_column(heading, justify="right" if heading != rows[0][0] else "left")
    for row in rows[1:]:
        table.add_row(*row)
    screen.print(table)
    for line in proofs(told):
        screen.print(line, highlight=False, soft_wrap=True)


@click.command()
def version() -> None:
    """Print the version."""
    say(f"filigrane {__version__}")
