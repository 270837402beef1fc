"""The use cases that the HTTP views call, as one bundle; bootstrap.py fills it."""

from dataclasses import dataclass

from batch_service.application.cancel_job import CancelJob
from batch_service.application.delete_job import DeleteJob
from batch_service.application.follow_results import FollowResults
from batch_service.application.read_jobs import ReadJobs
from batch_service.application.read_targets import ReadTargets
from batch_service.application.retry_job import RetryJob
from batch_service.application.submit_batch import Limits, SubmitBatch
from batch_service.application.submit_stream import SubmitStream
from batch_service.application.wait_for_job import WaitForJob
from batch_service.domain.ports import EntityRegistry


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a view may ask for."""

    registry: EntityRegistry
    limits: Limits
    submit_batch: SubmitBatch
    submit_stream: SubmitStream
    follow_results: FollowResults
    read_jobs: ReadJobs
    wait_for_job: WaitForJob
    cancel_job: CancelJob
    retry_job: RetryJob
    delete_job: DeleteJob
    read_targets: ReadTargets
