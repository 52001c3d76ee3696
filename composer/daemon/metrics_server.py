"""``/metrics``, for Prometheus: on an address of its own, apart from the readers' pages."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import structlog
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from composer.daemon.process import AppContext
from composer.delivery.metrics import exposition
from composer.errors import OutsideWorld
from composer.public import serve
from composer.returns.metrics import ReturnsCollector

_log = structlog.get_logger()


@dataclass(frozen=True)
class MetricsAddress:
    """Where metrics are served. ``required``: the operator named it, so the process does not start without it."""

    host: str
    port: int
    required: bool


def metrics_app(engine: Engine) -> Starlette:
    """``GET /metrics``; 503 where the database does not answer."""

    async def metrics(request: Request) -> Response:
        try:
            text = await run_in_threadpool(exposition, engine, ReturnsCollector(engine))
        except (OutsideWorld, SQLAlchemyError):
            return PlainTextResponse("the database does not answer", 503)
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    return Starlette(routes=[Route("/metrics", metrics)])


async def serve_metrics(address: MetricsAddress, base: AppContext, stop: asyncio.Event) -> None:
    """Serve until ``stop``. Where the default port is taken, log a warning and go on: sending does not need it.

    Raises ``OutsideWorld`` where an address that the operator named cannot be bound.
    """
    listening: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    listening.add_done_callback(lambda ready: _log.info("metrics", host=address.host, port=ready.result()))
    try:
        await serve(metrics_app(base.engine), address.host, address.port, stop, listening)
    except OutsideWorld as error:
        if address.required:
            raise
        _log.warning("metrics-not-served", why=str(error))
        await stop.wait()
