"""The `Prefer` header (RFC 7240): `respond-async`, and `wait=<seconds>` for as long as the sender would wait."""

from dataclasses import dataclass

from werkzeug.http import parse_list_header


@dataclass(frozen=True, slots=True)
class Preference:
    """What the sender prefers, and what of it was honoured."""

    wait_s: float | None = None
    """None: as long as the service lets anyone wait."""
    applied: str | None = None
    """The value of `Preference-Applied`."""

    @property
    def is_async(self) -> bool:
        """Say whether the sender wants a job, however long it takes."""
        return self.applied is not None and self.applied.startswith("respond-async")


def read_preference(header: str) -> Preference:
    """Read the header; what is malformed or unknown is ignored, as RFC 7240 section 2 asks."""
    stated: dict[str, str] = {}
    for preference in parse_list_header(header):
        name, _, value = preference.partition(";")[0].partition("=")
        stated.setdefault(name.strip().lower(), value.strip().strip('"'))  # the first of several counts
    applied = [name for name in ("respond-async",) if name in stated]
    wait = stated.get("wait", "")
    if wait.isdecimal() and len(wait) <= 6:
        return Preference(float(wait), ", ".join([*applied, f"wait={int(wait)}"]))
    return Preference(0.0, "respond-async") if applied else Preference()
