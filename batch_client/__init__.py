"""A client of the batch service: many calls of a REST API in one, at once or as a job that is followed."""

from batch_client.client import BatchClient
from batch_client.errors import BatchError, JobTimeoutError
from batch_client.items import Item, ItemResult
from batch_client.job import Job, JobStatus

__all__ = ["BatchClient", "BatchError", "Item", "ItemResult", "Job", "JobStatus", "JobTimeoutError"]
