"""Readers' choices: the links to them, a pause, and what the pages may read of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

#: One reader's choices, to who has the token of the link: the pages' role may call this, and read no table of it. Names
#: are looked for in the schema of the tables alone.
_CHOICES_OF = """
CREATE FUNCTION {schema}.choices_of(token text)
RETURNS TABLE (spoken varchar, expires_at timestamptz, publication varchar, status varchar, tier varchar,
  language varchar, paused_until timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
  SELECT links.language, links.expires_at, subscriptions.publication, subscriptions.status, subscriptions.tier,
    subscriptions.language, subscriptions.paused_until
  FROM links LEFT JOIN subscriptions ON subscriptions.subscriber_id = links.subscriber_id
  WHERE links.token_hash = encode(sha256(convert_to($1, 'UTF8')), 'hex') AND links.purpose = 'choices'
    AND links.state = 'mailed' AND links.expires_at > clock_timestamp()
$$
"""

#: What a link of a change of address is for, and how far it is.
_ADDRESS_LINK = """
CREATE FUNCTION {schema}.address_link(token text) RETURNS TABLE (language varchar, purpose varchar, state varchar)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
  SELECT links.language, links.purpose, links.state FROM links
  WHERE links.token_hash = encode(sha256(convert_to($1, 'UTF8')), 'hex')
    AND links.purpose IN ('leave-address', 'new-address') AND links.state IN ('mailed', 'confirmed', 'moved')
    AND links.expires_at > clock_timestamp()
$$
"""


def upgrade() -> None:
    op.add_column("subscriptions", sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("address_key", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_links_subscriber_id_subscribers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_links_token_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_links_address_key", "links", ["address_key"])
    op.create_index("ix_links_mailed_at", "links", ["mailed_at"])
    op.create_index("ix_links_state_id", "links", ["state", "id"])
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        quote = connection.dialect.identifier_preparer.quote
        schema = quote(connection.execute(sa.select(sa.func.current_schema())).scalar_one())
        for name, function in (("choices_of", _CHOICES_OF), ("address_link", _ADDRESS_LINK)):
            op.execute(function.format(schema=schema))
            op.execute(f"REVOKE EXECUTE ON FUNCTION {schema}.{name}(text) FROM PUBLIC")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION choices_of(text)")
        op.execute("DROP FUNCTION address_link(text)")
    op.drop_table("links")
    op.drop_column("subscriptions", "paused_until")
