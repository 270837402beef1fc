"""A client of the batch service: many calls of a REST API in one, at once or as a job that is followed."""

from batch_client.as_completed import as_completed
from batch_client.batch import Batch, Call
from batch_client.client import BatchClient
from batch_client.errors import BatchError, InvalidBatchError, JobTimeoutError
from batch_client.items import Item, ItemResult, succeeded
from batch_client.job import Job
from batch_client.job_status import JobStatus
from batch_client.retries import Retries
from batch_client.version import __version__

__all__ = [
    "Batch",
    "BatchClient",
    "BatchError",
    "Call",
    "InvalidBatchError",
    "Item",
    "ItemResult",
    "Job",
    "JobStatus",
    "JobTimeoutError",
    "Retries",
    "__version__",
    "as_completed",
    "succeeded",
]
