import pytest

from batch_service.api.prefer import Preference, read_preference


@pytest.mark.parametrize(
    ("header", "preference"),
    [
        ("", Preference()),
        ("respond-async", Preference(is_async=True)),
        ("Respond-Async", Preference(is_async=True)),
        ("wait=10", Preference(wait_s=10.0)),
        ("wait=0", Preference(wait_s=0.0)),
        ('wait="7"', Preference(wait_s=7.0)),
        ("WAIT = 7", Preference(wait_s=7.0)),
        ("respond-async, wait=5", Preference(is_async=True, wait_s=5.0)),
        ("wait=5,respond-async", Preference(is_async=True, wait_s=5.0)),
        ("wait=5; foo=1, respond-async; bar", Preference(is_async=True, wait_s=5.0)),
        ("wait=1, wait=2", Preference(wait_s=1.0)),
        ("return=minimal, wait=3", Preference(wait_s=3.0, is_minimal=True)),
        ("return=representation", Preference()),
        ("return=representation, return=minimal", Preference()),
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
    assert read_preference(f"respond-async, wait{wait}") == Preference(is_async=True)


@pytest.mark.parametrize(
    "header", [",", ";", "=", '"', "\\", ",,,;;;===", "a=b=c", '"respond-async', 'respond-async, wait="', "x" * 10_000]
)
def test_whatever_is_sent_is_no_error(header: str) -> None:
    assert read_preference(header).wait_s is None


@pytest.mark.parametrize(
    ("header", "applied"),
    [
        ("", []),
        ("respond-async", ["respond-async"]),
        ("return=minimal, wait=07, respond-async", ["respond-async", "wait=7", "return=minimal"]),
    ],
)
def test_what_is_said_to_have_been_honoured(header: str, applied: list[str]) -> None:
    assert read_preference(header).applied == applied
