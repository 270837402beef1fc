"""A target that writes down what it is asked, by key, and is in no hurry."""

import socket
import time
from collections import Counter

from tests.batch_service.raw_target import Asked, RawTarget, reply


class Ledger(RawTarget):
    def __init__(self, *, pause_s: float = 0.005) -> None:
        super().__init__(self._apply)
        self._pause_s = pause_s

    def _apply(self, asked: Asked, connection: socket.socket) -> None:
        time.sleep(self._pause_s)
        connection.sendall(reply(201))

    @property
    def seen(self) -> Counter[int]:
        """How often each item came, by its position in its batch."""
        return Counter(int(asked.headers["idempotency-key"].rpartition(":")[2]) for asked in list(self.asked))

    def registry(self, **settings: str) -> str:
        lines = [f'url = "{self.url}"', *(f"{name} = {value}" for name, value in settings.items())]
        return "[entities.things]\n" + "\n".join(lines) + "\n"


def batch(items: int) -> list[dict[str, object]]:
    return [{"body": {"name": f"n{number}"}} for number in range(items)]
