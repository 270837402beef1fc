import pytest

from batch_client.events import Event, read_events

TEXT = (
    ": hello\n\n"
    "id: 1\nevent: progress\ndata: one\n\n"
    "data:two\ndata: lines\n\n"
    "retry: 1000\nunknown: field\nnothing\n\n"
    "id: 2\nevent: empty\n\n"
    "id\ndata:  kept space \ndata\n\n"
    "event: broken off\ndata: never"
)
EVENTS = [
    None,
    Event("progress", "one", "1"),
    Event("message", "two\nlines", "1"),
    Event("message", " kept space \n", ""),
]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_events_are_read_however_they_come(end: str, size: int) -> None:
    sent = TEXT.replace("\n", end).encode()
    assert list(read_events(sent[at : at + size] for at in range(0, len(sent), size))) == EVENTS


def test_characters_may_be_cut() -> None:
    sent = "\ufeffdata: Zoë 紅\n\n".encode()
    assert list(read_events(bytes([byte]) for byte in sent)) == [Event("message", "Zoë 紅", "")]


def test_an_id_with_a_nul_is_no_id() -> None:
    assert list(read_events([b"id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n"])) == [
        Event("message", "a", "1"),
        Event("message", "b", "1"),
    ]


def test_a_line_without_an_end_is_not_kept() -> None:
    assert list(read_events(b"data: " + b"x" * 65536 for _ in range(10_000))) == []
