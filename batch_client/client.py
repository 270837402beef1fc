"""The door to a batch service."""

import json
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import IO, Any, Self
from urllib.parse import quote

import requests

from batch_client.errors import BatchError
from batch_client.items import Item, ItemResult
from batch_client.job import Job, JobStatus
from batch_client.paging import pages
from batch_client.transport import Transport, read_json, read_object

_BLOCK_BYTES = 64 * 1024


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

    def submit(
        self, entity: str, items: Iterable[Item], *, prefer: str | None = None, key: str | None = None
    ) -> list[ItemResult] | Job:
        """Send a batch; return the results in the order of the items, or the job that goes on (`202`).

        With a `key` (`Idempotency-Key`, 8 to 255 characters) the same batch may be sent again after a lost answer.

        Raises:
            BatchError: nothing was sent to the target, or there was no answer.
        """
        headers = _headers(prefer=prefer, key=key)
        response = self._transport.send("POST", _path(entity), json=list(items), headers=headers)
        if response.status_code == 202:
            return Job(self._transport, read_object(response)["jobId"])
        results: list[ItemResult] = read_json(response)
        return results

    def submit_job(self, entity: str, items: Iterable[Item], *, key: str | None = None) -> Job:
        """Send a batch as a job, whatever its size."""
        outcome = self.submit(entity, items, prefer="respond-async", key=key)
        if not isinstance(outcome, Job):
            raise BatchError("The service answered with results instead of a job.", code="no_job", status=200)
        return outcome

    def submit_stream(self, entity: str, items: Iterable[Item], *, key: str | None = None) -> Job:
        """Send items as they come, one in memory at a time, as a job; if `items` fails on the way there is none."""
        lines = (json.dumps(item, ensure_ascii=False, allow_nan=False).encode() + b"\n" for item in items)
        return self._stream(entity, _blocks(lines), "application/x-ndjson", key)

    def submit_csv(self, entity: str, file: IO[bytes], *, key: str | None = None) -> Job:
        """Send a CSV file as a job: each row becomes the body of a POST, a column `a.b` member `b` of its member `a`."""
        return self._stream(entity, file, "text/csv", key)

    def _stream(self, entity: str, data: Iterable[bytes] | IO[bytes], media_type: str, key: str | None) -> Job:
        headers = {"Content-Type": media_type, **_headers(key=key)}
        response = self._transport.send("POST", _path(entity), data=data, headers=headers)
        return Job(self._transport, read_object(response)["jobId"])

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


def _blocks(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Join lines: each part is sent by itself, and costs as much as a thousand bytes."""
    block = bytearray()
    for line in lines:
        block += line
        if len(block) >= _BLOCK_BYTES:
            yield bytes(block)
            block.clear()
    if block:
        yield bytes(block)


def _path(entity: str) -> str:
    return f"/v1/batch/{quote(entity, safe='')}"


def _headers(*, prefer: str | None = None, key: str | None = None) -> dict[str, str]:
    headers = {"Prefer": prefer, "Idempotency-Key": key}
    return {name: value for name, value in headers.items() if value is not None}
