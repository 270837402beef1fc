import pytest

from batch_service.domain.attempt import Request
from batch_service.domain.entity import METHODS
from tests.batch_service.making import make_entity, make_request
from tests.batch_service.raw_target import Asked, RawTarget
from tests.batch_service.sending import Send


def arrived(send: Send, target: RawTarget, *requests: Request) -> list[Asked]:
    send(make_entity(url=target.url, concurrency=1), requests)
    return target.asked


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("before", METHODS)
def test_each_method_arrives_whatever_the_handle_did_before(send: Send, target: RawTarget, before: str, method: str) -> None:
    def request(index: int, name: str) -> Request:
        return make_request(
            index, url=target.url, method=name, body=b"[%d]" % index if name in ("POST", "PUT", "PATCH") else None
        )

    _, asked = arrived(send, target, request(0, before), request(1, method))
    assert (asked.method, asked.path) == (method, "/v1/things")
    assert asked.body == (b"[1]" if method in ("POST", "PUT", "PATCH") else b"")


def test_a_request_carries_its_headers_and_nothing_that_libcurl_would_add(send: Send, target: RawTarget) -> None:
    request = Request(
        0, "POST", target.url, {"content-type": "application/json", "accept": "x/y", "if-match": '"1"'}, b"{}" * 9_000
    )
    (asked,) = arrived(send, target, request)
    assert set(asked.headers) == {"host", "user-agent", "accept", "content-type", "content-length", "if-match"}
    assert (asked.headers["accept"], asked.headers["if-match"]) == ("x/y", '"1"')
    assert len(asked.header_lines) == len(asked.headers)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_write_without_a_body_declares_none(send: Send, target: RawTarget, method: str) -> None:
    (asked,) = arrived(send, target, Request(0, method, target.url, {"accept": "application/json"}, None))
    assert "content-type" not in asked.headers
    assert asked.headers["content-length"] == "0"


def test_header_values_leave_as_latin_1_and_may_be_empty(send: Send, target: RawTarget) -> None:
    (asked,) = arrived(send, target, Request(0, "POST", target.url, {"x-name": "Zo\xeb", "x-none": ""}, b"{}"))
    assert asked.headers["x-name"] == "Zo\xeb"
    assert asked.headers["x-none"] == ""


def test_the_url_leaves_as_it_was_resolved(send: Send, target: RawTarget) -> None:
    path = "/a%20b/%C3%A9/c:@!$&'()*+,=~?q=%00%2F&q=1"
    (asked,) = arrived(send, target, make_request(url=target.url + path))
    assert asked.path == f"/v1/things{path}"


def test_the_environment_names_no_proxy(send: Send, target: RawTarget, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert len(arrived(send, target, make_request(url=target.url))) == 1
