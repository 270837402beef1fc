"""A version that is retired: said first, then gone."""

from datetime import UTC, datetime, timedelta

import pytest
from environs import Env, EnvError
from flask import Flask
from flask.testing import FlaskClient

from servicekit import api
from servicekit.retirement import NOT_PLANNED, Retirement, read_retirement

NOW = datetime.now(UTC).replace(microsecond=0)
DEPRECATED = NOW - timedelta(days=30)
POLICY = "https://example.org/versions"


def client_of(retirement: Retirement, successor: str | None = "v2") -> FlaskClient:
    app = Flask("things", static_folder=None)
    api.init_app(app, max_body_bytes=1000)
    things = api.Blueprint("things", __name__)

    def get_thing(thing_id: str) -> dict[str, str]:
        return {"thingId": thing_id}

    things.route("/<thing_id>")(things.doc(operationId="getThing")(things.response(200)(get_thing)))

    for version, planned in (("v1", retirement), ("v2", NOT_PLANNED)):
        served = api.VersionedApi(
            app,
            title="Things",
            path=version,
            version="1.0.0",
            description="Things.",
            retirement=planned,
            successor=successor if version == "v1" else None,
        )
        served.serve(things, at=f"/{version}/things", also_at="/things" if version == "v1" else None)
    return app.test_client()


def test_nothing_is_said_of_a_version_that_stays() -> None:
    answer = client_of(NOT_PLANNED).get("/v1/things/7")
    assert not {"Deprecation", "Sunset", "Link"} & set(answer.headers.keys())


@pytest.mark.parametrize("path", ["/v1/things/7", "/things/7"])
def test_a_version_that_will_go_says_so_in_every_answer(path: str) -> None:
    sunset = NOW + timedelta(days=30)
    client = client_of(Retirement(DEPRECATED, sunset, POLICY))
    for answer in (client.get(path), client.get(path, headers={"Accept": "image/gif"})):
        assert answer.status_code in (200, 406)
        assert answer.headers["Deprecation"] == f"@{int(DEPRECATED.timestamp())}"
        assert answer.headers["Sunset"] == sunset.strftime("%a, %d %b %Y %H:%M:%S GMT")
        assert answer.headers.getlist("Link") == [
            f'<{POLICY}>; rel="deprecation"; type="text/html"',
            '</v2/things/7>; rel="successor-version"',
        ]
    assert "Deprecation" not in client.get("/v2/things/7").headers


@pytest.mark.parametrize("path", ["/v1/things/7", "/things/7"])
def test_after_its_sunset_it_is_gone_and_names_what_came_after(path: str) -> None:
    client = client_of(Retirement(DEPRECATED, NOW - timedelta(seconds=1)))
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (410, "application/problem+json")
    assert answer.get_json()["code"] == "version_gone"
    assert "/v2/things/7" in answer.get_json()["error"]
    assert answer.headers["Link"] == '</v2/things/7>; rel="successor-version"'
    assert "Sunset" in answer.headers
    assert client.get("/v2/things/7").status_code == 200
    assert client.get("/v1/openapi.json").status_code == 200, "whoever moves on wants to read what was"


def test_the_last_version_has_no_successor() -> None:
    answer = client_of(Retirement(DEPRECATED, NOW), None).get("/v1/things/7")
    assert (answer.status_code, answer.headers.get("Link")) == (410, None)
    assert "no successor" in answer.get_json()["error"]


@pytest.mark.parametrize("written", ["%0d%0aSet-Cookie:%20a=b", "%3e;rel=x,%3c", "%e7%b4%85", "a%20b"])
def test_what_a_client_wrote_into_a_path_cannot_leave_the_header(written: str) -> None:
    answer = client_of(Retirement(DEPRECATED)).get(f"/v1/things/{written}")
    assert answer.status_code == 200
    assert answer.headers["Link"].lower() == f'</v2/things/{written.lower()}>; rel="successor-version"'.replace("%3b", ";")
    assert "Set-Cookie" not in answer.headers


def test_the_document_says_it_too() -> None:
    document = client_of(Retirement(DEPRECATED, NOW + timedelta(days=1))).get("/v1/openapi.json").get_json()
    operation = document["paths"]["/v1/things/{thingId}"]["get"]
    assert operation["deprecated"] is True
    assert {"Deprecation", "Sunset", "Link"} <= operation["responses"]["200"]["headers"].keys()
    assert "410" in operation["responses"]
    assert "GONE" in document["components"]["responses"]
    plain = client_of(NOT_PLANNED).get("/v1/openapi.json").get_json()["paths"]["/v1/things/{thingId}"]["get"]
    assert "deprecated" not in plain
    assert "410" not in plain["responses"]


def read(monkeypatch: pytest.MonkeyPatch, **settings: str) -> Retirement:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return read_retirement(Env(), "V1")


def test_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch) == NOT_PLANNED
    planned = read(monkeypatch, V1_DEPRECATED_AT="2027-01-01", V1_SUNSET_AT="2028-06-30T14:00:00+02:00", V1_POLICY_URL=POLICY)
    assert planned == Retirement(datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 6, 30, 12, tzinfo=UTC), POLICY)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"V1_DEPRECATED_AT": "soon"}, "V1_DEPRECATED_AT is not a date"),
        ({"V1_SUNSET_AT": "2027-01-01"}, "V1_SUNSET_AT needs a V1_DEPRECATED_AT"),
        ({"V1_SUNSET_AT": "2027-01-01", "V1_DEPRECATED_AT": "2027-01-02"}, "not later"),
        ({"V1_DEPRECATED_AT": "2027-01-01", "V1_POLICY_URL": "x>y"}, "V1_POLICY_URL is not"),
    ],
)
def test_settings_that_make_no_sense(monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], named: str) -> None:
    with pytest.raises(EnvError, match=named):
        read(monkeypatch, **settings)
