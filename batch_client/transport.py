"""One HTTP session with the batch service: answers as JSON, refusals as errors."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import IO, Any

import requests
from requests.auth import AuthBase

from batch_client.errors import BatchError
from batch_client.no_answer import NO_ANSWER, no_answer
from batch_client.retries import NEVER, ONCE, Deadline, Retries
from batch_client.version import USER_AGENT

_CONNECT_TIMEOUT_S = 10.0
Body = Callable[[], Iterable[bytes] | IO[bytes]]


class Transport:
    """Sends requests below one base address, each with the caller's key and with a time limit."""

    def __init__(
        self, base_url: str, api_key: str | None, *, timeout_s: float, session: requests.Session, retries: Retries
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self.timeout_s = timeout_s
        self.retries = retries
        self.offers_events = True
        self._session = session
        self._auth = _Bearer(api_key) if api_key else None

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        json: Any = None,
        body: Body | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = False,
        stream: bool = False,
        timeout_s: float | None = None,
        deadline: Deadline = NEVER,
    ) -> requests.Response:
        """Return a 2xx answer; raise BatchError for any other, and for none.

        What may safely arrive twice is `repeatable` and is sent again after a lost answer or a transient refusal; a `body` is
        opened anew each time. The answer of a `stream` is still to be read, and to be closed.
        """

        def once() -> requests.Response:
            return self._once(
                method,
                path,
                params=query,
                json=json,
                data=None if body is None else body(),  # what has no length goes out as it comes
                headers={"Accept": "application/json, application/problem+json", "User-Agent": USER_AGENT, **(headers or {})},
                stream=stream,
                timeout=(_CONNECT_TIMEOUT_S, timeout_s or self.timeout_s),
            )

        return (self.retries if repeatable else ONCE).run(once, deadline=deadline)

    def _once(self, method: str, path: str, **call: Any) -> requests.Response:
        try:
            response = self._session.request(
                method,
                self._base_url + path,
                auth=self._auth,
                allow_redirects=False,  # following one would turn a POST into a GET
                **call,
            )
        except NO_ANSWER as error:
            raise no_answer(self._base_url, error) from error
        if not 200 <= response.status_code < 300:
            with response:
                raise _refusal(response)
        return response

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """GET one JSON object."""
        return read_object(self.send("GET", path, query=query, repeatable=True))


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


def read_line(line: bytes) -> dict[str, Any]:
    """Return the JSON object of one line of an answer."""
    try:
        value = json.loads(line)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise BatchError("A line of the answer is no JSON object.", code="not_json")
    return value


def retry_after_s(response: requests.Response) -> float | None:
    """Read `Retry-After` in seconds; a date (RFC 9110 section 10.2.3) is one that the batch service never sends."""
    value = response.headers.get("Retry-After", "")
    return float(value) if re.fullmatch(r"[0-9]{1,9}", value) else None


def _refusal(response: requests.Response) -> BatchError:
    try:
        problem = response.json()
    except (requests.RequestException, ValueError):
        problem = None
    if not isinstance(problem, dict):
        problem = {}
    return BatchError(
        str(problem.get("error") or f"HTTP {response.status_code} {response.reason}"),
        code=str(problem.get("code") or "http_error"),
        status=response.status_code,
        retry_after_s=retry_after_s(response),
        request_id=response.headers.get("X-Request-Id"),
    )
