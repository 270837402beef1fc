"""`POST /batch/<entity>`, answered with the results."""

from tests.batch_service.api.asking import Api, good
from tests.batch_service.api.tiny_api import TinyApi


def test_results_stand_in_the_order_of_the_items(api: Api) -> None:
    results = api.results([{"body": {"name": "first"}}, {"method": "POST", "body": {"nome": "second"}}, good("third")])
    first, second, third = results
    assert first["responseCode"] == "201"
    assert first["responseBody"]["name"] == "first"
    assert second == {"responseCode": "400", "responseBody": {"error": "Missing name"}, "attempts": 1}
    assert third["responseBody"]["name"] == "third"


def test_a_result_has_what_the_target_answered(api: Api) -> None:
    (result,) = api.results([{"id": "mine", **good("whole")}])
    number = result["responseBody"]["id"]
    assert result == {
        "id": "mine",
        "responseCode": "201",
        "responseBody": {"id": number, "name": "whole"},
        "responseHeaders": {"Location": f"/v1/things/{number}", "ETag": f'"{number}"'},
        "attempts": 1,
    }


def test_order_does_not_depend_on_who_answers_first(api: Api, target: TinyApi) -> None:
    names = [f"n{number}" for number in range(20)]
    assert [result["responseBody"]["name"] for result in api.results([good(name) for name in names])] == names


def test_items_that_are_alike_are_items_of_their_own(api: Api) -> None:
    ids = [result["responseBody"]["id"] for result in api.results([good("same")] * 5)]
    assert len(set(ids)) == 5


def test_every_method_goes_where_its_path_says(api: Api, target: TinyApi) -> None:
    (created,) = api.results([good("one")])
    path = f"/{created['responseBody']['id']}"
    etag = created["responseHeaders"]["ETag"]

    def call(method: str, **more: object) -> tuple[str, object]:
        (result,) = api.results([{"method": method, "path": path, **more}])
        return result["responseCode"], result["responseBody"]

    assert call("GET") == ("200", {"id": int(path[1:]), "name": "one"})
    assert call("HEAD") == ("200", None)
    assert call("PATCH", body={"size": 2}, headers={"If-Match": etag})[1] == {"id": int(path[1:]), "name": "one", "size": 2}
    assert call("PATCH", body={"size": 3}, headers={"If-Match": '"stale"'}) == ("412", {"title": "Precondition Failed"})
    assert call("PUT", body={"name": "two"})[1] == {"id": int(path[1:]), "name": "two"}
    assert call("DELETE") == ("204", None)
    assert call("GET") == ("404", {"error": "No such thing"})


def test_a_query_reaches_the_target(api: Api) -> None:
    (result,) = api.results([{"method": "GET", "query": {"name": "a b&c", "tag": [1, True]}}])
    assert result["responseBody"]["asked"] == "/v1/things?name=a%20b%26c&tag=1&tag=true"


def test_the_target_receives_what_the_item_says_and_little_else(api: Api, target: TinyApi) -> None:
    batch = [{**good("headers"), "headers": {"Accept-Language": "de", "If-Match": '"1"'}}]
    sent = {
        "X-Real-IP": "1.2.3.4",
        "X-Forwarded-For": "1.2.3.4",
        "Cookie": "a=b",
        "Authorization": "Bearer x",
        "If-Match": "outer",
    }
    response = api.client.post("/v1/batch/things", json=batch, headers=sent)
    assert response.status_code == 200
    asked = target.asked[-1]
    assert set(asked.headers) == {
        "host", "user-agent", "accept", "content-type", "content-length", "idempotency-key", "accept-language", "if-match",
    }  # fmt: skip
    assert (asked.headers["if-match"], asked.headers["accept-language"]) == ('"1"', "de")
    assert asked.headers["host"] == f"127.0.0.1:{target.port}"


def test_a_trace_is_passed_on(api: Api, target: TinyApi) -> None:
    traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    for sent, arrived in ((traceparent, traceparent), ("nonsense", None)):
        api.post([good("traced")], traceparent=sent)
        assert target.asked[-1].headers.get("traceparent") == arrived


def test_a_synchronous_batch_is_a_job_like_any_other(api: Api, target: TinyApi) -> None:
    api.results([good("kept")])
    job_id, _, index = target.asked[-1].headers["idempotency-key"].partition(":")
    job = api.get(f"jobs/{job_id}")
    assert (job["status"], job["results"][0]["responseBody"]["name"], index) == ("succeeded", "kept", "0")


def test_a_batch_of_refused_items_alone_is_answered_too(api: Api, target: TinyApi) -> None:
    before = len(target.asked)
    assert [result["responseCode"] for result in api.results([1, {"method": "BREW"}])] == ["400", "405"]
    assert len(target.asked) == before


def test_the_path_without_a_version_is_that_of_v1(api: Api) -> None:
    response = api.client.post("/batch/things", json=[good("old")])
    assert response.status_code == 200
    assert response.get_json()[0]["responseBody"]["name"] == "old"
