"""One request on one libcurl handle, and what its end means.

libcurl sends a request again by itself when a kept-alive connection turns out to be closed, a POST included, unless it cannot
rewind the body: so bodies come from a READFUNCTION without a SEEKFUNCTION, and the transfer then ends with error 65. The one
layer that tries again is ours (docs/adr/0003-libcurl.md).
"""

from io import BytesIO

import pycurl

from batch_service.adapters.address_fence import AddressFence
from batch_service.adapters.exchange import LibcurlExchange
from batch_service.domain.attempt import Answered, Fault, MaybeApplied, NotSent, Outcome, Request
from batch_service.domain.entity import IDEMPOTENT_METHODS, METHODS_WITH_BODY, Entity

_NEVER_LEFT = frozenset(
    {
        pycurl.E_COULDNT_RESOLVE_PROXY,
        pycurl.E_COULDNT_RESOLVE_HOST,
        pycurl.E_COULDNT_CONNECT,
        pycurl.E_SSL_CONNECT_ERROR,
        pycurl.E_PEER_FAILED_VERIFICATION,
        pycurl.E_URL_MALFORMAT,
        pycurl.E_UNSUPPORTED_PROTOCOL,
    }
)
_FAULTS = {pycurl.E_OPERATION_TIMEDOUT: Fault.TIMED_OUT, pycurl.E_FILESIZE_EXCEEDED: Fault.TOO_LARGE}
_NO_EXPECT = b"Expect:"
_HTTP = pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS


class Connection:
    """A libcurl handle with all that stays the same from request to request."""

    def __init__(self, entity: Entity) -> None:
        self.fence = AddressFence(entity)
        self.handle = handle = pycurl.Curl()
        handle.setopt(pycurl.NOSIGNAL, 1)
        handle.setopt(pycurl.PROXY, "")
        handle.setopt(pycurl.PROTOCOLS, _HTTP)
        handle.setopt(pycurl.FOLLOWLOCATION, 0)
        handle.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
        handle.setopt(pycurl.TIMEOUT_MS, int(entity.timeout_s * 1000))
        handle.setopt(pycurl.MAXFILESIZE_LARGE, entity.max_response_bytes)
        handle.setopt(pycurl.USERAGENT, "batch-service")
        handle.setopt(pycurl.OPENSOCKETFUNCTION, self.fence.open_socket)

    def begin(self, request: Request, exchange: LibcurlExchange) -> "Transfer":
        """Prepare the handle for a request; it leaves when the handle is added to a CurlMulti."""
        self.fence.reset()
        return Transfer(request, self, exchange)


class Transfer:
    """A request on its way."""

    def __init__(self, request: Request, connection: Connection, exchange: LibcurlExchange) -> None:
        self.connection = connection
        self.handle = connection.handle
        self.exchange = exchange
        self._index = request.index
        self._head = BytesIO()
        self._body = BytesIO()
        self._prepare(request)

    @property
    def connections_opened(self) -> int:
        """How many TCP connections the finished transfer had to open: 0 where one was kept alive."""
        return int(self.handle.getinfo(pycurl.NUM_CONNECTS))

    def _prepare(self, request: Request) -> None:
        handle = self.handle
        handle.setopt(pycurl.URL, request.url)
        handle.setopt(pycurl.HTTPHEADER, [_NO_EXPECT, *(f"{k}: {v}".encode("latin-1") for k, v in request.headers.items())])
        handle.setopt(pycurl.WRITEHEADER, self._head)
        handle.setopt(pycurl.WRITEDATA, self._body)
        handle.setopt(pycurl.NOBODY, request.method == "HEAD")
        if request.method in METHODS_WITH_BODY:
            body = request.body or b""
            handle.setopt(pycurl.POST, 1)
            handle.setopt(pycurl.POSTFIELDSIZE_LARGE, len(body))
            handle.setopt(pycurl.READDATA, BytesIO(body))
        elif request.method != "HEAD":
            handle.setopt(pycurl.HTTPGET, 1)
        handle.setopt(pycurl.CUSTOMREQUEST, request.method)
        # A body that is empty can always be rewound: only a connection of its own keeps libcurl from sending it twice.
        handle.setopt(pycurl.FRESH_CONNECT, not request.body and request.method not in IDEMPOTENT_METHODS)

    def outcome(self, errno: int) -> Outcome:
        """Say how the attempt ended; libcurl's error is 0 for a whole answer."""
        if errno == 0:
            headers = _parse_head(self._head.getvalue())
            status = int(self.handle.getinfo(pycurl.RESPONSE_CODE))
            return Answered(self._index, status, headers.get("content-type"), headers, self._body.getvalue())
        if self.connection.fence.refused:
            return NotSent(self._index, Fault.ADDRESS_REFUSED)
        fault = _FAULTS.get(errno, Fault.BROKEN)
        never_left = errno in _NEVER_LEFT or self.handle.getinfo(pycurl.PRETRANSFER_TIME) == 0
        return NotSent(self._index, fault) if never_left else MaybeApplied(self._index, fault)


def _parse_head(head: bytes) -> dict[str, str]:
    """Read the last header block: those before it belong to 1xx answers."""
    block = head.rstrip().rpartition(b"\r\n\r\n")[2]
    lines = (line.partition(b":") for line in block.split(b"\r\n")[1:])
    return {name.strip().decode("latin-1").lower(): value.strip().decode("latin-1") for name, _, value in lines}
