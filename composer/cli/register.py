"""register: the record of processing activities."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import get_args

import click

from composer.archive.processing import register_entries, register_lines
from composer.cli.configuration import load_newsroom
from composer.cli.say import say
from composer.locale import Language


@click.command()
@click.option("--language", type=click.Choice(get_args(Language)), help="The newsroom’s own where not given.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def register(folder: Path, language: Language | None, as_json: bool) -> None:
    """Write the record that the GDPR asks for (article 30), as Markdown: activities and processors.

    It says what the configuration knows. What only the house can know is marked, to be filled in by hand.
    """
    newsroom = load_newsroom(folder)
    said_in = language or newsroom.settings.language
    entries = register_entries(newsroom, said_in)
    if as_json:
        say(json.dumps([asdict(each) for each in entries], ensure_ascii=False, indent=2))
        return
    for line in register_lines(entries, newsroom, said_in):
        say(line)
