"""The key ring as a file and in the environment."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from batch_service.adapters import key_ring
from batch_service.adapters.key_ring import FileKeyRing, FixedKeyRing, open_key_ring
from batch_service.adapters.master_key import MasterKey
from batch_service.domain.errors import KeyRingError

KEY = MasterKey.new()


@pytest.fixture
def ring(tmp_path: Path) -> FileKeyRing:
    ring = FileKeyRing(tmp_path / "state" / "keyring")
    assert ring.create()
    return ring


def test_a_key_is_read_as_it_was_written() -> None:
    assert MasterKey.parse(KEY.render()) == KEY
    assert MasterKey.parse(f"{KEY.render()}=") == KEY
    assert len(KEY.material) == 32
    assert KEY.render().partition(":")[2] not in repr(KEY)


def test_the_file_is_its_owners_alone(ring: FileKeyRing) -> None:
    ring.add()
    assert stat.S_IMODE(ring.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(ring.path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602, 0o601])
def test_one_that_others_may_read_or_change_is_refused(ring: FileKeyRing, mode: int) -> None:
    ring.path.chmod(mode)
    with pytest.raises(KeyRingError, match=f"the key ring {ring.path}: chmod 600"):
        FileKeyRing(ring.path).keys()


def test_making_one_twice_is_making_it_once(ring: FileKeyRing) -> None:
    ids = ring.ids()
    assert not ring.create()
    assert ring.ids() == ids


def test_many_that_make_one_at_once_have_the_same(tmp_path: Path) -> None:
    rings = [FileKeyRing(tmp_path / "keyring") for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(FileKeyRing.create, rings))
    assert made.count(True) == 1
    assert len({tuple(ring.ids()) for ring in rings}) == 1


def test_many_that_add_at_once_lose_none(ring: FileKeyRing) -> None:
    with ThreadPoolExecutor(8) as pool:
        added = set(pool.map(lambda _: FileKeyRing(ring.path).add(), range(8)))
    assert added < set(ring.ids())
    assert len(ring.ids()) == 9


def test_what_a_killed_process_left_is_no_hindrance(ring: FileKeyRing) -> None:
    ring.path.with_name("keyring.new").write_text("half a k")
    new = ring.add()
    assert ring.ids()[-1] == new
    assert [file.name for file in ring.path.parent.iterdir()] == ["keyring"]


def test_a_change_is_noticed_within_a_moment_or_on_demand(ring: FileKeyRing, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = FileKeyRing(ring.path)
    before = reader.keys()
    new = ring.add()
    assert reader.keys() == before
    assert reader.keys(fresh=True)[-1].id == new
    newest = ring.add()
    monkeypatch.setattr(key_ring, "LOOK_EVERY_S", 0.0)
    assert reader.keys()[-1].id == newest


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "holds no key"),
        (" \n", "holds no key"),
        ("s3cret", "key 1 is none"),
        (f"{KEY.render()} s3cret:s3cret", "key 2 is none"),
        (f"{KEY.render()}x", "key 1 is none"),
        (f":{KEY.render()}", "key 1 is none"),
        (f"{KEY.render()} {KEY.id}:{MasterKey.new().render().partition(':')[2]}", "two keys have one id"),
        ("\x00\xff", "key 1 is none"),
    ],
    ids=["empty", "blank", "a word", "a second word", "too long", "no id", "twice", "no text"],  # the keys are random
)
def test_what_is_no_ring_is_said_and_not_quoted(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "keyring"
    file.write_bytes(text.encode("latin-1"))
    file.chmod(0o600)
    for name, read in ((str(file), FileKeyRing(file).keys), ("KEYRING", lambda: FixedKeyRing(text))):
        with pytest.raises(KeyRingError, match=says) as refused:
            read()
        assert str(refused.value).startswith(name)
        assert "s3cret" not in str(refused.value)
        assert KEY.render().partition(":")[2] not in str(refused.value)


def test_one_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyRingError, match=r"no key ring at .*/none \(KEYRING_FILE\)"):
        FileKeyRing(tmp_path / "none").keys()
    with pytest.raises(KeyRingError, match="cannot be read: Is a directory"):
        FileKeyRing(tmp_path).keys()
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyRingError, match="cannot be written: File exists"):
        FileKeyRing(tmp_path / "file" / "keyring").create()


def test_the_environment_goes_before_the_file(ring: FileKeyRing) -> None:
    new = MasterKey.new()
    fixed = open_key_ring(f"{KEY.render()}\n{new.render()}", ring.path)
    assert fixed.ids() == [KEY.id, new.id]
    assert open_key_ring(None, ring.path).ids() == ring.ids()
    with pytest.raises(KeyRingError, match="`batch-service keyring new`"):
        fixed.add()
