"""gunicorn with the settings that both services need, started from Python."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from servicekit import garbage, lifeline


class PublicAddressError(ValueError):
    """The services have no authentication yet: they serve loopback addresses alone."""


def serve(make_app: Callable[[], Flask], *, name: str, host: str, port: int, workers: int, threads: int) -> None:
    """Serve an app on one address until SIGTERM or SIGINT; each worker process makes its own app.

    Raises:
        PublicAddressError: the host is not a loopback address.
    """
    if not _is_loopback(host):
        raise PublicAddressError(f"{name} has no authentication yet: bind it to 127.0.0.1 or ::1, not to {host}.")
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    _Server(make_app, {"bind": address, "workers": workers, "threads": threads, "proc_name": name}).run()


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:  # another name, which may resolve to anything
        return False


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, make_app: Callable[[], Flask], options: dict[str, Any]) -> None:
        self._make_app = make_app
        self._options = {
            "worker_class": "gthread",
            "timeout": 120,
            "graceful_timeout": 30,
            "keepalive": 75,  # longer than the pools of those who call it, so that the client is the one to close
            "limit_request_fields": 100,
            "control_socket_disable": True,  # two gunicorns of one user would share one socket path
            **_hooks(),
            **options,
        }
        super().__init__()

    def load_config(self) -> None:
        for key, value in self._options.items():
            if key in self.cfg.settings:
                self.cfg.set(key, value)

    def load(self) -> Flask:
        return self._make_app()


def _hooks() -> dict[str, Any]:
    """Make the hooks by which a worker begins, and ends at once when its arbiter, or whoever started that, is gone.

    One whose arbiter was killed would otherwise hold the port until its last client has gone, up to `graceful_timeout`.
    """
    reading_end, writing_end = os.pipe()

    def post_fork(server: Any, worker: Any) -> None:
        os.close(writing_end)  # the arbiter alone holds it

    def post_worker_init(worker: Any) -> None:
        lifeline.follow(reading_end, lambda: os._exit(1))
        _follow_starter()
        garbage.collect_seldom()

    return {"post_fork": post_fork, "post_worker_init": post_worker_init}


def _follow_starter() -> None:
    # In the workers, not in the arbiter: a process that forks should have no threads.
    arbiter = os.getppid()

    def end_all() -> None:
        # At once: a graceful stop waits for what is in flight, and whoever starts the service again would wait with it.
        if os.getppid() == arbiter:
            with suppress(ProcessLookupError):  # another worker was faster
                os.kill(arbiter, signal.SIGKILL)
        os._exit(1)

    lifeline.watch(end_all)
