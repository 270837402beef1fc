"""What every `UserStore` does, whatever the database."""

import threading
from collections.abc import Iterator

import pytest

from servicekit.database import Database
from servicekit.ids import new_id
from servicekit.migrations import Migrations
from users_service.adapters.tables import metadata
from users_service.adapters.user_store import SqlUserStore
from users_service.domain.errors import UsernameTakenError, UserNotFoundError, VersionMismatchError
from users_service.domain.password import Algorithm, PasswordHash
from users_service.domain.ports import UserStore
from users_service.domain.user import Profile, User

HASH = PasswordHash(Algorithm.BCRYPT, "$2b$10$one")
OTHER_HASH = PasswordHash(Algorithm.ARGON2ID, "$argon2id$two")
DIEGO = Profile("Diego", email="d@example.org", display_name="D", locale="es", metadata='{"z":1,"a":"é"}')
MIGRATIONS = Migrations(package="users_service", name="users")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    MIGRATIONS.upgrade(database)
    yield database
    database.dispose()


@pytest.fixture
def store(database: Database) -> UserStore:
    return SqlUserStore(database)


def add(store: UserStore, profile: Profile = DIEGO, password_hash: PasswordHash = HASH) -> User:
    with store.writing() as users:
        return users.add(user_id=new_id(), profile=profile, password_hash=password_hash)


def get(store: UserStore, user_id: str) -> User:
    with store.reading() as users:
        return users.get(user_id)


def test_the_migrations_make_the_tables_of_the_code(database: Database) -> None:
    assert MIGRATIONS.differences(database, metadata) == []
    assert MIGRATIONS.is_current(database)


def test_what_is_added_is_read(store: UserStore) -> None:
    user = add(store)
    assert user.profile == DIEGO
    assert user.version == 1
    assert 0 <= user.updated_at_ms - user.created_at_ms < 1000
    assert get(store, user.id) == user
    with store.reading() as users:
        assert users.password_hash(user.id) == HASH


def test_defaults(store: UserStore) -> None:
    assert get(store, add(store, Profile("Zoe")).id).profile == Profile("Zoe", None, None, "en", "{}")


@pytest.mark.parametrize("name", ["Diego", "dIEGO", "Ｄｉｅｇｏ"])
def test_a_name_is_taken_in_every_spelling(store: UserStore, name: str) -> None:
    first = add(store)
    with pytest.raises(UsernameTakenError):
        add(store, Profile(name))
    assert get(store, first.id) == first


def test_what_is_not_there(store: UserStore) -> None:
    missing = new_id()
    with store.writing() as users:
        for look_up in (users.get, users.get_locked, users.password_hash):
            with pytest.raises(UserNotFoundError):
                look_up(missing)


def test_an_error_in_the_block_undoes_it(store: UserStore) -> None:
    user_id = new_id()

    def stop_halfway() -> None:
        with store.writing() as users:
            users.add(user_id=user_id, profile=DIEGO, password_hash=HASH)
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        stop_halfway()
    with pytest.raises(UserNotFoundError):
        get(store, user_id)


def test_pages_follow_the_ids(store: UserStore) -> None:
    added = [add(store, Profile(f"user {number}")).id for number in range(5)]
    with store.reading() as users:
        first = users.page(after_id=None, limit=3, username_key=None)
        rest = users.page(after_id=first[-1].id, limit=3, username_key=None)
        named = users.page(after_id=None, limit=3, username_key="user 4")
        after = users.page(after_id=added[4], limit=3, username_key="user 4")
    assert [user.id for user in (*first, *rest)] == sorted(added)
    assert [user.id for user in named] == [added[4]]
    assert after == []


def test_an_update_writes_the_next_version(store: UserStore) -> None:
    user = add(store)
    zoe = Profile("Zoe")
    with store.writing() as users:
        changed = users.update(users.get_locked(user.id), profile=zoe)
    assert changed == get(store, user.id)
    assert (changed.profile, changed.version, changed.created_at_ms) == (zoe, 2, user.created_at_ms)
    assert changed.updated_at_ms >= user.updated_at_ms
    with store.reading() as users:
        assert users.password_hash(user.id) == HASH
    add(store, DIEGO)  # the old name is free again


def test_an_update_may_write_another_hash(store: UserStore) -> None:
    user = add(store)
    with store.writing() as users:
        users.update(user, profile=DIEGO, password_hash=OTHER_HASH)
        assert users.password_hash(user.id) == OTHER_HASH


def test_an_update_to_a_taken_name(store: UserStore) -> None:
    add(store)
    zoe = add(store, Profile("Zoe"))
    with pytest.raises(UsernameTakenError), store.writing() as users:
        users.update(zoe, profile=Profile("DIEGO"))
    assert get(store, zoe.id) == zoe


def test_an_update_of_an_old_version_is_refused(store: UserStore) -> None:
    user = add(store)
    with store.writing() as users:
        users.update(user, profile=Profile("Zoe"))
    with pytest.raises(VersionMismatchError), store.writing() as users:
        users.update(user, profile=Profile("Ana"))
    assert get(store, user.id).profile.username == "Zoe"


def test_a_deleted_user_is_gone_and_the_name_free(store: UserStore) -> None:
    user = add(store)
    with store.writing() as users:
        users.delete(user)
    with pytest.raises(UserNotFoundError):
        get(store, user.id)
    with pytest.raises(VersionMismatchError), store.writing() as users:
        users.delete(user)
    add(store)


def test_an_old_version_is_not_deleted(store: UserStore) -> None:
    user = add(store)
    with store.writing() as users:
        users.update(user, profile=Profile("Zoe"))
    with pytest.raises(VersionMismatchError), store.writing() as users:
        users.delete(user)
    assert get(store, user.id).version == 2


def test_a_hash_is_replaced_only_if_it_is_still_the_old_one(store: UserStore) -> None:
    user = add(store)
    with store.writing() as users:
        assert not users.replace_hash(user.id, old=OTHER_HASH, new=HASH)
        assert users.replace_hash(user.id, old=HASH, new=OTHER_HASH)
        assert not users.replace_hash(user.id, old=HASH, new=HASH)
        assert users.password_hash(user.id) == OTHER_HASH
    assert get(store, user.id) == user


def test_a_locked_user_waits_for_nobody_and_is_changed_by_nobody(store: UserStore) -> None:
    user = add(store, Profile("counter", metadata="0"))

    def count() -> None:
        for _ in range(10):
            with store.writing() as users:
                read = users.get_locked(user.id)
                users.update(read, profile=Profile("counter", metadata=str(int(read.profile.metadata) + 1)))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    final = get(store, user.id)
    assert (final.profile.metadata, final.version) == ("40", 41)
