"""Where the services are told of a broker. The faults of brokers themselves belong into a file of their own."""

import os
import socket
import uuid
from dataclasses import fields
from urllib.parse import urlsplit

from batch_service.settings import Settings
from tests.faults.fault import BROKERS, NotTriedError

_URLS = {
    "amqp": os.environ.get("TEST_AMQP_URL", "amqp://guest:guest@127.0.0.1:5672//"),
    "redis": os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/0"),
}


def answering_brokers() -> list[str]:
    """Name the brokers that can be tried here; "none" always can."""
    return [name for name in BROKERS if name == "none" or (_is_known() and _answers(name))]


def broker_settings(name: str) -> dict[str, str]:
    """Say what the API and the workers find in their environment: a queue of their own, which nobody else reads."""
    if name == "none":
        return {}
    if not _is_known():
        raise NotTriedError("this version of the batch service knows no broker")
    if not _answers(name):
        raise NotTriedError(f"no broker answers at {_URLS[name]}")
    return {"BROKER_URL": _URLS[name], "BROKER_QUEUE": f"faults-{uuid.uuid4().hex}"}


def _is_known() -> bool:
    return "broker_url" in {field.name for field in fields(Settings)}


def _answers(name: str) -> bool:
    parts = urlsplit(_URLS[name])
    try:
        socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 0), timeout=3).close()
    except OSError:
        return False
    return True
