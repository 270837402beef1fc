import json
from typing import Any

import pytest

from batch_client import BatchClient, BatchError
from tests.batch_client.scripted import Answer, ScriptedService

LINES = {"Content-Type": "application/x-ndjson"}


def line(index: int, code: str = "201") -> bytes:
    return json.dumps({"index": index, "responseCode": code, "responseBody": {"name": "Zoë"}}).encode() + b"\n"


def indexes(client: BatchClient, status: str | None = None) -> list[Any]:
    return [result["index"] for result in client.job("j1").results(status)]


def test_results_are_read_as_lines(service: ScriptedService, client: BatchClient) -> None:
    text = b"".join(map(line, range(5)))
    service.answers += [Answer(200, headers=LINES, parts=[text[:70], text[70:75], text[75:]])]
    assert list(client.job("j1").results()) == [json.loads(line(index)) for index in range(5)]
    assert service.asked[0].headers["Accept"].startswith("application/x-ndjson")


def test_results_are_chosen_and_merged(service: ScriptedService, client: BatchClient) -> None:
    service.answers += [Answer(200, headers=LINES, parts=[])]
    assert list(client.job("j1").results("failed", merged=True)) == []
    assert service.asked[0].path == "/v1/batch/jobs/j1/results?status=failed&view=merged&limit=1000"


def test_pages_are_taken_from_a_service_that_has_no_lines(service: ScriptedService, client: BatchClient) -> None:
    service.answers += [
        Answer(200, {"results": [{"index": 0, "responseCode": "201"}], "next": "c/1"}),
        Answer(200, {"results": [{"index": 1, "responseCode": "409"}], "next": None}),
    ]
    assert indexes(client, "failed") == [0, 1]
    assert [asked.path for asked in service.asked] == [
        "/v1/batch/jobs/j1/results?status=failed&limit=1000",
        "/v1/batch/jobs/j1/results?status=failed&limit=1000&cursor=c%2F1",
    ]


def test_an_answer_that_breaks_off_is_asked_for_again_and_nothing_comes_twice(
    service: ScriptedService, client: BatchClient
) -> None:
    service.answers += [
        Answer(200, headers=LINES, parts=[line(0) + line(1) + line(2)[:9]], hang_up=True),
        Answer(200, headers=LINES, hang_up=True),
        Answer(200, headers=LINES, parts=[line(index) for index in range(4)]),
    ]
    assert indexes(client) == [0, 1, 2, 3]


def test_an_answer_that_always_breaks_off_is_an_error(service: ScriptedService, client: BatchClient) -> None:
    service.answers += [Answer(200, headers=LINES, parts=[line(0)], hang_up=True)] * 9
    with pytest.raises(BatchError) as lost:
        indexes(client)
    assert lost.value.code == "no_answer"


def test_a_job_that_was_deleted_meanwhile_is_not_asked_for_again(service: ScriptedService, client: BatchClient) -> None:
    service.answers += [
        Answer(200, headers=LINES, parts=[line(0)], hang_up=True),
        Answer(404, {"error": "There is no such job.", "code": "job_not_found"}),
    ]
    with pytest.raises(BatchError, match="no such job"):
        indexes(client)


def test_a_line_that_is_no_result_is_named(service: ScriptedService, client: BatchClient) -> None:
    service.answers += [Answer(200, headers=LINES, parts=[b"<html>\n"])]
    with pytest.raises(BatchError) as refused:
        indexes(client)
    assert refused.value.code == "not_json"
