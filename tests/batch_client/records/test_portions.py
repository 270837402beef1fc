import json

import pytest

from batch_client.records.field_mapping import FieldMapping
from batch_client.records.portions import Reader
from batch_client.records.record import RecordsError
from batch_client.records.survey import Portion, Size
from tests.batch_client.records.reading import CSV, EVERYTHING, File

TABLE = "n\n" + "".join(f"{number}\n" for number in range(25_000))


def numbers(reader: Reader, portion: Portion) -> list[int]:
    lines = b"".join(reader.blocks(portion, lambda _: None)).splitlines()
    return [int(json.loads(line)["body"]["n"]) for line in lines]


def test_items_are_divided_by_their_number(file: File) -> None:
    found = file.survey(TABLE, CSV, size=Size(10_000, 10**9))
    assert [(portion.first, portion.items) for portion in found.portions] == [(0, 10_000), (10_000, 10_000), (20_000, 5000)]
    assert len({portion.digest for portion in found.portions}) == 3
    with Reader(file.records(TABLE, CSV), FieldMapping()) as reader:
        assert [number for portion in found.portions for number in numbers(reader, portion)] == list(range(25_000))


def test_items_are_divided_by_their_size(file: File) -> None:
    line = len('{"body":{"n":"10"}}\n')
    found = file.survey("n\n10\n11\n12\n13\n14\n", CSV, size=Size(10**9, 2 * line + 1))
    assert [portion.items for portion in found.portions] == [2, 2, 1]
    found = file.survey("n\n10\n11\n", CSV, size=Size(10**9, 1))  # one that is too long goes alone, and is refused by itself
    assert [portion.items for portion in found.portions] == [1, 1]


def test_a_portion_can_be_read_again(file: File) -> None:
    found = file.survey(TABLE, CSV, size=Size(10_000, 10**9))
    with Reader(file.records(TABLE, CSV), FieldMapping()) as reader:
        first, second, _ = found.portions
        broken_off = reader.blocks(second, lambda _: None)
        next(broken_off)
        assert numbers(reader, second) == list(range(10_000, 20_000))
        assert numbers(reader, second) == list(range(10_000, 20_000))
        assert numbers(reader, first) == list(range(10_000))


def test_it_is_told_how_much_was_sent(file: File) -> None:
    found = file.survey(TABLE, CSV)
    sent: list[int] = []
    with Reader(file.records(TABLE, CSV), FieldMapping()) as reader:
        blocks = list(reader.blocks(found.portions[0], sent.append))
    assert len(blocks) == len(sent) > 3
    assert sent == sorted(sent)
    assert sent[-1] == 25_000


@pytest.mark.parametrize(
    "now",
    [
        TABLE.replace("\n77\n", "\n78\n"),
        TABLE[:-6],
        TABLE.replace("\n20000\n", "\n1,2\n"),
        TABLE.replace("\n777\n", '\n"777\n'),
    ],
    ids=["another value", "shorter", "a broken row", "a quote"],
)
def test_of_a_file_that_changes_meanwhile_nothing_is_sent_whole(file: File, now: str) -> None:
    found = file.survey(TABLE, CSV, size=EVERYTHING)
    with Reader(file.records(now, CSV), FieldMapping()) as reader:
        blocks = reader.blocks(found.portions[0], lambda _: None)
        sent: list[bytes] = []
        with pytest.raises(RecordsError):
            sent.extend(blocks)
    assert len(b"".join(sent).splitlines()) < found.total
