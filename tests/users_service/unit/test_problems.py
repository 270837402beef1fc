from users_service.api.problems import problem
from users_service.domain.errors import KeyInUseError, KeyReusedError


def test_a_key_in_use_is_worth_another_try() -> None:
    answer = problem(KeyInUseError())
    assert (answer.status, answer.code, answer.headers) == (409, "idempotency_key_in_use", {"Retry-After": "1"})
    assert answer.error == "The first call with this Idempotency-Key is still running; send the same call again."


def test_a_key_of_another_payload_is_not() -> None:
    answer = problem(KeyReusedError())
    assert (answer.status, answer.code, answer.headers) == (422, "idempotency_key_reused", {})
