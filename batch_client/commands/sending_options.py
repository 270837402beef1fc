"""The options that say how a batch is sent."""

import re
from collections.abc import Callable
from typing import Any

import click


def _key(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"[A-Za-z0-9_:.-]{8,200}", value):
        raise click.BadParameter("8 to 200 letters, digits or any of _:.- are wanted.")
    return value


_OPTIONS = (
    click.option(
        "--on-error",
        type=click.Choice(["continue", "stop"]),
        default="continue",
        show_default=True,
        help="After a failed item send the others, or nothing more.",
    ),
    click.option(
        "--max-errors", type=click.IntRange(1, 1_000_000), metavar="ITEMS", help="After so many failed items send nothing more."
    ),
    click.option("--prefer", metavar="PREFERENCE", help="A Prefer header (RFC 7240) of the batch."),
    click.option(
        "--idempotency-key",
        "key",
        metavar="KEY",
        callback=_key,
        help="Under which the batch is sent.  [default: a hash of what is sent]",
    ),
    click.option("--again", is_flag=True, help="Send it although the same was sent before, under a new key."),
    click.option("--detach", is_flag=True, help="End as soon as it is accepted, and do not wait for the job."),
)


def sending_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command those options."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def max_errors_of(on_error: str, max_errors: int | None) -> int | None:
    """Say after how many failed items nothing more is sent; raise a usage error for two answers."""
    if on_error == "stop" and max_errors is not None:
        raise click.UsageError("Say --on-error stop or --max-errors, not both.")
    return 1 if on_error == "stop" else max_errors
