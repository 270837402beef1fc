"""Wake-ups through a broker: a ring is a message without content, and whoever takes it looks into the database.

A hint only: a ring that cannot be sent is dropped. Housekeeping rings again, and workers look by themselves.
"""

import logging
import os
import queue
import threading
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from celery import Celery
from kombu import Producer

from batch_service.adapters.celery_app import STALE_AFTER_S, WORK

_log = logging.getLogger(__name__)
_MOST_AT_ONCE = 8
# Once more at once, and no more: kombu would otherwise try for ever, and what cannot be sent now is rung for later.
_ONCE = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}


class CeleryWakeUp:
    """Rings from a thread of its own, started at first use and again after a fork: a broker that hangs holds no request."""

    def __init__(self, app: Celery, *, answer_s: float = 3.0) -> None:
        self._app = app
        self._answer_s = answer_s
        timeouts = ("read_timeout", "write_timeout") if _is_amqp(app) else ("socket_timeout", "socket_connect_timeout")
        self._transport = {**_ONCE, **dict.fromkeys(timeouts, answer_s)}
        self._lock = threading.Lock()
        self._pid = 0
        self._rings: queue.Queue[str] = queue.Queue(_MOST_AT_ONCE)
        self._producer: Producer | None = None
        self._is_away = False

    def ring(self, chunks: int = 1) -> None:
        """Wake workers for so many chunks; a ring that finds many others waiting to be sent adds nothing to them."""
        rings = self._of_this_process()
        note = f"{chunks} chunks may be free"
        try:
            for _ in range(min(chunks, _MOST_AT_ONCE)):
                rings.put_nowait(note)
        except queue.Full:
            return

    @property
    def is_idle(self) -> bool:
        """Say whether every ring of this process has been sent, or dropped."""
        return self._of_this_process().unfinished_tasks == 0

    def _of_this_process(self) -> "queue.Queue[str]":
        if self._pid != os.getpid():
            with self._lock:
                if self._pid != os.getpid():
                    self._rings = queue.Queue(_MOST_AT_ONCE)
                    self._producer = None  # a fork: that connection is the parent's
                    threading.Thread(target=self._send_all, name="wake-up", daemon=True).start()
                    self._pid = os.getpid()
        return self._rings

    def _send_all(self) -> None:
        rings = self._rings
        while True:
            note = rings.get()
            try:
                self._send(note)
            except Exception as error:  # whatever a broker or its library may raise: it costs time and no more
                self._note_away(error)
                _drop(rings)
            finally:
                rings.task_done()

    def _send(self, note: str) -> None:
        if not self._is_sent_as_before(note):
            self._connect()
            self._publish(note)
        if self._is_away:
            _log.warning("the broker %s answers again", self._address)
            self._is_away = False

    def _is_sent_as_before(self, note: str) -> bool:
        """Use the connection there is; one that was idle may have been dead for long."""
        if self._producer is None:
            return False
        try:
            self._publish(note)
        except Exception:  # as below
            return False
        return True

    def _publish(self, note: str) -> None:
        options: dict[str, Any] = {"expires": STALE_AFTER_S, "retry": False, "confirm_timeout": self._answer_s}
        self._app.send_task(WORK, producer=self._producer, shadow=f"{WORK}: {note}", ignore_result=True, **options)

    def _connect(self) -> None:
        if self._producer is not None:
            self._producer.connection.collect(self._answer_s)
            self._producer = None
        connection = self._app.connection_for_write(
            transport_options=self._transport, connect_timeout=self._answer_s, heartbeat=0
        )
        connection.ensure_connection(**_ONCE)
        self._producer = self._app.amqp.Producer(connection)

    def _note_away(self, error: Exception) -> None:
        """Say so once, without the error's own text: it may repeat what the address holds."""
        if not self._is_away:
            _log.warning(
                "the broker %s takes no messages (%s); workers look by themselves", self._address, type(error).__name__
            )
            self._is_away = True

    @property
    def _address(self) -> str:
        """Where the broker is, without its login."""
        url = urlsplit(self._app.conf.broker_url)
        return f"{url.scheme}://{url.hostname}:{url.port or 'default'}"


def _is_amqp(app: Celery) -> bool:
    return urlsplit(str(app.conf.broker_url)).scheme == "amqp"


def _drop(rings: "queue.Queue[str]") -> None:
    """Drop what waits: each would fail as slowly as the first."""
    with suppress(queue.Empty):
        while True:
            rings.get_nowait()
            rings.task_done()
