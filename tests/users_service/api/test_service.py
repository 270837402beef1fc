import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from tests.users_service.api.users import assert_problem
from users_service.app import create_app
from users_service.bootstrap import wire
from users_service.settings import Settings

COMMON = {"406", "500", "503"}
CREATE = {
    "v1": {("", "post"): ("createUser", {"201", "400", "409", "413", "415", "422"})},
    "v2": {("", "post"): ("createUserArray", {"200", "400", "413", "415", "422"})},
}
OPERATIONS = {
    ("/batch", "post"): ("createUsers", {"200", "400", "413", "415", "422"}),
    ("", "get"): ("listUsers", {"200", "400"}),
    ("/{userId}", "get"): ("getUser", {"200", "304", "404"}),
    ("/{userId}", "patch"): ("updateUser", {"200", "400", "404", "409", "412", "413", "415", "422"}),
    ("/{userId}", "put"): ("replaceUser", {"200", "400", "404", "409", "412", "413", "415", "422"}),
    ("/{userId}", "delete"): ("deleteUser", {"204", "400", "404", "409", "412", "422"}),
    ("/{userId}/password-check", "post"): ("checkPassword", {"204", "400", "403", "404", "413", "415"}),
}


def test_healthy_and_ready(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}
    assert client.get("/readyz").get_json() == {"status": "ok", "checks": {"database": "ok", "migrations": "ok"}}


def test_not_ready_before_it_is_migrated(settings: Settings) -> None:
    services = wire(settings)
    client = create_app(services).test_client()
    answer = client.get("/readyz")
    services.database.dispose()
    assert answer.status_code == 503
    assert answer.get_json()["checks"] == {"database": "ok", "migrations": "failing"}
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_the_contract_document(client: FlaskClient, version: str) -> None:
    document = client.get(f"/{version}/openapi.json").get_json()
    validate(document)
    operations = {
        (path.removeprefix(f"/{version}/users"), method): (operation["operationId"], set(operation["responses"]))
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method != "parameters"
    }
    expected = {**OPERATIONS, **CREATE[version]}
    assert operations == {place: (name, statuses | COMMON) for place, (name, statuses) in expected.items()}
    patch = document["paths"][f"/{version}/users/{{userId}}"]["patch"]
    assert set(patch["requestBody"]["content"]) == {"application/merge-patch+json", "application/json"}
    schemas = document["components"]["schemas"]
    assert not any("additionalProperties" in schemas[name] for name in ("User", "Problem", "FieldError"))
    assert {tag["name"] for tag in document["tags"]} == {"users", "users-batch"}


def test_one_new_user_is_described_with_its_headers(client: FlaskClient) -> None:
    create = client.get("/v1/openapi.json").get_json()["paths"]["/v1/users"]["post"]
    assert set(create["responses"]["201"]["headers"]) == {"X-Request-Id", "ETag", "Location", "Idempotent-Replayed"}


def test_every_write_documents_its_key(client: FlaskClient) -> None:
    paths = client.get("/v1/openapi.json").get_json()["paths"]
    keyed = {
        operation["operationId"]: operation["responses"]
        for methods in paths.values()
        for method, operation in methods.items()
        if method != "parameters" and any(each["name"] == "Idempotency-Key" for each in operation.get("parameters", []))
    }
    assert set(keyed) == {"createUser", "updateUser", "replaceUser", "deleteUser"}
    for responses in keyed.values():
        success = next(answer for status, answer in responses.items() if status.startswith("2"))
        assert "Idempotent-Replayed" in success["headers"]
        assert "idempotency_key_in_use" in responses["409"]["description"]
        assert "Retry-After" in responses["409"]["headers"]
        assert "idempotency_key_reused" in responses["422"]["description"]


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_the_page_of_the_contract_needs_no_other_host(client: FlaskClient, version: str) -> None:
    page = client.get(f"/{version}/docs")
    assert f"/{version}/openapi.json" in page.text
    assert page.status_code == 200
    assert "http" not in page.text.replace("http-equiv", "")
    with client.get("/static/swagger-ui/swagger-ui.css") as asset:
        assert asset.status_code == 200


def test_both_addresses_are_one_view(app: Flask) -> None:
    views: dict[tuple[str, str], list[object]] = {
        (rule.rule.removeprefix("/v1"), method): []
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
        if rule.rule.startswith(("/v1/users", "/users"))
    }
    for rule in app.url_map.iter_rules():
        for method in rule.methods or ():
            if rule.rule.startswith(("/v1/users", "/users")):
                views[rule.rule.removeprefix("/v1"), method].append(app.view_functions[rule.endpoint])
    assert len({key for key in views if key[1] not in ("OPTIONS", "HEAD")}) == 8
    for key, found in views.items():
        if key[1] != "OPTIONS":
            assert len(found) == 2, key
            assert found[0] is found[1], key


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/users", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("POST", "/v1/users/x", {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "PUT"}),
        ("GET", "/users/x/password-check", {"OPTIONS", "POST"}),
    ],
)
def test_a_method_that_is_not_there(client: FlaskClient, method: str, path: str, allowed: set[str]) -> None:
    answer = client.open(path, method=method)
    assert_problem(answer, 405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) == allowed


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/users/", "/v3/users", "/user", "/static/../setup.cfg"])
def test_an_address_that_is_not_there(client: FlaskClient, path: str) -> None:
    assert_problem(client.get(path), 404, "not_found")
