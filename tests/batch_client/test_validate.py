import pytest

from batch_client import BatchClient, BatchError, Item
from tests.batch_client.scripted import Answer, ScriptedService

ITEMS: list[Item] = [{"body": {"username": "Diego"}}]


def contract(*names: str) -> Answer:
    parameters = [{"in": "path", "schema": {}}, *[{"in": "query", "name": name} for name in names]]
    return Answer(200, {"paths": {"/v1/batch/{entity}": {"post": {"parameters": parameters}}}})


def test_items_are_checked_and_not_sent(service: ScriptedService, client: BatchClient) -> None:
    results = [{"responseCode": "400", "responseBody": {"error": "Missing password"}}]
    service.answers += [contract("onError", "validate"), Answer(200, results)]
    assert client.validate("users", ITEMS) == results
    assert service.asked[1].path == "/v1/batch/users?validate=only"


@pytest.mark.parametrize("answer", [contract("onError"), contract(), Answer(404, {}), Answer(200, {})])
def test_nothing_is_sent_to_a_service_that_might_ignore_the_wish(
    service: ScriptedService, client: BatchClient, answer: Answer
) -> None:
    service.answers += [answer]
    with pytest.raises(BatchError) as refused:
        client.validate("users", ITEMS)
    assert refused.value.code == "not_offered"
    assert [asked.path for asked in service.asked] == ["/v1/openapi.json"]
