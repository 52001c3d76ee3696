"""Reports of relays' operators as they were posted, until they are read; and the tokens of those that act once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hook_posts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("provider", sa.String(length=16), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hook_posts")),
    )
    op.create_index(op.f("ix_hook_posts_at"), "hook_posts", ["at"])
    op.create_table(
        "hook_tokens",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_hook_tokens")),
    )
    op.create_index(op.f("ix_hook_tokens_at"), "hook_tokens", ["at"])


def downgrade() -> None:
    op.drop_table("hook_tokens")
    op.drop_table("hook_posts")
