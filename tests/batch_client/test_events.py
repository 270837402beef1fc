import pytest

from batch_client.events import Event, EventReader

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
    Event("progress", "one"),
    Event("message", "two\nlines"),
    Event("message", " kept space \n"),
]


def read(*blocks: bytes) -> tuple[list[Event | None], EventReader]:
    reader = EventReader()
    return list(reader.read(blocks)), reader


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_events_are_read_however_they_come(end: str, size: int) -> None:
    sent = TEXT.replace("\n", end).encode()
    events, reader = read(*(sent[at : at + size] for at in range(0, len(sent), size)))
    assert events == EVENTS
    assert (reader.last_id, reader.come_again_s) == ("", 1.0)


def test_characters_may_be_cut() -> None:
    assert read(*(bytes([byte]) for byte in "\ufeffdata: Zoë 紅\n\n".encode()))[0] == [Event("message", "Zoë 紅")]


def test_the_last_id_is_kept() -> None:
    assert read(b"id: 1\ndata: a\n\ndata: b\n\n")[1].last_id == "1"
    assert read(b"id: 1\n\nid: 2\ndata: broken off")[1].last_id == "1"
    assert read(b"id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n")[1].last_id == "1"


def test_a_time_that_is_none_is_ignored() -> None:
    assert read(b"retry: soon\n\nretry: -1\n\nretry: 99999999999\n\n")[1].come_again_s == 2.0


def test_a_line_without_an_end_is_not_kept() -> None:
    reader = EventReader()
    assert list(reader.read(b"data: " + b"x" * 65536 for _ in range(10_000))) == []
