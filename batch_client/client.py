"""The door to a batch service."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import IO, Any, Self
from urllib.parse import quote

import requests

from batch_client.batch import Batch
from batch_client.errors import BatchError
from batch_client.items import Item, ItemResult
from batch_client.job import Job, accepted
from batch_client.job_status import JobStatus
from batch_client.keys import new_key
from batch_client.paging import pages
from batch_client.retries import Retries
from batch_client.transport import Body, Transport, read_json

DEFAULT_URL = "http://127.0.0.1:8002"
_BLOCK_BYTES = 64 * 1024


class BatchClient:
    """Sends batches to the service at `base_url`, over one session of kept connections.

    A session of the caller's own may be given, for its proxies, certificates or adapters; it stays the caller's to close. Each
    answer may take `timeout_s`. A call whose answer is lost, or that is refused for the moment, is made again: a batch too, for
    it goes out under an idempotency key, a new one unless the caller gives one.

    >>> with BatchClient.from_environment() as client:
    ...     results = client.submit("users", [{"body": {"username": "Chen", "password": "123456"}}])
    >>> results[0]["responseCode"]
    '201'
    """

    def __init__(
        self,
        base_url: str = DEFAULT_URL,
        api_key: str | None = None,
        *,
        timeout_s: float = 120.0,
        session: requests.Session | None = None,
        retries: Retries | None = None,
    ) -> None:
        self._session = session or requests.Session()
        self._owns_session = session is None
        retries = retries or Retries()
        self._transport = Transport(base_url, api_key, timeout_s=timeout_s, session=self._session, retries=retries)

    @classmethod
    def from_environment(cls, **options: Any) -> Self:
        """Take the address from `BATCH_URL` and the key from `BATCH_API_KEY`; `options` are those of the class."""
        return cls(os.environ.get("BATCH_URL") or DEFAULT_URL, os.environ.get("BATCH_API_KEY") or None, **options)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the session, unless the caller gave it."""
        if self._owns_session:
            self._session.close()

    def batch(self, entity: str | None = None) -> Batch:
        """Begin to put a batch together, call by call; without an `entity` each call names its own."""
        return Batch(self, entity)

    def submit(
        self,
        entity: str | None,
        items: Iterable[Item],
        *,
        prefer: str | None = None,
        key: str | None = None,
        max_errors: int | None = None,
    ) -> list[ItemResult] | Job:
        """Send a batch; return the results in the order of the items, or the job that goes on (`202`).

        Without an `entity` each item names its own. With a `key` (`Idempotency-Key`, 8 to 255 characters) the same batch may be
        sent again, at any later time. After `max_errors` failed items nothing more is sent.

        Raises:
            BatchError: nothing was sent to the target, or there was no answer.
        """
        batch = list(items)
        return self._outcome(
            self._transport.send(
                "POST",
                _path(entity),
                query=_terms(max_errors),
                json=batch,
                headers=_headers(prefer=prefer, key=key),
                repeatable=True,
            )
        )

    def submit_job(
        self, entity: str | None, items: Iterable[Item], *, key: str | None = None, max_errors: int | None = None
    ) -> Job:
        """Send a batch as a job, whatever its size."""
        return _job(self.submit(entity, items, prefer="respond-async", key=key, max_errors=max_errors))

    def submit_stream(
        self, entity: str | None, items: Iterable[Item], *, key: str | None = None, max_errors: int | None = None
    ) -> Job:
        """Send items as they come, one in memory at a time, as a job; if `items` fails on the way there is none.

        A stream is sent again after a lost answer only if `items` can be gone through again: not if they are a generator.
        """
        outcome = self.submit_body(
            entity,
            lambda: _blocks(json.dumps(item, ensure_ascii=False, allow_nan=False).encode() + b"\n" for item in items),
            media_type="application/x-ndjson",
            key=key,
            max_errors=max_errors,
            repeatable=iter(items) is not items,
        )
        return _job(outcome)

    def submit_csv(self, entity: str, file: IO[bytes], *, key: str | None = None) -> Job:
        """Send a CSV file as a job: each row becomes the body of a POST, a column `a.b` member `b` of its member `a`.

        A file that can be read from its place again is sent again after a lost answer.
        """
        start = file.tell() if file.seekable() else None

        def body() -> IO[bytes]:
            if start is not None:
                file.seek(start)
            return file

        return _job(self.submit_body(entity, body, media_type="text/csv", key=key, repeatable=start is not None))

    def submit_body(
        self,
        entity: str | None,
        body: Body,
        *,
        media_type: str,
        key: str | None = None,
        prefer: str | None = "respond-async",
        max_errors: int | None = None,
        repeatable: bool = True,
    ) -> list[ItemResult] | Job:
        """Send a batch that is written already; `body` opens it, once for each time that it is sent."""
        return self._outcome(
            self._transport.send(
                "POST",
                _path(entity),
                query=_terms(max_errors),
                body=body,
                headers={"Content-Type": media_type, **_headers(prefer=prefer, key=key)},
                repeatable=repeatable,
            )
        )

    def _outcome(self, response: requests.Response) -> list[ItemResult] | Job:
        if response.status_code == 202:
            return accepted(self._transport, response)
        results: list[ItemResult] = read_json(response)
        return results

    def validate(self, entity: str, items: Iterable[Item]) -> list[ItemResult]:
        """Have each item checked by the service, as a result of its own; nothing is sent to the target.

        Raises:
            BatchError: the service does not offer it (`code` is `not_offered`): nothing was sent there either.
        """
        if not self.offers_validation():
            raise BatchError("This service does not offer to check items without sending them.", code="not_offered")
        response = self._transport.send("POST", _path(entity), query={"validate": "only"}, json=list(items))
        results: list[ItemResult] = read_json(response)
        return results

    def offers_validation(self) -> bool:
        """Say whether the contract of the service has `?validate=only`; one that has not might ignore it, and send."""
        try:
            contract = self._transport.get("/v1/openapi.json")
        except BatchError as error:
            if error.status != 404:
                raise
            return False
        submit = contract.get("paths", {}).get("/v1/batch/{entity}", {}).get("post", {})
        return any(parameter.get("name") == "validate" for parameter in submit.get("parameters", []))

    def job(self, job_id: str) -> Job:
        """Come back to a job by its id; nothing is asked of the service yet."""
        return Job(self._transport, job_id)

    def jobs(self, *, status: str | None = None, entity: str | None = None, limit: int | None = None) -> Iterator[JobStatus]:
        """Yield the caller's own jobs, newest first, and `limit` of them at most."""
        query = {"status": status, "entity": entity}
        for document in pages(self._transport, "/v1/batch/jobs", "jobs", query, limit=limit):
            yield JobStatus.from_wire(document)

    def entities(self) -> list[dict[str, Any]]:
        """List what can be batched, with every limit."""
        entities: list[dict[str, Any]] = self._catalogue()["entities"]
        return entities

    def limits(self) -> dict[str, Any]:
        """What one call may ask for: `maxItems`, `maxSyncItems`, `maxStreamBytes` and more."""
        limits: dict[str, Any] = self._catalogue().get("limits") or {}
        return limits

    def _catalogue(self) -> dict[str, Any]:
        return self._transport.get("/v1/batch/entities")


def _job(outcome: list[ItemResult] | Job) -> Job:
    if not isinstance(outcome, Job):
        raise BatchError("The service answered with results instead of a job.", code="no_job", status=200)
    return outcome


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


def _path(entity: str | None) -> str:
    return "/v1/batch" if entity is None else f"/v1/batch/{quote(entity, safe='')}"


def _terms(max_errors: int | None) -> Mapping[str, Any]:
    return {"maxErrors": max_errors}  # requests leaves None out


def _headers(*, prefer: str | None, key: str | None) -> dict[str, str]:
    return {"Idempotency-Key": key or new_key(), **({"Prefer": prefer} if prefer else {})}
