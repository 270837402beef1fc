"""The proxy breaks a connection where it is told to, as the other side sees it."""

import time
from collections.abc import Iterator

import pytest
import requests

from tests.batch_service.raw_target import RawTarget
from tests.faults.proxy import Proxy
from tests.faults.ways import Mode, Way


@pytest.fixture
def target() -> Iterator[RawTarget]:
    with RawTarget() as target:
        yield target


@pytest.fixture
def proxy(target: RawTarget) -> Iterator[Proxy]:
    with Proxy(target.port) as proxy:
        yield proxy


def ask(proxy: Proxy, *, timeout_s: float = 5) -> requests.Response:
    return requests.post(f"http://127.0.0.1:{proxy.port}/v1/things", json={}, timeout=timeout_s)


def test_it_passes_everything_on(proxy: Proxy, target: RawTarget) -> None:
    assert (ask(proxy).status_code, len(target.asked), proxy.hits) == (200, 1, [])


@pytest.mark.parametrize(("way", "arrivals"), [(Way.CUT_BEFORE, 0), (Way.CUT_AFTER, 1), (Way.CUT_ANSWER, 1)])
def test_it_cuts(proxy: Proxy, target: RawTarget, way: Way, arrivals: int) -> None:
    proxy.mode = Mode(way=way, bytes=-1)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        ask(proxy)
    assert len(target.asked) == arrivals
    assert [hit[:16] for hit in proxy.hits] == [b"POST /v1/things "]
    proxy.mode = Mode()
    assert ask(proxy).status_code == 200


@pytest.mark.parametrize("way", [Way.BLACK_HOLE, Way.DRIP])
def test_it_keeps_a_client_waiting(proxy: Proxy, way: Way) -> None:
    proxy.mode = Mode(way=way, delay_s=1)
    with pytest.raises(requests.Timeout):
        ask(proxy, timeout_s=0.5)


def test_it_delays(proxy: Proxy) -> None:
    proxy.mode = Mode(way=Way.LATE, delay_s=0.3)
    before = time.monotonic()
    assert ask(proxy).status_code == 200
    assert time.monotonic() - before >= 0.3


def test_it_is_down_and_up_again_on_its_port(proxy: Proxy) -> None:
    port = proxy.port
    proxy.down()
    with pytest.raises(requests.ConnectionError):
        ask(proxy)
    proxy.up()
    assert (ask(proxy).status_code, proxy.port) == (200, port)


def test_it_cuts_what_is_open(proxy: Proxy) -> None:
    with requests.Session() as session:
        url = f"http://127.0.0.1:{proxy.port}/v1/things"
        session.post(url, json={}, timeout=5)
        proxy.cut_all()
        assert ask(proxy).status_code == 200


def test_it_breaks_a_share(proxy: Proxy) -> None:
    proxy.mode = Mode(way=Way.CUT_BEFORE, share=0.5)
    codes = []
    for _ in range(20):
        try:
            codes.append(ask(proxy).status_code)
        except requests.ConnectionError:
            codes.append(0)
    assert set(codes) == {0, 200}
    assert codes.count(0) == len(proxy.hits)
