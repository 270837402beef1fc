"""The settings that keep wake-ups from being lost, hoarded or run as code: each has its reason beside it in celery_app.py."""

from typing import Any

import pytest
from celery.worker.consumer import Consumer

from batch_service.adapters.celery_app import SLICE_S, QuietConsumer, make_celery

LONGEST_ATTEMPT_S = 40.0


def settings(url: str) -> Any:
    return make_celery(url, "batch", concurrency=12, longest_attempt_s=LONGEST_ATTEMPT_S, drain_s=10).conf


@pytest.mark.parametrize("url", ["amqp://127.0.0.1//", "redis://127.0.0.1/0"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("task_acks_late", True),
        ("task_reject_on_worker_lost", True),
        ("worker_cancel_long_running_tasks_on_connection_loss", True),
        ("task_ignore_result", True),
        ("result_backend", None),
        ("worker_prefetch_multiplier", 1),
        ("task_serializer", "json"),
        ("accept_content", ["json"]),
        ("task_default_queue", "batch"),
        ("worker_pool", "threads"),
        ("worker_concurrency", 12),
        ("task_time_limit", 4 * (SLICE_S + LONGEST_ATTEMPT_S)),
        ("worker_soft_shutdown_timeout", 10),
        ("worker_enable_soft_shutdown_on_idle", True),
        ("broker_connection_retry_on_startup", True),
        ("broker_connection_max_retries", None),
        ("broker_channel_error_retry", True),
        ("worker_max_tasks_per_child", 1_000),
        ("worker_enable_remote_control", False),
        ("worker_send_task_events", False),
        ("worker_hijack_root_logger", False),
        ("worker_redirect_stdouts", False),
    ],
)
def test_on_both_brokers(url: str, name: str, value: object) -> None:
    assert getattr(settings(url), name) == value


def test_on_rabbitmq_messages_are_confirmed_replicated_and_bounded() -> None:
    conf = settings("amqp://127.0.0.1//")
    assert conf.broker_transport_options == {"confirm_publish": True}
    assert conf.task_default_queue_type == "quorum"
    (queue,) = conf.task_queues
    assert queue.queue_arguments == {"x-queue-type": "quorum", "x-max-length": 1_000, "x-message-ttl": 120_000}


def test_on_redis_a_message_appears_again_only_after_its_task_has_surely_ended() -> None:
    options = settings("redis://127.0.0.1/0").broker_transport_options
    assert options["visibility_timeout"] > 2 * (SLICE_S + LONGEST_ATTEMPT_S)
    assert {options[f"{name}_key"] for name in ("unacked", "unacked_index", "unacked_mutex")} == {
        "batch.unacked", "batch.unacked_index", "batch.unacked_mutex",
    }  # fmt: skip


def test_no_queues_are_declared_for_messages_of_another_day() -> None:
    left_out = set(Consumer.Blueprint.default_steps) - set(QuietConsumer.Blueprint.default_steps)
    assert left_out == {"celery.worker.consumer.delayed_delivery:DelayedDelivery"}
    assert settings("amqp://127.0.0.1//").worker_consumer == "batch_service.adapters.celery_app:QuietConsumer"
