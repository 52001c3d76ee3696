"""archive: the letters on the web."""

from __future__ import annotations

import json
from pathlib import Path

import click

from composer import clock
from composer.archive.building import build_site
from composer.cli.configuration import load_newsroom
from composer.cli.say import say
from composer.database import open_database
from composer.locale import gettext as _
from composer.newsroom.environment import database_url


@click.group()
def archive() -> None:
    """The letters that were sent, on the web."""


@archive.command("build")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Folder to write to: empty, or of an earlier build, which is replaced.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON document on stdout: how many files, and what is missing."
)
@click.pass_context
def build_archive(ctx: click.Context, out: Path, as_json: bool) -> None:
    """Write the archive as files that any web server can answer: pages, feeds and pictures, without the search.

    `filigrane run` writes and serves the same pages by itself. Everything is written, or nothing.
    """
    newsroom = load_newsroom(ctx.obj)
    engine = open_database(database_url(newsroom), newsroom.root)
    try:
        files, troubles = build_site(newsroom, engine, out, clock.now())
    finally:
        engine.dispose()
    for path, why in troubles.items():
        say(_("no page of {path}: {why}").format(path=path, why=why), err=True)
    if as_json:
        say(json.dumps({"folder": str(out), "files": files, "missing": troubles}, ensure_ascii=False, indent=2))
    else:
        say(_("{folder}, in files: {count}").format(count=files, folder=out))
    ctx.exit(1 if troubles else 0)
