-- What the readers' pages may do, for the role filigrane_pages; run by the owner of the tables, once they are there, and
-- again after an upgrade that brought pages.
GRANT USAGE ON SCHEMA public TO filigrane_pages;
GRANT SELECT ON alembic_version TO filigrane_pages;
GRANT SELECT (id, publication, language, status, unsubscribed_at, unsubscribed_by),
  UPDATE (status, unsubscribed_at, unsubscribed_by) ON subscriptions TO filigrane_pages;
GRANT SELECT (id), INSERT ON requests, hook_posts TO filigrane_pages;
GRANT EXECUTE ON FUNCTION choices_of(text), address_link(text), paid_copy(bigint, bigint) TO filigrane_pages;
GRANT SELECT (token_hash, state, letters, language, expires_at) ON signups TO filigrane_pages;
