#!/bin/sh
# Run once by the database's container, when its volume is empty: the two roles that Filigrane connects as, neither of
# them a superuser. filigrane owns the database; filigrane_pages, of the readers' pages, is given its rights by
# database-pages.sql, once `filigrane db upgrade` has made the tables.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  --set owner="$FILIGRANE_PASSWORD" --set pages="$PAGES_PASSWORD" <<'SQL'
CREATE ROLE filigrane LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'owner';
CREATE ROLE filigrane_pages LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'pages';
CREATE DATABASE filigrane OWNER filigrane;
REVOKE ALL ON DATABASE filigrane FROM PUBLIC;
GRANT CONNECT ON DATABASE filigrane TO filigrane_pages;
SQL
