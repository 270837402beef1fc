"""The form of one item, and its reading into a draft; a fault of form is that item's result."""

from typing import Any, cast

from marshmallow import RAISE, Schema, ValidationError, fields

from batch_service.domain.batch import Draft
from batch_service.domain.refusal import Refusal
from servicekit import strict_json
from servicekit.problems import FieldError
from servicekit.validation import field_errors


class ItemSchema(Schema):
    """One call to the entity's API."""

    class Meta:
        """A field that no version knows is that item's fault."""

        unknown = RAISE

    id = fields.String(metadata={"description": "The sender's name for the item, unique in the batch", "example": "diego"})
    method = fields.String(metadata={"description": "POST where it is not said", "example": "POST"})
    path = fields.String(metadata={"description": "Relative to the collection; the collection itself where it is not said"})
    query = fields.Dict(keys=fields.String(), metadata={"description": "Names and values; a list repeats its name"})
    headers = fields.Dict(keys=fields.String(), values=fields.String(), metadata={"description": "Those the entity allows"})
    body = fields.Raw(allow_none=True, metadata={"description": "A JSON object or array, passed on as it is"})


_SCHEMA = ItemSchema()
_TYPES = {"id": str, "method": str, "path": str, "query": dict, "headers": dict}


def read_draft(raw: Any) -> Draft:
    """Read what was sent as one item."""
    if not isinstance(raw, dict):
        return Draft(fault=Refusal(400, "invalid_item", 'An item is an object such as {"method": "POST", "body": {...}}', ""))
    try:
        values = dict(raw) if _has_form(raw) else _SCHEMA.load(raw)
    except ValidationError as error:
        first = _faults(cast("dict[str, Any]", error.messages))[0]
        item_id = raw.get("id")
        fault = Refusal(400, "invalid_item", first["detail"], first["pointer"])
        return Draft(id=item_id if isinstance(item_id, str) else None, fault=fault)
    body = values.pop("body", None)
    if body is None:
        return Draft(**values)
    return Draft(**values, body=strict_json.dumps(body), body_is_container=isinstance(body, dict | list))


def _has_form(raw: dict[str, Any]) -> bool:
    """See at a glance what nearly every item is: of the form; whatever is not, the schema looks at again, and says why."""
    if any(type(value) is not _TYPES.get(name) for name, value in raw.items() if name != "body"):
        return False
    return all(type(value) is str for value in raw.get("headers", {}).values())


def _faults(messages: dict[str, Any]) -> list[FieldError]:
    headers = messages.get("headers")
    if isinstance(headers, dict):  # marshmallow has the fault of a value one level below its name
        messages = {**messages, "headers": {name: fault["value"] for name, fault in headers.items()}}
    return field_errors(messages)
