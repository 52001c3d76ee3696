"""The ledger's tables: mailings, their editions, workers, deliveries."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from composer.database import UTCDateTime, db_now, metadata

#: ``rollback_id`` of a mailing that is paused because the database may be an older copy.
PERHAPS_OLD = 0

#: One sealed issue being sent. UNIQUE(publication, date, slug, rehearsal) guarantees one mailing an issue, even if two
#: processes open it: the real one has ``rehearsal`` 0. Those opened under ``only_to`` count from 1 for each issue;
#: ``readers`` is how many the publication had then, NULL of the real one. A letter that welcomes has one a day, with a
#: number below 0 (``ledger.welcome``), and each of its deliveries a Date of its own. Look-ups by issue use
#: ``composer.schedule.occurrences``.
#: ``dated`` is the Date header of every message; with ``dkim_domain``, ``dkim_selector`` and ``return_domain`` it is
#: fixed here, so that a resend has the same bytes. ``dkim_fingerprint`` identifies the key that signs the messages,
#: ``secret_fingerprint`` the key that makes their links and return paths.
#: ``reason`` says why it is paused or cancelled. Nothing is sent from ``expires_at`` on; a tick that finds it past sets
#: ``expired_at``, and only then its waiting deliveries expire (``expiry``). ``version`` counts amendments, from 1;
#: ``amended_at`` is the last one. Until ``canary_until`` only canaries leave; NULL where nothing is held back.
#: ``rollback_id``: the row of ``rollbacks`` for which it is paused, because the database lost commits; ``PERHAPS_OLD``
#: where it is paused because the database may be an older copy; NULL otherwise.
mailings = Table(
    "mailings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("publication", String(64), nullable=False),
    Column("date", Date, nullable=False),
    Column("slug", String(64), nullable=False, default=""),
    Column("subject", Text, nullable=False),
    Column("seal", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", Text, nullable=True),
    Column("dated", UTCDateTime, nullable=False),
    Column("dkim_domain", String(255), nullable=True),
    Column("dkim_selector", String(64), nullable=True),
    Column("dkim_fingerprint", String(64), nullable=True),
    Column("secret_fingerprint", String(32), nullable=False),
    Column("return_domain", String(255), nullable=False),
    Column("expires_at", UTCDateTime, nullable=True),
    Column("opened_at", UTCDateTime, nullable=False, default=db_now()),
    Column("closed_at", UTCDateTime, nullable=True),
    Column("version", Integer, nullable=False, default=1, server_default=text("1")),
    Column("amended_at", UTCDateTime, nullable=True),
    Column("canary_until", UTCDateTime, nullable=True),
    Column("rollback_id", Integer, nullable=True),
    Column("rehearsal", Integer, nullable=False, default=0, server_default=text("0")),
    Column("readers", Integer, nullable=True),
    Column("expired_at", UTCDateTime, nullable=True),
    UniqueConstraint("publication", "date", "slug", "rehearsal"),
    sqlite_autoincrement=True,
)

#: The frozen bytes of one edition: a MIME message with slots (``composer.message``). ``version`` counts amendments, and
#: ``seal`` is the digest of the approval that it comes from. ``template`` is the last column: on SQLite, reading a
#: column stored after a large blob means reading through the blob.
mailing_editions = Table(
    "mailing_editions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("mailing_id", ForeignKey("mailings.id"), nullable=False),
    Column("audience", String(8), nullable=False),
    Column("language", String(8), nullable=False),
    Column("version", Integer, nullable=False, default=1, server_default=text("1")),
    Column("seal", String(64), nullable=False, default=""),
    Column("template", LargeBinary, nullable=False),
    UniqueConstraint("mailing_id", "audience", "language", "version"),
)

#: A sending process. It is dead when ``heartbeat_at`` is 30 s old by the database's clock, or ``stopped_at`` is set.
#: ``process`` identifies it to the kernel (boot, PID namespace, start time), where the system tells: a successor on
#: the same kernel then sees at once that it has ended. ``connections``: how many it may have open, by relay.
#: ``away_since``: it has reached no relay since then; ``away_why`` is the error. ``beat`` grows by one with each of its
#: commits (``ledger.workers.bump``). ``rolled_back``: the ledger went back while it had claims, so these may be out.
workers = Table(
    "workers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("host", String(255), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("process", String(120), nullable=True),
    Column("connections", JSON, nullable=False, default=dict),
    Column("started_at", UTCDateTime, nullable=False, default=db_now()),
    Column("heartbeat_at", UTCDateTime, nullable=False, default=db_now()),
    Column("stopped_at", UTCDateTime, nullable=True),
    Column("away_since", UTCDateTime, nullable=True),
    Column("away_why", Text, nullable=True),
    Column("beat", BigInteger, nullable=False, default=0, server_default=text("0")),
    Column("rolled_back", Boolean, nullable=False, default=False, server_default=false()),
    sqlite_autoincrement=True,
)

#: Conditions of the partial indexes, repeated by the claims. They are literals, because a planner cannot prove a bound
#: parameter; ``coalesce`` keeps the planner from choosing ``ix_deliveries_mailing_id_state`` instead.
DEFERRED = "coalesce(state, '') = 'deferred'"
QUEUED = "coalesce(state, '') = 'queued'"

#: One mailing for one subscriber: the ledger row, written before the first SMTP command. ``email`` is the address at
#: the time of opening. ``attempt`` counts claims and fences late replies; ``deferrals`` counts temporary refusals and
#: chooses the next delay. ``provider`` is the mailbox provider's group (``providers.toml``), empty for all others.
#: ``pinned``: a message of its edition may be out, so an amendment does not change it. ``canary``: it leaves before
#: the others. ``dated``: Date header of a letter that welcomes; NULL where the mailing's holds.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("mailing_id", ForeignKey("mailings.id"), nullable=False),
    Column("edition_id", ForeignKey("mailing_editions.id"), nullable=False),
    Column("subscriber_id", ForeignKey("subscribers.id"), nullable=False),
    Column("subscription_id", ForeignKey("subscriptions.id"), nullable=False),
    Column("email", String(320), nullable=True),
    Column("provider", String(64), nullable=False, default="", server_default=text("''")),
    Column("state", String(16), nullable=False),
    Column("attempt", Integer, nullable=False, default=0, server_default=text("0")),
    Column("deferrals", Integer, nullable=False, default=0, server_default=text("0")),
    Column("worker_id", ForeignKey("workers.id"), nullable=True),
    Column("not_before", UTCDateTime, nullable=True),
    Column("changed_at", UTCDateTime, nullable=False, default=db_now()),
    Column("reply_code", Integer, nullable=True),
    Column("reply_status", String(16), nullable=True),
    Column("reply_text", Text, nullable=True),
    Column("pinned", Boolean, nullable=False, default=False, server_default=false()),
    Column("canary", Boolean, nullable=False, default=False, server_default=false()),
    Column("dated", UTCDateTime, nullable=True),
    UniqueConstraint("mailing_id", "subscriber_id"),
    Index(
        "ix_deliveries_deferred",
        "mailing_id",
        "not_before",
        sqlite_where=text(DEFERRED),
        postgresql_where=text(DEFERRED),
    ),
    Index("ix_deliveries_queued", "mailing_id", "provider", sqlite_where=text(QUEUED), postgresql_where=text(QUEUED)),
    Index("ix_deliveries_mailing_id_state", "mailing_id", "state"),
    Index("ix_deliveries_worker_id_state", "worker_id", "state"),
    Index("ix_deliveries_canary", "mailing_id", sqlite_where=text("canary = 1"), postgresql_where=text("canary")),
)

#: Each step of a welcome path is given to a reader once in a life: the key holds over all mailings, also after leaving
#: and coming back. ``letter``: the step's issue, ``2026-12-01-welcome``; ``rehearsal``: under ``only_to``, which does
#: not use up the real one. ``mailing_id`` is NULL where none was opened: the letter may have left from elsewhere.
welcomed = Table(
    "welcomed",
    metadata,
    Column("publication", String(64), primary_key=True),
    Column("letter", String(80), primary_key=True),
    Column("subscriber_id", ForeignKey("subscribers.id"), primary_key=True, autoincrement=False, index=True),
    Column("rehearsal", Boolean, primary_key=True),
    Column("mailing_id", Integer, nullable=True, index=True),
    Column("at", UTCDateTime, nullable=False),
)

#: Number of a mailing's deleted delivery rows that had ended in ``state`` (``composer.delivery.ledger.retention``).
mailing_counts = Table(
    "mailing_counts",
    metadata,
    Column("mailing_id", ForeignKey("mailings.id"), primary_key=True),
    Column("state", String(16), primary_key=True),
    Column("number", Integer, nullable=False),
)

#: Progress of retention on a mailing: the first address was erased at ``begun_at``, the last one at ``erased_at``, the
#: last row deleted at ``folded_at``. From ``begun_at`` on, none of its messages is sent again.
mailing_retention = Table(
    "mailing_retention",
    metadata,
    Column("mailing_id", ForeignKey("mailings.id"), primary_key=True),
    Column("begun_at", UTCDateTime, nullable=False, default=db_now()),
    Column("erased_at", UTCDateTime, nullable=True),
    Column("folded_at", UTCDateTime, nullable=True),
)

#: Retention in this database, one row (``id`` is 1): installed at ``seen_at``; nothing is swept before ``begins_at``;
#: ``swept_at`` is when a daemon last completed a sweep.
sweeps = Table(
    "sweeps",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seen_at", UTCDateTime, nullable=False, default=db_now()),
    Column("begins_at", UTCDateTime, nullable=False),
    Column("swept_at", UTCDateTime, nullable=True),
)

#: Each time a worker noticed that this database had lost commits. ``recorded``: outcomes that workers remembered and
#: recorded again; ``doubts``: deliveries put in doubt because their outcome is not known.
rollbacks = Table(
    "rollbacks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("noticed_at", UTCDateTime, nullable=False, default=db_now()),
    Column("recorded", Integer, nullable=False, default=0),
    Column("doubts", Integer, nullable=False, default=0),
)

#: Ids of workers, of rows that retention deleted: a counter kept on a host for one of them is no sign of lost commits.
swept_workers = Table("swept_workers", metadata, Column("id", Integer, primary_key=True, autoincrement=False))

#: Send rate through ``relay`` to ``provider``, shared by all workers on all hosts; of the whole relay where
#: ``provider`` is empty. A row exists only while it differs from the default.
#: ``composer.delivery.limits.token_bucket.RateState`` documents the columns; ``means`` (blocked, configuration,
#: throttled) and ``reason`` (the reply) say why the rate is suspended or reduced.
paces = Table(
    "paces",
    metadata,
    Column("relay", String(300), primary_key=True),
    Column("provider", String(64), primary_key=True),
    Column("rate", Float, nullable=True),
    Column("base", Float, nullable=True),
    Column("tokens", Float, nullable=False),
    Column("refilled_at", UTCDateTime, nullable=False),
    Column("grown_at", UTCDateTime, nullable=True),
    Column("throttled_at", UTCDateTime, nullable=True),
    Column("floor_until", UTCDateTime, nullable=True),
    Column("quiet_until", UTCDateTime, nullable=True),
    Column("means", String(16), nullable=True),
    Column("reason", Text, nullable=True),
    Column("day", Date, nullable=True),
    Column("sent_today", Integer, nullable=False),
    Column("days_before", Integer, nullable=False),
)

#: The present run of refusals of a mailing, over all workers (``composer.delivery.ledger.refusal_runs``). ``weight``
#: grows with each refusal that counts and falls with each acceptance; ``domains``: how many domains the refused readers
#: have; ``begun_at``: its first refusal. ``stopped``: it was complete, and paused the mailing.
refusal_runs = Table(
    "refusal_runs",
    metadata,
    Column("mailing_id", ForeignKey("mailings.id"), primary_key=True),
    Column("weight", Integer, nullable=False, default=0),
    Column("domains", Integer, nullable=False, default=0),
    Column("stopped", Boolean, nullable=False, default=False),
    Column("begun_at", UTCDateTime, nullable=False, default=db_now()),
)

#: The refused deliveries of the present run. ``domain`` is a digest of the reader's domain. ``doubted``: this refusal
#: stopped the mailing, or was one of those that did; the next one of this delivery is the reader's.
run_refusals = Table(
    "run_refusals",
    metadata,
    Column("delivery_id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("mailing_id", ForeignKey("mailings.id"), nullable=False),
    Column("domain", String(16), nullable=False),
    Column("doubted", Boolean, nullable=False, default=False),
    Index("ix_run_refusals_mailing_id_domain", "mailing_id", "domain"),
)
