"""A bar with the rate, and the time that is left."""

from typing import Self

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, Task, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress
from rich.text import Text

from batch_client.commands.plain_text import plain


class _Count(ProgressColumn):
    def render(self, task: Task) -> Text:
        if task.fields["unit"] == "bytes":
            return Text(f"{task.percentage:.0f} %")
        of = f"/{task.total:,.0f}" if task.total is not None else ""
        return Text(f"{task.completed:,.0f}{of}")


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        if not speed:
            return Text("")
        return Text(f"{speed / 1e6:,.1f} MB/s" if task.fields["unit"] == "bytes" else f"{speed:,.0f}/s", style="cyan")


class Bar:
    """Progress on a terminal: one bar at a time, which leaves nothing behind."""

    def __init__(self, console: Console) -> None:
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None),
            _Count(),
            _Rate(),
            TimeElapsedColumn(),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.fields[note]}", style="yellow", markup=False),
        )
        self._console = console
        # What goes to stdout is for whoever reads that, and must not be drawn here.
        self._bar = RichProgress(*columns, console=console, transient=True, expand=True, redirect_stdout=False)
        self._task = self._bar.add_task("", visible=False, unit="", note="")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Take the bar away."""
        self._bar.stop()

    def begin(self, what: str, total: int | None = None, *, unit: str = "items") -> None:
        """Go on to the next thing, which will take so many steps."""
        self._bar.remove_task(self._task)
        self._task = self._bar.add_task(what, total=total, unit=unit, note="")
        self._bar.start()

    def at(self, done: int, *, total: int | None = None, note: str = "") -> None:
        """Say how far it is."""
        self._bar.update(self._task, completed=done, total=total, note=plain(note))

    def say(self, line: str) -> None:
        """Say something that stays."""
        self._console.print(plain(line), markup=False, highlight=False, soft_wrap=True)
