import gzip
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

import servicekit.api
from servicekit.request_body import read_body, require_content_type, stream_body

LIMIT = 1_000_000


@pytest.fixture
def client() -> FlaskClient:
    app = Flask(__name__, static_folder=None)
    servicekit.api.init_app(app, max_body_bytes=LIMIT)

    @app.post("/whole")
    def whole() -> dict[str, Any]:
        require_content_type(request, ("text/plain",), gzip=True)
        return {"size": len(read_body(request))}

    @app.post("/stream")
    def stream() -> dict[str, Any]:
        sizes = [len(block) for block in stream_body(request, max_bytes=LIMIT)]
        return {"size": sum(sizes), "largest": max(sizes, default=0)}

    return app.test_client()


@pytest.fixture(params=["/whole", "/stream"])
def path(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def post(client: FlaskClient, path: str, body: bytes, **headers: str) -> tuple[int, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = client.post(path, data=body, headers=named, content_type="text/plain")
    return answer.status_code, answer.get_json()


@pytest.mark.parametrize("size", [0, 1, 65_536, LIMIT])
def test_a_packed_body_is_unpacked(client: FlaskClient, path: str, size: int) -> None:
    packed = gzip.compress(b"x" * size)
    assert post(client, path, packed, Content_Encoding="gzip")[1]["size"] == size
    assert post(client, path, packed, Content_Encoding="GZIP")[1]["size"] == size
    assert post(client, path, b"x" * size)[1]["size"] == size
    assert post(client, path, b"x" * size, Content_Encoding="identity")[1]["size"] == size


def test_one_member_may_follow_another(client: FlaskClient, path: str) -> None:
    packed = gzip.compress(b"a" * 10) + gzip.compress(b"") + gzip.compress(b"b" * 100_000)
    assert post(client, path, packed, Content_Encoding="gzip")[1]["size"] == 100_010


def test_it_may_not_unpack_to_more_than_the_limit(client: FlaskClient, path: str) -> None:
    status, problem = post(client, path, gzip.compress(b"x" * (LIMIT + 1)), Content_Encoding="gzip")
    assert (status, problem["code"]) == (413, "request_entity_too_large")
    assert "1,000,000 bytes" in problem["error"]


def test_what_it_unpacks_to_is_never_in_memory_as_a_whole(client: FlaskClient) -> None:
    answer = post(client, "/stream", gzip.compress(b"x" * LIMIT), Content_Encoding="gzip")[1]
    assert answer["largest"] <= 65_536


def test_members_without_content_are_counted_too(client: FlaskClient, path: str) -> None:
    empty = gzip.compress(b"")
    status, problem = post(client, path, empty * (LIMIT // len(empty) + 1), Content_Encoding="gzip")
    assert (status, problem["code"]) == (413, "request_entity_too_large")


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"x",
        b"hello world, not packed at all",
        gzip.compress(b"x" * 1000)[:-1],
        gzip.compress(b"x" * 1000)[:20],
        gzip.compress(b"x" * 1000)[:-8] + b"\0" * 8,
        gzip.compress(b"x") + b"trailing",
        zlib.compress(b"x"),
    ],
    ids=["nothing", "a byte", "text", "cut", "cut early", "wrong checksum", "rubbish behind it", "zlib"],
)
def test_what_is_not_gzip_is_refused(client: FlaskClient, path: str, packed: bytes) -> None:
    status, problem = post(client, path, packed, Content_Encoding="gzip")
    assert (status, problem["code"]) == (400, "invalid_gzip")


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "deflate", "x-gzip", "gzip;q=1"])
def test_other_encodings_are_refused_with_those_that_are_taken(client: FlaskClient, encoding: str) -> None:
    answer = client.post("/whole", data=b"x", headers={"Content-Encoding": encoding}, content_type="text/plain")
    assert answer.status_code == 415
    assert answer.headers["Accept-Encoding"] == "gzip"


class Chunks:
    """The body of a chunked request as the server hands it on: with an error where the connection breaks."""

    def __init__(self, blocks: list[bytes], *, breaks: bool) -> None:
        self._blocks: Iterator[bytes] = iter(blocks)
        self._breaks = breaks

    def read(self, size: int) -> bytes:
        block = next(self._blocks, b"")
        if not block and self._breaks:
            raise OSError("broken")
        return block


@pytest.mark.parametrize(
    ("blocks", "breaks", "status"),
    [([b"x" * 50_000] * 20, False, 200), ([b"x" * 50_000] * 20 + [b"x"], False, 413), ([b"x", b"y"], True, 400)],
)
def test_a_body_without_a_declared_length(
    client: FlaskClient, path: str, blocks: list[bytes], status: int, *, breaks: bool
) -> None:
    environ = {"wsgi.input": Chunks(blocks, breaks=breaks), "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    answer = client.post(path, content_type="text/plain", environ_overrides={**environ, "CONTENT_LENGTH": ""})
    assert answer.status_code == status
    if status == 200:
        assert answer.get_json()["size"] == LIMIT
