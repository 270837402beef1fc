"""Master keys are rotated under running processes, and whoever is killed at it has lost nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from batch_service.adapters import key_ring
from batch_service.adapters.job_store import SqlJobStore
from batch_service.adapters.key_ring import FileKeyRing, FixedKeyRing
from batch_service.adapters.master_key import MasterKey
from batch_service.adapters.sealed_keys import SqlSealedKeys
from batch_service.adapters.tables import job_keys, master_keys
from batch_service.adapters.vault import Vault
from batch_service.application.prepare_keys import PrepareKeys
from batch_service.application.rotate_keys import RotateKeys
from batch_service.domain.credential import Credential
from batch_service.domain.errors import KeyRingError
from servicekit.database import Database
from tests.batch_service.conformance.results import claim, good, record
from tests.batch_service.making import OWNER, add_job, make_job

CREDENTIAL = Credential("token", None)


class Process:
    """What a process has of its own: its view of the ring, and the data keys that it has open."""

    def __init__(self, database: Database, ring: FileKeyRing | FixedKeyRing) -> None:
        vault = Vault(ring)
        self.ring = ring
        self.store = SqlJobStore(database, vault)
        self.sealed = SqlSealedKeys(database, vault)
        self.rotate = RotateKeys(ring, self.sealed)

    def can_read(self, *job_ids: str) -> bool:
        rows = [self.store.results(job_id, OWNER, limit=10, after=None, status=None) for job_id in job_ids]
        return [[row.response_body for row in each] for each in rows] == [[b'{"id":0}', None]] * len(job_ids)


@pytest.fixture(autouse=True)
def look_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_ring, "LOOK_EVERY_S", 0.0)


@pytest.fixture
def ring_file(tmp_path: Path, database: Database) -> Path:
    ring = FileKeyRing(tmp_path / "keyring")
    PrepareKeys(ring, SqlSealedKeys(database, Vault(ring)))()
    return ring.path


@pytest.fixture
def process(database: Database, ring_file: Path) -> Process:
    return Process(database, FileKeyRing(ring_file))


@pytest.fixture
def other(database: Database, ring_file: Path) -> Process:
    """Another process, which looks at the ring now and then."""
    return Process(database, FileKeyRing(ring_file))


def half_done(process: Process) -> str:
    """A job with one result, one item to be sent, and a credential."""
    job = make_job(2, credential=CREDENTIAL)
    add_job(process.store, job, chunk_items=1)
    record(process.store, claim(process.store), [good(0)], last=True)
    return job.id


def masters(database: Database) -> set[str]:
    with database.reading() as connection:
        return set(connection.execute(job_keys.select().with_only_columns(job_keys.c.master_key)).scalars())


def known(database: Database) -> set[str]:
    with database.reading() as connection:
        return set(connection.execute(master_keys.select().with_only_columns(master_keys.c.id)).scalars())


def test_everything_is_sealed_under_the_new_key(process: Process, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batch_service.application.rotate_keys._JOBS_AT_ONCE", 2)
    job_ids = [half_done(process) for _ in range(5)]
    (old,) = process.ring.ids()
    done = process.rotate()
    assert (done.jobs, done.retired, process.ring.ids()) == (5, [], [old, done.newest])
    assert masters(database) == {done.newest}
    fresh = Process(database, FileKeyRing(process.ring.path))  # type: ignore[union-attr]
    assert fresh.can_read(*job_ids)
    assert {item.body for item in claim(fresh.store).items} == {b'{"n":1}'}
    assert claim(fresh.store).credential == CREDENTIAL


def test_an_old_key_is_retired_when_nothing_needs_it(process: Process, other: Process, database: Database) -> None:
    job_id = half_done(process)
    waited: list[str] = []
    done = process.rotate(retire=True, wait=lambda: waited.append(half_done(other)))
    assert (process.ring.ids(), known(database)) == ([done.newest], {done.newest})
    assert len(done.retired) == 1
    for each in (process, other, Process(database, FileKeyRing(process.ring.path))):  # type: ignore[union-attr]
        assert each.can_read(job_id, *waited)


def test_a_process_that_runs_takes_up_the_new_key(process: Process, other: Process, database: Database) -> None:
    job_id = half_done(other)
    done = process.rotate()
    assert other.can_read(job_id)
    half_done(other)
    assert masters(database) == {done.newest}


def test_it_looks_at_once_where_a_key_is_one_that_it_does_not_know(
    process: Process, other: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert other.ring.keys()
    process.rotate()
    job_id = half_done(process)
    monkeypatch.setattr(key_ring, "LOOK_EVERY_S", 3600.0)
    assert other.can_read(job_id)


def test_a_process_with_an_old_ring_destroys_nothing(process: Process, database: Database, ring_file: Path) -> None:
    """It cannot open the job, and leaves it to others: a ring in the environment is as old as its process."""
    behind = Process(database, FixedKeyRing(ring_file.read_text()))
    process.rotate()
    job_id = half_done(process)
    with pytest.raises(KeyRingError, match="lacks the key"):
        behind.store.results(job_id, OWNER, limit=10, after=None, status=None)
    with pytest.raises(KeyRingError, match="lacks the key"):
        claim(behind.store)
    assert claim(process.store).items[0].is_readable
    with pytest.raises(KeyRingError, match="lacks the key"):
        behind.sealed.check()


def test_nothing_is_sealed_under_a_key_that_was_retired(process: Process, database: Database, ring_file: Path) -> None:
    behind = Process(database, FixedKeyRing(ring_file.read_text()))
    half_done(behind)
    process.rotate(retire=True)
    with pytest.raises(KeyRingError, match="was retired"):
        add_job(behind.store, make_job(), chunk_items=1)


def test_a_key_that_something_needs_is_not_retired(process: Process) -> None:
    (old,) = process.ring.ids()
    half_done(process)
    process.ring.add()
    process.sealed.seal_under_newest()
    assert not process.sealed.retire(old)
    assert process.can_read()
    process.sealed.check()


class Dying:
    """A rotation that is killed before its n-th step."""

    def __init__(self, real: object, survives: Iterator[int]) -> None:
        self._real = real
        self._survives = survives

    def __getattr__(self, name: str) -> object:
        if next(self._survives, None) is None:
            raise KeyboardInterrupt
        return getattr(self._real, name)


@pytest.mark.parametrize("steps", range(13))
def test_killed_at_any_step_every_job_can_be_read_and_the_next_rotation_ends_it(
    process: Process, database: Database, ring_file: Path, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("batch_service.application.rotate_keys._JOBS_AT_ONCE", 1)
    job_ids = [half_done(process) for _ in range(3)]
    survives = iter(range(steps))
    try:
        RotateKeys(Dying(process.ring, survives), Dying(process.sealed, survives))(retire=True)  # type: ignore[arg-type]
    except KeyboardInterrupt:
        killed = True
    else:
        killed = False
    assert killed == (steps < 12)
    after = Process(database, FileKeyRing(ring_file))
    after.sealed.check()
    assert after.can_read(*job_ids)
    done = after.rotate(retire=True)
    assert (after.ring.ids(), known(database), masters(database)) == ([done.newest], {done.newest}, {done.newest})
    assert Process(database, FileKeyRing(ring_file)).can_read(*job_ids)


def test_a_damaged_key_stays_damaged_and_stops_no_rotation(process: Process, database: Database, ring_file: Path) -> None:
    good_id, bad_id = half_done(process), half_done(process)
    with database.writing() as connection:
        connection.execute(job_keys.update().where(job_keys.c.job_id == bad_id).values(result_key=b"damaged"))
    assert process.rotate(retire=True).jobs == 2
    fresh = Process(database, FileKeyRing(ring_file))
    assert fresh.can_read(good_id)
    assert not fresh.can_read(bad_id)


def test_the_wrong_ring_is_refused(process: Process, database: Database, tmp_path: Path) -> None:
    half_done(process)
    strange = FileKeyRing(tmp_path / "strange")
    strange.create()
    with pytest.raises(KeyRingError, match="lacks the key"):
        Process(database, strange).sealed.check()
    with pytest.raises(KeyRingError, match="lacks the key"):
        Process(database, strange).rotate()


def test_another_key_under_the_right_name_is_refused_everywhere(process: Process, database: Database) -> None:
    """To take it for the right one would be to take every job for damaged."""
    job_id = half_done(process)
    (name,) = process.ring.ids()
    false = Process(database, FixedKeyRing(f"{name}:{MasterKey.new().render().partition(':')[2]}"))
    for use in (
        false.sealed.check,
        lambda: claim(false.store),
        lambda: false.can_read(job_id),
        lambda: half_done(false),
        false.rotate,
    ):
        with pytest.raises(KeyRingError, match="not the one of that name"):
            use()
    assert claim(process.store).items[0].is_readable


def test_a_ring_is_made_for_a_new_database_and_for_no_other(process: Process, database: Database, tmp_path: Path) -> None:
    half_done(process)
    lost = FileKeyRing(tmp_path / "lost")
    with pytest.raises(KeyRingError, match="There is no key ring"):
        PrepareKeys(lost, SqlSealedKeys(database, Vault(lost)))()
    assert not lost.path.exists()


def test_a_database_without_tables_holds_nothing(database_url: str, tmp_path: Path) -> None:
    database = Database(database_url)
    ring = FileKeyRing(tmp_path / "keyring")
    sealed = SqlSealedKeys(database, Vault(ring))
    assert PrepareKeys(ring, sealed)()
    assert [(use.jobs, use.in_ring, use.seals) for use in sealed.uses()] == [(0, True, True)]
    database.dispose()


def test_what_depends_on_which_key_is_told(process: Process, ring_file: Path) -> None:
    half_done(process)
    (old,) = process.ring.ids()
    new = process.ring.add()
    half_done(process)
    assert [(use.id, use.jobs, use.in_ring, use.seals) for use in process.sealed.uses()] == [
        (old, 1, True, False),
        (new, 1, True, True),
    ]
    process.ring.remove(old)
    assert [(use.id, use.in_ring) for use in process.sealed.uses()] == [(old, False), (new, True)]
