import pytest

from batch_service.domain.entity import Entity
from batch_service.domain.refusal import RefusedError
from batch_service.domain.target import MAX_PATH_CHARACTERS, resolve
from tests.batch_service.making import URL, make_entity

LEAVING = [
    "..", ".", "/..", "/.", "/../admin", "/a/../../admin", "/a/.", "/./a",
    "/%2e%2e", "/%2E%2e", "/.%2e", "/%2e", "/%252e%252e", "/%25252e%25252e", "/%252e%252e%252f",
    "/..%2f", "/..%2fadmin", "/a%2fb", "/a%2Fb", "/a%252fb", "/%2f", "/%2f%2fevil",
    "/..\\", "\\\\evil", "/a\\b", "/%5c", "/%5C..%5Cadmin", "/%255c",
    "//evil", "//evil/", "/a//b", "///", "http://evil", "https://evil/", "HTTP://evil", "javascript:1",
    "@evil", ":8080", "users", "users/1", " /1", "/1 ",
    "?x", "/1?x=1", "/%3fx", "/%3Fx", "/%253f",
    "#x", "/1#x", "/%23x", "/%2523",
    ";x", "/1;x", "/1;jsessionid=1", "/%3b", "/%253b",
    "/%00", "/1%00", "/%2500", "/\0", "/%0d%0a", "/%0D%0AX-Real-IP:%201", "/%250d%250a", "/\r\n", "/a\tb", "/%09", "/%7f",
    "/%C2%85",
    "/\uff0e\uff0e", "/%EF%BC%8E%EF%BC%8E", "/%25EF%25BC%258E", "/\uff0f", "/%EF%BC%8F", "/%E2%80%A4", "/\uff41", "/%EF%BD%81",
    "/%E2%80%A8", "/%E2%80%A9",
    "/%", "/%2", "/%zz", "/100%", "/%u002e", "/é", "/\U0001f600", "/<b>", '/"', "/{id}", "/a|b", "/`", "/^",
    "/%ff", "/%c0%ae%c0%ae", "/%C0%AF", "/%ed%a0%80", "/%E2%82",
    "/%2525252525252e", "/%2525252525252541",
]  # fmt: skip
STAYING = [
    "", "/", "/1", "/1/", "/0199aab3-7c1e-7e57-8b7c-1e57a1d40d9a", "/a/b/c", "/...", "/..a", "/a..", "/.well-known", "/%20",
    "/a%20b",
    "/@evil", "/a:b", "/~me", "/a+b", "/a%2Bb", "/a,b", "/a=b", "/(a)", "/a!b$c&d'e*f", "/%C3%A9", "/%c3%a9",
    "/%E6%97%A5%E6%9C%AC",
    "/%F0%9F%98%80", "/100%25", "/%2541", "/%40", "/%3A", "/A-Z_0-9",
]  # fmt: skip


def pointer_and_code(entity: Entity, path: str) -> tuple[str | None, str, int]:
    with pytest.raises(RefusedError) as refused:
        resolve(entity, path, {})
    refusal = refused.value.refusal
    return refusal.pointer, refusal.code, refusal.status


@pytest.mark.parametrize("path", LEAVING)
def test_a_path_that_may_leave_the_collection_is_refused(path: str) -> None:
    assert pointer_and_code(make_entity(), path) == ("/path", "invalid_path", 400)


@pytest.mark.parametrize("path", STAYING)
def test_any_other_path_is_appended_as_it_is(path: str) -> None:
    assert resolve(make_entity(), path, {}) == URL + path


def test_a_path_has_a_greatest_length() -> None:
    assert resolve(make_entity(), "/" + "a" * (MAX_PATH_CHARACTERS - 1), {})
    assert pointer_and_code(make_entity(), "/" + "a" * MAX_PATH_CHARACTERS) == ("/path", "invalid_path", 400)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8001/v1/users", "https://[::1]:1/a", "http://a.example/x%20y/z"])
def test_every_collection_keeps_its_items(url: str) -> None:
    assert resolve(make_entity(url=url), "/1", {"q": "2"}) == f"{url}/1?q=2"


def test_a_sentence_says_what_is_wrong() -> None:
    with pytest.raises(RefusedError, match=r"^Invalid path: it has an empty segment\.$"):
        resolve(make_entity(), "//evil", {})
