"""Commands about the installation: doctor, demo, version.

Packages are imported by the function that uses them: ``version`` is in this module too, and needs none.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import click

from composer import __version__
from composer import locale as words
from composer.cli.i18n import system_language
from composer.cli.say import console, say
from composer.errors import OutsideWorld
from composer.locale import gettext as _
from composer.locale.os_errors import os_reason


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Say whether database, keys, relay and TLS are ready to send. Sends nothing."""
    from composer.daemon.doctor import examinations
    from composer.newsroom import load_newsroom

    checks = list(examinations(load_newsroom(ctx.obj)))
    if as_json:
        say(json.dumps({check.name: {"ok": check.ok, "says": check.says} for check in checks}, indent=2))
    else:
        width = max(len(_check_word(check.name)) for check in checks)
        for check in checks:
            mark = click.style("ok", fg="green") if check.ok else click.style(_("no"), fg="red", bold=True)
            first, *others = check.says.splitlines()
            room = " " * (4 - len(click.unstyle(mark)))
            say(f"  {_check_word(check.name):{width}}  {first}", mark=room + mark)
            for line in others:
                say(f"{'':{width + 7}} {line}")
    if not all(check.ok for check in checks):
        ctx.exit(3 if any(not check.ok and check.name.split()[0] in ("database", "relay") for check in checks) else 1)


def _check_word(name: str) -> str:
    """A check's name in the newsroom's language; of a relay, with its own."""
    words = {
        "configuration": _("configuration"),
        "database": _("database"),
        "mailings": _("mailings"),
        "retention": _("retention"),
        "readers": _("readers"),
        "secret": _("secret"),
        "addresses": _("addresses"),
        "files": _("files"),
        "dkim": "DKIM",
        "dns": "DNS",
        "archive": _("archive"),
        "relay": _("relay"),
        "web": _("web"),
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
