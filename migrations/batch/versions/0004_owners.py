"""Whose each job is.

Revision: 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # With defaults: a process of the version before goes on writing jobs without an owner.
    op.add_column("jobs", sa.Column("tenant", sa.String(255), nullable=False, server_default="default"))
    op.add_column("jobs", sa.Column("subject", sa.String(255), nullable=False, server_default=sa.text("''")))
    op.create_index("ix_jobs_owner", "jobs", ["tenant", "subject", "id"])


def downgrade() -> None:
    op.drop_index("ix_jobs_owner", table_name="jobs")
    op.drop_column("jobs", "subject")
    op.drop_column("jobs", "tenant")
