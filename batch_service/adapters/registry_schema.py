"""The form of the registry file."""

import re
from ipaddress import ip_network
from typing import Any
from urllib.parse import unquote, urlsplit

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates, validates_schema

from batch_service.domain.entity import METHODS, BatchDoor, Entity, is_forbidden_header

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_RESERVED = ("jobs", "entities")
_RATE = re.compile(r"([1-9][0-9]*)/(second|minute|hour)\Z")
_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_AUTHORITY = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]*)?")
_COLLECTION_PATH = re.compile(r"(/[A-Za-z0-9\-._~!$&'()*+,=:@%]+)+")


class FastLaneSchema(Schema):
    """The target's own batch door."""

    path = fields.String(
        required=True,
        validate=validate.Regexp(
            r"(/[A-Za-z0-9\-._~]*[A-Za-z0-9\-_~][A-Za-z0-9\-._~]*)*\Z",
            error='Write it as "/batch": below the collection; "" is the collection itself.',
        ),
    )
    max_items = fields.Integer(strict=True, load_default=500, validate=validate.Range(1, 1_000_000))
    format = fields.String(load_default="items", validate=validate.OneOf(["items", "bodies"]))


class EntitySchema(Schema):
    """One table `[entities.<name>]`."""

    url = fields.String(required=True)
    methods = fields.List(
        fields.String(validate=validate.OneOf(METHODS)), load_default=list(METHODS), validate=validate.Length(1)
    )
    headers = fields.List(fields.String(), load_default=list)
    concurrency = fields.Integer(strict=True, load_default=8, validate=validate.Range(1, 256))
    timeout = fields.Float(load_default=30.0, validate=validate.Range(0, 3600, min_inclusive=False))
    item_timeout = fields.Float(load_default=None, validate=validate.Range(0, 7 * 86_400, min_inclusive=False))
    retries = fields.Integer(strict=True, load_default=4, validate=validate.Range(0, 20))
    rate = fields.String(load_default=None, validate=validate.Regexp(_RATE, error='Write it as "2000/second".'))
    allow_private = fields.List(fields.String(), load_default=list)
    idempotent_writes = fields.Boolean(truthy={True}, falsy={False}, load_default=False)
    max_response_bytes = fields.Integer(strict=True, load_default=10 * 2**20, validate=validate.Range(1, 2**30))
    forward_authorization = fields.Boolean(truthy={True}, falsy={False}, load_default=False)
    batch = fields.Nested(FastLaneSchema, load_default=None)

    @validates("url")
    def check_url(self, url: str, data_key: str) -> None:
        """A collection is an absolute http(s) url with a path, and nothing after that."""
        parts = urlsplit(url)
        if "${" in url:
            raise ValidationError(f"{url[url.index('${') :].partition('}')[0]}}} is not set and has no default.")
        if parts.username is not None or parts.query or parts.fragment:
            raise ValidationError("A collection's url has no user, query or fragment.")
        if parts.scheme not in ("http", "https") or not _AUTHORITY.fullmatch(parts.netloc):
            raise ValidationError("Name the collection by an absolute http or https url.")
        if not _COLLECTION_PATH.fullmatch(parts.path) or {".", ".."} & set(unquote(parts.path).split("/")):
            raise ValidationError("A collection's url has a path, without a slash at its end.")
        _check_port(url)

    @validates("headers")
    def check_headers(self, names: list[str], data_key: str) -> None:
        """An item may not set what is the service's to say."""
        for name in names:
            if not _TOKEN.fullmatch(name):
                raise ValidationError(f"{name!r} is no header name.")
            if is_forbidden_header(name):
                raise ValidationError(f"{name} is never an item's to set.")

    @validates_schema
    def check_door(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Bare bodies have no place for the keys that make a second sending harmless."""
        if data["batch"] and data["batch"]["format"] == "bodies" and data["idempotent_writes"]:
            raise ValidationError('format = "bodies" carries no keys: leave idempotent_writes out, or use "items".', "batch")

    @validates("allow_private")
    def check_networks(self, networks: list[str], data_key: str) -> None:
        """Networks are written in CIDR form."""
        for network in networks:
            try:
                ip_network(network)
            except ValueError as error:
                raise ValidationError(f"{error}.") from None


class RegistrySchema(Schema):
    """The whole file: `[entities.<name>]` tables."""

    entities = fields.Dict(keys=fields.String(), values=fields.Nested(EntitySchema), required=True, validate=validate.Length(1))

    @validates("entities")
    def check_names(self, entities: dict[str, Any], data_key: str) -> None:
        """A name is part of an address, next to `jobs` and `entities`."""
        faults = {name: [fault] for name in entities if (fault := _fault_of_name(name)) is not None}
        if faults:
            raise ValidationError(faults)

    @post_load
    def make_entities(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Entity]:
        """Make the entities of the domain."""
        return {name: _entity(name, values) for name, values in data["entities"].items()}


def _fault_of_name(name: str) -> str | None:
    if name in _RESERVED:
        return f"{name!r} is an address of the service itself; give the entity another name."
    if not _NAME.fullmatch(name):
        return "A name is lower-case letters, digits, - and _, begins with a letter and has at most 64 characters."
    return None


def _check_port(url: str) -> None:
    try:
        _ = urlsplit(url).port
    except ValueError as error:
        raise ValidationError(f"{error}.") from None


def _door(values: dict[str, Any] | None) -> BatchDoor | None:
    if values is None:
        return None
    return BatchDoor(values["path"], values["max_items"], has_keys=values["format"] == "items")


def _entity(name: str, values: dict[str, Any]) -> Entity:
    count, _, unit = (values["rate"] or "").partition("/")
    return Entity(
        name=name,
        url=values["url"],
        methods=frozenset(values["methods"]),
        headers=frozenset(header.lower() for header in values["headers"]),
        concurrency=values["concurrency"],
        timeout_s=values["timeout"],
        retries=values["retries"],
        item_timeout_s=values["item_timeout"],
        rate_per_s=int(count) / _SECONDS[unit] if count else None,
        idempotent_writes=values["idempotent_writes"],
        forward_authorization=values["forward_authorization"],
        allow_private=tuple(ip_network(network) for network in values["allow_private"]),
        max_response_bytes=values["max_response_bytes"],
        door=_door(values["batch"]),
    )
