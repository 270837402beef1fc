"""How a version of a contract is retired: said in its answers first (RFC 9745, RFC 8594), then answered 410."""

import re
from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import quote

from environs import Env, EnvError
from flask import Flask, Response, request

from servicekit.problems import ProblemError

_SAFE = "/-._~!$&'()*+,;=:@"  # of a path (RFC 3986 section 3.3); what a client wrote must not end the header

_URL = re.compile(r"https?://[!#-;=?-~]+")  # printable ASCII, less what would end it in a header


@dataclass(frozen=True, slots=True)
class Retirement:
    """When a version is, or will be, deprecated and gone, as an operator set it; nothing by default."""

    deprecated_at: datetime | None = None
    sunset_at: datetime | None = None
    policy_url: str | None = None
    """A page that tells people what to do."""

    def is_over(self, now: datetime) -> bool:
        """Say whether the version has had its day."""
        return self.sunset_at is not None and now >= self.sunset_at

    @property
    def is_planned(self) -> bool:
        """Say whether anything is set at all."""
        return self.deprecated_at is not None or self.sunset_at is not None


NOT_PLANNED = Retirement()


def read_retirement(env: Env, version: str) -> Retirement:
    """Read `<VERSION>_DEPRECATED_AT`, `_SUNSET_AT` and `_POLICY_URL`; raise environs.EnvError for what cannot be."""
    deprecated_at = _moment(env, f"{version}_DEPRECATED_AT")
    sunset_at = _moment(env, f"{version}_SUNSET_AT")
    if sunset_at and (deprecated_at is None or sunset_at < deprecated_at):  # RFC 9745 section 4
        raise EnvError(
            f"{version}_SUNSET_AT needs a {version}_DEPRECATED_AT that is not later: a version is not gone overnight."
        )
    policy_url = env.str(f"{version}_POLICY_URL", "") or None
    if policy_url and not _URL.fullmatch(policy_url):
        raise EnvError(f"{version}_POLICY_URL is not the address of a page, as https://example.org/versions")
    return Retirement(deprecated_at, sunset_at, policy_url)


def init_app(
    app: Flask, retirement: Retirement, *, blueprints: Container[str | None], prefix: str, successor: str | None
) -> None:
    """Let every answer of these blueprints say what is planned; after the sunset refuse what they are asked.

    Args:
        app: The application.
        retirement: What is planned.
        blueprints: The names under which the version is served.
        prefix: Where it is served, as `/v1`; a path without it is of the same version.
        successor: Where the next version is served, as `/v2`; None if there is none.
    """
    if not retirement.is_planned:
        return

    def next_address() -> str | None:
        return None if successor is None else successor + quote(request.path.removeprefix(prefix), safe=_SAFE)

    @app.before_request
    def refuse_after_sunset() -> None:
        if request.blueprint in blueprints and retirement.is_over(datetime.now(UTC)):
            address = next_address()
            sentence = f"Version {prefix.strip('/')} of this API is gone. "
            sentence += f"Use {address} instead." if address else "It has no successor."
            raise ProblemError(410, sentence, code="version_gone")

    @app.after_request
    def tell(response: Response) -> Response:
        if request.blueprint in blueprints:
            _tell(response, retirement, next_address)
        return response


def _tell(response: Response, retirement: Retirement, next_address: Callable[[], str | None]) -> None:
    if retirement.deprecated_at:
        response.headers["Deprecation"] = f"@{int(retirement.deprecated_at.timestamp())}"
    if retirement.sunset_at:
        response.headers["Sunset"] = format_datetime(retirement.sunset_at, usegmt=True)
    if retirement.policy_url:
        response.headers.add("Link", f'<{retirement.policy_url}>; rel="deprecation"; type="text/html"')
    if address := next_address():
        response.headers.add("Link", f'<{address}>; rel="successor-version"')


def _moment(env: Env, name: str) -> datetime | None:
    text = env.str(name, "")
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        raise EnvError(f"{name} is not a date such as 2027-06-30 or 2027-06-30T12:00:00Z") from None
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
