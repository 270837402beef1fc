"""The results of a job, a line each, however many there are."""

from collections.abc import Iterator, Mapping
from typing import cast

import requests

from batch_client.errors import BatchError
from batch_client.items import ItemResult
from batch_client.no_answer import NO_ANSWER, no_answer
from batch_client.paging import LIMIT
from batch_client.transport import Transport, read_line, read_object

_LINES = "application/x-ndjson"
_ACCEPT = {"Accept": f"{_LINES}, application/json;q=0.5, application/problem+json;q=0.5"}


def read_results(transport: Transport, path: str, query: Mapping[str, str | None]) -> Iterator[ItemResult]:
    """Yield the results in item order; an answer that breaks off is asked for again, and what had come is passed over.

    Raises:
        BatchError: the service refuses, or several answers in a row brought nothing new.
    """
    last, failures = -1, 0
    while True:
        try:
            for result in _answer(transport, path, query):
                if result["index"] > last:
                    last, failures = result["index"], 0
                    yield result
            return
        except BatchError as error:
            failures += 1
            if error.code != "no_answer" or failures >= transport.retries.attempts:
                raise
            transport.retries.pause(failures, error)


def _answer(transport: Transport, path: str, query: Mapping[str, str | None]) -> Iterator[ItemResult]:
    cursor: str | None = None
    while True:
        asked = {**query, "limit": LIMIT, "cursor": cursor}
        with transport.send("GET", path, query=asked, headers=_ACCEPT, repeatable=True, stream=True) as response:
            if response.headers.get("Content-Type", "").startswith(_LINES):
                yield from _lines(response)
                return
            page = read_object(response)
        yield from page["results"]
        cursor = page.get("next")
        if cursor is None:
            return


def _lines(response: requests.Response) -> Iterator[ItemResult]:
    lines = response.iter_lines(chunk_size=64 * 1024)
    while True:
        try:
            line = next(lines, None)
        except NO_ANSWER as error:
            raise no_answer(response.url.partition("/v1/")[0], error) from error
        if line is None:
            return
        yield cast("ItemResult", read_line(line))
