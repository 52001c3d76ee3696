"""``filigrane returns hooks``: the addresses that relays' operators are to be given."""

from __future__ import annotations

from pathlib import Path

import click

from composer.cli.json_output import json_array
from composer.cli.say import say
from composer.locale import gettext as _
from composer.newsroom import load_newsroom
from composer.newsroom.environment import mailgun_signing_key, secret_key
from composer.returns.hooks.doors import hook_addresses


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@click.pass_obj
def hooks(folder: Path, as_json: bool) -> None:
    """The addresses at which operators of relays report bounces and complaints, to be typed at their consoles.

    Whoever knows one can post there: keep them as passwords are kept. Another `turn` makes other ones.
    """
    newsroom = load_newsroom(folder)
    found = list(hook_addresses(newsroom, secret_key(newsroom.root)))
    if as_json:
        for piece in json_array({"provider": provider, "address": address} for provider, address in found):
            say(piece, nl=False)
        return
    for provider, address in found:
        say(f"{provider}: {address}")
        if not address.startswith("https:"):
            say(_("public_url is no https address: no operator should be given this one"), err=True)
        if provider == "mailgun" and not mailgun_signing_key():
            say(
                _("FILIGRANE_MAILGUN_SIGNING_KEY is not given: no report of Mailgun's is believed without it"), err=True
            )
    if not found:
        say(_("no door is open: hooks in config/newsroom.yaml opens them"))
