"""How far a thing is: a bar where somebody looks, a line now and then where not."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import click
from rich.console import Console

from batch_client.commands.plain_text import plain

_LINE_EVERY_S = 5.0
progress_option = click.option(
    "--progress",
    "progress_form",
    type=click.Choice(["auto", "bar", "lines", "none"]),
    default="auto",
    show_default=True,
    help="Show on stderr how far it is: auto is a bar on a terminal, lines elsewhere.",
)


class Progress(Protocol):
    """One thing after another that takes its time."""

    def begin(self, what: str, total: int | None = None, *, unit: str = "items") -> None:
        """Go on to the next thing, which will take so many steps."""

    def at(self, done: int, *, total: int | None = None, note: str = "") -> None:
        """Say how far it is."""

    def say(self, line: str) -> None:
        """Say something that stays."""

    def end(self) -> None:
        """Show no more: the answer comes."""


class _Silent:
    def begin(self, what: str, total: int | None = None, *, unit: str = "items") -> None:
        """Say nothing."""

    def at(self, done: int, *, total: int | None = None, note: str = "") -> None:
        """Say nothing."""

    def say(self, line: str) -> None:
        """Say it nevertheless: it is no progress."""
        click.echo(plain(line), err=True)

    def end(self) -> None:
        """There was nothing."""


class _Lines(_Silent):
    def begin(self, what: str, total: int | None = None, *, unit: str = "items") -> None:
        self._what, self._total, self._unit = what, total, unit
        self._began_at = self._said_at = time.monotonic()
        self._first: int | None = None

    def at(self, done: int, *, total: int | None = None, note: str = "") -> None:
        self._total = total or self._total
        self._first = done if self._first is None else self._first
        now = time.monotonic()
        if now - self._said_at < _LINE_EVERY_S:
            return
        self._said_at = now
        rate = (done - self._first) / (now - self._began_at)
        of = f" of {self._total:,}" if self._total else ""
        left = f", about {duration((self._total - done) / rate)} left" if self._total and rate else ""
        self.say(f"{self._what}: {done:,}{of} {self._unit} ({rate:,.0f}/s{left}){'; ' if note else ''}{note}")


def duration(seconds: float) -> str:
    """Write a span of time as a person would."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"


@contextmanager
def progress(form: str) -> Iterator[Progress]:
    """Show progress on stderr for as long as the block lasts."""
    console = Console(stderr=True)
    if form == "none":
        yield _Silent()
    elif form == "bar" or (form == "auto" and console.is_terminal and not console.is_dumb_terminal):
        # Whoever sees no bar need not wait for what draws it.
        from batch_client.commands.bar import Bar  # noqa: PLC0415

        with Bar(console) as bar:
            yield bar
    else:
        yield _Lines()
