"""Twins that only the use case sees, on real databases."""

from collections.abc import Iterator

import pytest

from servicekit.database import Database
from tests.users_service.conformance.test_user_store import HASH, MIGRATIONS
from users_service.adapters.password_hashing import SlowPasswordHasher
from users_service.adapters.user_store import SqlUserStore
from users_service.application.answer_once import AnswerOnce
from users_service.application.create_user import CreateUser
from users_service.application.purge_answers import PurgeAnswers
from users_service.domain.errors import KeyInUseError, KeyReusedError
from users_service.domain.idempotency import Answer, IdempotencyKey, KeyedCall
from users_service.domain.password import Password, PasswordHash
from users_service.domain.user import Profile, User

KEY = IdempotencyKey("anyone", "import-7:row-12")


class CountingHasher(SlowPasswordHasher):
    """The real one, and how often it was asked for a new hash."""

    def __init__(self) -> None:
        super().__init__(memory_kib=32, time_cost=1, parallelism=1, concurrency=1)
        self.hashes = 0

    def hash(self, password: Password) -> PasswordHash:
        self.hashes += 1
        return super().hash(password)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url, max_wait_ms=100)
    MIGRATIONS.upgrade(database)
    yield database
    database.dispose()


@pytest.fixture
def hasher() -> CountingHasher:
    return CountingHasher()


@pytest.fixture
def create(database: Database, hasher: CountingHasher) -> CreateUser:
    store = SqlUserStore(database)
    once = AnswerOnce(store=store, hasher=hasher, purge=PurgeAnswers(store=store, retention_ms=86_400_000))
    return CreateUser(store=store, hasher=hasher, once=once)


def render(user: User) -> Answer:
    return Answer(201, {"Location": f"/users/{user.id}"}, user.profile.username.encode())


def test_each_caller_has_keys_of_its_own(create: CreateUser) -> None:
    answers = [
        create(Profile(name), HASH, render=render, key=IdempotencyKey(caller, KEY.text))
        for caller, name in (("tenant a", "Diego"), ("tenant b", "Zoe"), ("tenant a", "Diego"), ("tenant b", "Zoe"))
    ]
    assert [(answer.body, answer.is_replayed) for answer in answers] == [
        (b"Diego", False),
        (b"Zoe", False),
        (b"Diego", True),
        (b"Zoe", True),
    ]
    with pytest.raises(KeyReusedError):
        create(Profile("Zoe"), HASH, render=render, key=IdempotencyKey("tenant a", KEY.text))


def test_nothing_is_hashed_anew_for_a_call_that_was_answered(create: CreateUser, hasher: CountingHasher) -> None:
    first = create(Profile("Diego"), Password("123456"), render=render, key=KEY)
    again = create(Profile("Diego"), Password("123456"), render=render, key=KEY)
    assert (again.is_replayed, again.headers) == (True, first.headers)
    for profile, password in ((Profile("Diego"), "other"), (Profile("Zoe"), "123456")):
        with pytest.raises(KeyReusedError):
            create(profile, Password(password), render=render, key=KEY)
    assert hasher.hashes == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_first_call_that_does_not_end_is_not_waited_for(create: CreateUser, database: Database) -> None:
    call = KeyedCall.of(KEY, "create_user", {"profile": {"username": "Zoe"}})
    with SqlUserStore(database).writing() as users:
        users.keep_answer(call, Answer(201))
        with pytest.raises(KeyInUseError):
            create(Profile("Diego"), HASH, render=render, key=KEY)
    with SqlUserStore(database).reading() as reader:
        assert reader.page(after_id=None, limit=1, username_key=None) == []
