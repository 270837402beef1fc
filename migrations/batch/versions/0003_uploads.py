"""Jobs whose items are still coming in."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("uploading_until", sa.BigInteger, nullable=True))


def downgrade() -> None:
    op.execute("DELETE FROM jobs WHERE uploading_until IS NOT NULL")  # the version before would take them for jobs
    op.drop_column("jobs", "uploading_until")
