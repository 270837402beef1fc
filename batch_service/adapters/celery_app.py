"""The Celery application: every setting that the worker and whoever wakes it must agree on, each with its reason."""

from typing import Any
from urllib.parse import urlsplit

from celery import Celery
from celery.utils.functional import noop
from celery.worker.consumer import Consumer
from kombu import Queue

WORK = "batch_service.work"
SLICE_S = 30.0
"""After so long a task ends and leaves the rest to another message, so that no message stays unacknowledged for ever."""
STALE_AFTER_S = 120
"""A wake-up that nobody took for so long says nothing: housekeeping rings again, and workers look by themselves."""
_CONNECT_S = 2.0
_ANSWER_S = 5.0
_LOOK_UP_S = 0.2
_MOST_WAITING = 1_000


class QuietConsumer(Consumer):  # type: ignore[misc]
    """Consumes and does nothing else: workers of this service have nothing to say to one another, the database knows it."""

    class Blueprint(Consumer.Blueprint):  # type: ignore[misc]
        """Without the delayed delivery, which would declare 28 queues for messages with an ETA: there are none."""

        default_steps = tuple(step for step in Consumer.Blueprint.default_steps if "delayed_delivery" not in step)

    def __init__(self, *arguments: Any, worker_options: dict[str, Any] | None = None, **options: Any) -> None:
        quiet = {"without_gossip": True, "without_mingle": True, "without_heartbeat": True}
        super().__init__(*arguments, worker_options={**(worker_options or {}), **quiet}, **options)

    def register_with_event_loop(self, hub: Any) -> None:
        """Look up now and then: the loop would notice a SIGTERM at its next timer alone, which is up to ten seconds away."""
        super().register_with_event_loop(hub)
        hub.call_repeatedly(_LOOK_UP_S, noop)


def make_celery(url: str, queue: str, *, concurrency: int, longest_attempt_s: float, drain_s: float) -> Celery:
    """Make the application; nothing is connected yet."""
    is_amqp = urlsplit(url).scheme == "amqp"
    task_s = SLICE_S + longest_attempt_s
    app = Celery("batch_service", broker=url, set_as_current=False)
    app.conf.update(
        # A worker that dies takes no wake-up with it: the broker hands what it had not acknowledged to another one.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        # Without its connection a task can no longer acknowledge, and its message comes again. A thread cannot be cancelled:
        # Celery says so in the log, the task goes on under its leases, and whoever gets the message finds the chunks taken.
        worker_cancel_long_running_tasks_on_connection_loss=True,
        # Results are in the database; nobody reads those of a wake-up.
        task_ignore_result=True,
        # A message that waits in a busy worker is one that an idle worker does not get.
        worker_prefetch_multiplier=1,
        # Whoever can write to the queue must not be able to have code run, as pickle would.
        task_serializer="json",
        accept_content=["json"],
        broker_transport_options=_amqp_options() if is_amqp else _redis_options(queue, visible_again_after_s=2 * task_s + 1),
        task_queues=[_queue(queue, is_amqp=is_amqp)],
        task_default_queue=queue,
        # Replicated where there are several brokers: a broker that dies takes no wake-up with it.
        task_default_queue_type="quorum" if is_amqp else "classic",
        # A last resort for other pools: a thread cannot be ended, and ends by itself at the end of its slice.
        task_time_limit=4 * task_s,
        # One process a worker: one fan-out, one share of each target's connections. As many threads as there are slots, so
        # that a target that hangs holds its own slots and no thread that another target could use.
        worker_pool="threads",
        worker_concurrency=concurrency,
        # Cold shutdown (SIGQUIT) too gives chunks back first; on idle too, so that every end is of one kind.
        worker_soft_shutdown_timeout=drain_s,
        worker_enable_soft_shutdown_on_idle=True,
        # A broker that is away is waited for, however long and at whatever moment; work goes on without it.
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_channel_error_retry=True,
        broker_connection_timeout=_CONNECT_S,
        # A broker that vanished without a word is noticed, and its connection made anew.
        broker_heartbeat=30,
        # For other pools: what a library may leak ends with its process.
        worker_max_tasks_per_child=1_000,
        # No remote control, no events: nobody listens, and whoever can write to the broker commands no worker.
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        task_send_sent_event=False,
        worker_consumer=f"{QuietConsumer.__module__}:{QuietConsumer.__qualname__}",
        # The service logs as it does elsewhere.
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
    )
    return app


def _amqp_options() -> dict[str, Any]:
    # Without it a message that the broker refused or lost would count as sent.
    return {"confirm_publish": True}


def _redis_options(queue: str, *, visible_again_after_s: float) -> dict[str, Any]:
    """What is not acknowledged appears again after more than twice the longest task, and not while it runs."""
    own = {f"{name}_key": f"{queue}.{name}" for name in ("unacked", "unacked_index", "unacked_mutex")}
    # One that hangs is given up: a worker that waited for it would not notice a SIGTERM.
    limits = {"socket_connect_timeout": _CONNECT_S, "socket_timeout": _ANSWER_S}
    return {"visibility_timeout": visible_again_after_s, **limits, **own}


def _queue(name: str, *, is_amqp: bool) -> Queue:
    bounds = {"x-queue-type": "quorum", "x-max-length": _MOST_WAITING, "x-message-ttl": STALE_AFTER_S * 1000}
    return Queue(name, routing_key=name, durable=True, queue_arguments=bounds if is_amqp else None)
