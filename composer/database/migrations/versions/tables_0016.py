"""A time of notice before readers that left long ago are forgotten: earlier versions kept them for ever."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

#: Days after an upgrade in which nothing is deleted, so that the operator can read about it first.
_NOTICE = 30


def upgrade() -> None:
    used = op.get_bind().execute(sa.text("SELECT id FROM subscribers LIMIT 1")).first() is not None
    if not used:
        return
    if op.get_bind().dialect.name == "postgresql":
        later = f"clock_timestamp() + interval '{_NOTICE} days'"
    else:
        later = "strftime('{}', 'now', '+{} days')".format("%Y-%m-%d %H:%M:%f000", _NOTICE)
    notice = f"UPDATE sweeps SET begins_at = {later} WHERE begins_at < {later}"  # noqa: S608 # reason: two constants
    op.execute(sa.text(notice.replace(":", r"\:")))


def downgrade() -> None:
    """Nothing is to be taken back."""
