"""Paid copies: what the pages may ask of a reader's payment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

#: Which letter a link leads to, and whether it opens, by what its signed token says: the pages' role may call this, and
#: reads neither tier nor address. Names are looked for in the schema of the tables alone.
_PAID_COPY = """
CREATE FUNCTION {schema}.paid_copy(subscription bigint, edition bigint)
RETURNS TABLE (mailing_id integer, publication varchar, date date, slug varchar, language varchar, late boolean,
  pays boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
  SELECT mailings.id, mailings.publication, mailings.date, mailings.slug, mailing_editions.language,
    mailings.dated <= clock_timestamp() - interval '7 days',
    subscriptions.status = 'active' AND subscriptions.tier = 'paid'
      AND (subscriptions.paid_until IS NULL OR subscriptions.paid_until >= clock_timestamp())
      AND EXISTS (
        SELECT 1 FROM subscribers
        WHERE subscribers.id = subscriptions.subscriber_id AND subscribers.email IS NOT NULL
          AND subscribers.forgotten_at IS NULL
          AND NOT EXISTS (SELECT 1 FROM suppressions WHERE suppressions.address_key = subscribers.address_key))
  FROM mailing_editions
    JOIN mailings ON mailings.id = mailing_editions.mailing_id
    JOIN subscriptions ON subscriptions.publication = mailings.publication
  WHERE mailing_editions.id = $2 AND mailing_editions.audience = 'paid' AND mailings.rehearsal = 0
    AND subscriptions.id = $1
$$
"""


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        quote = connection.dialect.identifier_preparer.quote
        schema = quote(connection.execute(sa.select(sa.func.current_schema())).scalar_one())
        op.execute(_PAID_COPY.format(schema=schema))
        op.execute(f"REVOKE EXECUTE ON FUNCTION {schema}.paid_copy(bigint, bigint) FROM PUBLIC")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION paid_copy(bigint, bigint)")
