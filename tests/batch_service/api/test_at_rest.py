"""What a client sees of it that payloads are sealed, and erased in time."""

from dataclasses import replace

import pytest

from batch_service.adapters.job_store import SqlJobStore
from batch_service.adapters.tables import master_keys
from batch_service.app import create_app
from batch_service.settings import Settings
from servicekit.database import Database
from tests.batch_service.api.asking import Api, check_problem, good
from tests.batch_service.making import KEY_RING, make_vault

BAD = {"method": "POST", "body": {"nome": 1}}


def test_a_job_whose_retry_window_is_over_cannot_be_tried_again_and_is_read_as_before(api: Api, database: Database) -> None:
    job_id = api.submit([good(), BAD])
    before = api.ended(job_id)
    assert SqlJobStore(database, make_vault()).erase_requests(retry_window_s=-1, limit=1_000) > 0
    problem = check_problem(api.client.post(f"/v1/batch/jobs/{job_id}/retry"), 409, "retry_window_over")
    assert "was erased: send them in a new batch" in problem["error"]
    assert api.get(f"jobs/{job_id}") == before


def test_where_the_key_ring_does_not_serve_the_reason_is_for_the_operator_alone(
    api: Api, settings: Settings, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    job_id = api.submit([good()])
    api.ended(job_id)
    with database.reading() as connection:
        (known,) = connection.execute(master_keys.select()).all()
    stranger = create_app(replace(settings, key_ring=KEY_RING), database).test_client()
    response = stranger.get(f"/v1/batch/jobs/{job_id}/results")
    problem = check_problem(response, 503, "key_ring_unusable")
    assert (known.id in problem["error"], response.headers["Retry-After"]) == (False, "5")
    assert f"The key ring lacks the key {known.id}" in caplog.text
    assert stranger.get("/readyz").get_json()["checks"]["keyring"] == "failing"
