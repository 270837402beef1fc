"""Where the services are told of a broker."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tests.brokers import NoBrokerError, find, fresh_queue
from tests.faults.fault import BROKERS, NotTriedError


def answering_brokers() -> list[str]:
    """Name the brokers that can be tried here; "none" always can."""
    return [name for name in BROKERS if name == "none" or _answers(name)]


@contextmanager
def broker_settings(name: str) -> Iterator[Mapping[str, str]]:
    """Say what the API and the workers find in their environment: a queue of their own, which nobody else reads."""
    if name == "none":
        yield {}
        return
    try:
        url = find(name)
    except NoBrokerError as error:
        raise NotTriedError(str(error)) from None
    with fresh_queue(url) as broker:
        yield broker.settings


def _answers(name: str) -> bool:
    try:
        find(name)
    except NoBrokerError:
        return False
    return True
