"""The sender's own credential, which travels on to the target: this service has none of its own there."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Credential:
    """What `Authorization: Bearer` says in the sender's name."""

    value: str = field(repr=False)
    expires_at_ms: int | None
    """By the clock of the job store, in milliseconds since the epoch; None where it does not say."""
