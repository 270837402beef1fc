"""Payloads sealed by a data key a job, and the data keys by a master key.

Additive: the version before goes on with its own rows, which stay as they are.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "master_keys",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("canary", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "job_keys",
        sa.Column("job_id", sa.String(36), nullable=False),
        sa.Column("master_key", sa.String(32), nullable=False),
        sa.Column("root_id", sa.String(36), nullable=False),
        sa.Column("request_key", sa.LargeBinary, nullable=True),
        sa.Column("result_key", sa.LargeBinary, nullable=False),
        sa.Column("credential", sa.LargeBinary, nullable=True),
        sa.Column("credential_expires_at", sa.BigInteger, nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["master_key"], ["master_keys.id"]),
        sa.PrimaryKeyConstraint("job_id"),
    )
    op.create_index("ix_job_keys_master_key", "job_keys", ["master_key"])
    op.add_column("jobs", sa.Column("requests", sa.String(6), nullable=False, server_default="kept"))
    unerased = sa.text("requests != 'erased'")
    op.create_index("ix_jobs_unerased", "jobs", ["finished_at"], sqlite_where=unerased, postgresql_where=unerased)
    for name in ("request", "response", "sealed_error"):
        op.add_column("items", sa.Column(name, sa.LargeBinary, nullable=True))


def downgrade() -> None:
    op.execute("DELETE FROM jobs WHERE id IN (SELECT job_id FROM job_keys)")  # the version before cannot read them
    for name in ("sealed_error", "response", "request"):
        op.drop_column("items", name)
    op.drop_index("ix_jobs_unerased", table_name="jobs")
    op.drop_column("jobs", "requests")
    op.drop_table("job_keys")
    op.drop_table("master_keys")
