"""The tables of the batch service's own database; times are milliseconds since the epoch."""

import sqlalchemy as sa

from servicekit.api_keys import keys_table

metadata = sa.MetaData()

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("entity", sa.String(64), nullable=False),
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
)
_unfinished = jobs.c.finished_at.is_(None)
sa.Index("ix_jobs_unfinished", jobs.c.id, sqlite_where=_unfinished, postgresql_where=_unfinished)
sa.Index("ix_jobs_finished_at", jobs.c.finished_at)

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
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("headers", sa.LargeBinary),
    sa.Column("body", sa.LargeBinary),
    sa.Column("status", sa.String(9), nullable=False),
    sa.Column("response_code", sa.Integer),
    sa.Column("response_headers", sa.LargeBinary),
    sa.Column("response_body", sa.LargeBinary),
    sa.Column("answered", sa.Boolean),
    sa.Column("error", sa.Text),
    sa.Column("attempts", sa.Integer, nullable=False),
)
_failed = items.c.status == "failed"
sa.Index("ix_items_failed", items.c.job_id, items.c.position, sqlite_where=_failed, postgresql_where=_failed)

api_keys = keys_table(metadata)
