"""Targets, shares of their connections, and items that wait for another attempt without a worker."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "targets",
        sa.Column("entity", sa.String(64), nullable=False),
        sa.Column("trips", sa.Integer, nullable=False),
        sa.Column("held_until", sa.BigInteger, nullable=True),
        sa.Column("reason", sa.String(9), nullable=True),
        sa.PrimaryKeyConstraint("entity"),
    )
    op.create_table(
        "shares",
        sa.Column("entity", sa.String(64), nullable=False),
        sa.Column("owner", sa.String(128), nullable=False),
        sa.Column("connections", sa.Integer, nullable=False),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("entity", "owner"),
    )
    # Each with a default: a process of the version before goes on writing rows without them.
    op.add_column("jobs", sa.Column("patient", sa.Boolean, nullable=False, server_default=sa.true()))
    op.add_column("chunks", sa.Column("not_before", sa.BigInteger, nullable=True))
    op.add_column("items", sa.Column("underway", sa.Boolean, nullable=True))
    op.add_column("items", sa.Column("not_before", sa.BigInteger, nullable=True))
    op.add_column("items", sa.Column("unclear", sa.Boolean, nullable=True))
    op.add_column("items", sa.Column("first_sent_at", sa.BigInteger, nullable=True))


def downgrade() -> None:
    for name in ("first_sent_at", "unclear", "not_before", "underway"):
        op.drop_column("items", name)
    op.drop_column("chunks", "not_before")
    op.drop_column("jobs", "patient")
    op.drop_table("shares")
    op.drop_table("targets")
