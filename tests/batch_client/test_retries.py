import io
import socket
import time
from collections.abc import Iterator

import pytest

from batch_client import BatchClient, BatchError, Item, Retries
from batch_client.retries import ONCE
from tests.batch_client.scripted import Answer, ScriptedService

ITEMS: list[Item] = [{"body": {"username": "Diego"}}]
TAKEN = Answer(202, {"jobId": "j1"})
AWAY = Answer(503, {"error": "The queue is full.", "code": "queue_full"}, {"Retry-After": "0"})


def test_a_batch_whose_answer_is_lost_is_sent_again_under_its_key(service: ScriptedService, client: BatchClient) -> None:
    service.answers += [Answer(202, hang_up=True), AWAY, TAKEN]
    assert client.submit_job("users", iter(ITEMS)).id == "j1"
    assert len({asked.headers["Idempotency-Key"] for asked in service.asked}) == 1
    assert [asked.body for asked in service.asked] == [ITEMS] * 3


def test_a_list_is_streamed_again(service: ScriptedService, client: BatchClient) -> None:
    service.answers += [Answer(202, hang_up=True), TAKEN]
    client.submit_stream("users", ITEMS)
    first, second = service.asked
    assert first.body == second.body != b""


def test_a_generator_is_not(service: ScriptedService, client: BatchClient) -> None:
    service.answers += [Answer(202, hang_up=True), TAKEN]
    with pytest.raises(BatchError, match="No answer"):
        client.submit_stream("users", (item for item in ITEMS))
    assert len(service.asked) == 1


def test_a_file_is_sent_again_from_where_it_stood(service: ScriptedService, client: BatchClient) -> None:
    service.answers += [AWAY, TAKEN]
    file = io.BytesIO(b"# a comment\nusername\nDiego\n")
    file.readline()
    client.submit_csv("users", file)
    assert [asked.body for asked in service.asked] == [b"username\nDiego\n"] * 2


def test_a_pipe_is_not(service: ScriptedService, client: BatchClient) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError("Illegal seek")

        def __iter__(self) -> Iterator[bytes]:
            return iter([b"username\n", b"Diego\n"])

    service.answers += [AWAY, TAKEN]
    with pytest.raises(BatchError, match="queue is full"):
        client.submit_csv("users", Pipe())
    assert len(service.asked) == 1


def test_a_refusal_is_final(service: ScriptedService, client: BatchClient) -> None:
    service.answers += [Answer(422, {"error": "The batch is empty.", "code": "empty_batch"}), TAKEN]
    with pytest.raises(BatchError, match="empty"):
        client.submit_job("users", [])
    assert len(service.asked) == 1


def test_it_does_not_go_on_for_ever(service: ScriptedService) -> None:
    service.answers += [AWAY] * 5
    with BatchClient(service.url, retries=Retries(3, longest_pause_s=0.01)) as client, pytest.raises(BatchError) as refused:
        client.submit("users", ITEMS)
    assert (refused.value.code, refused.value.is_transient, len(service.asked)) == ("queue_full", True, 3)


def test_the_service_says_when_to_come_back(service: ScriptedService) -> None:
    service.answers += [Answer(503, {}, {"Retry-After": "1"}), Answer(200, [])]
    before = time.monotonic()
    with BatchClient(service.url) as client:
        client.submit("users", ITEMS)
    assert time.monotonic() - before >= 1


def test_nobody_waits_for_as_long_as_some_service_likes(service: ScriptedService) -> None:
    service.answers += [Answer(429, {}, {"Retry-After": "86400"}), Answer(200, [])]
    before = time.monotonic()
    with BatchClient(service.url, retries=Retries(longest_pause_s=0.2)) as client:
        client.submit("users", ITEMS)
    assert 0.2 <= time.monotonic() - before < 30


def test_a_job_that_was_deleted_by_a_call_whose_answer_was_lost_is_deleted(
    service: ScriptedService, client: BatchClient
) -> None:
    service.answers += [Answer(204, hang_up=True), Answer(404, {"error": "There is no such job.", "code": "job_not_found"})]
    client.job("j1").delete()
    assert [asked.method for asked in service.asked] == ["DELETE", "DELETE"]


def test_a_job_that_was_never_there_is_not_deleted(service: ScriptedService, client: BatchClient) -> None:
    service.answers += [Answer(404, {"error": "There is no such job.", "code": "job_not_found"})]
    with pytest.raises(BatchError, match="no such job"):
        client.job("j1").delete()


def test_a_retry_has_a_key_and_is_asked_for_again(service: ScriptedService, client: BatchClient) -> None:
    service.answers += [Answer(202, hang_up=True), Answer(202, {"jobId": "j2"})]
    assert client.job("j1").retry(include_unknown=True).id == "j2"
    assert {asked.path for asked in service.asked} == {"/v1/batch/jobs/j1/retry?includeUnknown=true"}
    assert len({asked.headers["Idempotency-Key"] for asked in service.asked}) == 1


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_service_that_is_not_there_is_told_in_a_sentence(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"{scheme}://127.0.0.1:{closed.getsockname()[1]}"
    with BatchClient(url, retries=ONCE) as client, pytest.raises(BatchError) as lost:
        client.entities()
    assert str(lost.value) == f"No answer from {url}: Connection refused."
    assert (lost.value.status, lost.value.is_transient) == (None, True)


def test_a_service_that_hangs_up_is_told_in_a_sentence(service: ScriptedService) -> None:
    service.answers += [Answer(200, hang_up=True)]
    with BatchClient(service.url, retries=ONCE) as client, pytest.raises(BatchError) as lost:
        client.entities()
    assert str(lost.value) == f"No answer from {service.url}: Remote end closed connection without response."


def test_a_silent_service_ends_in_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with BatchClient(url, timeout_s=0.2, retries=ONCE) as client, pytest.raises(BatchError, match="took too long") as lost:
            client.submit("users", ITEMS)
    assert lost.value.is_transient


def test_a_service_that_speaks_no_tls_is_not_tried_again(service: ScriptedService) -> None:
    url = service.url.replace("http:", "https:")
    before = time.monotonic()
    with BatchClient(url) as client, pytest.raises(BatchError) as lost:
        client.entities()
    assert (lost.value.code, lost.value.is_transient) == ("not_trusted", False)
    assert time.monotonic() - before < 5
