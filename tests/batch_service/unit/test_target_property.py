"""Whatever text an item has as its path: it is refused, or it stays where it belongs however often it is decoded."""

from urllib.parse import quote, unquote, urlsplit

from hypothesis import example, given
from hypothesis import strategies as st

from batch_service.domain.refusal import RefusedError
from batch_service.domain.target import resolve
from tests.batch_service.making import make_entity

ENTITY = make_entity(url="http://127.0.0.1:8001/v1/users")
_PIECES = st.sampled_from(
    ["/", "\\", ".", "..", "%2e", "%2f", "%5c", "%25", "%252e", "%", "a", "0", "@", ":", "?", "#", ";", "//", "%00", "%0d%0a",
    "\0",
     "\uff0e", "\uff0f", "%EF%BC%8E", "%ef%bc%8f", "http:", "users", "%41", "%C3%A9"]
)  # fmt: skip
_PATHS = (
    st.text()
    | st.lists(_PIECES, max_size=12).map("".join)
    | st.lists(_PIECES, max_size=12).map(lambda some: "/" + "".join(some))
)


@given(_PATHS)
@example("/%25252525252e%25252525252e")
def test_a_path_is_refused_or_stays_under_the_collection(path: str) -> None:
    try:
        url = resolve(ENTITY, path, {})
    except RefusedError:
        return
    for _ in range(6):
        parts = urlsplit(url)
        assert (parts.scheme, parts.netloc) == ("http", "127.0.0.1:8001")
        assert url.startswith(ENTITY.url)
        rest = url.removeprefix(ENTITY.url)
        assert not rest or rest.startswith("/")
        assert not {".", ".."} & set(rest.split("/"))
        assert "//" not in rest
        assert not set(rest) & set("\\?#;\0\r\n")
        url = unquote(url)


@given(st.lists(st.text(min_size=1), max_size=3).map(lambda names: "".join(f"/{quote(name, safe='')}" for name in names)))
def test_an_encoded_name_is_refused_or_arrives_as_that_name(path: str) -> None:
    try:
        url = resolve(ENTITY, path, {})
    except RefusedError:
        return
    assert url == ENTITY.url + path


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.booleans() | st.lists(st.text())))
def test_a_query_never_changes_the_place(query: dict[str, object]) -> None:
    try:
        url = resolve(ENTITY, "/1", query)
    except RefusedError:
        return
    parts = urlsplit(url)
    assert url.isascii()
    assert (parts.netloc, parts.path, parts.fragment) == ("127.0.0.1:8001", "/v1/users/1", "")
