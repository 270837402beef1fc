"""Schemas as they stand on the wire: camelCase keys there, snake_case in Python, times as RFC 3339."""

from typing import Any

from marshmallow import EXCLUDE, Schema, fields

from servicekit.times import rfc3339


class WireSchema(Schema):
    """A schema whose keys are camelCase on the wire."""

    class Meta:
        """Later versions of a service may add members to an answer; what a query may have is held by its parser."""

        unknown = EXCLUDE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Name the field's key after its attribute."""
        first, *rest = (field_obj.data_key or field_name).split("_")
        field_obj.data_key = first + "".join(part.capitalize() for part in rest)


class Timestamp(fields.Field[str]):
    """Milliseconds since the epoch inside, RFC 3339 UTC outside."""

    def __init__(self, *, allow_none: bool = False) -> None:
        super().__init__(required=True, allow_none=allow_none, metadata={"type": "string", "format": "date-time"})

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return rfc3339(value)
