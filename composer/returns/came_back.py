"""Why deliveries are ``bounced`` or ``complained``: what came back of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select

from composer.database import read_only
from composer.locale import gettext as _
from composer.returns.judgement import BounceClass, Cause, ReturnKind
from composer.returns.labels import cause_label, class_label, kind_label
from composer.returns.tables import returned


@dataclass(frozen=True)
class CameBack:
    """One message: a bounce or a complaint. ``status`` is the far host's enhanced code, where it gave one."""

    kind: ReturnKind
    bounce_class: BounceClass | None
    cause: Cause
    status: str | None
    at: datetime

    @property
    def words(self) -> str:
        """In words, on one line."""
        what = class_label(self.bounce_class) if self.bounce_class else kind_label(self.kind)
        return " ".join(filter(None, [self.status, _("{what}: {why}").format(what=what, why=cause_label(self.cause))]))


def came_back(engine: Engine, mailing_id: int, subscriber_ids: Sequence[int]) -> dict[int, list[CameBack]]:
    """The bounces and complaints of a mailing's letters to these subscribers, by subscriber, the oldest first."""
    kinds = (ReturnKind.BOUNCE, ReturnKind.COMPLAINT)
    rows = (
        select(returned)
        .where(
            returned.c.mailing_id == mailing_id,
            returned.c.subscriber_id.in_(list(subscriber_ids)),
            returned.c.kind.in_(kinds),
        )
        .order_by(returned.c.at)
    )
    found: dict[int, list[CameBack]] = {}
    with read_only(engine).connect() as connection:
        for row in connection.execute(rows):
            bounce_class = None if row.bounce_class is None else BounceClass(row.bounce_class)
            one = CameBack(ReturnKind(row.kind), bounce_class, Cause(row.cause), row.status, row.at)
            found.setdefault(row.subscriber_id, []).append(one)
    return found
