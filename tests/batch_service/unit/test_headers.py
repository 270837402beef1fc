import pytest

from batch_service.domain.batch import MAX_HEADER_CHARACTERS, Draft, Refused, read_items
from batch_service.domain.entity import FORBIDDEN_HEADERS, is_forbidden_header
from batch_service.domain.item import Item
from batch_service.domain.refusal import Refusal
from tests.batch_service.making import make_entity

# The registry lists all of them here: what is forbidden stays so.
ENTITY = make_entity(headers=frozenset({"if-match", "x-note", *FORBIDDEN_HEADERS, "x-forwarded-for"}))


def read(headers: dict[str, str]) -> Item | Refused:
    (read,) = read_items(ENTITY, [Draft(headers=headers)])
    return read


def refusal(headers: dict[str, str]) -> Refusal:
    read_item = read(headers)
    assert isinstance(read_item, Refused)
    return read_item.refusal


@pytest.mark.parametrize("name", ["If-Match", "if-match", "IF-MATCH"])
def test_a_header_of_the_list_is_taken_under_its_lower_case_name(name: str) -> None:
    item = read({name: '"1"'})
    assert isinstance(item, Item)
    assert item.headers == {"if-match": '"1"'}


@pytest.mark.parametrize("value", ["", "a", "a b", "a\tb", "Zo\xeb", "~" * MAX_HEADER_CHARACTERS, '"W/", *'])
def test_a_value_is_whatever_a_header_can_carry(value: str) -> None:
    item = read({"X-Note": value})
    assert isinstance(item, Item)
    assert item.headers == {"x-note": value}


@pytest.mark.parametrize(
    "value",
    [
        "a\r\nHost: evil",
        "a\nb",
        "a\rb",
        "\0",
        "\x1b",
        "\x7f",
        "日本",
        "€",
        " a",
        "a ",
        "\ta",
        "\xa0",
        "x" * (MAX_HEADER_CHARACTERS + 1),
    ],
)
def test_a_value_that_no_header_can_carry_is_refused(value: str) -> None:
    assert (refusal({"X-Note": value}).status, refusal({"X-Note": value}).code) == (400, "invalid_header")


@pytest.mark.parametrize(
    "name", ["X-Other", "if_match", "If-Match ", " If-Match", "If-Match:", "If-Match\r\nHost", "", "İf-match", "x/y~z"]
)
def test_a_header_outside_the_list_is_refused_where_it_stands(name: str) -> None:
    refused = refusal({name: "1"})
    assert (refused.status, refused.code) == (400, "invalid_header")
    assert refused.pointer == "/headers/" + name.replace("~", "~0").replace("/", "~1")


@pytest.mark.parametrize(
    "name",
    [
        "X-Real-IP", "x-REAL-ip", "X-Forwarded-For", "X-Forwarded-Anything", "Forwarded", "Host", "Connection",
        "Transfer-Encoding",
        "Content-Length", "Cookie", "X-HTTP-Method-Override", "Authorization", "Proxy-Authorization", "Proxy-Foo",
        "Sec-Fetch-Site",
        "TE", "Upgrade", "Expect", "Via", "Keep-Alive",
    ],
)  # fmt: skip
def test_a_header_of_the_hop_or_of_the_sender_is_never_an_items_to_set(name: str) -> None:
    assert (refusal({name: "1"}).status, refusal({name: "1"}).code) == (400, "forbidden_header")
    assert is_forbidden_header(name)


def test_a_header_that_stands_twice_is_refused() -> None:
    refused = refusal({"If-Match": "1", "if-match": "2"})
    assert (refused.status, refused.code, refused.pointer) == (400, "invalid_header", "/headers/if-match")
