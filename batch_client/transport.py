"""One HTTP session with the batch service: answers as JSON, refusals as errors."""

import re
from collections.abc import Iterable, Mapping
from typing import IO, Any

import requests
from requests.auth import AuthBase

from batch_client.errors import BatchError

_CONNECT_TIMEOUT_S = 10.0
_NO_ANSWER = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)


class Transport:
    """Sends requests below one base address, each with the caller's key and with a time limit."""

    def __init__(self, base_url: str, api_key: str | None, *, timeout_s: float, session: requests.Session) -> None:
        self._base_url = base_url.rstrip("/")
        self.timeout_s = timeout_s
        self._session = session
        self._auth = _Bearer(api_key) if api_key else None

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        json: Any = None,
        data: Iterable[bytes] | IO[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Return a 2xx answer; raise BatchError for any other, and for none."""
        try:
            response = self._session.request(
                method,
                self._base_url + path,
                params=query,
                json=json,
                data=data,  # what has no length goes out as it comes
                headers={"Accept": "application/json, application/problem+json", **(headers or {})},
                auth=self._auth,
                timeout=(_CONNECT_TIMEOUT_S, self.timeout_s),
                allow_redirects=False,  # following one would turn a POST into a GET
            )
        except _NO_ANSWER as error:
            raise BatchError(f"{self._base_url} gave no answer: {error}", code="no_answer") from error
        if not 200 <= response.status_code < 300:
            raise _refusal(response)
        return response

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """GET one JSON object."""
        return read_object(self.send("GET", path, query=query))


class _Bearer(AuthBase):
    # An auth object and not a header of the session: a ~/.netrc would replace that.
    def __init__(self, api_key: str) -> None:
        self._api_key = api_key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._api_key}"
        return request


def read_json(response: requests.Response) -> Any:
    """Return the JSON of an answer; raise BatchError if it has none, as a proxy's page."""
    try:
        return response.json()
    except requests.JSONDecodeError:
        raise BatchError("The answer is not JSON.", code="not_json", status=response.status_code) from None


def read_object(response: requests.Response) -> dict[str, Any]:
    """Return the JSON object of an answer."""
    value = read_json(response)
    if not isinstance(value, dict):
        raise BatchError("The answer is no JSON object.", code="not_json", status=response.status_code)
    return value


def retry_after_s(response: requests.Response) -> float | None:
    """Read `Retry-After` in seconds; a date (RFC 9110 section 10.2.3) is one that the batch service never sends."""
    value = response.headers.get("Retry-After", "")
    return float(value) if re.fullmatch(r"[0-9]{1,9}", value) else None


def _refusal(response: requests.Response) -> BatchError:
    try:
        problem = response.json()
    except requests.JSONDecodeError:
        problem = None
    if not isinstance(problem, dict):
        problem = {}
    return BatchError(
        str(problem.get("error") or f"HTTP {response.status_code} {response.reason}"),
        code=str(problem.get("code") or "http_error"),
        status=response.status_code,
        retry_after_s=retry_after_s(response),
    )
