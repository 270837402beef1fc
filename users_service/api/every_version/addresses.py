"""Where users are, in the version that a request speaks."""

from flask import request


def collection() -> str:
    """Return the address of all users: that of version 1 where the request names no version."""
    first = request.path.split("/", 2)[1]
    return f"/{first}/users" if first != "users" else "/v1/users"
