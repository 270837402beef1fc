"""The contract documents: valid, complete, and with examples that are what they say."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from openapi_spec_validator import validate

Json = Any
FOLDER = Path(__file__).resolve().parent.parent.parent / "openapi"
NAMES = ("users.v1", "users.v2", "batch.v1")
METHODS = ("get", "put", "post", "delete", "patch")


@pytest.fixture(params=NAMES)
def document(request: pytest.FixtureRequest) -> Json:
    return yaml.safe_load((FOLDER / f"{request.param}.yaml").read_text())


def operations(document: Json) -> Iterator[tuple[str, Json, Json]]:
    for path, item in document["paths"].items():
        yield from ((f"{method} {path}", item, item[method]) for method in METHODS if method in item)


def resolve(document: Json, node: Json) -> Json:
    while "$ref" in node:
        _, *parts = node["$ref"].split("/")
        node = document
        for part in parts:
            node = node[part]
    return node


def answers(document: Json) -> Iterator[tuple[str, Json]]:
    for place, _, operation in operations(document):
        for status, answer in operation["responses"].items():
            yield f"{place} {status}", resolve(document, answer)


def test_it_is_openapi(document: Json) -> None:
    validate(document)
    assert document["openapi"] == "3.1.0"


def test_every_operation_says_what_it_is(document: Json) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(ids)) == len(ids)
    for place, item, operation in operations(document):
        assert operation["summary"], place
        for parameter in (*item["parameters"], *operation.get("parameters", [])):
            named = resolve(document, parameter)
            assert named.get("description") or named["name"] in ("limit", "status", "entity"), (place, named["name"])


def test_every_answer_is_described_with_its_headers(document: Json) -> None:
    for place, answer in answers(document):
        assert answer["description"], place
        assert "X-Request-Id" in answer["headers"], place


def test_every_error_is_a_problem_document(document: Json) -> None:
    for place, answer in answers(document):
        if place[-3] in "45":
            assert set(answer["content"]) == {"application/problem+json"}, place
    statuses = {place[-3:] for place, _ in answers(document)}
    assert {"406", "500", "503"} <= statuses
    assert "default" not in {status for _, _, operation in operations(document) for status in operation["responses"]}


def test_no_answer_is_closed_to_members_of_later_versions(document: Json) -> None:
    """A new member of an answer is an addition, as long as the contract never said that there are no others."""
    requests = {"UserCreate", "UserPatch", "UserReplace", "PasswordHash", "PasswordCheck", "NewUserItem", "Item"}
    schemas = document["components"]["schemas"]
    assert [name for name, schema in schemas.items() if "additionalProperties" in schema and name not in requests] == []


def test_every_example_is_what_its_schema_says(document: Json) -> None:
    seen = 0
    contents = [answer.get("content", {}) for _, answer in answers(document)]
    contents += [operation.get("requestBody", {}).get("content", {}) for _, _, operation in operations(document)]
    for media in (media for content in contents for media in content.values() if "example" in media):
        whole = {**media["schema"], "components": document["components"]}
        faults = list(jsonschema_rs.Draft202012Validator(whole, validate_formats=True).iter_errors(media["example"]))
        assert bool(faults) == _shows_a_fault(media["example"]), media["example"]
        seen += 1
    assert seen > 20


def _shows_a_fault(example: Json) -> bool:
    """An array of users has one without a password, so that both kinds of result can be seen; an item's body is anything."""
    users = [each.get("body", each) for each in example] if isinstance(example, list) else []
    return {"username": "Diego2"} in users and "method" not in example[0]


def test_every_link_leads_to_an_operation_of_the_document(document: Json) -> None:
    known = {operation["operationId"]: (item, operation) for _, item, operation in operations(document)}
    links = [link for _, answer in answers(document) for link in answer.get("links", {}).values()]
    assert len(links) > 10
    for link in links:
        item, operation = known[link["operationId"]]
        named = {resolve(document, each)["name"] for each in (*item["parameters"], *operation.get("parameters", []))}
        assert link["parameters"].keys() <= named
