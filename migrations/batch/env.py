"""Alembic's entry: see servicekit/migrations.py."""

from servicekit.migrations import run_env

run_env()
