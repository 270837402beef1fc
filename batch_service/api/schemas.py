"""The shapes of answers, for the views and for the contract."""

import time
from typing import Any

import orjson
from marshmallow import ValidationError, fields, validate, validates_schema

from batch_service.domain.circuit import Hold, Reason
from batch_service.domain.job import JobStatus
from batch_service.domain.ports import ResultRow
from servicekit.pagination import Cursor, PageSchema, after_index
from servicekit.wire import Timestamp, WireSchema

ENTITY_PATTERN = "^[a-z][a-z0-9_-]{0,63}$"
ITEM_STATUSES = ("pending", "succeeded", "failed")


class ResultSchema(WireSchema):
    """What became of one item: the form of `result_document`, which makes thousands of them in one answer."""

    index = fields.Integer(metadata={"description": "The position in the batch, from 0"})
    id = fields.String(metadata={"description": "The item's own id, where it had one"})
    response_code = fields.String(required=True, allow_none=True, metadata={"example": "201"})
    response_body = fields.Raw(required=True, allow_none=True, metadata={"description": "What the target answered, whole"})
    response_headers = fields.Dict(keys=fields.String(), values=fields.String())
    attempts = fields.Integer(metadata={"description": "How often the item was sent"})


class CountsSchema(WireSchema):
    """How many items are what."""

    total = fields.Integer(required=True)
    pending = fields.Integer(required=True, metadata={"description": "Not final"})
    succeeded = fields.Integer(required=True)
    failed = fields.Integer(required=True, metadata={"description": "Final, and not a success"})


class ErrorGroupSchema(WireSchema):
    """The failures that have a response code and a sentence in common."""

    response_code = fields.String(required=True)
    error = fields.String(required=True)
    count = fields.Integer(required=True)
    indexes = fields.List(fields.Integer(), required=True, metadata={"description": "The first few"})


class HoldSchema(WireSchema):
    """A target that is left alone: it is failing, or asked for it; one item at a time finds out whether it is well again."""

    reason = fields.Enum(Reason, by_value=True, required=True)
    until = Timestamp()


class JobSchema(WireSchema):
    """An accepted batch."""

    job_id = fields.String(required=True, attribute="id", metadata={"format": "uuid"})
    entity = fields.String(required=True)
    status = fields.Enum(JobStatus, by_value=True, required=True)
    counts = fields.Nested(CountsSchema, required=True)
    created_at = Timestamp()
    started_at = Timestamp(allow_none=True)
    finished_at = Timestamp(allow_none=True)
    expires_at = Timestamp(allow_none=True)
    retry_of = fields.String(required=True, allow_none=True, metadata={"format": "uuid"})


class JobWithResultsSchema(JobSchema):
    """A job, what failed in it, and the first page of its results."""

    hold = fields.Nested(
        HoldSchema,
        required=True,
        allow_none=True,
        metadata={"description": "Why nothing is being sent at this moment; null where nothing keeps the job from going on"},
    )
    errors = fields.List(fields.Nested(ErrorGroupSchema), required=True)
    results = fields.List(fields.Nested(ResultSchema), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"description": "The cursor of the next page"})


class JobsSchema(WireSchema):
    """A page of jobs, newest first."""

    jobs = fields.List(fields.Nested(JobSchema), required=True)
    next = fields.String(required=True, allow_none=True)


class ResultsSchema(WireSchema):
    """A page of results, in the order of the items."""

    results = fields.List(fields.Nested(ResultSchema), required=True)
    next = fields.String(required=True, allow_none=True)


class JobsQuerySchema(PageSchema):
    """Which jobs to list."""

    status = fields.String(load_default=None, validate=validate.OneOf([status.value for status in JobStatus]))
    entity = fields.String(
        load_default=None, validate=validate.Regexp(r"[a-z][a-z0-9_-]{0,63}\Z"), metadata={"pattern": ENTITY_PATTERN}
    )


class ResultsQuerySchema(PageSchema):
    """Which results to list."""

    cursor = Cursor(after_index)
    status = fields.String(load_default=None, validate=validate.OneOf(ITEM_STATUSES))


class MergedResultsQuerySchema(ResultsQuerySchema):
    """Which results to list, and whether a retry stands by itself."""

    view = fields.String(
        load_default="own",
        validate=validate.OneOf(["own", "merged"]),
        metadata={"description": "`merged`: the items of the job that was retried first, each with its latest result"},
    )


class RetryQuerySchema(WireSchema):
    """What of a job is tried again."""

    include_unknown = fields.Boolean(
        load_default=False, metadata={"description": "Also items that the target may have applied, at your own risk"}
    )


class SubmitQuerySchema(WireSchema):
    """When to stop sending."""

    on_error = fields.String(
        load_default="continue",
        validate=validate.OneOf(["continue", "stop"]),
        metadata={"description": "`stop`: after the first failed item nothing more is sent, the rest are 424"},
    )
    max_errors = fields.Integer(
        load_default=None,
        strict=False,
        validate=validate.Range(1, 1_000_000),
        metadata={"description": "After so many failed items nothing more is sent, the rest are 424"},
    )

    @validates_schema
    def check_one(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Two different answers to one question are refused."""
        if data["on_error"] == "stop" and data["max_errors"] is not None:
            raise ValidationError("Say onError=stop or maxErrors=<n>, not both.", "maxErrors")


def hold_document(hold: Hold | None) -> dict[str, Any] | None:
    """The members of a hold on the wire; one whose time is over is being looked at now."""
    if hold is None:
        return None
    until = int((time.time() + max(0.0, hold.for_s)) * 1000)
    return dict(HoldSchema().dump({"reason": hold.reason, "until": until}))


def result_document(row: ResultRow, *, with_index: bool, minimal: bool = False) -> dict[str, Any]:
    """The members of a result on the wire; the body goes from the store to the answer as the bytes that it is.

    Minimal leaves the body of a success out.
    """
    document: dict[str, Any] = {"index": row.index} if with_index else {}
    if row.id is not None:
        document["id"] = row.id
    document["responseCode"] = None if row.response_code is None else str(row.response_code)
    body = None if minimal and row.succeeded else row.response_body
    document["responseBody"] = None if body is None else orjson.Fragment(body)
    if row.response_headers:
        document["responseHeaders"] = row.response_headers
    if row.attempts:
        document["attempts"] = row.attempts
    return document
