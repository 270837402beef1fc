"""Where adapters meet use cases, for the API and for the worker."""

import os
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from threading import BoundedSemaphore

from celery import Celery
from environs import EnvError

from batch_service.adapters import celery_app
from batch_service.adapters.celery_wake_up import CeleryWakeUp
from batch_service.adapters.door_fan_out import DoorFanOut
from batch_service.adapters.fan_out import LibcurlFanOut
from batch_service.adapters.job_store import SqlJobStore
from batch_service.adapters.key_ring import LOOK_EVERY_S, open_key_ring
from batch_service.adapters.master_key import MasterKey
from batch_service.adapters.pipe_wake_up import PipeWakeUp
from batch_service.adapters.registry import load_registry
from batch_service.adapters.sealed_keys import SqlSealedKeys
from batch_service.adapters.tables import api_keys, metadata
from batch_service.adapters.target_store import SqlTargetStore
from batch_service.adapters.uploads import SqlUploads
from batch_service.adapters.vault import Vault
from batch_service.application.cancel_job import CancelJob
from batch_service.application.delete_job import DeleteJob
from batch_service.application.follow_results import FollowResults
from batch_service.application.keep_house import KeepHouse
from batch_service.application.look_for_work import LookForWork
from batch_service.application.prepare_keys import PrepareKeys
from batch_service.application.read_jobs import ReadJobs
from batch_service.application.read_targets import ReadTargets
from batch_service.application.retry_job import RetryJob
from batch_service.application.rotate_keys import RotateKeys
from batch_service.application.run_chunk import RunChunk
from batch_service.application.run_worker import RunWorker
from batch_service.application.services import Services
from batch_service.application.submit_batch import Limits, SubmitBatch
from batch_service.application.submit_stream import SubmitStream
from batch_service.application.targets import Targets
from batch_service.application.wait_for_job import WaitForJob
from batch_service.application.work import Slots, Work
from batch_service.domain.ports import WakeUp
from batch_service.settings import Settings
from servicekit.database import Database, StorageUnavailableError
from servicekit.ids import new_id
from servicekit.migrations import Migrations
from servicekit.periodic import Periodic

MIGRATIONS = Migrations(package="batch_service", name="batch")
METADATA = metadata
API_KEYS = api_keys
WORK = celery_app.WORK
SLICE_S = celery_app.SLICE_S
LOOK_AT_RING_EVERY_S = LOOK_EVERY_S
_TOKEN = secrets.token_hex(4)


def check_registry(settings: Settings) -> None:
    """Raise RegistryError if the registry cannot be used."""
    load_registry(settings.entities_file)


def make_database(settings: Settings) -> Database:
    """Open the service's own database."""
    return Database(settings.database_url)


def check_keys(settings: Settings, database: Database) -> None:
    """Raise KeyRingError unless the key ring is the one of the database; of one that is away that is seen later."""
    try:
        with suppress(StorageUnavailableError):
            make_sealed_keys(settings, database).check()
    finally:
        database.dispose()  # its process may fork yet


def prepare_keys(settings: Settings, database: Database) -> None:
    """Make a key ring for a database that has none yet; raise KeyRingError if the one that is there is not its own."""
    make_prepare_keys(settings, database)()
    make_sealed_keys(settings, database).seal_under_newest()


def make_prepare_keys(settings: Settings, database: Database) -> PrepareKeys:
    """Wire what makes a key ring."""
    sealed = make_sealed_keys(settings, database)
    return PrepareKeys(sealed.vault.ring, sealed)


def make_rotate_keys(settings: Settings, database: Database) -> RotateKeys:
    """Wire what seals everything under a new key."""
    sealed = make_sealed_keys(settings, database)
    return RotateKeys(sealed.vault.ring, sealed)


def make_sealed_keys(settings: Settings, database: Database) -> SqlSealedKeys:
    """Open the key ring beside the database; raise KeyRingError if it is no ring."""
    return SqlSealedKeys(database, make_vault(settings))


@cache
def make_vault(settings: Settings) -> Vault:
    """Open the key ring; raise KeyRingError if it is no ring. One a process: it keeps data keys open."""
    return Vault(open_key_ring(settings.key_ring, settings.key_ring_file))


def new_master_key() -> str:
    """Make a key as it stands in a ring."""
    return MasterKey.new().render()


def make_services(settings: Settings, database: Database, wake_up: WakeUp) -> Services:
    """Wire what the API calls; raise RegistryError if the registry cannot be used."""
    registry = load_registry(settings.entities_file)
    vault = make_vault(settings)
    store = SqlJobStore(database, vault)
    limits = Limits(
        max_items=settings.max_items,
        max_sync_items=settings.max_sync_items,
        max_body_bytes=settings.max_body_bytes,
        max_wait_s=settings.max_wait_s,
        chunk_items=settings.chunk_items,
        max_pending_items=settings.max_pending_items,
        expires_after_s=settings.job_timeout_s,
        max_stream_bytes=settings.max_stream_bytes,
    )
    return Services(
        registry=registry,
        limits=limits,
        submit_batch=SubmitBatch(registry, store, wake_up, limits, new_id),
        submit_stream=SubmitStream(SqlUploads(database, vault), store, wake_up, limits, new_id),
        follow_results=FollowResults(store, limits),
        read_jobs=ReadJobs(store),
        wait_for_job=WaitForJob(store, limits, BoundedSemaphore(max(1, settings.threads // 2))),
        cancel_job=CancelJob(store, wake_up),
        retry_job=RetryJob(registry, store, wake_up, limits, new_id),
        delete_job=DeleteJob(store),
        read_targets=ReadTargets(SqlTargetStore(database)),
    )


def make_wake_up(settings: Settings) -> WakeUp:
    """Wire what wakes workers: the broker, over one connection a process, or the pipe of the embedded one."""
    return _pipe(settings) if settings.broker_url is None else CeleryWakeUp(make_broker_app(settings))


def make_broker_app(settings: Settings) -> Celery:
    """Make the Celery application; raise EnvError if no broker is named, RegistryError if the registry cannot be used."""
    if settings.broker_url is None:
        raise EnvError("BROKER_URL is not set.")
    entities = load_registry(settings.entities_file).all()
    return celery_app.make_celery(
        settings.broker_url,
        settings.broker_queue,
        concurrency=settings.chunks_at_once * len(entities),
        longest_attempt_s=max(entity.timeout_s for entity in entities),
        drain_s=settings.drain_s,
    )


def make_worker(settings: Settings, database: Database) -> RunWorker:
    """Wire the embedded worker; raise RegistryError if the registry cannot be used."""
    return RunWorker(make_work(settings, database), _pipe(settings))


def make_work(settings: Settings, database: Database) -> Work:
    """Wire what workers do; raise RegistryError if the registry cannot be used."""
    registry, store = load_registry(settings.entities_file), SqlJobStore(database, make_vault(settings))
    targets = Targets(SqlTargetStore(database), _this_process(), settings.lease_s)
    run_chunk = RunChunk(registry, store, DoorFanOut(LibcurlFanOut(targets)), targets, lease_s=settings.lease_s)
    slots = Slots([entity.name for entity in registry.all()], each=settings.chunks_at_once)
    pulse = Periodic(targets.sync, every_s=1.0, name="targets", wake=targets.changed)
    return Work(store, run_chunk, _this_process(), slots, pulse)


def make_look_for_work(settings: Settings, work: Work, stopping: Callable[[], bool]) -> Periodic:
    """Wire the loop in which a broker's worker looks for work by itself."""
    return Periodic(LookForWork(work, stopping), every_s=settings.look_every_s, name="looking for work")


def make_housekeeping(settings: Settings, database: Database, wake_up: WakeUp) -> Periodic:
    """Wire the loop that every process runs, and one of them at a time acts in."""
    lease_s = max(settings.lease_s, 2 * settings.sweep_every_s)
    # The pipe holds one ring however often it is rung; a broker's queue would fill up behind workers that are busy.
    busy_for_s = 0.0 if settings.broker_url is None else SLICE_S
    vault = make_vault(settings)

    @cache
    def house_of(owner: str) -> KeepHouse:
        store, uploads = SqlJobStore(database, vault), SqlUploads(database, vault)
        times = (settings.retention_s, settings.retry_window_s, lease_s, busy_for_s)
        return KeepHouse(store, uploads, wake_up, owner, *times)

    def keep_house() -> None:
        house_of(_this_process())()  # not before: a process that forks has another name afterwards

    return Periodic(keep_house, every_s=settings.sweep_every_s, name="housekeeping")


def _pipe(settings: Settings) -> PipeWakeUp:
    return PipeWakeUp(settings.var_dir / "worker.pipe")


def _this_process() -> str:
    # The token: containers may share a host name and a process id.
    return f"{socket.gethostname()[:64]}-{_TOKEN}:{os.getpid()}"
