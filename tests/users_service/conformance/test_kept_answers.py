"""What every `UserStore` does with the answers to keyed calls, whatever the database."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from servicekit.database import Database
from servicekit.ids import new_id
from tests.users_service.conformance.test_user_store import DIEGO, HASH, MIGRATIONS, OTHER_HASH
from users_service.adapters.user_store import SqlUserStore
from users_service.domain.errors import KeyInUseError
from users_service.domain.idempotency import Answer, IdempotencyKey, KeptAnswer, KeyedCall
from users_service.domain.ports import UserStore, UserWriter

KEY = IdempotencyKey("anyone", "import-7:row-12")
CALL = KeyedCall.of(KEY, "create_user", {"username": "Diego"})
ANSWER = Answer(201, {"ETag": '"1"', "Location": "/é"}, b'{"a":\x00"\xff"}')
DAY_MS = 86_400_000

# Ends as a killed process does, with the transaction open: no clean-up, no rollback of its own.
CRASH = """
import os, sys
from servicekit.database import Database
from tests.users_service.conformance import test_kept_answers as here
with here.SqlUserStore(Database(sys.argv[1])).writing() as users:
    here.add_and_keep(users)
    os._exit(137)
"""


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    MIGRATIONS.upgrade(database)
    yield database
    database.dispose()


@pytest.fixture
def store(database: Database) -> UserStore:
    return SqlUserStore(database)


def add_and_keep(users: UserWriter) -> None:
    users.add(user_id=new_id(), profile=DIEGO, password_hash=HASH)
    users.keep_answer(CALL, ANSWER)


def keep(store: UserStore, call: KeyedCall = CALL, answer: Answer = ANSWER) -> None:
    with store.writing() as users:
        users.keep_answer(call, answer)


def find(store: UserStore, call: KeyedCall = CALL) -> KeptAnswer | None:
    with store.reading() as users:
        return users.find_answer(call)


def count_users(store: UserStore) -> int:
    with store.reading() as users:
        return len(users.page(after_id=None, limit=10, username_key=None))


def test_what_is_kept_is_found(store: UserStore) -> None:
    assert find(store) is None
    keep(store)
    assert find(store) == KeptAnswer(ANSWER, CALL.fingerprint)
    other_payload = replace(CALL, fingerprint=b"x" * 32)
    assert find(store, other_payload) == KeptAnswer(ANSWER, CALL.fingerprint)


def test_an_answer_without_a_body_and_with_a_password(store: UserStore) -> None:
    with store.writing() as users:
        users.keep_answer(CALL, Answer(204), password_hash=OTHER_HASH)
    assert find(store) == KeptAnswer(Answer(204), CALL.fingerprint, OTHER_HASH)


def test_the_first_stays(store: UserStore) -> None:
    keep(store)
    with pytest.raises(KeyInUseError):
        keep(store, replace(CALL, fingerprint=b"x" * 32), Answer(204))
    assert find(store) == KeptAnswer(ANSWER, CALL.fingerprint)


@pytest.mark.parametrize(
    "other",
    [
        replace(CALL, key=IdempotencyKey("someone", KEY.text)),
        replace(CALL, key=IdempotencyKey("anyone", KEY.text.upper())),
        replace(CALL, operation="delete_user:x"),
    ],
    ids=["caller", "key", "operation"],
)
def test_caller_operation_and_key_name_a_call(store: UserStore, other: KeyedCall) -> None:
    keep(store)
    assert find(store, other) is None
    keep(store, other, Answer(204))
    assert find(store, other) == KeptAnswer(Answer(204), CALL.fingerprint)
    assert find(store) == KeptAnswer(ANSWER, CALL.fingerprint)


def test_the_longest_names_fit(store: UserStore) -> None:
    call = replace(CALL, key=IdempotencyKey("c" * 128, "k" * 255), operation="o" * 64)
    keep(store, call)
    assert find(store, call) is not None


def test_an_error_in_the_block_undoes_user_and_answer(store: UserStore) -> None:
    def stop_halfway() -> None:
        with store.writing() as users:
            add_and_keep(users)
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        stop_halfway()
    assert find(store) is None
    assert count_users(store) == 0


def test_a_crash_before_the_commit_leaves_neither_user_nor_answer(store: UserStore, database_url: str) -> None:
    done = subprocess.run([sys.executable, "-c", CRASH, database_url], timeout=60, check=False)
    assert done.returncode == 137
    assert find(store) is None
    assert count_users(store) == 0
    with store.writing() as users:
        add_and_keep(users)  # and nothing is locked
    assert find(store) is not None


@pytest.mark.parametrize("first_commits", [True, False])
def test_the_later_of_two_waits_for_the_first(store: UserStore, first_commits: bool) -> None:
    kept, outcome = threading.Event(), []

    def second() -> None:
        kept.wait(10)
        try:
            keep(store, answer=Answer(204))
            outcome.append("kept")
        except KeyInUseError:
            outcome.append("in use")

    def first() -> None:
        with store.writing() as users:
            users.keep_answer(CALL, ANSWER)
            kept.set()
            thread.join(0.1)
            assert outcome == []
            if not first_commits:
                raise RuntimeError("stop")

    thread = threading.Thread(target=second)
    thread.start()
    if first_commits:
        first()
    else:
        with pytest.raises(RuntimeError, match="stop"):
            first()
    thread.join(10)
    assert outcome == (["in use"] if first_commits else ["kept"])


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_nobody_waits_for_ever(store: UserStore, database_url: str) -> None:
    impatient = Database(database_url, max_wait_ms=100)
    with store.writing() as users:
        users.keep_answer(CALL, ANSWER)
        with pytest.raises(KeyInUseError):
            keep(SqlUserStore(impatient))
    impatient.dispose()
    assert find(store) == KeptAnswer(ANSWER, CALL.fingerprint)


def test_the_oldest_are_forgotten_when_their_time_is_over(store: UserStore, database: Database) -> None:
    calls = [replace(CALL, operation=f"operation {number}") for number in range(10)]
    for call in calls:
        keep(store, call)
    with database.writing() as connection:
        aged = sa.text("UPDATE idempotency_keys SET created_at = created_at - :age WHERE operation < 'operation 7'")
        connection.execute(aged, {"age": DAY_MS})

    def forget(age_ms: int, limit: int) -> int:
        with store.writing() as users:
            return users.forget_answers(older_than_ms=age_ms, limit=limit)

    assert forget(DAY_MS + 60_000, 100) == 0
    assert forget(DAY_MS - 60_000, 5) == 5
    assert [find(store, call) is not None for call in calls] == [False] * 5 + [True] * 5
    assert forget(DAY_MS - 60_000, 5) == 2
    assert [find(store, call) is not None for call in calls] == [False] * 7 + [True] * 3
    keep(store, calls[0])


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_that_purge_at_once_share_the_work(store: UserStore) -> None:
    for number in range(4):
        keep(store, replace(CALL, operation=f"operation {number}"))
    with store.writing() as one, store.writing() as other:
        assert one.forget_answers(older_than_ms=-60_000, limit=2) == 2
        assert other.forget_answers(older_than_ms=-60_000, limit=4) == 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_room_of_what_was_forgotten_is_used_again(store: UserStore, database: Database) -> None:
    def pages() -> int:
        with database.reading() as connection:
            return int(connection.execute(sa.text("PRAGMA page_count")).scalar_one())

    sizes = []
    for round_no in range(4):
        with store.writing() as users:
            for number in range(500):
                call = replace(CALL, key=IdempotencyKey("anyone", f"round-{round_no}:{number}"))
                users.keep_answer(call, replace(ANSWER, body=b"x" * 400))
        sizes.append(pages())
        with store.writing() as users:
            assert users.forget_answers(older_than_ms=-60_000, limit=500) == 500
    assert max(sizes) <= sizes[0] * 1.1
