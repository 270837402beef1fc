"""What a worker knows of its targets: its share of their connections, their circuits, its budget of retries.

Asked for each request, so all of it is in memory; once a second, and at once when there is news, it is brought into line with
what the other workers know (docs/adr/0006-targets.md).
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from batch_service.domain.attempt import Outcome
from batch_service.domain.circuit import Circuit, Hold, Verdict, judge
from batch_service.domain.entity import Entity
from batch_service.domain.gate import TargetReport, TargetStore, TargetView
from batch_service.domain.retry_budget import RetryBudget

_KEPT_WHEN_IDLE_S = 30.0
_TRIAL_MARGIN_S = 1.0


@dataclass(slots=True)
class _Target:
    entity: Entity
    circuit: Circuit
    budget: RetryBudget
    wanted_at: float
    connections: int | None = None
    """This worker's share; None before it has asked for one."""
    valid_until: float = 0.0
    """A worker that cannot renew its share, since it was paused or has lost the database, must not go on using it."""
    in_flight: int = 0


@dataclass(slots=True)
class Targets:
    """The gate through which every request leaves; for any number of threads."""

    store: TargetStore
    owner: str
    lease_s: float
    clock: Callable[[], float] = time.monotonic
    changed: threading.Event = field(default_factory=threading.Event)
    """Set when the job store should be asked at once."""
    _targets: dict[str, _Target] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _syncing: threading.Lock = field(default_factory=threading.Lock)

    def open(self, entity: Entity) -> None:
        """Ask for a share of the target's connections, if this worker has none."""
        with self._lock:
            target = self._get(entity)
            target.wanted_at = self.clock()
            is_new = target.connections is None
        if is_new:
            self.sync()

    def has_room(self, name: str) -> bool:
        """Say whether it makes sense to claim a chunk of the entity: others may have taken all of the target's connections."""
        with self._lock:
            target = self._targets.get(name)
            return target is None or target.connections != 0

    def hold(self, entity: Entity) -> Hold | None:
        """Return the hold that is on the target."""
        with self._lock:
            return self._get(entity).circuit.hold

    def held(self) -> dict[str, Hold]:
        """Return every hold that is on, by the entity's name."""
        with self._lock:
            holds = {name: target.circuit.hold for name, target in self._targets.items()}
        return {name: hold for name, hold in holds.items() if hold is not None}

    def is_failing(self, entity: Entity) -> bool:
        """Say whether the target's circuit is open, or not closed again yet."""
        with self._lock:
            return self._get(entity).circuit.trips > 0

    def may_retry(self, entity: Entity) -> bool:
        """Take a token out of the retry budget; False if there is none now."""
        with self._lock:
            return self._get(entity).budget.spend()

    def enter(self, entity: Entity) -> bool:
        """Take one of the target's connections for one request; False if none may be used now."""
        with self._lock:
            target = self._get(entity)
            now = target.wanted_at = self.clock()
            share = target.connections if target.connections and now < target.valid_until else 0
            if target.in_flight < target.circuit.limit(share):
                target.in_flight += 1
                return True
            if target.circuit.wants_trial:
                self.changed.set()
            return False

    def leave(self, entity: Entity, outcomes: Sequence[Outcome]) -> None:
        """Give back the connections of requests that have ended, and learn from how they did."""
        with self._lock:
            target = self._get(entity)
            target.in_flight -= len(outcomes)
            for outcome in outcomes:
                target.circuit.take(outcome)
                if judge(outcome) is Verdict.GOOD:
                    target.budget.earn()
            if target.circuit.has_news:
                self.changed.set()

    def give_back(self, entity: Entity) -> None:
        """Give back a connection that was taken for nothing."""
        with self._lock:
            self._get(entity).in_flight -= 1

    def share(self, entity: Entity) -> int:
        """Return how many of the target's connections are this worker's, whether or not they may be used now."""
        with self._lock:
            return self._get(entity).connections or 0

    def leave_all(self) -> None:
        """Give back the share of every target; for a worker that ends."""
        with self._lock:
            for target in self._targets.values():
                target.wanted_at = float("-inf")
        self.sync()

    def sync(self) -> None:
        """Tell the job store what this worker has found, and learn what the others have."""
        with self._syncing:
            self.changed.clear()
            asked_at = self.clock()
            reports = self._reports(asked_at)
            if not reports:
                return
            try:
                views = self.store.sync(self.owner, reports, lease_s=self.lease_s)
            except Exception:
                self._keep_news(reports)
                raise
            for view in views:
                self._apply(view, asked_at)

    def _reports(self, now: float) -> list[TargetReport]:
        with self._lock:
            return [self._report(target, now) for target in self._targets.values()]

    def _report(self, target: _Target, now: float) -> TargetReport:
        is_leaving = target.in_flight == 0 and now - target.wanted_at > _KEPT_WHEN_IDLE_S
        if is_leaving:
            target.connections = None
        circuit, news = target.circuit, target.circuit.has_news
        circuit.has_news = False
        return TargetReport(
            entity=target.entity.name,
            concurrency=target.entity.concurrency,
            in_flight=target.in_flight,
            is_leaving=is_leaving,
            hold=circuit.hold if news else None,
            is_closed=news and circuit.trips == 0,
            trial_s=target.entity.timeout_s + _TRIAL_MARGIN_S if circuit.wants_trial and not is_leaving else None,
        )

    def _keep_news(self, reports: Sequence[TargetReport]) -> None:
        with self._lock:
            for report in reports:
                if report.hold is not None or report.is_closed:
                    self._targets[report.entity].circuit.has_news = True

    def _apply(self, view: TargetView, asked_at: float) -> None:
        with self._lock:
            target = self._targets[view.entity]
            if view.connections is None:
                if target.in_flight == 0 and target.connections is None:
                    del self._targets[view.entity]
                return
            target.connections = view.connections
            target.valid_until = asked_at + self.lease_s
            if view.may_try:
                target.circuit.is_trying = True
            target.circuit.learn(view.hold)

    def _get(self, entity: Entity) -> _Target:
        target = self._targets.get(entity.name)
        if target is None:
            new = _Target(entity, Circuit(self.clock), RetryBudget(self.clock), wanted_at=self.clock())
            target = self._targets[entity.name] = new
        return target
