import pytest

from users_service.domain.errors import InvalidValueError, VersionMismatchError
from users_service.domain.metadata import MAX_METADATA_BYTES, merged_metadata, metadata_text
from users_service.domain.user import Profile, ProfilePatch, User, require_version

FULL = Profile("Diego", email="d@example.org", display_name="D", locale="es", metadata='{"a":1}')


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        ({}, FULL),
        ({"username": "Zoe"}, Profile("Zoe", email="d@example.org", display_name="D", locale="es", metadata='{"a":1}')),
        (
            {"email": None, "display_name": None, "locale": None, "metadata": None},
            Profile("Diego", email=None, display_name=None, locale="en", metadata="{}"),
        ),
        ({"metadata": {"b": 2}}, Profile("Diego", "d@example.org", "D", "es", '{"a":1,"b":2}')),
    ],
)
def test_patch(patch: ProfilePatch, expected: Profile) -> None:
    assert FULL.patched(patch) == expected


def test_the_shown_name_follows_the_username_until_it_is_set() -> None:
    profile = Profile("Diego")
    assert profile.shown_name == "Diego"
    assert profile.patched({"username": "Zoe"}).shown_name == "Zoe"
    assert profile.patched({"display_name": "D"}).patched({"username": "Zoe"}).shown_name == "D"


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [  # RFC 7396 appendix A, as far as both are objects
        ('{"a":"b"}', {"a": "c"}, '{"a":"c"}'),
        ('{"a":"b"}', {"b": "c"}, '{"a":"b","b":"c"}'),
        ('{"a":"b"}', {"a": None}, "{}"),
        ('{"a":"b","b":"c"}', {"a": None}, '{"b":"c"}'),
        ('{"a":["b"]}', {"a": "c"}, '{"a":"c"}'),
        ('{"a":"c"}', {"a": ["b"]}, '{"a":["b"]}'),
        ('{"a":{"b":"c"}}', {"a": {"b": "d", "c": None}}, '{"a":{"b":"d"}}'),
        ('{"a":[{"b":"c"}]}', {"a": [1]}, '{"a":[1]}'),
        ('{"e":null}', {"a": 1}, '{"e":null,"a":1}'),
        ("{}", {"a": {"bb": {"ccc": None}}}, '{"a":{"bb":{}}}'),
    ],
)
def test_metadata_is_merged(target: str, patch: dict[str, object], result: str) -> None:
    assert merged_metadata(target, patch) == result


def test_metadata_keeps_the_order_of_keys_and_big_numbers() -> None:
    assert metadata_text({"z": 10**40, "a": 0.1, "é": "\u2028"}) == '{"z":1' + "0" * 40 + ',"a":0.1,"é":"\u2028"}'


def test_metadata_has_a_limit_in_bytes() -> None:
    room = MAX_METADATA_BYTES - len('{"a":""}')
    assert len(metadata_text({"a": "x" * room})) == MAX_METADATA_BYTES
    with pytest.raises(InvalidValueError, match="16385 bytes"):
        metadata_text({"a": "x" * (room + 1)})
    with pytest.raises(InvalidValueError, match="bytes of JSON"):
        metadata_text({"a": "é" * (room // 2 + 1)})
    with pytest.raises(InvalidValueError, match="bytes of JSON"):
        merged_metadata(metadata_text({"a": "x" * room}), {"b": 1})


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"a": "\0"}, ("a",)),
        ({"a": 1, "b": [0, {"c": "x\0"}]}, ("b", 1, "c")),
        ({"a": {"k\0": 1}}, ("a", "k\0")),
    ],
)
def test_metadata_has_no_nul(value: dict[str, object], path: tuple[str | int, ...]) -> None:
    with pytest.raises(InvalidValueError, match="NUL") as caught:
        metadata_text(value)
    assert caught.value.path == path


def test_metadata_may_speak_of_nul() -> None:
    assert metadata_text({"a": "\\u0000"}) == r'{"a":"\\u0000"}'


def test_require_version() -> None:
    user = User("id", FULL, 3, created_at_ms=0, updated_at_ms=0)
    require_version(user, None)
    require_version(user, {2, 3})
    for versions in (set[int](), {2, 4}):
        with pytest.raises(VersionMismatchError):
            require_version(user, versions)
