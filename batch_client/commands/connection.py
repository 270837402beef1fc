"""Where the service is, and who asks."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import requests

from batch_client.client import DEFAULT_URL, BatchClient
from batch_client.commands.plain_text import message
from batch_client.retries import Retries

_QUICK = Retries(attempts=3, longest_pause_s=2.0)


class SettingError(click.ClickException):
    """A setting makes no sense; the sentence says which."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Connection:
    """One session, used in two ways."""

    quick: BatchClient
    """Gives up after a few seconds: for the first question, which shows whether there is a service at all."""
    patient: BatchClient
    """Waits for a service that starts again: for what has begun."""


def connected(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say where the service is, and a `connection`."""

    @click.option(
        "--url", envvar="BATCH_URL", default=DEFAULT_URL, show_default=True, show_envvar=True, help="Where the service is."
    )
    @click.option(
        "--api-key-file",
        type=click.Path(dir_okay=False, path_type=Path),
        help="A file with the API key; without it BATCH_API_KEY is the key, or BATCH_API_KEY_FILE names the file.",
    )
    @click.option(
        "--timeout", "timeout_s", type=click.FloatRange(min=1), default=120.0, show_default=True, help="Seconds for one answer."
    )
    @wraps(command)
    def with_connection(*arguments: Any, url: str, api_key_file: Path | None, timeout_s: float, **options: Any) -> Any:
        with requests.Session() as session:
            return command(*arguments, connection=connect(session, url, api_key_file, timeout_s=timeout_s), **options)

    return with_connection


def connect(session: requests.Session, url: str, api_key_file: Path | None = None, *, timeout_s: float) -> Connection:
    """Check the settings; raise SettingError for one that makes no sense. Nothing is sent yet."""
    host, key = check_url(url), read_key(api_key_file)
    if key is not None and url.lower().startswith("http:") and not _is_loopback(host):
        click.echo(message(f"Warning: the API key travels unencrypted to {host}; use https."), err=True)
    quick = BatchClient(url, key, timeout_s=timeout_s, session=session, retries=_QUICK)
    patient = BatchClient(url, key, timeout_s=timeout_s, session=session, retries=Retries(on_pause=_say))
    return Connection(quick, patient)


def _say(error: Exception, pause_s: float) -> None:
    click.echo(message(f"{error} Trying again in {pause_s:.0f} s."), err=True)


def check_url(url: str) -> str:
    """Return the host of an address; raise SettingError for what is none, or holds more than one."""
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.scheme in ("http", "https") and parts.port != 0 else None
    except ValueError:
        host = None
    if host is None:
        shown = re.sub(r"//[^/@]*@", "//...@", url)  # there may be a password in it
        raise SettingError(f"BATCH_URL or --url is {shown!r}, and should be an address as {DEFAULT_URL}.")
    if parts.username is not None or parts.password is not None:
        raise SettingError("BATCH_URL or --url holds a name or a password; give the key as BATCH_API_KEY or --api-key-file.")
    if parts.query or parts.fragment:
        raise SettingError(f"BATCH_URL or --url is {url!r}, and should end before the '?' or '#'.")
    return host


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def read_key(file: Path | None) -> str | None:
    """Read the key, if there is one; what is wrong with it is said without showing it."""
    named = "--api-key-file"
    if file is None:
        if key := os.environ.get("BATCH_API_KEY"):
            return _checked(key, "BATCH_API_KEY")
        named = "BATCH_API_KEY_FILE"
        if not os.environ.get(named):
            return None
        file = Path(os.environ[named])
    try:
        return _checked(file.read_text(encoding="ascii"), f"{named} ({file})")
    except OSError as error:
        raise SettingError(f"{named} ({file}) cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SettingError(f"{named} ({file}) holds no API key: it has characters that no key has.") from None


def _checked(text: str, named: str) -> str:
    key = text.strip()
    if not re.fullmatch(r"[!-~]+", key):
        raise SettingError(f"{named} holds no API key: it is empty, or has characters that no key has.")
    return key
