"""What the environment says; every setting has a default that runs on one machine."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from environs import Env, validate


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of the API and of the worker."""

    database_url: str
    entities_file: Path
    var_dir: Path
    host: str
    port: int
    workers: int
    threads: int
    max_items: int
    max_sync_items: int
    max_body_bytes: int
    max_wait_s: float
    chunk_items: int
    chunks_at_once: int
    lease_s: float
    drain_s: float
    max_pending_items: int
    job_timeout_s: float
    retention_s: float
    sweep_every_s: float


def read_settings() -> Settings:
    """Read the settings from the environment; raise environs.EnvError for one that makes no sense."""
    env = Env()
    some = validate.Range(min=1)
    not_nothing = validate.Range(min=0, min_inclusive=False)
    var_dir = env.path("VAR_DIR", Path("var"))
    return Settings(
        database_url=env.str("DATABASE_URL", f"sqlite:///{var_dir}/batch.db"),
        entities_file=env.path("ENTITIES_FILE", Path("entities.toml")),
        var_dir=var_dir,
        host=env.str("HOST", "127.0.0.1"),
        port=env.int("PORT", 8002, validate=validate.Range(0, 65_535)),
        workers=env.int("WORKERS", 1, validate=some),
        threads=env.int("THREADS", 32, validate=some),
        max_items=env.int("MAX_ITEMS", 1_000_000, validate=some),
        max_sync_items=env.int("MAX_SYNC_ITEMS", 1_000, validate=some),
        max_body_bytes=env.int("MAX_BODY_BYTES", 64 * 2**20, validate=some),
        max_wait_s=env.float("MAX_WAIT_S", 120.0, validate=not_nothing),
        chunk_items=env.int("CHUNK_ITEMS", 500, validate=some),
        chunks_at_once=env.int("CHUNKS_AT_ONCE", 4, validate=some),
        lease_s=env.float("LEASE_S", 15.0, validate=not_nothing),
        drain_s=env.float("DRAIN_S", 10.0, validate=not_nothing),
        max_pending_items=env.int("MAX_PENDING_ITEMS", 5_000_000, validate=some),
        job_timeout_s=env.float("JOB_TIMEOUT_S", 86_400.0, validate=not_nothing),
        retention_s=env.timedelta("RETENTION", timedelta(days=7)).total_seconds(),
        sweep_every_s=env.float("SWEEP_EVERY_S", 5.0, validate=not_nothing),
    )
