"""The settings of the users service, all from the environment."""

import os
from dataclasses import dataclass

from environs import Env, validate

from servicekit.retirement import NOT_PLANNED, Retirement, read_retirement


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator can set."""

    database_url: str
    host: str
    port: int
    workers: int
    threads: int
    argon2_memory_kib: int
    argon2_time_cost: int
    argon2_parallelism: int
    hash_concurrency: int
    idempotency_retention_s: int
    v1_retirement: Retirement = NOT_PLANNED
    v2_retirement: Retirement = NOT_PLANNED


def read_settings() -> Settings:
    """Read the environment; raise environs.EnvError, which names the variable, for a value that cannot be."""
    env = Env()
    return Settings(
        database_url=env.str("DATABASE_URL", "sqlite:///var/users.db"),
        host=env.str("HOST", "127.0.0.1"),
        port=env.int("PORT", 8001, validate=validate.Range(1, 65_535)),
        workers=env.int("WORKERS", 2, validate=validate.Range(1, 256)),
        threads=env.int("THREADS", 8, validate=validate.Range(1, 256)),
        argon2_memory_kib=env.int("ARGON2_MEMORY_KIB", 19_456, validate=validate.Range(32, 65_536)),
        argon2_time_cost=env.int("ARGON2_TIME_COST", 2, validate=validate.Range(1, 5)),
        argon2_parallelism=env.int("ARGON2_PARALLELISM", 1, validate=validate.Range(1, 4)),
        hash_concurrency=env.int("HASH_CONCURRENCY", os.cpu_count() or 1, validate=validate.Range(1, 256)),
        # Longer than whoever sends a call again with its key may take: a job of a batch service, and a retry of it.
        idempotency_retention_s=env.int("IDEMPOTENCY_RETENTION_S", 14 * 86_400, validate=validate.Range(86_400, 3650 * 86_400)),
        v1_retirement=read_retirement(env, "V1"),
        v2_retirement=read_retirement(env, "V2"),
    )
