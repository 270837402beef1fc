"""`/healthz` says that the process answers, `/readyz` that it can take work."""

import logging
from collections.abc import Callable, Mapping

from flask import Blueprint, Flask
from flask.typing import ResponseReturnValue

_log = logging.getLogger(__name__)


def init_app(app: Flask, checks: Mapping[str, Callable[[], bool]]) -> None:
    """Add both addresses; a check that is False or raises makes the service not ready (503) and is named."""
    health = Blueprint("health", __name__)

    @health.get("/healthz")
    def healthz() -> ResponseReturnValue:
        return {"status": "ok"}

    @health.get("/readyz")
    def readyz() -> ResponseReturnValue:
        results = {name: "ok" if _holds(name, check) else "failing" for name, check in checks.items()}
        ready = all(result == "ok" for result in results.values())
        return {"status": "ok" if ready else "failing", "checks": results}, 200 if ready else 503

    app.register_blueprint(health)


def _holds(name: str, check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception as error:  # whatever it is, the answer is "not ready" and the log says why
        _log.warning("readiness check %s failed: %s", name, error)
        return False
