"""The Celery application of the row that makes every item a task; its worker and its sender both import it."""

import os
import threading
from typing import Any

import requests
from celery import Celery

DEFAULT_BROKER = "amqp://guest:guest@127.0.0.1:5672//"
BROKER_VARIABLE, QUEUE_VARIABLE = "BENCH_BROKER_URL", "BENCH_QUEUE"

app = Celery("benchmarks", broker=os.environ.get(BROKER_VARIABLE, DEFAULT_BROKER), backend="rpc://")
app.conf.task_default_queue = os.environ.get(QUEUE_VARIABLE, "benchmarks")
app.conf.worker_hijack_root_logger = False
_own = threading.local()


@app.task(name="create")  # type: ignore[untyped-decorator]
def create(url: str, body: dict[str, Any]) -> int:
    """Create one user, over the thread's own connection."""
    if not hasattr(_own, "session"):
        _own.session = requests.Session()
        _own.session.trust_env = False
    return int(_own.session.post(url, json=body, timeout=60).status_code)
