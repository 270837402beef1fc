"""How an answer of the target becomes a result."""

import base64
from typing import Any

import orjson
import pytest

from batch_service.domain.attempt import Answered
from batch_service.domain.item import ItemResult
from batch_service.domain.outcome import MAX_ERROR_CHARACTERS, decide
from tests.batch_service.making import make_entity, make_item

JSON = "application/json"


def result(status: int, body: bytes = b"", content_type: str | None = JSON, **headers: str) -> ItemResult:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    decision = decide(make_entity(retries=0), make_item(), Answered(0, status, content_type, names, body), attempts=1)
    assert isinstance(decision, ItemResult)
    return decision


@pytest.mark.parametrize(
    "content_type", [JSON, "application/json; charset=utf-8", "Application/JSON", "application/problem+json", "a/b+json"]
)
@pytest.mark.parametrize(
    "body", [b"{}", b"[]", b'{ "a" : 1.0 }', b"null", b"0", b'"text"', b'{"a":1,"a":2}', b"12345678901234567890123"]
)
def test_a_json_body_is_kept_byte_for_byte(content_type: str, body: bytes) -> None:
    assert result(200, body, content_type).body == body


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"<html>", "text/html"),
        (b'{"a":1}', "text/plain"),
        (b'{"a":1}', None),
        (b"{not json", JSON),
        (b"[NaN]", JSON),
        (b'["\\ud800"]', JSON),
        (b"\xff\xfe[\0]\0", JSON),
        (b"\xef\xbb\xbf{}", JSON),
        (b"\0\1\2\xff", "image/png"),
        (b"[" * 5_000 + b"]" * 5_000, JSON),
        ("é".encode("latin-1"), "text/plain; charset=latin-1"),
    ],
)
def test_any_other_body_is_wrapped_and_loses_nothing(body: bytes, content_type: str | None) -> None:
    wrapped = result(200, body, content_type).body
    assert wrapped is not None
    assert orjson.loads(wrapped) == {"contentType": content_type, "base64": base64.b64encode(body).decode()}


def test_a_body_in_an_encoding_of_its_own_is_wrapped() -> None:
    assert b"base64" in (result(200, b"{}", JSON, content_encoding="gzip").body or b"")


@pytest.mark.parametrize("status", [200, 204, 304, 404, 500])
def test_no_body_is_no_body(status: int) -> None:
    assert result(status).body is None


@pytest.mark.parametrize("status", [200, 201, 202, 204, 207, 299, 304])
def test_a_success_is_a_2xx_or_a_304(status: int) -> None:
    success = result(status, b"{}")
    assert success.succeeded
    assert success.error is None
    assert success.response_code == status


@pytest.mark.parametrize("status", [101, 400, 404, 409, 418, 500, 503, 599, 999])
def test_anything_else_is_a_failure_with_a_sentence(status: int) -> None:
    failure = result(status, b"{}")
    assert not failure.succeeded
    assert failure.error == f"The target answered {status}."


@pytest.mark.parametrize("status", [300, 301, 302, 303, 305, 307, 308, 399])
def test_a_redirect_is_a_broken_target(status: int) -> None:
    refused = result(status, b"{}", location="http://evil/")
    assert refused.response_code == 502
    assert refused.headers == {}
    assert refused.body is not None
    assert orjson.loads(refused.body)["code"] == "target_redirect_refused"


def test_a_few_headers_are_kept() -> None:
    kept = result(201, b"{}", location="/1", etag='"a"', retry_after="3", set_cookie="a=b", server="x")
    assert kept.headers == {"Location": "/1", "ETag": '"a"', "Retry-After": "3"}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"error": "Missing password"}, "Missing password"),
        ({"error": {"message": "no"}, "detail": "Taken"}, "Taken"),
        ({"message": "Nope", "title": "Bad Request"}, "Nope"),
        ({"title": "Bad Request"}, "Bad Request"),
        ({"error": "  ", "title": "T"}, "T"),
        ({"error": 7}, "The target answered 400."),
        (["error"], "The target answered 400."),
        ({"error": "a\0b\r\nc"}, "a b c"),
        ({"error": "é" * 1000}, "é" * MAX_ERROR_CHARACTERS),
    ],
)
def test_the_sentence_is_the_targets_own_where_it_has_one(body: Any, sentence: str) -> None:
    assert result(400, orjson.dumps(body)).error == sentence
