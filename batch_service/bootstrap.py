"""Where adapters meet use cases, for the API and for the worker."""

import os
import socket

from batch_service.adapters.fan_out import LibcurlFanOut
from batch_service.adapters.job_store import SqlJobStore
from batch_service.adapters.pipe_wake_up import PipeWakeUp
from batch_service.adapters.registry import load_registry
from batch_service.adapters.tables import api_keys, metadata
from batch_service.adapters.target_store import SqlTargetStore
from batch_service.application.cancel_job import CancelJob
from batch_service.application.delete_job import DeleteJob
from batch_service.application.keep_house import KeepHouse
from batch_service.application.read_jobs import ReadJobs
from batch_service.application.read_targets import ReadTargets
from batch_service.application.retry_job import RetryJob
from batch_service.application.run_chunk import RunChunk
from batch_service.application.run_worker import RunWorker
from batch_service.application.services import Services
from batch_service.application.submit_batch import Limits, SubmitBatch
from batch_service.application.targets import Targets
from batch_service.application.work import Slots, Work
from batch_service.settings import Settings
from servicekit.database import Database
from servicekit.ids import new_id
from servicekit.migrations import Migrations
from servicekit.periodic import Periodic

MIGRATIONS = Migrations(package="batch_service", name="batch")
METADATA = metadata
API_KEYS = api_keys


def check_registry(settings: Settings) -> None:
    """Raise RegistryError if the registry cannot be used."""
    load_registry(settings.entities_file)


def make_database(settings: Settings) -> Database:
    """Open the service's own database."""
    return Database(settings.database_url)


def make_services(settings: Settings, database: Database) -> Services:
    """Wire what the API calls; raise RegistryError if the registry cannot be used."""
    registry = load_registry(settings.entities_file)
    store = SqlJobStore(database)
    wake_up = PipeWakeUp(settings.var_dir / "worker.pipe")
    limits = Limits(
        max_items=settings.max_items,
        max_sync_items=settings.max_sync_items,
        max_body_bytes=settings.max_body_bytes,
        max_wait_s=settings.max_wait_s,
        chunk_items=settings.chunk_items,
        max_pending_items=settings.max_pending_items,
        expires_after_s=settings.job_timeout_s,
    )
    return Services(
        registry=registry,
        limits=limits,
        submit_batch=SubmitBatch(registry, store, wake_up, limits, new_id),
        read_jobs=ReadJobs(store),
        cancel_job=CancelJob(store, wake_up),
        retry_job=RetryJob(registry, store, wake_up, limits, new_id),
        delete_job=DeleteJob(store),
        read_targets=ReadTargets(SqlTargetStore(database)),
    )


def make_worker(settings: Settings, database: Database) -> RunWorker:
    """Wire the worker; raise RegistryError if the registry cannot be used."""
    return RunWorker(_make_work(settings, database), PipeWakeUp(settings.var_dir / "worker.pipe"))


def _make_work(settings: Settings, database: Database) -> Work:
    registry, store = load_registry(settings.entities_file), SqlJobStore(database)
    targets = Targets(SqlTargetStore(database), _this_process(), settings.lease_s)
    run_chunk = RunChunk(registry, store, LibcurlFanOut(targets), targets, lease_s=settings.lease_s)
    slots = Slots([entity.name for entity in registry.all()], each=settings.chunks_at_once)
    pulse = Periodic(targets.sync, every_s=1.0, name="targets", wake=targets.changed)
    return Work(store, run_chunk, _this_process(), slots, pulse)


def make_housekeeping(settings: Settings, database: Database) -> Periodic:
    """Wire the loop that every process runs, and one of them at a time acts in."""

    def keep_house() -> None:
        wake_up = PipeWakeUp(settings.var_dir / "worker.pipe")
        lease_s = max(settings.lease_s, 2 * settings.sweep_every_s)
        KeepHouse(SqlJobStore(database), wake_up, _this_process(), settings.retention_s, lease_s)()

    return Periodic(keep_house, every_s=settings.sweep_every_s, name="housekeeping")


def _this_process() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"
