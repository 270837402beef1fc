"""`POST /v1/users/batch`: many new users in one call and one transaction."""

from typing import Any

import orjson
from flask import Response, current_app, request

from servicekit import strict_json
from servicekit.api import Blueprint
from servicekit.problems import ProblemError
from servicekit.request_body import parse_json, read_body, require_content_type
from servicekit.request_id import current_request_id
from users_service.api.context import caller, use_cases
from users_service.api.v1 import answers
from users_service.api.v1.batch_items import ItemLimits, item_id, read_item, result
from users_service.api.v1.batch_schemas import EXAMPLE_ITEMS, EXAMPLE_RESULTS, MAX_ITEMS, NewUserItemSchema, NewUserResultSchema
from users_service.application.create_users import Creation
from users_service.domain.errors import UsersError

MAX_BODY_BYTES = 16 * 1024 * 1024
# A body may be as deep here as alone; the array and the item are two levels more.
_MAX_DEPTH = strict_json.MAX_DEPTH + 2

blueprint = Blueprint("users-batch", __name__, description="Many users in one call")


@blueprint.route("/batch", methods=["POST"])
@blueprint.doc(
    operationId="createUsers",
    requestBody={
        "required": True,
        "description": f"1 to {MAX_ITEMS:,} items, {MAX_BODY_BYTES // 1024**2} MiB at most; a body as for `POST /users`",
        "content": {
            "application/json": {
                "schema": {"type": "array", "minItems": 1, "maxItems": MAX_ITEMS, "items": NewUserItemSchema},
                "example": EXAMPLE_ITEMS,
            }
        },
    },
)
@blueprint.response(200, NewUserResultSchema(many=True), example=EXAMPLE_RESULTS, description="A result for each item")
@blueprint.alt_response(400, "BAD_REQUEST")
@blueprint.alt_response(406, "NOT_ACCEPTABLE")
@blueprint.alt_response(413, "REQUEST_ENTITY_TOO_LARGE")
@blueprint.alt_response(415, "UNSUPPORTED_MEDIA_TYPE")
@blueprint.alt_response(422, "UNPROCESSABLE_ENTITY")
@blueprint.alt_response(503, "SERVICE_UNAVAILABLE")
def create_users() -> Response:
    """Create many users

    Answers 200 with a result for each item, in the order of the items: what a single `POST /users` of its body would have been
    answered, whatever became of its neighbours. All users of a call are created in one transaction. Of two items with one name
    the first is created, the other is a 409.

    An `idempotencyKey` stands for the header of `POST /users`. Two items of a call with one key and one payload get one answer;
    the second of two payloads is a 422. The call as a whole takes no `Idempotency-Key`.

    What is wrong with the call as a whole is one problem, and nothing is created: no JSON (400), no array or an empty one (422
    `not_an_array`, `empty_batch`), too many items (413 `batch_too_large`), too many bytes (413 `request_entity_too_large`).
    """
    request.max_content_length = MAX_BODY_BYTES
    _refuse_key()
    require_content_type(request, ("application/json",))
    body = read_body(request)
    items = _read_items(body)
    alone = current_app.config["MAX_CONTENT_LENGTH"]
    limits = ItemLimits(alone, may_be_over=len(body) > alone)
    drafts = [_draft(raw, limits) for raw in items]
    outcomes = iter(use_cases().create_users([each for each in drafts if isinstance(each, Creation)], render=answers.created))
    request_id = current_request_id()
    results = [
        result(
            next(outcomes) if isinstance(draft, Creation) else draft,
            own_id=item_id(raw),
            request_id=request_id,
        )
        for raw, draft in zip(items, drafts, strict=True)
    ]
    return Response(orjson.dumps(results), mimetype="application/json")


def _refuse_key() -> None:
    if "Idempotency-Key" in request.headers:
        sentence = "Give each item a key of its own, as its idempotencyKey; the call as a whole takes no Idempotency-Key."
        raise ProblemError(400, sentence, code="idempotency_key_misplaced")


def _read_items(body: bytes) -> list[Any]:
    try:
        items = strict_json.loads(body, max_depth=_MAX_DEPTH)
    except strict_json.InvalidJsonError:
        items = parse_json(body)  # which is stricter still, and says where
    if not isinstance(items, list):
        raise ProblemError(422, 'Send a JSON array of items: [{"method": "POST", "body": {...}}]', code="not_an_array")
    if not items:
        raise ProblemError(422, "The batch is empty; send at least one item.", code="empty_batch")
    if len(items) > MAX_ITEMS:
        sentence = f"The batch has {len(items)} items; send at most {MAX_ITEMS} in one call."
        raise ProblemError(413, sentence, code="batch_too_large")
    return items


def _draft(raw: Any, limits: ItemLimits) -> Creation | UsersError | ProblemError:
    try:
        return read_item(raw, caller=caller(), limits=limits)
    except (UsersError, ProblemError) as refusal:
        return refusal
