"""The batch service as a client sees it while things break: every answer that is not foreseen is written down."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import requests

from tests.faults.oracle import Poll, Result

_TIMEOUT_S = 40
_PAGE = 1000


class AwayError(Exception):
    """No answer, or 503: the call may be repeated."""


class ApiClient:
    """One connection; whoever uses it from two threads makes two."""

    def __init__(self, url: str, odd_answers: list[str]) -> None:
        self._url = url
        self._odd_answers = odd_answers
        self._session = requests.Session()
        self._session.trust_env = False

    def submit(self, entity: str, items: Sequence[Any], *, streamed: bool, key: str | None = None) -> str:
        """Send a batch, as an array or an item a line; return the id of its job."""
        media_type = "application/x-ndjson" if streamed else "application/json"
        body = (json.dumps(item).encode() + b"\n" for item in items) if streamed else json.dumps(items).encode()
        headers = {"Content-Type": media_type, "Prefer": "respond-async"}
        if key is not None:
            headers["Idempotency-Key"] = key
        return str(self._call("POST", entity, 202, data=body, headers=headers)["jobId"])

    def cancel(self, job_id: str) -> bool:
        """Cancel a job; False where it had ended already."""
        return self._call("POST", f"jobs/{job_id}/cancel", 200, ended=409) is not None

    def retry(self, job_id: str, *, key: str) -> str | None:
        """Try again what did not succeed; return the id of the new job, None where there is nothing to try again."""
        job = self._call("POST", f"jobs/{job_id}/retry", 202, ended=409, headers={"Idempotency-Key": key})
        return None if job is None else str(job["jobId"])

    def poll(self, job_id: str) -> Poll:
        job = self._call("GET", f"jobs/{job_id}?limit=1", 200)
        return Poll(job_id, job["status"], **job["counts"])

    def results(self, job_id: str, *, view: str = "own") -> Iterator[Result]:
        path = f"jobs/{job_id}/results?limit={_PAGE}&view={view}"
        for page in self._pages(path):
            yield from (_result(result) for result in page["results"])

    def jobs(self) -> Iterator[str]:
        for page in self._pages(f"jobs?limit={_PAGE}"):
            yield from (job["jobId"] for job in page["jobs"])

    def _pages(self, path: str) -> Iterator[Any]:
        page = self._call("GET", path, 200)
        yield page
        while page["next"] is not None:
            page = self._call("GET", f"{path}&cursor={page['next']}", 200)
            yield page

    def _call(self, method: str, path: str, expected: int, *, ended: int | None = None, **more: Any) -> Any:
        """Return the answer; None where it says that it is too late for the call."""
        try:
            answer = self._session.request(method, f"{self._url}/{path}", timeout=_TIMEOUT_S, **more)
            if answer.status_code == expected:
                return answer.json()
            if answer.status_code == ended:
                return None
        except requests.RequestException as error:
            raise AwayError(type(error).__name__) from None
        if answer.status_code != 503:
            self._odd_answers.append(f"{method} {path.partition('?')[0]} answered {answer.status_code}: {answer.text[:200]}")
        raise AwayError(str(answer.status_code))


def _result(raw: dict[str, Any]) -> Result:
    body = raw.get("responseBody")
    return Result(raw["index"], raw["responseCode"], body.get("code") if isinstance(body, dict) else None)
