"""`GET /batch/entities`: what can be batched, and every limit."""

from typing import Any

from flask import Response, jsonify
from marshmallow import fields

from batch_service.api.context import services
from batch_service.api.schemas import HoldSchema, hold_document
from servicekit.api import Blueprint
from servicekit.wire import WireSchema

blueprint = Blueprint("entities", __name__, description="What can be batched")


class Sorted(fields.List[str]):
    """A set of words, in the order of the alphabet."""

    def __init__(self) -> None:
        super().__init__(fields.String(), required=True)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> list[Any] | None:
        return super()._serialize(sorted(value), attr, obj, **kwargs)


class FastLaneSchema(WireSchema):
    """The target's own batch door, through which items that create go many at once."""

    max_items = fields.Integer(required=True, metadata={"description": "In one request to the target"})


class EntitySchema(WireSchema):
    """What an item of this entity may do."""

    name = fields.String(required=True)
    methods = Sorted()
    headers = Sorted()
    concurrency = fields.Integer(required=True, metadata={"description": "Connections to the target at most"})
    rate_per_second = fields.Float(required=True, allow_none=True, attribute="rate_per_s")
    timeout_seconds = fields.Float(required=True, attribute="timeout_s", metadata={"description": "For one attempt"})
    retries = fields.Integer(required=True, metadata={"description": "Attempts after the first"})
    item_timeout_seconds = fields.Float(
        required=True, allow_none=True, attribute="item_timeout_s", metadata={"description": "No further attempt after that"}
    )
    idempotent_writes = fields.Boolean(required=True)
    max_response_bytes = fields.Integer(required=True)
    fast_lane = fields.Nested(FastLaneSchema, required=True, allow_none=True, attribute="door")
    hold = fields.Nested(HoldSchema, allow_none=True)


class LimitsSchema(WireSchema):
    """What one call may ask for."""

    max_items = fields.Integer(required=True)
    max_sync_items = fields.Integer(required=True, metadata={"description": "A larger batch is always a job"})
    max_body_bytes = fields.Integer(required=True, metadata={"description": "Of a synchronous batch: a larger one is a job"})
    max_stream_bytes = fields.Integer(required=True, metadata={"description": "Of any batch"})
    max_wait_seconds = fields.Float(
        required=True, attribute="max_wait_s", metadata={"description": "A synchronous batch becomes a job then"}
    )


class EntitiesSchema(WireSchema):
    """Every entity, by name."""

    entities = fields.List(fields.Nested(EntitySchema), required=True)
    limits = fields.Nested(LimitsSchema, required=True)
    next = fields.String(required=True, allow_none=True)


@blueprint.route("/entities")
@blueprint.doc(operationId="listEntities")
@blueprint.response(200, EntitiesSchema)
def list_entities() -> Response:
    """List the entities that can be batched, and every limit."""
    listed = services().registry.all()
    answer = EntitiesSchema().dump({"entities": listed, "limits": services().limits, "next": None})
    for entity, document in zip(listed, answer["entities"], strict=True):
        document["hold"] = hold_document(services().read_targets.find_hold(entity.name))
    return jsonify(answer)
