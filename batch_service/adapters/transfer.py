"""One request on one libcurl handle, and what its end means.

libcurl sends a request again by itself when a kept-alive connection turns out to be closed, a POST included, unless it cannot
rewind the body: so bodies come from a READFUNCTION without a SEEKFUNCTION, and the transfer then ends with error 65. The one
layer that tries again is ours (docs/adr/0002-libcurl.md).
"""

import os
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from io import BytesIO

import pycurl

from batch_service.adapters.address_fence import Address, AddressFence, OpenedSocket
from batch_service.adapters.exchange import LibcurlExchange
from batch_service.domain.attempt import Answered, Fault, MaybeApplied, NotSent, Outcome, Request
from batch_service.domain.entity import IDEMPOTENT_METHODS, METHODS_WITH_BODY, Entity

_FAULTS = {
    pycurl.E_COULDNT_RESOLVE_HOST: Fault.NAME_UNKNOWN,
    pycurl.E_COULDNT_CONNECT: Fault.UNREACHABLE,
    pycurl.E_SSL_CONNECT_ERROR: Fault.TLS_FAILED,
    pycurl.E_PEER_FAILED_VERIFICATION: Fault.TLS_FAILED,
    pycurl.E_OPERATION_TIMEDOUT: Fault.TIMED_OUT,
    pycurl.E_FILESIZE_EXCEEDED: Fault.TOO_LARGE,
}
_SPACE = b" \t\r\v\f"
_END_OF_HEAD = (b"\r\n", b"\n")
_HTTP = pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS


class Connection:
    """A libcurl handle with all that stays the same from request to request."""

    def __init__(self, entity: Entity, before_open: Callable[[], None]) -> None:
        self.fence = AddressFence(entity)
        self._before_open = before_open
        self.url = self.method = ""
        self.is_fresh = False
        """What the handle was told last."""
        self.head: list[bytes] = []
        self.body: list[bytes] = []
        self.handle = handle = pycurl.Curl()
        handle.setopt(pycurl.NOSIGNAL, 1)
        handle.setopt(pycurl.PROXY, "")
        handle.setopt(pycurl.PROTOCOLS, _HTTP)
        handle.setopt(pycurl.FOLLOWLOCATION, 0)
        handle.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
        handle.setopt(pycurl.TIMEOUT_MS, int(entity.timeout_s * 1000))
        handle.setopt(pycurl.MAXFILESIZE_LARGE, entity.max_response_bytes)
        handle.setopt(pycurl.USERAGENT, "batch-service")
        handle.setopt(pycurl.OPENSOCKETFUNCTION, self._open_socket)
        handle.setopt(pycurl.HEADERFUNCTION, self.head.append)
        handle.setopt(pycurl.WRITEFUNCTION, self.body.append)

    def _open_socket(self, purpose: int, address: Address) -> OpenedSocket | int:
        self._before_open()
        return self.fence.open_socket(purpose, address)

    def begin(self, request: Request, exchange: LibcurlExchange) -> "Transfer":
        """Prepare the handle for a request; it leaves when the handle is added to a CurlMulti."""
        self.fence.reset()
        self.head.clear()
        self.body.clear()
        return Transfer(request, self, exchange)


class Transfer:
    """A request on its way."""

    def __init__(self, request: Request, connection: Connection, exchange: LibcurlExchange) -> None:
        self.connection = connection
        self.handle = connection.handle
        self.exchange = exchange
        self._index = request.index
        self._prepare(request)

    @property
    def connections_opened(self) -> int:
        """How many TCP connections the finished transfer had to open: 0 where one was kept alive."""
        return int(self.handle.getinfo(pycurl.NUM_CONNECTS))

    def _prepare(self, request: Request) -> None:
        handle = self.handle
        if request.url != self.connection.url:
            handle.setopt(pycurl.URL, request.url)
            self.connection.url = request.url
        handle.setopt(pycurl.HTTPHEADER, _header_lines(request))
        if request.method != self.connection.method:
            self._choose_method(request.method)
            self.connection.method = request.method
        if request.method in METHODS_WITH_BODY:
            body = request.body or b""
            handle.setopt(pycurl.POSTFIELDSIZE_LARGE, len(body))
            handle.setopt(pycurl.READDATA, BytesIO(body))
        # A body that is empty can always be rewound: only a connection of its own keeps libcurl from sending it twice.
        is_fresh = not request.body and request.method not in IDEMPOTENT_METHODS
        if is_fresh != self.connection.is_fresh:
            handle.setopt(pycurl.FRESH_CONNECT, is_fresh)
            self.connection.is_fresh = is_fresh

    def _choose_method(self, method: str) -> None:
        self.handle.setopt(pycurl.NOBODY, method == "HEAD")
        if method in METHODS_WITH_BODY:
            self.handle.setopt(pycurl.POST, 1)
        elif method != "HEAD":
            self.handle.setopt(pycurl.HTTPGET, 1)
        self.handle.setopt(pycurl.CUSTOMREQUEST, method)

    def outcome(self, errno: int) -> Outcome:
        """Say how the attempt ended; libcurl's error is 0 for a whole answer."""
        headers = _parse_head(self.connection.head) if errno == 0 else None
        if headers is not None:
            status = int(self.handle.getinfo(pycurl.RESPONSE_CODE))
            return Answered(self._index, status, headers.get("content-type"), headers, b"".join(self.connection.body))
        if errno == 0:
            self._hang_up()
        if self.connection.fence.refused:
            return NotSent(self._index, Fault.ADDRESS_REFUSED)
        fault = _FAULTS.get(errno, Fault.BROKEN)
        # Bytes that were written say it surely; libcurl's error codes do not: 1 is also an answer that is no HTTP.
        never_left = self.handle.getinfo(pycurl.REQUEST_SIZE) == 0
        return NotSent(self._index, fault) if never_left else MaybeApplied(self._index, fault)

    def _hang_up(self) -> None:
        """End a connection that broke off in the middle of a head: libcurl takes that for the whole, and would use it again."""
        fd = self.handle.getinfo(pycurl.ACTIVESOCKET)
        if fd >= 0:
            with socket.socket(fileno=os.dup(fd)) as connection, suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def _header_lines(request: Request) -> list[bytes]:
    # "name:" would keep libcurl from sending the header at all; "name;" sends it empty.
    lines = [(f"{name}: {value}" if value else f"{name};").encode("latin-1") for name, value in request.headers.items()]
    lines.append(b"Expect:")
    if request.body is None:
        lines.append(b"Content-Type:")  # libcurl's own would be that of a form
    return lines


def _parse_head(lines: Sequence[bytes]) -> dict[str, str] | None:
    """Read the last block of headers: those before it belong to 1xx answers. None if it breaks off, which libcurl lets pass."""
    headers: dict[str, str] | None = None
    for line in lines:
        if line in _END_OF_HEAD:
            is_whole = True
        elif line.startswith(b"HTTP/"):
            headers, is_whole = {}, False
        elif headers is not None and not is_whole:
            name, _, value = line.rstrip(b"\n").partition(b":")
            headers[name.strip(_SPACE).lower().decode("latin-1")] = value.strip(_SPACE).decode("latin-1")
    return headers if headers is not None and is_whole else None
