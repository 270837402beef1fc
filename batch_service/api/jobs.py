"""`/batch/jobs`: what became of accepted batches."""

from dataclasses import replace
from typing import Any

from flask import Response, jsonify, request

from batch_service.api import csv_rows, keys, ndjson
from batch_service.api.batches import RETRY_AFTER_S, accepted
from batch_service.api.context import owner, services
from batch_service.api.prefer import applied, parameter, preference
from batch_service.api.result_formats import CSV_COLUMNS, WRITERS, streamed
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
from servicekit.api import Blueprint, offers
from servicekit.pagination import encode_cursor, link_next
from servicekit.request_id import current_traceparent

_MINIMAL = "`return=minimal`: successes without their bodies"
_PREFER_MINIMAL = parameter(f"{_MINIMAL} (RFC 7240)", "return=minimal")
_PREFER_TO_WAIT = parameter(f"`wait=<seconds>`: answer when the job has ended, or then; {_MINIMAL} (RFC 7240)", "wait=10")
_STREAMS = {
    ndjson.MEDIA_TYPE: {"schema": {"type": "string", "description": "A result a line"}},
    csv_rows.MEDIA_TYPE: {"schema": {"type": "string", "description": f"The columns {', '.join(CSV_COLUMNS)}"}},
}
blueprint = Blueprint("jobs", __name__, description="Follow and stop accepted batches")


@blueprint.route("/jobs")
@blueprint.doc(operationId="listJobs")
@blueprint.arguments(JobsQuerySchema, location="query")
@blueprint.response(200, JobsSchema)
def list_jobs(query: dict[str, Any]) -> Response:
    """List jobs, newest first."""
    jobs, more = services().read_jobs.page(
        owner(), limit=query["limit"], before=query["cursor"], status=query["status"], entity=query["entity"]
    )
    cursor = encode_cursor(jobs[-1].id) if more else None
    return link_next(jsonify({"jobs": JobSchema(many=True).dump(jobs), "next": cursor}), cursor)


@blueprint.route("/jobs/<string:job_id>")
@blueprint.doc(operationId="getJob", parameters=[_PREFER_TO_WAIT])
@blueprint.arguments(ResultsQuerySchema, location="query")
@blueprint.response(200, JobWithResultsSchema)
@blueprint.alt_response(404, "NOT_FOUND")
def get_job(query: dict[str, Any], job_id: str) -> Response:
    """Get a job with its counts, what failed in it, and a page of its results.

    It can be read while the job runs and after any end; `Retry-After` says when to look again.
    """
    preferred = preference()
    job, waited = services().wait_for_job(job_id, owner(), wait_s=preferred.wait_s or 0.0)
    errors = ErrorGroupSchema(many=True).dump(services().read_jobs.errors(job_id, owner()))
    hold = None if job.status.is_final else services().read_targets.find_hold(job.entity)
    page, cursor = _page(job_id, query)
    document = {**JobSchema().dump(job), "hold": hold_document(hold), "errors": errors, **page}
    honoured = replace(preferred, is_async=False, wait_s=preferred.wait_s if waited else None)
    return applied(_polled(link_next(jsonify(document), cursor), job), honoured.applied)


@blueprint.route("/jobs/<string:job_id>/results")
@blueprint.doc(operationId="listResults", parameters=[_PREFER_MINIMAL], responses={200: {"content": _STREAMS}})
@blueprint.arguments(MergedResultsQuerySchema, location="query")
@blueprint.response(200, ResultsSchema)
@blueprint.alt_response(404, "NOT_FOUND")
@offers(*WRITERS)
def list_results(query: dict[str, Any], job_id: str) -> Response:
    """List the results of a job in the order of its items; one that is not final has `responseCode` null.

    Who asks for `application/x-ndjson` or `text/csv` gets all of them, from `cursor` on, in one answer.
    """
    job = services().read_jobs.get(job_id, owner())
    honoured = ["return=minimal"] * preference().is_minimal
    media_type = request.accept_mimetypes.best_match(["application/json", *WRITERS])
    if media_type in WRITERS:
        pages = services().read_jobs.all_results(
            job_id, owner(), after=query["cursor"], status=query["status"], merged=query["view"] == "merged"
        )
        return applied(_polled(streamed(pages, media_type, minimal=bool(honoured)), job), honoured)
    page, cursor = _page(job_id, query)
    return applied(_polled(link_next(jsonify(page), cursor), job), honoured)


@blueprint.route("/jobs/<string:job_id>/cancel", methods=["POST"])
@blueprint.doc(operationId="cancelJob")
@blueprint.response(200, JobSchema)
@blueprint.alt_response(404, "NOT_FOUND")
@blueprint.alt_response(409, "CONFLICT")
def cancel_job(job_id: str) -> Response:
    """Cancel a job: nothing more is sent, what was sent keeps its result, the rest become 499."""
    job = services().cancel_job(job_id, owner())
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
    job = retry(job_id, owner(), include_unknown=query["include_unknown"], key=key, traceparent=current_traceparent())
    return accepted(job)


@blueprint.route("/jobs/<string:job_id>", methods=["DELETE"])
@blueprint.doc(operationId="deleteJob")
@blueprint.response(204)
@blueprint.alt_response(404, "NOT_FOUND")
@blueprint.alt_response(409, "CONFLICT")
def delete_job(job_id: str) -> Response:
    """Forget a job that has ended, and all it held."""
    services().delete_job(job_id, owner())
    return Response(status=204)


def _page(job_id: str, query: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
    rows, more = services().read_jobs.results(
        job_id,
        owner(),
        limit=query["limit"],
        after=query["cursor"],
        status=query["status"],
        merged=query.get("view") == "merged",
    )
    cursor = encode_cursor(rows[-1].index) if more else None
    minimal = preference().is_minimal
    return {"results": [result_document(row, with_index=True, minimal=minimal) for row in rows], "next": cursor}, cursor


def _polled(response: Response, job: Job) -> Response:
    if not job.status.is_final:
        response.headers["Retry-After"] = RETRY_AFTER_S
    return response
