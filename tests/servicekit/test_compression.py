import gzip
import zlib
from collections.abc import Iterator

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from servicekit import compression

SHORT, LONG = b"x" * 100, b"x" * 100_000


class Parts:
    """An answer that comes in parts, and notes whether it was closed."""

    def __init__(self) -> None:
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield from (b"first\n", b"second\n")

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def parts() -> Parts:
    return Parts()


@pytest.fixture
def client(parts: Parts) -> FlaskClient:
    app = Flask(__name__, static_folder=None)
    compression.init_app(app)
    app.add_url_rule("/short", view_func=lambda: Response(SHORT), endpoint="short")
    app.add_url_rule("/long", view_func=lambda: Response(LONG), endpoint="long")
    app.add_url_rule("/parts", view_func=lambda: Response(parts), endpoint="parts")
    app.add_url_rule("/none", view_func=lambda: Response(status=204), endpoint="none")
    return app.test_client()


@pytest.mark.parametrize("accepted", ["gzip", "gzip, deflate, br", "*", "gzip;q=0.1", "br, GZIP"])
def test_a_long_answer_is_packed_for_those_who_can_unpack_it(client: FlaskClient, accepted: str) -> None:
    answer = client.get("/long", headers={"Accept-Encoding": accepted})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.data) == LONG
    assert answer.content_length == len(answer.data) < len(LONG) / 10


@pytest.mark.parametrize("accepted", ["", "identity", "gzip;q=0", "br", "*;q=0"])
def test_others_get_it_as_it_is(client: FlaskClient, accepted: str) -> None:
    for path in ("/long", "/parts"):
        answer = client.get(path, headers={"Accept-Encoding": accepted} if accepted else {})
        assert "Content-Encoding" not in answer.headers
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.data == (LONG if path == "/long" else b"first\nsecond\n")


@pytest.mark.parametrize("path", ["/short", "/none"])
def test_a_short_one_is_not_worth_it(client: FlaskClient, path: str) -> None:
    assert "Content-Encoding" not in client.get(path, headers={"Accept-Encoding": "gzip"}).headers


def test_what_comes_in_parts_leaves_in_parts(client: FlaskClient, parts: Parts) -> None:
    answer = client.get("/parts", headers={"Accept-Encoding": "gzip"}, buffered=False)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.content_length is None
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    coming = iter(answer.response)
    assert unpacker.decompress(next(coming)) == b"first\n"
    assert unpacker.decompress(next(coming)) == b"second\n"
    assert unpacker.decompress(next(coming)) == b""
    assert unpacker.eof
    assert next(coming, None) is None
    answer.close()
    assert parts.closed
