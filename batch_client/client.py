"""The door to a batch service."""

from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import requests

from batch_client.errors import BatchError
from batch_client.items import Item, ItemResult
from batch_client.job import Job, JobStatus
from batch_client.paging import pages
from batch_client.transport import Transport, read_json, read_object


class BatchClient:
    """Sends batches to the service at `base_url`, over one session of kept connections.

    A session of the caller's own may be given, for its proxies, certificates or adapters; it stays the caller's to close.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str | None = None,
        *,
        timeout_s: float = 120.0,
        session: requests.Session | None = None,
    ) -> None:
        self._session = session or requests.Session()
        self._owns_session = session is None
        self._transport = Transport(base_url, api_key, timeout_s=timeout_s, session=self._session)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the session, unless the caller gave it."""
        if self._owns_session:
            self._session.close()

    def submit(self, entity: str, items: Iterable[Item], *, prefer: str | None = None) -> list[ItemResult] | Job:
        """Send a batch; return the results in the order of the items, or the job that goes on (`202`).

        Raises:
            BatchError: nothing was sent to the target, or there was no answer.
        """
        headers = {"Prefer": prefer} if prefer else {}
        response = self._transport.send("POST", f"/v1/batch/{quote(entity, safe='')}", json=list(items), headers=headers)
        if response.status_code == 202:
            return Job(self._transport, read_object(response)["jobId"])
        results: list[ItemResult] = read_json(response)
        return results

    def submit_job(self, entity: str, items: Iterable[Item]) -> Job:
        """Send a batch as a job, whatever its size."""
        outcome = self.submit(entity, items, prefer="respond-async")
        if not isinstance(outcome, Job):
            raise BatchError("The service answered with results instead of a job.", code="no_job", status=200)
        return outcome

    def job(self, job_id: str) -> Job:
        """Come back to a job by its id; nothing is asked of the service yet."""
        return Job(self._transport, job_id)

    def jobs(self, *, status: str | None = None, entity: str | None = None) -> Iterator[JobStatus]:
        """Yield the caller's own jobs."""
        for document in pages(self._transport, "/v1/batch/jobs", "jobs", {"status": status, "entity": entity}):
            yield JobStatus.from_wire(document)

    def entities(self) -> list[dict[str, Any]]:
        """List what can be batched, with every limit."""
        entities: list[dict[str, Any]] = self._transport.get("/v1/batch/entities")["entities"]
        return entities
