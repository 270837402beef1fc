import pytest

from users_service.domain.errors import InvalidKeyError
from users_service.domain.idempotency import IdempotencyKey, KeyedCall
from users_service.domain.password import Password
from users_service.domain.user import Profile

KEY = IdempotencyKey("anyone", "import-7:row-12")


@pytest.mark.parametrize("text", ["12345678", "x" * 255, "0199aa:17", "A.b_c-d:e", "f47ac10b-58cc-4372-a567-0e02b2c3d479"])
def test_a_key_is_bare_or_quoted(text: str) -> None:
    for form in (text, f'"{text}"'):
        assert IdempotencyKey.parse(form, caller="anyone") == IdempotencyKey("anyone", text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1234567",
        '"1234567"',
        "x" * 256,
        f'"{"x" * 256}"',
        '"12345678',
        '12345678"',
        '""12345678""',
        "'12345678'",
        "12345678\r\nX-Other: 1",
        "12345678\n",
        '"12345678"\n',
        "1234\r5678",
        "12345678 ",
        "1234 5678",
        "12345678,12345678",
        "12345678;a=b",
        '"12345678";a=b',
        "1234567%0d%0a",
        "clé-12345678",
        "１２３４５６７８",
        "\0" * 8,
    ],
    ids=ascii,
)
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(InvalidKeyError, match="8 to 255"):
        IdempotencyKey.parse(text, caller="anyone")


def test_a_fingerprint_is_of_the_content_whatever_its_order() -> None:
    one = KeyedCall.of(KEY, "create_user", {"a": 1, "b": {"c": [1, None], "d": "é"}})
    assert one == KeyedCall.of(KEY, "create_user", {"b": {"d": "é", "c": [1, None]}, "a": 1})
    for other in ({"a": 1}, {"a": 1, "b": {"c": [None, 1], "d": "é"}}, {"a": "1", "b": {"c": [1, None], "d": "é"}}):
        assert KeyedCall.of(KEY, "create_user", other).fingerprint != one.fingerprint


def test_a_fingerprint_tells_nothing_of_a_password_but_that_there_is_one() -> None:
    content = Profile("Diego").content()
    with_one = KeyedCall.of(KEY, "create_user", content, password=Password("123456"))
    assert with_one.fingerprint == KeyedCall.of(KEY, "create_user", content, password=Password("other")).fingerprint
    assert with_one.fingerprint != KeyedCall.of(KEY, "create_user", content).fingerprint
    assert "123456" not in repr(with_one)


def test_the_content_of_a_profile_has_no_defaults() -> None:
    assert Profile("Diego").content() == {"username": "Diego"}
    full = Profile("Diego", email="d@example.org", display_name="D", locale="es", metadata='{"z":1,"a":[1.50,null]}')
    assert full.content() == {
        "username": "Diego",
        "email": "d@example.org",
        "display_name": "D",
        "locale": "es",
        "metadata": {"a": [1.5, None], "z": 1},
    }
