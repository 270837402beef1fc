"""`GET /batch/entities`"""

from flask.testing import FlaskClient


def test_entities_are_listed_with_every_limit(client: FlaskClient) -> None:
    answer = client.get("/v1/batch/entities").get_json()
    assert [entity["name"] for entity in answer["entities"]] == ["fenced", "nowhere", "readable", "things"]
    assert answer["entities"][3] == {
        "name": "things",
        "methods": ["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"],
        "headers": ["accept-language", "if-match"],
        "concurrency": 8,
        "ratePerSecond": None,
        "timeoutSeconds": 20.0,
        "retries": 1,
        "itemTimeoutSeconds": None,
        "idempotentWrites": False,
        "maxResponseBytes": 100_000,
        "fastLane": None,
        "hold": None,
    }
    assert answer["limits"] == {
        "maxItems": 60,
        "maxSyncItems": 20,
        "maxBodyBytes": 6 * 2**20,
        "maxStreamBytes": 9 * 2**20,
        "maxWaitSeconds": 30.0,
    }
    assert answer["next"] is None


def test_it_does_not_say_where_the_targets_are(client: FlaskClient) -> None:
    assert "127.0.0.1" not in client.get("/v1/batch/entities").text


def test_they_are_listed_at_the_path_without_a_version(client: FlaskClient) -> None:
    assert client.get("/batch/entities").get_json() == client.get("/v1/batch/entities").get_json()
