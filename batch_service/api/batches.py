"""`POST /batch/<entity>`: the door for arrays."""

from typing import Any

from flask import Response, jsonify, make_response, request, url_for

from batch_service.api import keys
from batch_service.api.context import services
from batch_service.api.item_schema import ItemSchema, read_draft
from batch_service.api.prefer import Preference, read_preference
from batch_service.api.schemas import JobSchema, ResultSchema, SubmitQuerySchema, result_document
from batch_service.application.submit_batch import Terms
from batch_service.domain.job import Job
from servicekit.api import Blueprint, parse_json, read_body, require_content_type
from servicekit.problems import ProblemError
from servicekit.request_id import current_traceparent

RETRY_AFTER_S = "1"
blueprint = Blueprint("batches", __name__, description="Send many items in one call")

_EXAMPLE_BATCH = [
    {"method": "POST", "body": {"username": "Diego", "password": "123456"}},
    {"method": "POST", "body": {"username": "Diego2"}},
]
_EXAMPLE_RESULTS = [
    {"responseCode": "201", "responseBody": {"userId": "019aad2e-8b7c-7c1e-a1d4-0d9a3b1f6c55", "username": "Diego"}},
    {"responseCode": "400", "responseBody": {"error": "Missing password"}},
]
_PREFER = {
    "in": "header",
    "name": "Prefer",
    "schema": {"type": "string"},
    "description": "`respond-async`: answer 202 at once; `wait=<seconds>`: answer 202 if the job takes longer (RFC 7240)",
    "example": "wait=10",
}


@blueprint.route("/<string:entity>", methods=["POST"])
@blueprint.doc(
    operationId="submitBatch",
    parameters=[_PREFER, keys.PARAMETER],
    requestBody={
        "required": True,
        "content": {"application/json": {"schema": {"type": "array", "items": ItemSchema}, "example": _EXAMPLE_BATCH}},
    },
)
@blueprint.arguments(SubmitQuerySchema, location="query")
@blueprint.response(200, ResultSchema(many=True), example=_EXAMPLE_RESULTS)
@blueprint.alt_response(202, schema=JobSchema)
@blueprint.alt_response(400, "BAD_REQUEST")
@blueprint.alt_response(404, "NOT_FOUND")
@blueprint.alt_response(406, "NOT_ACCEPTABLE")
@blueprint.alt_response(413, "REQUEST_ENTITY_TOO_LARGE")
@blueprint.alt_response(415, "UNSUPPORTED_MEDIA_TYPE")
@blueprint.alt_response(422, "UNPROCESSABLE_ENTITY")
@blueprint.alt_response(503, "SERVICE_UNAVAILABLE")
def submit_batch(query: dict[str, Any], entity: str) -> Response:
    """Send a batch.

    Answers 200 with a result for each item, in the order of the items, whatever the items' own response codes are; or 202 with
    a job that goes on by itself.
    """
    submit = services().submit_batch
    target = submit.find_entity(entity)
    require_content_type(request, ("application/json",))
    body = read_body(request)
    batch = _read_batch(body)
    submit.check_size(len(batch))
    preference = read_preference(request.headers.get("Prefer", ""))
    terms = Terms(
        wait_s=preference.wait_s,
        max_errors=1 if query["on_error"] == "stop" else query["max_errors"],
        key=keys.read_key(entity.encode(), request.query_string, body),
        traceparent=current_traceparent(),
        patient=preference.is_async,
    )
    job = submit(target, [read_draft(raw) for raw in batch], terms)
    is_sync = preference.wait_s != 0 and job.counts.total <= services().limits.max_sync_items
    return _applied(_results(job) if is_sync and job.status.is_final else accepted(job), preference)


def accepted(job: Job) -> Response:
    """Answer 202 with a job, where it can be found and when to look."""
    response = make_response(jsonify(JobSchema().dump(job)), 202)
    response.headers["Location"] = url_for("jobs.get_job", job_id=job.id)
    if not job.status.is_final:
        response.headers["Retry-After"] = RETRY_AFTER_S
    return response


def _read_batch(body: bytes) -> list[Any]:
    batch = parse_json(body)
    if not isinstance(batch, list):
        raise ProblemError(422, 'Send a JSON array of items: [{"method": "POST", "body": {...}}]', code="not_an_array")
    return batch


def _results(job: Job) -> Response:
    rows, _ = services().read_jobs.results(job.id, limit=job.counts.total)
    return jsonify([result_document(row, with_index=False) for row in rows])


def _applied(response: Response, preference: Preference) -> Response:
    response.headers["Vary"] = "Prefer"
    if preference.applied is not None:
        response.headers["Preference-Applied"] = preference.applied
    return response
