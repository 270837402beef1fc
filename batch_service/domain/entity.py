"""An entity: a collection of a REST API that can be batched, and what its items may do."""

from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from urllib.parse import SplitResult, urlsplit

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
METHODS_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
SAFE_METHODS = frozenset({"GET", "HEAD"})
# Applied twice they leave what applied once leaves (RFC 9110 section 9.2.2).
IDEMPOTENT_METHODS = frozenset({"GET", "HEAD", "PUT", "DELETE"})

# What describes the hop or the sender is the service's to say, never an item's (RFC 9110 section 7.6.1, CVE-2022-24112).
FORBIDDEN_HEADERS = frozenset(
    {
        "authorization", "connection", "content-encoding", "content-length", "cookie", "expect", "forwarded", "host",
        "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding",
        "upgrade", "via", "x-http-method-override", "x-real-ip",
    }
)  # fmt: skip
FORBIDDEN_HEADER_PREFIXES = ("x-forwarded-", "proxy-", "sec-")


@dataclass(frozen=True, slots=True)
class BatchDoor:
    """The target's own way to take many items in one request."""

    path: str
    """Below the collection; empty where the collection's own POST takes an array, and nothing else."""
    max_items: int = 500
    has_keys: bool = True
    """Each item travels with its `Idempotency-Key`; otherwise bare bodies do."""

    @property
    def is_collection(self) -> bool:
        """Say whether there is no way in beside the door."""
        return not self.path


@dataclass(frozen=True, slots=True)
class Entity:
    """What the registry says of one collection."""

    name: str
    url: str
    methods: frozenset[str]
    headers: frozenset[str] = frozenset()
    """Lower-case names that an item may set."""
    concurrency: int = 8
    """Connections to the target at most."""
    timeout_s: float = 30.0
    """For one attempt."""
    retries: int = 4
    """Attempts after the first."""
    item_timeout_s: float | None = None
    """No further attempt of an item after so long; None for as long as its job may take."""
    rate_per_s: float | None = None
    idempotent_writes: bool = False
    """The target honours `Idempotency-Key`, so that a POST may be sent again."""
    forward_authorization: bool = False
    """The sender's own credential travels on to the target."""
    allow_private: tuple[IPv4Network | IPv6Network, ...] = field(default=())
    """Private addresses that the host of the url may resolve to."""
    max_response_bytes: int = 10 * 2**20
    door: BatchDoor | None = None

    @property
    def origin(self) -> SplitResult:
        """The parts of the collection's url."""
        return urlsplit(self.url)

    def allows_header(self, name: str) -> bool:
        """Say whether an item may set this header."""
        return name.lower() in self.headers and not is_forbidden_header(name)


def is_forbidden_header(name: str) -> bool:
    """Say whether a header is the service's own to set, whatever a registry says."""
    lower = name.lower()
    return lower in FORBIDDEN_HEADERS or lower.startswith(FORBIDDEN_HEADER_PREFIXES)
