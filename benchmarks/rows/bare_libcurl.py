"""libcurl's multi interface in a bare loop, which looks at nothing but the status: what a fan-out on it can be at the best."""

from collections import Counter
from collections.abc import Sequence
from io import BytesIO

import orjson
import pycurl

from benchmarks.row import Body, Call, Row, Sent

_HEADERS = ["Content-Type: application/json", "Accept: application/json", "Expect:"]


def send(call: Call, bodies: Sequence[Body]) -> Sent:
    """Send over as many handles as there are connections."""
    multi = pycurl.CurlMulti()
    idle = [_handle(call.url) for _ in range(call.connections)]
    waiting = iter(bodies)
    codes: Counter[int] = Counter()
    while codes.total() < len(bodies):
        while idle and (body := next(waiting, None)) is not None:
            multi.add_handle(_loaded(idle.pop(), orjson.dumps(body)))
        multi.perform()
        _, done, broken = multi.info_read(call.connections)
        for handle in [*done, *(handle for handle, _, _ in broken)]:
            codes[int(handle.getinfo(pycurl.RESPONSE_CODE))] += 1
            multi.remove_handle(handle)
            idle.append(handle)
        if not done:
            multi.select(1.0)
    return Sent(codes)


def _handle(url: str) -> pycurl.Curl:
    handle = pycurl.Curl()
    handle.setopt(pycurl.NOSIGNAL, 1)
    handle.setopt(pycurl.URL, url)
    handle.setopt(pycurl.POST, 1)
    handle.setopt(pycurl.HTTPHEADER, _HEADERS)
    return handle


def _loaded(handle: pycurl.Curl, body: bytes) -> pycurl.Curl:
    handle.setopt(pycurl.POSTFIELDSIZE_LARGE, len(body))
    handle.setopt(pycurl.READDATA, BytesIO(body))
    handle.setopt(pycurl.WRITEDATA, BytesIO())
    return handle


ROW = Row(98, "bare_libcurl", "libcurl in a bare loop", send, targets=frozenset({"nginx"}))
