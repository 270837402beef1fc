import socket
import threading

import pytest

from local_stack.errors import StackError
from local_stack.ports import free_port, is_ready, require_free


def test_a_taken_port_names_the_variable_to_set() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(StackError) as refused:
            require_free(port, variable="USERS_PORT")
    assert str(refused.value) == (
        f"127.0.0.1:{port} cannot be listened on (address already in use): set USERS_PORT to another port."
    )


def test_a_port_taken_on_every_address_is_taken() -> None:
    with socket.create_server(("", 0)) as other, pytest.raises(StackError):
        require_free(other.getsockname()[1], variable="USERS_PORT")


def test_a_free_port_is_free_and_nobody_is_ready_there() -> None:
    port = free_port()
    require_free(port, variable="USERS_PORT")
    assert not is_ready(port)


def test_who_does_not_speak_http_is_not_ready() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:

        def answer() -> None:
            connection, _ = other.accept()
            with connection:
                connection.sendall(b"SSH-2.0-x\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        assert not is_ready(other.getsockname()[1])
        thread.join()
