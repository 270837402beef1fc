import pytest

from batch_service.domain.chunk import slices
from batch_service.domain.job import Counts, JobStatus, Stop, final_status


@pytest.mark.parametrize(
    ("counts", "stop", "status"),
    [
        (Counts(2, succeeded=2), None, "succeeded"),
        (Counts(2, succeeded=1, failed=1), None, "partial"),
        (Counts(2, failed=2), None, "failed"),
        (Counts(2, succeeded=2), Stop.CANCELLED, "succeeded"),
        (Counts(2, failed=2), Stop.CANCELLED, "cancelled"),
        (Counts(2, succeeded=1, failed=1), Stop.EXPIRED, "expired"),
        (Counts(2, succeeded=1, failed=1), Stop.ERRORS, "partial"),
        (Counts(2, failed=2), Stop.ERRORS, "failed"),
    ],
)
def test_the_end_of_a_job_is_named_after_its_items(counts: Counts, stop: Stop | None, status: str) -> None:
    assert final_status(counts, stop) == status


def test_pending_is_what_is_not_final() -> None:
    assert Counts(10, succeeded=3, failed=2).pending == 5


def test_every_status_but_two_is_an_end() -> None:
    assert [status for status in JobStatus if not status.is_final] == ["queued", "running"]


@pytest.mark.parametrize(("total", "sizes"), [(1, [1]), (3, [3]), (4, [3, 1]), (6, [3, 3]), (7, [3, 3, 1])])
def test_chunks_cover_every_position_once(total: int, sizes: list[int]) -> None:
    chunks = slices(total, chunk_items=3)
    assert [len(chunk) for chunk in chunks] == sizes
    assert [position for chunk in chunks for position in chunk] == list(range(total))
