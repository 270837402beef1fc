"""What clients did when a contract was new, and what they rely on in its answers."""

from dataclasses import dataclass
from typing import Any

Json = Any
_POST = ("-X", "POST", "-H", "Content-Type: application/json", "-d")
_JOB_HEADERS = {"Location": "/v1/batch/jobs/{jobId}"}


@dataclass(frozen=True)
class Step:
    """One call of curl."""

    name: str
    path: str
    arguments: tuple[str, ...]
    relies_on: Json
    is_repeated: bool = False


@dataclass(frozen=True)
class Conversation:
    """Calls that follow each other."""

    name: str
    service: str
    steps: tuple[Step, ...]
    is_without_worker: bool = False


def _missing_password() -> Json:
    body = {"error": "Missing password", "code": "missing_field"}
    return {"status": 400, "headers": {"Content-Type": "application/problem+json"}, "body": body}


def _user(status: int) -> Json:
    return {
        "status": status,
        "headers": {"Content-Type": "application/json"},
        "body": {"userId": "{userId}", "username": "Diego"},
    }


def _first_users_client(base: str) -> tuple[Step, ...]:
    """It knows of a username, a password and nothing else."""
    created = {**_user(201), "headers": {"Content-Type": "application/json", "Location": "/v1/users/{userId}"}}
    one = f"{base}/{{userId}}"
    return (
        Step("create", base, (*_POST, '{"username": "Diego", "password": "123456"}'), created),
        Step("create again", base, (*_POST, '{"username": "Diego", "password": "123456"}'), _taken()),
        Step("forget the password", base, (*_POST, '{"username": "Diego2"}'), _missing_password()),
        Step("send no JSON", base, (*_POST, "username=Diego"), {"status": 400, "body": {"code": "invalid_json"}}),
        Step("send an array", base, (*_POST, '[{"username": "Ana", "password": "1"}]'), {"status": 400}),
        Step("list", base, (), {"status": 200, "body": {"users": [{"userId": "{userId}", "username": "Diego"}], "next": None}}),
        Step("read", one, (), _user(200)),
        Step("rename", one, ("-X", "PATCH", *_POST[2:], '{"username": "Diego"}'), _user(200)),
        Step("replace", one, ("-X", "PUT", *_POST[2:], '{"username": "Diego", "password": "654321"}'), _user(200)),
        Step("log in", f"{one}/password-check", (*_POST, '{"password": "654321"}'), {"status": 204}),
        Step("mistype", f"{one}/password-check", (*_POST, '{"password": "123456"}'), _wrong_password()),
        Step("delete", one, ("-X", "DELETE"), {"status": 204}),
        Step("look for it", one, (), {"status": 404, "body": {"code": "user_not_found"}}),
    )


def _taken() -> Json:
    return {"status": 409, "headers": {"Content-Type": "application/problem+json"}, "body": {"code": "username_taken"}}


def _wrong_password() -> Json:
    return {"status": 403, "body": {"code": "wrong_password"}}


_GOOD, _BAD = '{"username": "NAME", "password": "123456"}', '{"username": "NAME2"}'
_BATCH = f'[{{"method": "POST", "body": {_GOOD}}}, {{"method": "POST", "body": {_BAD}}}]'
_RESULTS = [
    {"responseCode": "201", "responseBody": {"username": "NAME"}},
    {"responseCode": "400", "responseBody": {"error": "Missing password"}},
]


def _named(template: Json, name: str) -> Json:
    if isinstance(template, str):
        return template.replace("NAME", name)
    if isinstance(template, list):
        return [_named(each, name) for each in template]
    return {key: _named(value, name) for key, value in template.items()}


def _sync(base: str, name: str) -> tuple[Step, ...]:
    return (
        Step("send a batch", f"{base}/users", (*_POST, _named(_BATCH, name)), {"status": 200, "body": _named(_RESULTS, name)}),
        Step("send an object", f"{base}/users", (*_POST, "{}"), {"status": 422, "body": {"code": "not_an_array"}}),
        Step("send nothing", f"{base}/users", (*_POST, "[]"), {"status": 422, "body": {"code": "empty_batch"}}),
        Step("mistype the entity", f"{base}/usres", (*_POST, "[{}]"), {"status": 404, "body": {"code": "unknown_entity"}}),
        Step("ask what there is", f"{base}/entities", (), {"status": 200, "body": {"entities": [{"name": "users"}]}}),
    )


def _async(base: str, name: str) -> tuple[Step, ...]:
    prefer = ("-H", "Prefer: respond-async")
    accepted = {"status": 202, "headers": _JOB_HEADERS, "body": {"jobId": "{jobId}", "entity": "users", "counts": {"total": 2}}}
    counts = {"total": 2, "pending": 0, "succeeded": 1, "failed": 1}
    indexed = [{"index": index, **result} for index, result in enumerate(_named(_RESULTS, name))]
    errors = [{"responseCode": "400", "error": "Missing password", "count": 1, "indexes": [1]}]
    ended = {"jobId": "{jobId}", "status": "partial", "counts": counts, "errors": errors, "results": indexed, "next": None}
    job = f"{base}/jobs/{{jobId}}"
    again = {"status": 202, "headers": {"Location": "/v1/batch/jobs/{retryId}"}, "body": {"retryOf": "{jobId}"}}
    return (
        Step("submit a job", f"{base}/users", (*prefer, *_POST, _named(_BATCH, name)), accepted),
        Step("poll it", job, (), {"status": 200, "body": ended}, is_repeated=True),
        Step("read its results", f"{job}/results", (), {"status": 200, "body": {"results": indexed, "next": None}}),
        Step("read what failed", f"{job}/results?status=failed", (), {"status": 200, "body": {"results": indexed[1:]}}),
        Step("cancel it too late", f"{job}/cancel", ("-X", "POST"), {"status": 409, "body": {"code": "job_finished"}}),
        Step("retry what failed", f"{job}/retry", ("-X", "POST"), again),
        Step("poll the retry", f"{base}/jobs/{{retryId}}", (), {"status": 200, "body": {"status": "failed"}}, is_repeated=True),
        Step("delete it", job, ("-X", "DELETE"), {"status": 204}),
        Step("look for it", job, (), {"status": 404, "body": {"code": "job_not_found"}}),
    )


def _cancel(base: str) -> tuple[Step, ...]:
    prefer = ("-H", "Prefer: respond-async")
    accepted = {
        "status": 202,
        "headers": {**_JOB_HEADERS, "Retry-After": "1"},
        "body": {"jobId": "{jobId}", "status": "queued"},
    }
    counts = {"total": 2, "pending": 0, "succeeded": 0, "failed": 2}
    results = [{"index": index, "responseCode": "499"} for index in range(2)]
    job = f"{base}/jobs/{{jobId}}"
    return (
        Step("submit a job", f"{base}/users", (*prefer, *_POST, _named(_BATCH, "never")), accepted),
        Step("cancel it", f"{job}/cancel", ("-X", "POST"), {"status": 200, "body": {"status": "cancelled", "counts": counts}}),
        Step("read its results", f"{job}/results", (), {"status": 200, "body": {"results": results}}),
    )


CONVERSATIONS = (
    Conversation("users-first-client", "users", _first_users_client("/users")),
    Conversation("users-first-client-of-v1", "users", _first_users_client("/v1/users")),
    Conversation("batch-at-once", "batch", _sync("/batch", "once")),
    Conversation("batch-at-once-of-v1", "batch", _sync("/v1/batch", "once of v1")),
    Conversation("batch-as-a-job", "batch", _async("/batch", "job")),
    Conversation("batch-as-a-job-of-v1", "batch", _async("/v1/batch", "job of v1")),
    Conversation("batch-cancel", "batch", _cancel("/batch"), is_without_worker=True),
)
