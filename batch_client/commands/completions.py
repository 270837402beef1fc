"""What the shell offers where a command wants a name that the service knows."""

import os
from collections.abc import Callable, Iterable

import click
from click.shell_completion import CompletionItem

from batch_client.client import DEFAULT_URL, BatchClient
from batch_client.commands.connection import SettingError, check_url, read_key
from batch_client.errors import BatchError
from batch_client.retries import ONCE

_TIMEOUT_S = 2.0  # who pressed a key does not wait
_JOBS = 20


def _entities(client: BatchClient) -> Iterable[CompletionItem]:
    return [CompletionItem(entity["name"], help=" ".join(entity.get("methods", ()))) for entity in client.entities()]


def _jobs(client: BatchClient) -> Iterable[CompletionItem]:
    return [CompletionItem(job.job_id, help=f"{job.entity} {job.status}") for job in client.jobs(limit=_JOBS)]


class _Known(click.ParamType[str]):
    def __init__(self, name: str, find: Callable[[BatchClient], Iterable[CompletionItem]]) -> None:
        self.name = name
        self._find = find

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Offer what there is; where it cannot be asked, nothing."""
        url = ctx.params.get("url") or os.environ.get("BATCH_URL") or DEFAULT_URL
        try:
            check_url(url)
            key = read_key(ctx.params.get("api_key_file"))
            with BatchClient(url, key, timeout_s=_TIMEOUT_S, retries=ONCE) as client:
                return [item for item in self._find(client) if item.value.startswith(incomplete)]
        except (BatchError, SettingError):
            return []


ENTITY = _Known("entity", _entities)
JOB = _Known("job id", _jobs)
