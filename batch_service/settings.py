"""What the environment says; every setting has a default that runs on one machine."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from environs import Env, ValidationError, validate

from servicekit.retirement import NOT_PLANNED, Retirement, read_retirement

_BROKERS = ("amqp", "redis")
_QUEUE = re.compile(r"[A-Za-z0-9._-]{1,100}")


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
    max_stream_bytes: int
    max_wait_s: float
    chunk_items: int
    chunks_at_once: int
    lease_s: float
    drain_s: float
    max_pending_items: int
    job_timeout_s: float
    retention_s: float
    sweep_every_s: float
    look_every_s: float
    broker_url: str | None = field(default=None, repr=False)  # it may hold a password
    broker_queue: str = "batch"
    v1_retirement: Retirement = NOT_PLANNED
    retry_window_s: float = 86_400.0
    key_ring_file: Path = Path("var/keyring")
    key_ring: str | None = field(default=None, repr=False)  # the keys themselves

    @property
    def key_ring_name(self) -> str:
        """Where the key ring is, for people."""
        return str(self.key_ring_file) if self.key_ring is None else "KEYRING"


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
        max_stream_bytes=env.int("MAX_STREAM_BYTES", 2**30, validate=some),
        max_wait_s=env.float("MAX_WAIT_S", 120.0, validate=not_nothing),
        chunk_items=env.int("CHUNK_ITEMS", 500, validate=some),
        chunks_at_once=env.int("CHUNKS_AT_ONCE", 4, validate=some),
        lease_s=env.float("LEASE_S", 15.0, validate=not_nothing),
        drain_s=env.float("DRAIN_S", 10.0, validate=not_nothing),
        max_pending_items=env.int("MAX_PENDING_ITEMS", 5_000_000, validate=some),
        job_timeout_s=env.float("JOB_TIMEOUT_S", 86_400.0, validate=not_nothing),
        retention_s=env.timedelta("RETENTION", timedelta(days=7)).total_seconds(),
        retry_window_s=env.timedelta("RETRY_WINDOW", timedelta(days=1)).total_seconds(),
        sweep_every_s=env.float("SWEEP_EVERY_S", 5.0, validate=not_nothing),
        look_every_s=env.float("LOOK_EVERY_S", 1.0, validate=not_nothing),
        broker_url=env.str("BROKER_URL", "", validate=_check_broker) or None,
        broker_queue=env.str("BROKER_QUEUE", "batch", validate=_check_queue),
        key_ring_file=env.path("KEYRING_FILE", var_dir / "keyring"),
        key_ring=env.str("KEYRING", "") or None,
        v1_retirement=read_retirement(env, "V1"),
    )


def _check_broker(url: str) -> None:
    """Raise ValidationError; its text holds nothing of the URL, which may hold a password."""
    try:
        parts = urlsplit(url)
        is_good = not url or (parts.scheme in _BROKERS and bool(parts.hostname) and parts.port != 0)
    except ValueError:  # of a port that is no number, with the number in its text
        is_good = False
    if not is_good:
        raise ValidationError("not the address of a broker: amqp://user:password@host:5672/vhost or redis://host:6379/0")


def _check_queue(name: str) -> None:
    if _QUEUE.fullmatch(name) is None:
        raise ValidationError("up to 100 letters, digits, dots, hyphens and underscores of ASCII")
