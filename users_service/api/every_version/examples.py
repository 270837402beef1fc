"""One user and what went wrong with another, as the contract documents show them."""

from typing import Any

USER_ID = "01a204f5-7c74-71e9-9bf8-b90931cf6bb0"
NEW_USER = {"username": "Diego", "password": "123456"}
USER: dict[str, Any] = {
    "userId": USER_ID,
    "username": "Diego",
    "email": None,
    "displayName": "Diego",
    "locale": "en",
    "metadata": {},
    "createdAt": "2026-11-22T19:51:42.123Z",
    "updatedAt": "2026-11-22T19:51:42.123Z",
}
CHANGED_USER: dict[str, Any] = {**USER, "email": "diego@example.org", "updatedAt": "2026-11-23T08:00:00.000Z"}
USER_PAGE = {"users": [USER], "next": None}
MISSING_PASSWORD = {
    "type": "about:blank",
    "title": "Bad Request",
    "status": 400,
    "detail": "Missing password",
    "instance": "urn:request:01a204f5-7c74-71e9-9bf8-b915e4f1c2aa",
    "error": "Missing password",
    "code": "missing_field",
    "errors": [{"pointer": "/password", "detail": "Missing password"}],
}


def results(version: str) -> list[dict[str, Any]]:
    """Show the results of one user that was created in this version and of one that was refused."""
    headers = {"Location": f"/{version}/users/{USER_ID}", "ETag": '"1"'}
    return [
        {"responseCode": "201", "responseBody": USER, "responseHeaders": headers},
        {"responseCode": "400", "responseBody": MISSING_PASSWORD},
    ]
