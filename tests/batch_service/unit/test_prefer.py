import pytest

from batch_service.api.prefer import Preference, read_preference


@pytest.mark.parametrize(
    ("header", "preference"),
    [
        ("", Preference()),
        ("respond-async", Preference(0.0, "respond-async")),
        ("Respond-Async", Preference(0.0, "respond-async")),
        ("wait=10", Preference(10.0, "wait=10")),
        ("wait=0", Preference(0.0, "wait=0")),
        ('wait="7"', Preference(7.0, "wait=7")),
        ("WAIT = 7", Preference(7.0, "wait=7")),
        ("respond-async, wait=5", Preference(5.0, "respond-async, wait=5")),
        ("wait=5,respond-async", Preference(5.0, "respond-async, wait=5")),
        ("wait=5; foo=1, respond-async; bar", Preference(5.0, "respond-async, wait=5")),
        ("wait=1, wait=2", Preference(1.0, "wait=1")),
        ("return=minimal, wait=3", Preference(3.0, "wait=3")),
    ],
)
def test_what_is_stated_is_read(header: str, preference: Preference) -> None:
    assert read_preference(header) == preference


@pytest.mark.parametrize(
    ("header", "is_async"), [("respond-async, wait=5", True), ("respond-async", True), ("wait=0", False), ("", False)]
)
def test_whether_a_job_is_wanted(header: str, is_async: bool) -> None:
    assert read_preference(header).is_async is is_async


@pytest.mark.parametrize("wait", ["", "=", "=-1", "=1.5", "=abc", "=1e3", "=99999999999", "=\xb2", "=1 2", "=NaN"])
def test_what_is_malformed_is_ignored(wait: str) -> None:
    assert read_preference(f"wait{wait}") == Preference()
    assert read_preference(f"respond-async, wait{wait}") == Preference(0.0, "respond-async")


@pytest.mark.parametrize(
    "header", [",", ";", "=", '"', "\\", ",,,;;;===", "a=b=c", '"respond-async', 'respond-async, wait="', "x" * 10_000]
)
def test_whatever_is_sent_is_no_error(header: str) -> None:
    assert read_preference(header).wait_s is None
