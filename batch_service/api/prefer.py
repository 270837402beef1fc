"""The `Prefer` header (RFC 7240): `respond-async`, `wait=<seconds>` and `return=minimal`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, request
from werkzeug.http import parse_list_header


@dataclass(frozen=True, slots=True)
class Preference:
    """What the sender prefers, as far as it can be honoured."""

    is_async: bool = False
    """The sender wants a job, however long it takes."""
    wait_s: float | None = None
    """None: it says nothing of how long the sender would wait."""
    is_minimal: bool = False
    """The sender can do without the bodies of successes."""

    @property
    def applied(self) -> list[str]:
        """What `Preference-Applied` says, if all of it was honoured."""
        wait = [] if self.wait_s is None else [f"wait={int(self.wait_s)}"]
        return [*["respond-async"] * self.is_async, *wait, *["return=minimal"] * self.is_minimal]


def read_preference(header: str) -> Preference:
    """Read the header; what is malformed or unknown is ignored, as RFC 7240 section 2 asks."""
    stated: dict[str, str] = {}
    for preference in parse_list_header(header):
        name, _, value = preference.partition(";")[0].partition("=")
        stated.setdefault(name.strip().lower(), value.strip().strip('"'))  # the first of several counts
    wait = stated.get("wait", "")
    wait_s = float(wait) if wait.isdecimal() and len(wait) <= 6 else None
    return Preference("respond-async" in stated, wait_s, stated.get("return") == "minimal")


def preference() -> Preference:
    """Read what the current request prefers."""
    return read_preference(request.headers.get("Prefer", ""))


def applied(response: Response, honoured: Sequence[str]) -> Response:
    """Say what of the preference was honoured."""
    response.vary.add("Prefer")
    if honoured:
        response.headers["Preference-Applied"] = ", ".join(honoured)
    return response


def parameter(description: str, example: str) -> dict[str, Any]:
    """Describe the header in the contract."""
    schema = {"type": "string"}
    return {"in": "header", "name": "Prefer", "schema": schema, "description": description, "example": example}
