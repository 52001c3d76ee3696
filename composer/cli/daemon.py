"""run, worker, web: the processes of the server."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import click

from composer.daemon.log import Form, configure
from composer.daemon.metrics_server import MetricsAddress
from composer.daemon.process import run_uvloop
from composer.daemon.run import run as run_everything
from composer.daemon.run import run_pages, run_worker
from composer.errors import WrongUsage
from composer.locale import gettext as _


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
    host = click.option(
        "--host", metavar="ADDRESS", default="127.0.0.1", show_default=True, help="Address to listen on."
    )
    port = click.option(
        "--port", type=click.IntRange(0, 65535), metavar="N", default=8025, show_default=True, help="Port."
    )
    return host(port(command))


def _measured(port: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The option for metrics. ``port`` is its default, different for each kind of process, as one host may run both."""

    def read(ctx: click.Context, parameter: click.Parameter, value: str | None) -> MetricsAddress | None:
        if value == "off":
            return None
        # A host name, an IPv4 address, or an IPv6 one between brackets; then the port.
        match = re.fullmatch(
            r"(?:\[([0-9a-fA-F.]*:[0-9a-fA-F:.]*)\]|([^\s:\[\]/@]+)):(\d{1,5})", value or f"127.0.0.1:{port}"
        )
        if match is None or int(match[3]) > 65535:
            message = _("--metrics takes HOST:PORT, or off, and not “{value}”: --metrics 127.0.0.1:{port}")
            raise WrongUsage(message.format(value=value, port=port))
        return MetricsAddress(match[1] or match[2], int(match[3]), required=value is not None)

    return click.option(
        "--metrics",
        metavar="HOST:PORT|off",
        callback=read,
        show_default=f"127.0.0.1:{port}",
        help="Where Prometheus finds /metrics; the default only where it is free.",
    )


@click.command()
@_listening
@_measured(9464)
@_logged
@click.pass_obj
def run(folder: Path, host: str, port: int, metrics: MetricsAddress | None, log: Form, verbose: bool) -> None:
    """Run the daemon: the schedule and a worker, and the readers' pages in a process of their own.

    The pages speak plain HTTP: a reverse proxy in front of them provides TLS at the address of public_url.
    SIGTERM and SIGINT end it once what is under way is finished; a second one ends it at once.
    """
    configure(log, verbose=verbose)
    run_uvloop(run_everything(folder, host, port, metrics, log, verbose))


@click.command()
@_measured(9465)
@_logged
@click.pass_obj
def worker(folder: Path, metrics: MetricsAddress | None, log: Form, verbose: bool) -> None:
    """Run one more sender, here or on another host with the same database."""
    configure(log, verbose=verbose)
    run_uvloop(run_worker(folder, metrics))


@click.command()
@_listening
@_logged
@click.pass_obj
def web(folder: Path, host: str, port: int, log: Form, verbose: bool) -> None:
    """Serve the readers' pages alone, in plain HTTP: a reverse proxy in front of them provides TLS."""
    configure(log, verbose=verbose)
    run_uvloop(run_pages(folder, host, port))
