"""The tables of the batch service's own database; times are milliseconds since the epoch."""

import sqlalchemy as sa

from servicekit.api_keys import keys_table

metadata = sa.MetaData()

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("entity", sa.String(64), nullable=False),
    # Jobs from before there were owners are for the administrators of the default tenant.
    sa.Column("tenant", sa.String(255), nullable=False, server_default="default"),
    sa.Column("subject", sa.String(255), nullable=False, server_default=sa.text("''")),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("succeeded", sa.Integer, nullable=False),
    sa.Column("failed", sa.Integer, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("started_at", sa.BigInteger),
    sa.Column("finished_at", sa.BigInteger),
    sa.Column("expires_at", sa.BigInteger),
    sa.Column("stop", sa.String(9)),
    sa.Column("max_errors", sa.Integer),
    sa.Column("retry_of", sa.String(36)),
    sa.Column("traceparent", sa.String(55)),
    # Its sender did not wait: its items outwait a target that is away.
    sa.Column("patient", sa.Boolean, nullable=False, server_default=sa.true()),
    # Its items are still coming in, and it is no job yet; whoever takes them in renews this.
    sa.Column("uploading_until", sa.BigInteger),
    # What of its items went to the target: `kept` for a retry, `closed` while it is being erased, `erased`.
    sa.Column("requests", sa.String(6), nullable=False, server_default="kept"),
)
_unfinished = jobs.c.finished_at.is_(None)
sa.Index("ix_jobs_unfinished", jobs.c.id, sqlite_where=_unfinished, postgresql_where=_unfinished)
sa.Index("ix_jobs_finished_at", jobs.c.finished_at)
sa.Index("ix_jobs_owner", jobs.c.tenant, jobs.c.subject, jobs.c.id)
_unerased = jobs.c.requests != "erased"
sa.Index("ix_jobs_unerased", jobs.c.finished_at, sqlite_where=_unerased, postgresql_where=_unerased)

# The keys of the key ring under which something in this database is sealed; a canary tells a right key from a wrong one.
master_keys = sa.Table(
    "master_keys",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("canary", sa.LargeBinary, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
)

# The secrets of a job, each sealed; beside `jobs`, whose rows change so often that PostgreSQL would keep many copies of them.
# The foreign key of the master key: no key can be retired while something is sealed under it, or about to be.
job_keys = sa.Table(
    "job_keys",
    metadata,
    sa.Column("job_id", sa.String(36), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("master_key", sa.String(32), sa.ForeignKey("master_keys.id"), nullable=False, index=True),
    # The first of the jobs that retry one another: they share one key of requests, and the requests are bound to that job.
    sa.Column("root_id", sa.String(36), nullable=False),
    sa.Column("request_key", sa.LargeBinary),
    sa.Column("result_key", sa.LargeBinary, nullable=False),
    sa.Column("credential", sa.LargeBinary),
    sa.Column("credential_expires_at", sa.BigInteger),
)

batch_keys = sa.Table(
    "batch_keys",
    metadata,
    sa.Column("caller", sa.String(255), primary_key=True),
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("job_id", sa.String(36), sa.ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("salt", sa.LargeBinary, nullable=False),
    sa.Column("fingerprint", sa.LargeBinary, nullable=False),
)

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("owner", sa.String(128), nullable=False),
    sa.Column("lease_until", sa.BigInteger, nullable=False),
)

# What all workers know of a target: how often in a row it was found to fail, and how long it is to be left alone.
targets = sa.Table(
    "targets",
    metadata,
    sa.Column("entity", sa.String(64), primary_key=True),
    sa.Column("trips", sa.Integer, nullable=False),
    sa.Column("held_until", sa.BigInteger),
    sa.Column("reason", sa.String(9)),
)

# How many of a target's connections each worker may have; together they are never more than its `concurrency`.
shares = sa.Table(
    "shares",
    metadata,
    sa.Column("entity", sa.String(64), primary_key=True),
    sa.Column("owner", sa.String(128), primary_key=True),
    sa.Column("connections", sa.Integer, nullable=False),
    sa.Column("lease_until", sa.BigInteger, nullable=False),
)

chunks = sa.Table(
    "chunks",
    metadata,
    sa.Column("job_id", sa.String(36), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("first_index", sa.Integer, nullable=False),
    sa.Column("last_index", sa.Integer, nullable=False),
    sa.Column("status", sa.String(8), nullable=False),
    sa.Column("owner", sa.String(128)),
    sa.Column("fence", sa.Integer, nullable=False),
    sa.Column("claims", sa.Integer, nullable=False),
    sa.Column("lease_until", sa.BigInteger),
    # All its items wait for another attempt; none is due before.
    sa.Column("not_before", sa.BigInteger),
)
_open = chunks.c.status != "done"
sa.Index("ix_chunks_open", chunks.c.number, chunks.c.job_id, sqlite_where=_open, postgresql_where=_open)

# A row an item: every question about an item is plain SQL, and a bulk write costs microseconds a row.
items = sa.Table(
    "items",
    metadata,
    sa.Column("job_id", sa.String(36), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    # The position in the first of the jobs that retry one another: the same in all of them.
    sa.Column("root_position", sa.Integer, nullable=False),
    sa.Column("client_id", sa.Text),
    sa.Column("key", sa.Text),
    sa.Column("method", sa.Text, nullable=False),
    # What goes to the target: its url, headers and body, sealed. The three columns after it are those of the version before.
    sa.Column("request", sa.LargeBinary),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("headers", sa.LargeBinary),
    sa.Column("body", sa.LargeBinary),
    sa.Column("status", sa.String(9), nullable=False),
    sa.Column("response_code", sa.Integer),
    # The answer's headers and body, sealed. In clear, in the two columns after it, stand this service's own words alone.
    sa.Column("response", sa.LargeBinary),
    sa.Column("response_headers", sa.LargeBinary),
    sa.Column("response_body", sa.LargeBinary),
    sa.Column("answered", sa.Boolean),
    # One sentence about a failure: this service's own in clear, any other sealed so that equal ones of a job are equal.
    sa.Column("error", sa.Text),
    sa.Column("sealed_error", sa.LargeBinary),
    sa.Column("attempts", sa.Integer, nullable=False),
    # Noted before it leaves, where a second sending could do harm: a worker that dies cannot say whether it had left.
    sa.Column("underway", sa.Boolean),
    # Of an item that waits for another attempt: when that is due, and whether an earlier one may have been applied.
    sa.Column("not_before", sa.BigInteger),
    sa.Column("unclear", sa.Boolean),
    sa.Column("first_sent_at", sa.BigInteger),
)
_failed = items.c.status == "failed"
sa.Index("ix_items_failed", items.c.job_id, items.c.position, sqlite_where=_failed, postgresql_where=_failed)

api_keys = keys_table(metadata)
