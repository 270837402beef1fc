"""The steps of an import: read all of the file, send it, follow its jobs, and say what became of its rows."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from batch_client.client import BatchClient
from batch_client.commands.progress import Progress
from batch_client.commands.watching import coming_back, watch
from batch_client.errors import BatchError
from batch_client.items import error_of
from batch_client.job import Job
from batch_client.job_status import JobStatus
from batch_client.keys import new_key
from batch_client.records.field_mapping import FieldMapping
from batch_client.records.formats import Records
from batch_client.records.portions import Reader
from batch_client.records.rejects import Rejection, write_rejects
from batch_client.records.survey import Portion, Size, Survey, survey

_MEDIA_TYPE = "application/x-ndjson"
_UNBOUNDED = 2**62


@dataclass(frozen=True, slots=True)
class Terms:
    """How a batch is sent; `key` is the sender's own, an empty one means a new one each time."""

    entity: str
    max_errors: int | None = None
    prefer: str | None = None
    key: str | None = None

    def key_of(self, number: int, portion: Portion) -> str:
        """Make the key of a job: the same rows sent in the same way are the same job, so that a command can be repeated."""
        if self.key == "":
            return new_key()
        if self.key is not None:
            return self.key if number == 0 else f"{self.key}.{number + 1}"
        said = f"{self.entity}\n{self.max_errors}\n{number}\n{portion.first}\n".encode()
        return f"import-{hashlib.sha256(said + portion.digest).hexdigest()[:40]}"


@dataclass(frozen=True, slots=True)
class Sent:
    """A portion and its job; `end` is missing where nobody waited for it."""

    portion: Portion
    job: Job
    end: JobStatus | None = None


def read(
    records: Records, mapping: FieldMapping, limits: Mapping[str, int], *, batch_size: int | None, sample: int, show: Progress
) -> Survey:
    """Read the whole file, and divide it into as many jobs as the service, or the caller, wants."""
    size = Size(
        max_items=min(batch_size or _UNBOUNDED, limits.get("maxItems") or _UNBOUNDED),
        max_bytes=limits.get("maxStreamBytes") or _UNBOUNDED,
    )
    show.begin(f"Reading {records.source.name}", records.source.size, unit="bytes")
    return survey(records, mapping, size, sample=sample, watch=show.at)


class Import:
    """Sends the portions of a file, each as a job."""

    def __init__(self, client: BatchClient, records: Records, mapping: FieldMapping, terms: Terms, show: Progress) -> None:
        self._client = client
        self._records = records
        self._mapping = mapping
        self._terms = terms
        self._show = show
        self.sent: list[Sent] = []

    def send(self, portions: Sequence[Portion]) -> None:
        """Send all portions, and wait for none of them."""
        with self._interruptible(), Reader(self._records, self._mapping) as reader:
            for number, portion in enumerate(portions):
                self._send(reader, number, portion, self._terms.max_errors)

    def follow(self) -> None:
        """Wait for all that was sent."""
        ends = watch([sent.job for sent in self.sent], self._show)
        self.sent = [Sent(sent.portion, sent.job, end) for sent, end in zip(self.sent, ends, strict=True)]

    def send_in_turn(self, portions: Sequence[Portion], *, max_errors: int) -> None:
        """Send each portion once the one before has ended, until as many items have failed."""
        left = max_errors
        with Reader(self._records, self._mapping) as reader:
            for number, portion in enumerate(portions):
                with self._interruptible():
                    self._send(reader, number, portion, left)
                (end,) = watch([self.sent[-1].job], self._show)
                self.sent[-1] = Sent(portion, self.sent[-1].job, end)
                left -= end.counts["failed"]
                if left <= 0 or end.status in ("cancelled", "expired"):
                    return

    def _send(self, reader: Reader, number: int, portion: Portion, max_errors: int | None) -> None:
        terms = self._terms
        self._show.begin("Sending", portion.items)
        job = self._client.submit_body(
            terms.entity,
            lambda: reader.blocks(portion, self._show.at),
            media_type=_MEDIA_TYPE,
            key=terms.key_of(number, portion),
            prefer=terms.prefer,
            max_errors=max_errors,
        )
        if not isinstance(job, Job):
            raise BatchError("The service answered with results instead of a job.", code="no_job", status=200)
        self.sent.append(Sent(portion, job))

    def _interruptible(self) -> AbstractContextManager[None]:
        return coming_back(lambda: [sent.job for sent in self.sent], self._show)

    def rejections(self, portions: Sequence[Portion]) -> Iterator[Rejection]:
        """Yield what did not succeed, in the order of the file, and then what was not even sent."""
        for sent in self.sent:
            for result in sent.job.results("failed"):
                yield Rejection(sent.portion.first + result["index"], result.get("responseCode") or "", error_of(result))
        for portion in portions[len(self.sent) :]:
            for index in range(portion.first, portion.first + portion.items):
                yield Rejection(index, "", "Not sent: too many items had failed.")

    def write_rejects(self, path: Path, portions: Sequence[Portion]) -> int:
        """Write the rows that did not succeed; return how many there were."""
        return write_rejects(path, self._records, self.rejections(portions))

    def lines_of(self, indexes: set[int]) -> dict[int, int]:
        """Tell on which lines of the file those items stand."""
        last = max(indexes, default=-1)
        with self._records.open() as opened:
            found = {}
            for index, record in enumerate(opened.records):
                if index in indexes:
                    found[index] = record.line
                if index >= last:
                    break
            return found
