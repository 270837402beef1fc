"""Create many users in one call, each as if it had come alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from servicekit.ids import new_id
from users_service.application.answer_many_once import AnswerManyOnce, Outcome
from users_service.application.create_user import creation_call
from users_service.application.purge_answers import PurgeAnswers
from users_service.domain.errors import KeyInUseError, KeyReusedError, KeysInUseError, UsernameTakenError
from users_service.domain.idempotency import Answer, AnsweredCall, IdempotencyKey, KeyedCall
from users_service.domain.password import Password, PasswordHash
from users_service.domain.ports import PasswordHasher, UserStore
from users_service.domain.user import NewUser, Profile, User

Render = Callable[[User], Answer]


@dataclass(frozen=True, slots=True)
class Creation:
    """One user to create."""

    profile: Profile
    credential: Password | PasswordHash
    key: IdempotencyKey | None = None


@dataclass(frozen=True, slots=True)
class _Ready:
    """A creation at its place in the batch, its slow part done."""

    place: int
    new: NewUser
    call: KeyedCall | None


class CreateUsers:
    """Adds users in one transaction that stays short: passwords are hashed, on all cores, before it begins."""

    def __init__(self, *, store: UserStore, hasher: PasswordHasher, purge: PurgeAnswers) -> None:
        self._store = store
        self._hasher = hasher
        self._purge = purge
        self._first_answers = AnswerManyOnce(store=store, hasher=hasher)

    def __call__(self, wanted: Sequence[Creation], *, render: Render) -> list[Outcome]:
        """Return for each what `render` makes of the new user, the first answer to its key, or the error that refuses it.

        Of two with one name the first is created. A key that stands twice is for one payload: the same again gets the same
        outcome, another is refused whatever became of the first.
        """
        calls = [None if each.key is None else creation_call(each.key, each.profile, each.credential) for each in wanted]
        first = _first_places(calls)
        keyed = {place: call for call, place in first.items()}
        outcomes = self._first_answers(keyed)
        outcomes |= _other_payloads(keyed, answered=outcomes)
        fresh = [place for place, call in enumerate(calls) if place not in outcomes and (call is None or first[call] == place)]
        ready = self._ready(wanted, fresh, calls)
        outcomes |= self._create(ready, render)
        # It may be a twin's doing: the name is taken because the same call, sent twice, was applied meanwhile.
        taken = {each.place: each.call for each in ready if each.call and isinstance(outcomes[each.place], UsernameTakenError)}
        outcomes |= self._first_answers(taken)
        return [
            outcomes[place] if call is None or first[call] == place else _repeated(outcomes[first[call]])
            for place, call in enumerate(calls)
        ]

    def _ready(self, wanted: Sequence[Creation], places: Sequence[int], calls: Sequence[KeyedCall | None]) -> list[_Ready]:
        credentials = [wanted[place].credential for place in places]
        hashes = iter(self._hasher.hash_many([each for each in credentials if isinstance(each, Password)]))
        stored = [next(hashes) if isinstance(each, Password) else each for each in credentials]
        return [
            _Ready(place, NewUser(new_id(), wanted[place].profile, made), calls[place])
            for place, made in zip(places, stored, strict=True)
        ]

    def _create(self, ready: Sequence[_Ready], render: Render) -> dict[int, Outcome]:
        """Begin again without those whose keys a twin took in the meantime; each round settles one at least."""
        settled: dict[int, Outcome] = {}
        while ready:
            try:
                return settled | self._create_at_once(ready, render)
            except KeysInUseError as error:
                lost = {each.place: each.call for each in ready if each.call and each.call.key in error.keys}
                settled |= {place: KeyInUseError() for place in lost} | self._first_answers(lost)
                ready = [each for each in ready if each.place not in lost]
        return settled

    def _create_at_once(self, ready: Sequence[_Ready], render: Render) -> dict[int, Outcome]:
        with self._store.writing() as users:
            added = dict(zip((each.place for each in ready), users.add_many([each.new for each in ready]), strict=True))
            keyed = [(each, added[each.place]) for each in ready if each.call]
            answered = {each.place: _answered(each, render(user)) for each, user in keyed if user is not None}
            if answered:
                users.keep_answers(list(answered.values()))
                self._purge.now_and_then(users, kept=len(answered))
        made: dict[int, Outcome] = {place: each.answer for place, each in answered.items()}
        rest = {place: user for place, user in added.items() if place not in made}
        return made | {place: UsernameTakenError() if user is None else render(user) for place, user in rest.items()}


def _first_places(calls: Sequence[KeyedCall | None]) -> dict[KeyedCall, int]:
    first: dict[KeyedCall, int] = {}
    for place, call in enumerate(calls):
        if call is not None:
            first.setdefault(call, place)
    return first


def _other_payloads(keyed: Mapping[int, KeyedCall], *, answered: Mapping[int, Outcome]) -> dict[int, Outcome]:
    """Refuse what has the key of an earlier one of this batch and says something else."""
    first: dict[IdempotencyKey, int] = {}
    open_calls = {place: call for place, call in keyed.items() if place not in answered}
    return {place: KeyReusedError() for place, call in open_calls.items() if first.setdefault(call.key, place) != place}


def _answered(ready: _Ready, answer: Answer) -> AnsweredCall:
    assert ready.call is not None
    made = None if ready.call.password is None else ready.new.password_hash
    return AnsweredCall(ready.call, answer, made)


def _repeated(outcome: Outcome) -> Outcome:
    return replace(outcome, is_replayed=True) if isinstance(outcome, Answer) else outcome
