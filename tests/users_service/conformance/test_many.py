"""What every `UserStore` does with many users and many answers at once, and what the use case makes of it."""

import threading
import time
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from servicekit.database import Database
from servicekit.ids import new_id
from tests.users_service.conformance.test_answer_once import CountingHasher
from tests.users_service.conformance.test_kept_answers import count_users
from tests.users_service.conformance.test_user_store import HASH, MIGRATIONS
from users_service.adapters.user_store import SqlUserStore
from users_service.application.create_users import CreateUsers, Creation
from users_service.application.purge_answers import PurgeAnswers
from users_service.domain.errors import KeyInUseError, KeyReusedError, KeysInUseError
from users_service.domain.idempotency import Answer, AnsweredCall, IdempotencyKey, KeyedCall
from users_service.domain.password import Password
from users_service.domain.user import NewUser, Profile, User


def call(key: str, said: str = "x") -> KeyedCall:
    return KeyedCall.of(IdempotencyKey("anyone", key), "create_user", {"said": said})


def create_users(store: SqlUserStore, hasher: CountingHasher) -> CreateUsers:
    return CreateUsers(store=store, hasher=hasher, purge=PurgeAnswers(store=store, retention_ms=86_400_000))


def render(user: User) -> Answer:
    return Answer(201, {}, user.profile.username.encode())


@pytest.fixture
def store(database_url: str) -> Iterator[SqlUserStore]:
    database = Database(database_url, max_wait_ms=100)
    MIGRATIONS.upgrade(database)
    yield SqlUserStore(database)
    database.dispose()


def test_the_first_of_equal_names_is_added(store: SqlUserStore) -> None:
    names = ["b", "A", "a", "c", "B"]
    wanted = [NewUser(new_id(), Profile(name), HASH) for name in names]
    with store.writing() as users:
        added = users.add_many(wanted)
    assert [user and user.profile.username for user in added] == ["b", "A", None, "c", None]
    with store.reading() as reader:
        assert [user.id for user in reader.page(after_id=None, limit=9, username_key=None)] == [wanted[i].id for i in (0, 1, 3)]
        assert [reader.get(user.id) for user in added if user] == [user for user in added if user]


def test_which_keys_were_kept_before(store: SqlUserStore) -> None:
    with store.writing() as users:
        users.keep_answers([AnsweredCall(call("key b"), Answer(201))])
    with pytest.raises(KeysInUseError) as caught, store.writing() as users:
        users.keep_answers([AnsweredCall(call(key), Answer(204)) for key in ("key c", "key b", "key a")])
    assert caught.value.keys == {call("key b").key}
    with store.reading() as reader:
        found = reader.find_answers([call(key) for key in ("key a", "key b", "key c")])
    assert {key.text: kept.answer.status for key, kept in found.items()} == {"key b": 201}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_first_call_that_does_not_end_holds_its_own_item_alone(store: SqlUserStore) -> None:
    create = create_users(store, CountingHasher())
    wanted = [Creation(Profile(f"user {n}"), HASH, IdempotencyKey("anyone", f"key-{n:05}")) for n in range(5)]
    with store.writing() as users:
        users.keep_answer(call("key-00002"), Answer(201))
        outcomes = create([*wanted, Creation(Profile("keyless"), HASH)], render=render)
    assert [type(outcome) for outcome in outcomes] == [Answer, Answer, KeyInUseError, Answer, Answer, Answer]
    assert count_users(store) == 5


def test_a_twin_that_is_faster_undoes_its_own_item_alone(store: SqlUserStore) -> None:
    class SlowHasher(CountingHasher):
        """Another call with the key is applied while this one hashes."""

        def hash_many(self, passwords: list[Password]) -> list[object]:  # type: ignore[override]
            with store.writing() as users:
                users.keep_answer(call("key-00001"), Answer(201))
            return super().hash_many(passwords)  # type: ignore[return-value]

    hasher = SlowHasher()
    wanted = [Creation(Profile(f"user {n}"), Password("123456"), IdempotencyKey("anyone", f"key-{n:05}")) for n in range(3)]
    outcomes = create_users(store, hasher)(wanted, render=render)
    assert [type(outcome) for outcome in outcomes] == [Answer, KeyReusedError, Answer]
    assert count_users(store) == 2
    assert hasher.hashes == 3


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.usefixtures("store")
def test_names_are_taken_in_one_order_whatever_the_order_of_the_call(database_url: str) -> None:
    database = Database(database_url)
    patient = SqlUserStore(database)
    added: list[object] = []

    def add(*names: str) -> None:
        with patient.writing() as users:
            added.extend(users.add_many([NewUser(new_id(), Profile(name), HASH) for name in names]))

    thread = threading.Thread(target=add, args=("z", "m", "a"))
    with patient.writing() as users:
        users.add_many([NewUser(new_id(), Profile("m"), HASH)])
        thread.start()
        eventually_waits(database)
        # In the order of the call the other would hold z by now, and each would wait for the other.
        users.add_many([NewUser(new_id(), Profile("z"), HASH)])
    thread.join(10)
    assert [user is not None for user in added] == [False, False, True]
    database.dispose()


def eventually_waits(database: Database) -> None:
    """Return when a transaction waits for another one's lock in this test's tables."""
    waiting = sa.text(
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid' AND pid <> pg_backend_pid()"
    )
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with database.reading() as connection:
            if connection.execute(waiting).scalar_one():
                return
    pytest.fail("nobody waits")
