"""Ports of this machine: which are free, and whether a service behind one is ready."""

import http.client
import os
import socket

from local_stack.errors import StackError
from local_stack.services import HOST


def free_port() -> int:
    """Return a port that nobody listens on at this moment."""
    with socket.create_server((HOST, 0)) as server:
        port: int = server.getsockname()[1]
    return port


def require_free(port: int, *, variable: str) -> None:
    """Raise StackError, with the variable to set, if a service could not listen on the port."""
    try:
        socket.create_server((HOST, port)).close()
    except OSError as error:
        reason = os.strerror(error.errno).lower() if error.errno else str(error)
        raise StackError(f"{HOST}:{port} cannot be listened on ({reason}): set {variable} to another port.") from None


def is_ready(port: int) -> bool:
    """Ask `/readyz` of the service on the port; proxies in the environment are no concern of this machine's own ports."""
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
