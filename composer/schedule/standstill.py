"""Why nothing of a mailing leaves, in words: for ``filigrane mailings`` and the newsroom's sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import Engine

from composer.clock import now
from composer.database import read_only, written_and_read
from composer.delivery.ledger.progress import Progress, next_try
from composer.delivery.ledger.workers import any_alive, silent_here
from composer.delivery.limits.rate_limits import slowed_rates
from composer.errors import OutsideWorld
from composer.locale import gettext as _


def standstill(engine: Engine, found: Sequence[Progress], hour: Callable[[datetime], str]) -> Iterator[str]:
    """Yield why mailings in ``found`` do not move, or slowly; ``hour`` writes an instant.

    Where nothing was settled for a minute, or no heartbeat was written, it tries to write to the database, which takes
    three seconds where another process holds it. Where that fails it is why: a worker that lives cannot say so.
    """
    moving = [each for each in found if each.under_way and each.open and not _stale(each)]
    if not moving:
        return
    with read_only(engine).connect() as connection:
        alive, slowed, silent = any_alive(connection), slowed_rates(connection), silent_here(connection)
        tries = [(each.mailing.id, next_try(connection, each)) for each in moving]
    if not alive or not any(each.per_minute for each in moving):
        try:
            written_and_read(engine)
        except OutsideWorld as error:
            yield _("nothing leaves, for nothing can be written: {why}").format(why=error)
            return
    if not alive and silent:
        line = _(
            "process {pid} sends, and cannot write to the database, or stands still: nothing leaves; its log says why "
            "(a quota, a limit to the size of files)"
        )
        yield line.format(pid=silent[-1])
    elif not alive:
        yield _("no worker is alive: nothing leaves; to start one: filigrane run, or filigrane worker")
    for rate in slowed:
        line = _("{relay} takes no more than {number} a minute for {whom} now: {reason}")
        whom = rate.provider or _("everybody")
        yield line.format(relay=rate.relay, number=f"{rate.per_minute:.3g}", whom=whom, reason=rate.reason)
    for mailing, instant in tries:
        if instant is not None:
            line = _("mailing {id}: all that is left was refused for now and is tried again from {hour} on")
            yield line.format(id=mailing, hour=hour(instant))


def _stale(found: Progress) -> bool:
    """Whether nothing of it leaves for its news is stale, by any process."""
    return found.mailing.expires_at is not None and found.mailing.expires_at <= now()
