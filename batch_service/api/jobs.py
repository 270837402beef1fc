"""`/batch/jobs`: what became of accepted batches."""

from typing import Any

from flask import Response, jsonify, request

from batch_service.api import keys
from batch_service.api.batches import RETRY_AFTER_S, accepted
from batch_service.api.context import services
from batch_service.api.schemas import (
    ErrorGroupSchema,
    JobSchema,
    JobsQuerySchema,
    JobsSchema,
    JobWithResultsSchema,
    MergedResultsQuerySchema,
    ResultsQuerySchema,
    ResultsSchema,
    RetryQuerySchema,
    hold_document,
    result_document,
)
from batch_service.domain.job import Job
from servicekit.api import Blueprint
from servicekit.pagination import encode_cursor, link_next
from servicekit.request_id import current_traceparent

blueprint = Blueprint("jobs", __name__, description="Follow and stop accepted batches")


@blueprint.route("/jobs")
@blueprint.doc(operationId="listJobs")
@blueprint.arguments(JobsQuerySchema, location="query")
@blueprint.response(200, JobsSchema)
def list_jobs(query: dict[str, Any]) -> Response:
    """List jobs, newest first."""
    jobs, more = services().read_jobs.page(
        limit=query["limit"], before=query["cursor"], status=query["status"], entity=query["entity"]
    )
    cursor = encode_cursor(jobs[-1].id) if more else None
    return link_next(jsonify({"jobs": JobSchema(many=True).dump(jobs), "next": cursor}), cursor)


@blueprint.route("/jobs/<string:job_id>")
@blueprint.doc(operationId="getJob")
@blueprint.arguments(ResultsQuerySchema, location="query")
@blueprint.response(200, JobWithResultsSchema)
@blueprint.alt_response(404, "NOT_FOUND")
def get_job(query: dict[str, Any], job_id: str) -> Response:
    """Get a job with its counts, what failed in it, and a page of its results.

    It can be read while the job runs and after any end; `Retry-After` says when to look again.
    """
    job = services().read_jobs.get(job_id)
    errors = ErrorGroupSchema(many=True).dump(services().read_jobs.errors(job_id))
    hold = None if job.status.is_final else services().read_targets.find_hold(job.entity)
    page, cursor = _page(job_id, query)
    document = {**JobSchema().dump(job), "hold": hold_document(hold), "errors": errors, **page}
    return _polled(link_next(jsonify(document), cursor), job)


@blueprint.route("/jobs/<string:job_id>/results")
@blueprint.doc(operationId="listResults")
@blueprint.arguments(MergedResultsQuerySchema, location="query")
@blueprint.response(200, ResultsSchema)
@blueprint.alt_response(404, "NOT_FOUND")
def list_results(query: dict[str, Any], job_id: str) -> Response:
    """List the results of a job in the order of its items; one that is not final has `responseCode` null."""
    job = services().read_jobs.get(job_id)
    page, cursor = _page(job_id, query)
    return _polled(link_next(jsonify(page), cursor), job)


@blueprint.route("/jobs/<string:job_id>/cancel", methods=["POST"])
@blueprint.doc(operationId="cancelJob")
@blueprint.response(200, JobSchema)
@blueprint.alt_response(404, "NOT_FOUND")
@blueprint.alt_response(409, "CONFLICT")
def cancel_job(job_id: str) -> Response:
    """Cancel a job: nothing more is sent, what was sent keeps its result, the rest become 499."""
    job = services().cancel_job(job_id)
    return _polled(jsonify(JobSchema().dump(job)), job)


@blueprint.route("/jobs/<string:job_id>/retry", methods=["POST"])
@blueprint.doc(operationId="retryJob", parameters=[keys.PARAMETER])
@blueprint.arguments(RetryQuerySchema, location="query")
@blueprint.response(202, JobSchema)
@blueprint.alt_response(400, "BAD_REQUEST")
@blueprint.alt_response(404, "NOT_FOUND")
@blueprint.alt_response(409, "CONFLICT")
@blueprint.alt_response(422, "UNPROCESSABLE_ENTITY")
@blueprint.alt_response(503, "SERVICE_UNAVAILABLE")
def retry_job(query: dict[str, Any], job_id: str) -> Response:
    """Try again what did not succeed: a new job, with `retryOf`.

    An item that never had an answer is sent under the same `Idempotency-Key` as before.
    """
    retry = services().retry_job
    key = keys.read_key(b"retry", job_id.encode(), request.query_string)
    return accepted(retry(job_id, include_unknown=query["include_unknown"], key=key, traceparent=current_traceparent()))


@blueprint.route("/jobs/<string:job_id>", methods=["DELETE"])
@blueprint.doc(operationId="deleteJob")
@blueprint.response(204)
@blueprint.alt_response(404, "NOT_FOUND")
@blueprint.alt_response(409, "CONFLICT")
def delete_job(job_id: str) -> Response:
    """Forget a job that has ended, and all it held."""
    services().delete_job(job_id)
    return Response(status=204)


def _page(job_id: str, query: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
    rows, more = services().read_jobs.results(
        job_id,
        limit=query["limit"],
        after=query["cursor"],
        status=query["status"],
        merged=query.get("view") == "merged",
    )
    cursor = encode_cursor(rows[-1].index) if more else None
    return {"results": [result_document(row, with_index=True) for row in rows], "next": cursor}, cursor


def _polled(response: Response, job: Job) -> Response:
    if not job.status.is_final:
        response.headers["Retry-After"] = RETRY_AFTER_S
    return response
