"""What every operation of a contract document has: said once, and put into the document when it is whole."""

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from servicekit import common_answers, problems, request_id
from servicekit.retirement import Retirement

Json = Any
METHODS = ("get", "put", "post", "delete", "patch")


@dataclass(frozen=True, slots=True)
class Additions:
    """What a service says of its operations apart from their views: headers, links, examples."""

    operations: Mapping[str, Json] = field(default_factory=dict)
    """By the id of an operation."""
    path_parameters: Mapping[str, Json] = field(default_factory=dict)
    """By the name of a variable in paths."""
    schemas: Mapping[str, Json] = field(default_factory=dict)
    """By the name of a schema."""


NO_ADDITIONS = Additions()


def complete(document: Json, *, tag_prefix: str, additions: Additions, retirement: Retirement) -> Json:
    """Return a whole contract document, made from the one that the views describe.

    Args:
        document: The description so far; it is not changed.
        tag_prefix: What the names of this version's blueprints begin with, as `v2-`.
        additions: What is merged in.
        retirement: An operation that is to be retired says so.
    """
    whole = copy.deepcopy(document)
    whole["paths"] = {_camel_path(path): item for path, item in whole["paths"].items()}
    everywhere = [*common_answers.EVERYWHERE, *[410] * (retirement.sunset_at is not None)]
    for item in whole["paths"].values():
        _complete_parameters(item, additions.path_parameters)
    for operation in operations(whole):
        merge(operation, additions.operations.get(operation["operationId"], {}))
        operation["tags"] = [tag.removeprefix(tag_prefix) for tag in operation["tags"]]
        operation["responses"] = _with_common_answers(operation["responses"], everywhere)
        if retirement.is_planned:
            operation["deprecated"] = True
    used = {tag for operation in operations(whole) for tag in operation["tags"]}
    named = [{**tag, "name": tag["name"].removeprefix(tag_prefix)} for tag in whole.get("tags", [])]
    whole["tags"] = [tag for tag in named if tag["name"] in used]
    merge(whole["components"]["schemas"], additions.schemas)
    _complete_components(whole["components"], everywhere)
    _add_common_headers(whole, retirement)
    return whole


def operations(document: Json) -> Iterator[Json]:
    """Yield every operation of a document."""
    for item in document["paths"].values():
        yield from (item[method] for method in METHODS if method in item)


def merge(into: Json, more: Mapping[str, Json]) -> None:
    """Merge one tree of objects into another; what is no object takes the place of what was there."""
    for key, value in more.items():
        if isinstance(value, Mapping) and isinstance(into.get(key), dict):
            merge(into[key], value)
        else:
            into[key] = copy.deepcopy(value)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _camel_path(path: str) -> str:
    """Name the variables of a path as names stand on the wire; views have Python's."""
    return re.sub(r"{(\w+)}", lambda found: f"{{{_camel(found[1])}}}", path)


def _complete_parameters(item: Json, additions: Mapping[str, Json]) -> None:
    for parameter in item.get("parameters", []):
        if parameter["in"] == "path":
            parameter["name"] = _camel(parameter["name"])
            merge(parameter, additions.get(parameter["name"], {}))
    for operation in (item[method] for method in METHODS if method in item):
        for parameter in operation.get("parameters", []):
            _say_absent_instead_of_null(parameter["schema"])
    shared = [{"$ref": f"#/components/parameters/{name}"} for name in common_answers.PARAMETERS]
    item["parameters"] = [*item.get("parameters", []), *shared]


def _say_absent_instead_of_null(schema: Json) -> None:
    """Leave out what a view has in place of a parameter that is absent: on the wire there is no null."""
    if schema.get("default", "") is None:
        del schema["default"]
    if isinstance(schema.get("type"), list):
        (schema["type"],) = [kind for kind in schema["type"] if kind != "null"]
    if "enum" in schema:
        schema["enum"] = [value for value in schema["enum"] if value is not None]


def _with_common_answers(responses: Json, everywhere: list[int]) -> Json:
    common = {str(code): {"$ref": f"#/components/responses/{HTTPStatus(code).name}"} for code in everywhere}
    every = {**common, **{str(code): answer for code, answer in responses.items() if code != "default"}}
    return dict(sorted(every.items()))


def _complete_components(components: Json, everywhere: list[int]) -> None:
    names = {HTTPStatus(code).name for code in everywhere} | components["responses"].keys() - {"DEFAULT_ERROR"}
    components["responses"] = {status.name: _problem(status) for status in HTTPStatus if status.name in names}
    components["headers"] = {request_id.HEADER: common_answers.REQUEST_ID}
    components["parameters"] = common_answers.PARAMETERS


def _problem(status: HTTPStatus) -> Json:
    description, code, sentence, headers = common_answers.ERRORS[status]
    example = problems.document(status.value, sentence, code=code, instance="urn:request:01a204f5-7c74-71e9-9bf8-b915e4f1c2aa")
    content = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}}
    return {"description": description, "headers": headers, "content": content}


def _add_common_headers(document: Json, retirement: Retirement) -> None:
    headers: Json = {request_id.HEADER: {"$ref": f"#/components/headers/{request_id.HEADER}"}}
    planned = {
        "Deprecation": retirement.deprecated_at is not None,
        "Sunset": retirement.sunset_at is not None,
        "Link": retirement.is_planned,
    }
    for name in (name for name, is_sent in planned.items() if is_sent):
        headers[name] = {"description": common_answers.RETIREMENT[name], "schema": {"type": "string"}}
    answers = [answer for operation in operations(document) for answer in operation["responses"].values()]
    for answer in [*answers, *document["components"]["responses"].values()]:
        if "$ref" not in answer:
            answer["headers"] = {**headers, **answer.get("headers", {})}
