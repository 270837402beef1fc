"""What is sealed opens in its place, whole, and nowhere else."""

import os

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from hypothesis import given
from hypothesis import strategies as st

from batch_service.adapters.sealing import Column, Sentences, UnreadableError, place

CIPHER = AESGCM(os.urandom(32))
COLUMN = Column(CIPHER, place("tenant", "job", "request"))
SENTENCES = Sentences(AESSIV(os.urandom(64)), place("tenant", "job", "error"))


@given(st.lists(st.binary(max_size=300), max_size=5), st.integers(0, 2**31 - 6))
def test_what_was_sealed_opens(texts: list[bytes], first: int) -> None:
    positions = range(first, first + len(texts))
    blobs = COLUMN.seal_all(positions, texts)
    assert [COLUMN.open(position, blob) for position, blob in zip(positions, blobs, strict=True)] == texts
    assert len({blob[1:13] for blob in blobs}) == len(texts)


@given(st.binary(max_size=100), st.data())
def test_one_bit_makes_it_unreadable(text: bytes, data: st.DataObject) -> None:
    (blob,) = COLUMN.seal_all([7], [text])
    at = data.draw(st.integers(0, 8 * len(blob) - 1))
    changed = bytearray(blob)
    changed[at // 8] ^= 1 << at % 8
    with pytest.raises(UnreadableError):
        COLUMN.open(7, bytes(changed))


@given(st.binary(max_size=60))
def test_anything_else_is_unreadable(blob: bytes) -> None:
    for text in (blob, b"\x01" + blob):
        with pytest.raises(UnreadableError):
            COLUMN.open(0, text)
        with pytest.raises(UnreadableError):
            SENTENCES.open(text)


def test_it_opens_in_its_own_place_alone() -> None:
    (blob,) = COLUMN.seal_all([1], [b"text"])
    for others in (
        Column(CIPHER, place("tenant", "job", "response")),
        Column(CIPHER, place("tenant", "other", "request")),
        Column(CIPHER, place("other", "job", "request")),
        Column(AESGCM(os.urandom(32)), place("tenant", "job", "request")),
    ):
        with pytest.raises(UnreadableError):
            others.open(1, blob)
    for position in (0, 10, 11, -1):
        with pytest.raises(UnreadableError):
            COLUMN.open(position, blob)


def test_no_two_places_are_written_alike() -> None:
    assert place("a", "b,c") != place("a,b", "c") != place("a", "b", "c")
    assert place("a", 'b"') != place('a"', "b")


@given(st.text(max_size=200))
def test_equal_sentences_of_one_job_are_equal(text: str) -> None:
    assert SENTENCES.seal(text) == SENTENCES.seal(text)
    assert SENTENCES.open(SENTENCES.seal(text)) == text
    assert SENTENCES.seal(text) != SENTENCES.seal(text + " ")
