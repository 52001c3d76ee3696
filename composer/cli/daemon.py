"""run, worker, web: the processes of the server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import click

from composer.daemon.log import Form, configure
from composer.daemon.run import run as run_everything
from composer.daemon.run import run_pages, run_worker


def _logged(command: Callable[..., Any]) -> Callable[..., Any]:
    form = click.option(
        "--log",
        type=click.Choice(get_args(Form)),
        default="console",
        show_default=True,
        help="Form of the logs (stderr).",
    )
    verbose = click.option("--verbose", is_flag=True, help="Also log what serves to find a fault.")
    return form(verbose(command))


def _listening(command: Callable[..., Any]) -> Callable[..., Any]:
    host = click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
    port = click.option("--port", type=click.IntRange(0, 65535), default=8025, show_default=True, help="Port.")
    return host(port(command))


@click.command()
@_listening
@_logged
@click.pass_obj
def run(folder: Path, host: str, port: int, log: Form, verbose: bool) -> None:
    """Run the daemon: the schedule, a worker and the readers' pages in one process.

    The pages speak plain HTTP: a reverse proxy in front of them provides TLS at the address of public_url.
    SIGTERM and SIGINT end it once what is under way is finished; a second one ends it at once.
    """
    configure(log, verbose=verbose)
    asyncio.run(run_everything(folder, host, port))


@click.command()
@_logged
@click.pass_obj
def worker(folder: Path, log: Form, verbose: bool) -> None:
    """Run one more sender, here or on another host with the same database."""
    configure(log, verbose=verbose)
    asyncio.run(run_worker(folder))


@click.command()
@_listening
@_logged
@click.pass_obj
def web(folder: Path, host: str, port: int, log: Form, verbose: bool) -> None:
    """Serve the readers' pages alone, in plain HTTP: a reverse proxy in front of them provides TLS."""
    configure(log, verbose=verbose)
    asyncio.run(run_pages(folder, host, port))
