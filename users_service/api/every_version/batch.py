"""`POST /users/batch`: many new users in one call and one transaction."""

from functools import partial

from flask import Response, request

from servicekit.api import Blueprint
from servicekit.problems import ProblemError
from users_service.api.context import caller
from users_service.api.every_version.arrays import LIMITS, MAX_ITEMS, create_each, draft, read_array
from users_service.api.every_version.batch_items import item_id, read_item
from users_service.api.every_version.batch_schemas import EXAMPLE_ITEMS, EXAMPLE_RESULTS, NewUserItemSchema, NewUserResultSchema

blueprint = Blueprint("users-batch", __name__, description="Many users in one call")


@blueprint.route("/batch", methods=["POST"])
@blueprint.doc(
    operationId="createUsers",
    requestBody={
        "required": True,
        "description": f"{LIMITS}; a body as for `POST /v1/users`",
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
@blueprint.alt_response(413, "REQUEST_ENTITY_TOO_LARGE")
@blueprint.alt_response(415, "UNSUPPORTED_MEDIA_TYPE")
@blueprint.alt_response(422, "UNPROCESSABLE_ENTITY")
def create_users() -> Response:
    """Create many users, each with an id and a key of its own

    Answers 200 with a result for each item, in the order of the items: what a single `POST /v1/users` of its body would have
    been answered, whatever became of its neighbours. All users of a call are created in one transaction. Of two items with one
    name the first is created, the other is a 409.

    An `idempotencyKey` stands for the header of `POST /v1/users`. Two items of a call with one key and one payload get one
    answer; the second of two payloads is a 422. The call as a whole takes no `Idempotency-Key`.

    What is wrong with the call as a whole is one problem, and nothing is created: no JSON (400), no array or an empty one (422
    `not_an_array`, `empty_batch`), too many items (413 `batch_too_large`), too many bytes (413 `request_entity_too_large`).
    """
    _refuse_key()
    items, limits = read_array(request, levels=2, example='[{"method": "POST", "body": {...}}]')
    drafts = [draft(partial(read_item, raw, caller=caller(), check_size=limits.check)) for raw in items]
    return create_each(drafts, [item_id(raw) for raw in items])


def _refuse_key() -> None:
    if "Idempotency-Key" in request.headers:
        sentence = "Give each item a key of its own, as its idempotencyKey; the call as a whole takes no Idempotency-Key."
        raise ProblemError(400, sentence, code="idempotency_key_misplaced")
