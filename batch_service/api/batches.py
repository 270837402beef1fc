"""`POST /batch/<entity>`: the door for arrays."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Response, jsonify, make_response, request, url_for

from batch_service.api import csv_rows, keys, ndjson
from batch_service.api.context import owner, services
from batch_service.api.incoming import JSON, Incoming, read_incoming
from batch_service.api.item_schema import ItemSchema
from batch_service.api.prefer import Preference, applied, parameter, preference
from batch_service.api.result_formats import streamed
from batch_service.api.schemas import JobSchema, ResultSchema, SubmitQuerySchema, result_document
from batch_service.application.submit_batch import Terms
from batch_service.domain.batch import Draft
from batch_service.domain.entity import Entity
from batch_service.domain.job import Job
from batch_service.domain.ports import BatchKey
from servicekit.api import Blueprint, offers
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
_EXAMPLE_LINES = '{"method": "POST", "body": {"username": "Diego", "password": "123456"}}\n{"body": {"username": "Diego2"}}\n'
_EXAMPLE_ROWS = "username,password,metadata.team\nDiego,123456,red\nDiego2,,blue\n"
_PREFER = parameter(
    "`respond-async`: answer 202 at once; `wait=<seconds>`: answer 202 if the job takes longer; `return=minimal`: "
    "successes without their bodies (RFC 7240)",
    "wait=10",
)
_ENCODING: dict[str, Any] = {
    "in": "header",
    "name": "Content-Encoding",
    "schema": {"type": "string", "enum": ["gzip", "identity"]},
    "description": "How the body is packed; every limit holds for what it unpacks to as well",
}
_LINES_SCHEMA = {"type": "string", "description": "An item a line, read as it comes; always a job"}
_ROWS_SCHEMA = {
    "type": "string",
    "description": "A row becomes the body of a POST; a header `a.b` is member `b` of `a`; always a job",
}
_RESULTS_SCHEMA = {"type": "string", "description": "A result a line, as it comes, with its `index`"}
_CONTENT: dict[str, Any] = {
    JSON: {"schema": {"type": "array", "items": ItemSchema}, "example": _EXAMPLE_BATCH},
    ndjson.MEDIA_TYPE: {"schema": _LINES_SCHEMA, "example": _EXAMPLE_LINES},
    csv_rows.MEDIA_TYPE: {"schema": _ROWS_SCHEMA, "example": _EXAMPLE_ROWS},
}


@blueprint.route("/<string:entity>", methods=["POST"])
@blueprint.doc(
    operationId="submitBatch",
    parameters=[_PREFER, keys.PARAMETER, _ENCODING],
    requestBody={"required": True, "content": _CONTENT},
    responses={200: {"content": {ndjson.MEDIA_TYPE: {"schema": _RESULTS_SCHEMA}}}},
)
@blueprint.arguments(SubmitQuerySchema, location="query")
@blueprint.response(200, ResultSchema(many=True), example=_EXAMPLE_RESULTS)
@blueprint.alt_response(202, schema=JobSchema)
@blueprint.alt_response(400, "BAD_REQUEST")
@blueprint.alt_response(404, "NOT_FOUND")
@blueprint.alt_response(406, "NOT_ACCEPTABLE")
@blueprint.alt_response(408, "REQUEST_TIMEOUT")
@blueprint.alt_response(413, "REQUEST_ENTITY_TOO_LARGE")
@blueprint.alt_response(415, "UNSUPPORTED_MEDIA_TYPE")
@blueprint.alt_response(422, "UNPROCESSABLE_ENTITY")
@blueprint.alt_response(503, "SERVICE_UNAVAILABLE")
@offers(ndjson.MEDIA_TYPE)
def submit_batch(query: dict[str, Any], entity: str) -> Response:
    """Send a batch.

    Answers 200 with a result for each item, in the order of the items, whatever the items' own response codes are; or 202 with
    a job that goes on by itself. Who asks for `application/x-ndjson` gets each result as it comes, with its `index`.
    """
    target = services().submit_batch.find_entity(entity)
    preferred = preference()
    terms = Terms(
        owner(),
        wait_s=0.0 if preferred.is_async and preferred.wait_s is None else preferred.wait_s,
        max_errors=1 if query["on_error"] == "stop" else query["max_errors"],
        traceparent=current_traceparent(),
        patient=preferred.is_async,
    )
    keys.read_key()  # one that is malformed is refused before a gigabyte is read
    incoming = read_incoming(request, services().limits)
    if incoming.rest is None:
        terms = replace(terms, key=_key(entity, incoming))
        return _submit_array(target, incoming.first, terms, preferred)
    job = services().submit_stream(target, incoming.rest, terms, lambda: _key(entity, incoming))
    return applied(accepted(job), ["respond-async"] * preferred.is_async)


def _key(entity: str, incoming: Incoming) -> BatchKey | None:
    return keys.read_key(entity.encode(), request.query_string, *incoming.payload())


def _submit_array(entity: Entity, drafts: Sequence[Draft], terms: Terms, preferred: Preference) -> Response:
    submit = services().submit_batch
    is_sync = terms.wait_s != 0 and len(drafts) <= services().limits.max_sync_items
    if is_sync and request.accept_mimetypes.best_match([JSON, ndjson.MEDIA_TYPE]) == ndjson.MEDIA_TYPE:
        return applied(_follow(submit.accept(entity, drafts, terms), terms, preferred), preferred.applied)
    job = submit(entity, drafts, terms)
    return applied(_results(job, preferred) if is_sync and job.status.is_final else accepted(job), preferred.applied)


def accepted(job: Job) -> Response:
    """Answer 202 with a job, where it can be found and when to look."""
    response = make_response(jsonify(JobSchema().dump(job)), 202)
    response.headers["Location"] = url_for("jobs.get_job", job_id=job.id)
    if not job.status.is_final:
        response.headers["Retry-After"] = RETRY_AFTER_S
    return response


def _results(job: Job, preferred: Preference) -> Response:
    results: list[dict[str, Any]] = []
    for rows in services().read_jobs.all_results(job.id, owner()):
        results += (result_document(row, with_index=False, minimal=preferred.is_minimal) for row in rows)
    return jsonify(results)


def _follow(job_id: str, terms: Terms, preferred: Preference) -> Response:
    response = streamed(
        services().follow_results(job_id, terms.owner, wait_s=terms.wait_s), ndjson.MEDIA_TYPE, minimal=preferred.is_minimal
    )
    response.headers["Content-Location"] = url_for("jobs.list_results", job_id=job_id)  # for who loses the connection
    return response
