"""A client that keeps sending batches while things break, sends one again until it is accepted, and watches its jobs."""

import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Self

from tests.faults.api_client import ApiClient, AwayError
from tests.faults.oracle import RUNNING, Batch, Item, Poll

_PAUSE_S = 0.05
_AGAIN_EVERY = 3  # every third batch is sent a second time, as by a client that missed the answer
_STREAMED = (2, 3)  # of each four; entities take turns, and each gets both forms

MakeItems = Callable[[int], Sequence[tuple[Item, dict[str, Any]]]]


class Submitter:
    """Runs in a thread of its own until it is told to finish; `entities` take turns.

    It waits for its jobs when `most_open` have not ended. Without keys it sends each batch once: what is answered 503 must not
    have been stored.
    """

    changes_its_mind = False

    def __init__(
        self,
        url: str,
        entities: Sequence[str],
        make_items: MakeItems,
        *,
        most_open: int = 4,
        first: int = 0,
        has_keys: bool = True,
    ) -> None:
        self.odd_answers: list[str] = []
        self.batches: list[Batch] = []
        self.polls: list[Poll] = []
        self.accepted = 0
        self.unaccepted: list[str] = []
        self.refusals = 0
        """How often a batch was answered 503."""
        self._url = url
        self._entities = entities
        self._make_items = make_items
        self._most_open = most_open
        self._next = first
        self._has_keys = has_keys
        self._open: dict[str, Poll | None] = {}
        self._stop = threading.Event()
        self._limit = threading.Event()
        self._thread = threading.Thread(target=self._run, name="submitter", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._limit.set()
        self._thread.join()

    @property
    def finished(self) -> int:
        """How many items have been seen with a final result."""
        latest = {poll.job_id: poll.succeeded + poll.failed for poll in list(self.polls)}
        return sum(latest.values())

    def complaints(self) -> list[str]:
        """Say what it should have done and did not."""
        return [f"batch {key} was never accepted" for key in self.unaccepted]

    def finish(self, *, within_s: float) -> None:
        """Send nothing new; return when every job has ended, or the time is over."""
        self._stop.set()
        self._thread.join(within_s)
        self._limit.set()
        self._thread.join()

    def _run(self) -> None:
        api = ApiClient(self._url, self.odd_answers)
        while not self._limit.is_set() and not (self._stop.is_set() and not self._open):
            if not self._stop.is_set() and len(self._open) < self._most_open:
                self._submit(api, self._next)
                self._next += 1
            for job_id in list(self._open):
                self._look(api, job_id)
            self._limit.wait(_PAUSE_S)

    def _submit(self, api: ApiClient, number: int) -> None:
        entity = self._entities[number % len(self._entities)]
        made = self._make_items(number)
        send = partial(api.submit, entity, [raw for _, raw in made], streamed=number % 4 in _STREAMED)
        key = f"batch-{number:06d}"
        if self._has_keys:
            times = 2 if number % _AGAIN_EVERY == 0 else 1
            job_ids = [job_id for _ in range(times) if (job_id := self._insist(send, key)) is not None]
        else:
            job_ids = self._try(send)
        if not job_ids:
            self.unaccepted += [key] if self._has_keys else []
            return
        items = [item for item, _ in made]
        self.batches.append(Batch(key, entity, items, job_ids, may_be_cancelled=self.changes_its_mind))
        self._open |= dict.fromkeys(job_ids)
        self.accepted += len(made)

    def _insist(self, send: Callable[..., str], key: str) -> str | None:
        """Send until it is accepted, under one key."""
        while not self._limit.is_set():
            try:
                return send(key=key)
            except AwayError as error:
                self.refusals += str(error) == "503"
                self._limit.wait(2 * _PAUSE_S)
        return None

    def _try(self, send: Callable[..., str]) -> list[str]:
        """Send once, without a key."""
        try:
            return [send()]
        except AwayError as error:
            self.refusals += str(error) == "503"
            if str(error) != "503":
                self.odd_answers.append(f"a batch without a key: {error}")
            return []

    def _look(self, api: ApiClient, job_id: str) -> None:
        try:
            poll = api.poll(job_id)
        except AwayError:
            return
        if poll != self._open[job_id]:
            self.polls.append(poll)
            self._open[job_id] = poll
        if poll.status not in RUNNING:
            del self._open[job_id]


def until(holds: Callable[[], object], *, within_s: float, every_s: float = 0.01) -> bool:
    """Poll until something holds; say whether it did in time."""
    deadline = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(every_s)
    return True
