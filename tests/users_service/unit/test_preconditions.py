import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from users_service.api.preconditions import if_match, is_not_modified


def request(**headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(EnvironBuilder(headers=named.items()).get_environ())


@pytest.mark.parametrize(
    ("header", "versions"),
    [
        ("*", None),
        (" * ", None),
        ('"1"', {1}),
        ('"1", "22"', {1, 22}),
        ('"1",,"2",', {1, 2}),
        ('W/"1"', set()),
        ('W/"1", "2"', {2}),
        ('"01"', set()),
        ('"abc"', set()),
        ('""', set()),
        ("1", set()),
        ('"1", *', set()),
        ('"1" nonsense', set()),
        ("", set()),
        ('"99999999999999999999"', set()),
    ],
)
def test_if_match(header: str, versions: set[int] | None) -> None:
    assert if_match(request(If_Match=header)) == versions


def test_without_if_match_any_version_will_do() -> None:
    assert if_match(request()) is None


@pytest.mark.parametrize(
    ("header", "expected"),
    [("*", True), ('"3"', True), ('W/"3"', True), ('"2", W/"3"', True), ('"2"', False), ("3", False), ("", False)],
)
def test_if_none_match(header: str, expected: bool) -> None:
    assert is_not_modified(request(If_None_Match=header), 3) is expected


def test_without_if_none_match() -> None:
    assert not is_not_modified(request(), 3)
