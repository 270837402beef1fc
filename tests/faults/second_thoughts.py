"""A client that changes its mind while things break: it cancels some of its jobs, and retries what did not succeed."""

from random import Random
from typing import Any

from tests.faults.api_client import ApiClient, AwayError
from tests.faults.oracle import RUNNING, Poll
from tests.faults.submitter import Submitter

_CANCELLED = 0.15
_MOST_RETRIES = 3


class SecondThoughts(Submitter):
    """It cancels a job now and then when it looks at it; a job that failed in part it retries, and that retry too."""

    changes_its_mind = True

    def __init__(self, *args: Any, seed: int, **more: Any) -> None:
        super().__init__(*args, **more)
        self.cancelled = 0
        self.retried = 0
        self._random = Random(seed)

    def complaints(self) -> list[str]:
        """Say what it did too seldom to prove anything."""
        did = {"cancelled": self.cancelled, "retried": self.retried}
        return [*super().complaints(), *(f"no job was {what}" for what, times in did.items() if times == 0)]

    def _look(self, api: ApiClient, job_id: str) -> None:
        super()._look(api, job_id)
        last = self._open.get(job_id)
        if job_id in self._open:
            if last is not None and self._random.random() < _CANCELLED:
                self.cancelled += self._cancel(api, job_id)
        else:
            self._retry(api, self._end_of(job_id))

    def _cancel(self, api: ApiClient, job_id: str) -> bool:
        try:
            return api.cancel(job_id)
        except AwayError:  # perhaps it is cancelled now, and perhaps not
            return False

    def _end_of(self, job_id: str) -> Poll:
        return next(poll for poll in reversed(self.polls) if poll.job_id == job_id)

    def _retry(self, api: ApiClient, end: Poll) -> None:
        """Insist until the retry is known to be there, or there is nothing to retry."""
        batch = next(batch for batch in self.batches if end.job_id in (*batch.job_ids, *batch.retries))
        if end.status in RUNNING or not end.failed or len(batch.retries) == _MOST_RETRIES:
            return
        while not self._limit.is_set():
            try:
                retry = api.retry(end.job_id, key=f"{batch.key}-again-{len(batch.retries)}")
            except AwayError:
                self._limit.wait(0.1)
                continue
            if retry is not None:
                batch.retries.append(retry)
                self._open[retry] = None
                self.retried += 1
            return
