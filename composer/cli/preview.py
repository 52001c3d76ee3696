"""``filigrane preview``: start the studio."""

from __future__ import annotations

import socket
from contextlib import suppress
from pathlib import Path

import click
import uvicorn

from composer.cli.issue import issue_named
from composer.cli.say import say
from composer.errors import FiligraneError, OutsideWorld
from composer.locale import gettext as _
from composer.newsroom import load_newsroom
from composer.newsroom.load import SETTINGS
from composer.studio import app
from composer.studio.access import KEY_PARAMETER, new_token
from composer.studio.issue_list import named
from composer.studio.studio_user import user_here

_PORT = 8017
_TRIES = 20


@click.command()
@click.argument("issue", metavar="[ISSUE]", required=False)
@click.option(
    "--port", type=click.IntRange(1, 65535), metavar="N", help="Port on this machine; 8017 or the next free one."
)
@click.pass_obj
def preview(folder: Path, issue: str | None, port: int | None) -> None:
    """Show ISSUE live in the browser, and write in it there; or show the list of issues.

    ISSUE is a file, or publication/date. The address that is printed holds a key, anew each time: without it the studio
    shows nothing. The page follows every change of the issue, its pictures, the configuration and the templates. A
    sentence that is pressed can be rewritten in the letter itself: the file changes there, and nowhere else.
    """
    root = folder.resolve()
    try:
        newsroom = load_newsroom(root)
    except FiligraneError:  # the page shows what is wrong, and recovers when it is mended
        if not (root / SETTINGS).is_file():
            raise
        path = named(root, issue) if issue else None
    else:
        path = issue_named(newsroom, issue).absolute() if issue else None
    listening = _socket(port)
    token = new_token()
    url = f"http://127.0.0.1:{listening.getsockname()[1]}/?{KEY_PARAMETER}={token}"
    say(_("The studio is at {url} (Ctrl-C to close it)").format(url=url))
    studio = app(root, token, user_here(root), path)
    config = uvicorn.Config(studio, log_level="critical", access_log=False, timeout_graceful_shutdown=1)
    with suppress(KeyboardInterrupt):  # uvicorn closes on it, then raises it again
        uvicorn.Server(config).run(sockets=[listening])


def _socket(port: int | None) -> socket.socket:
    """A socket on loopback only. Raises ``OutsideWorld`` where the port asked for is taken."""
    for candidate in [port] if port else range(_PORT, _PORT + _TRIES):
        with suppress(OSError):
            return socket.create_server(("127.0.0.1", candidate))
    taken = str(port) if port else f"{_PORT}-{_PORT + _TRIES - 1}"
    raise OutsideWorld(_("port {port} is taken on this machine; choose another: --port 8100").format(port=taken))
